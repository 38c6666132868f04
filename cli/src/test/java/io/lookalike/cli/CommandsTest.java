package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.jr.ob.JSON;
import io.lookalike.Recommendation;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.cli.Cli.Run;
import io.lookalike.datasets.vectors.NpyMatrix;
import io.lookalike.extractor.EfficientNetLite;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on real photos with the real network. */
class CommandsTest {

  private static final int CATEGORIES = 3;
  private static final int EACH = 4;

  @TempDir static Path temp;
  private static Path photos;
  private static Path shop;
  private static Path vectors;
  private static List<String> ids;

  @BeforeAll
  static void fixtures() throws IOException {
    photos = Cli.photos(temp.resolve("photos"), CATEGORIES, EACH);
    ids = Cli.ids(photos);
    assertThat(ids).hasSize(CATEGORIES * EACH);
    Path purchases = temp.resolve("purchases.csv");
    Files.writeString(
        purchases,
        "product,time,quantity\n"
            + ids.get(1)
            + ",2024-01-01,2\n"
            + ids.get(5)
            + ",2024-01-02,7\n"
            + ids.get(9)
            + ",2024-01-03,\n");
    shop = temp.resolve("shop");
    Run index =
        Cli.run(
            "index",
            photos,
            "--store",
            shop,
            "--purchases",
            purchases,
            "--extractor",
            "lite0-fast");
    assertThat(index.exit()).as("%s", index).isZero();
    assertThat(index.out()).isEmpty();
    assertThat(index.err())
        .startsWith("indexed 12 of 12 products in ")
        .contains("purchases: 10;", "saved in " + shop);
    vectors = temp.resolve("f.npy");
    Run embed = Cli.run("embed", photos, "--out", vectors, "--extractor", "lite0-fast");
    assertThat(embed.exit()).as("%s", embed).isZero();
    assertThat(embed.errLines()).hasSize(1);
    assertThat(embed.err()).contains("12 of 12 photos", "(12 x 1280 float32)");
  }

  @Test
  void embedWritesWhatTheNetworkMakesInTheOrderOfTheIds() throws IOException {
    assertThat(Files.readAllLines(temp.resolve("f.ids.csv")))
        .containsExactlyElementsOf(with("id", ids));
    try (NpyMatrix matrix = NpyMatrix.open(vectors);
        FeatureExtractor network = EfficientNetLite.fast()) {
      assertThat(matrix.size()).isEqualTo(ids.size());
      for (int i = 0; i < ids.size(); i++) {
        float[] expected = network.extract(ImageSource.of(photo(ids.get(i))));
        assertThat(UnitVector.of(matrix.row(i)).cosine(UnitVector.of(expected)))
            .as("row %s", i)
            .isGreaterThan(0.99999f);
      }
    }
  }

  @Test
  void embedTakesANetworkFromAFile() throws IOException {
    Path model = temp.resolve("lite0.onnx");
    try (var in = EfficientNetLite.class.getResourceAsStream("efficientnet-lite0-gem.onnx")) {
      Files.copy(in, model);
    }
    Path out = temp.resolve("model.npy");
    Run run =
        Cli.run(
            "embed",
            photos,
            "--out",
            out,
            "--extractor",
            "onnx:" + model,
            "--preprocessing",
            "efficientnet-lite",
            "--input",
            "area224");
    assertThat(run.exit()).as("%s", run).isZero();
    assertThat(out).hasSameBinaryContentAs(vectors);
  }

  @Test
  void aNetworkThatCannotBeUsedIsTheUsersError() {
    Path out = temp.resolve("none.npy");
    Path none = temp.resolve("none.pth");
    assertRefused(out, "vgg19 needs a file of weights", "--extractor", "vgg19");
    assertRefused(out, none + ": no such file, expected a file of weights", "--weights", none);
    assertRefused(out, "the extractor is \"vgg16\", expected lite0", "--extractor", "vgg16");
    assertRefused(out, "needs a preprocessing", "--extractor", "onnx:" + none);
    assertRefused(
        out,
        none + ": no such file",
        "--extractor",
        "torchscript:" + none,
        "--preprocessing",
        "clip",
        "--input",
        "224");
    assertThat(out).doesNotExist();
  }

  private static void assertRefused(Path out, String message, Object... options) {
    var arguments = new ArrayList<Object>(List.of("embed", photos, "--out", out));
    arguments.addAll(List.of(options));
    Run run = Cli.run(arguments.toArray());
    assertThat(run.exit()).as("%s", run).isEqualTo(2);
    assertThat(run.errLines()).hasSize(1);
    assertThat(run.err()).contains(message);
  }

  @Test
  void embedLeavesOutWhatCannotBeRead() throws IOException {
    Path some = Files.createDirectory(temp.resolve("some"));
    Files.copy(photo(ids.get(0)), some.resolve("a.jpg"));
    Files.write(some.resolve("b.jpg"), new byte[] {1, 2, 3});
    Files.copy(photo(ids.get(1)), some.resolve("c.jpg"));
    Files.createFile(some.resolve("d.png"));
    Path out = temp.resolve("some.npy");
    Run run = Cli.run("embed", some, "-o", out);
    assertThat(run.exit()).isZero();
    assertThat(run.errLines()).hasSize(3);
    assertThat(run.err()).contains("b.jpg: ", "d.png: ", "embedded 2 of 4 photos");
    assertThat(Files.readAllLines(temp.resolve("some.ids.csv"))).containsExactly("id", "a", "c");
    try (NpyMatrix matrix = NpyMatrix.open(out)) {
      assertThat(matrix.size()).isEqualTo(2);
    }
  }

  @Test
  void idsAreQuotedWhereTheyMustBe() throws IOException {
    Path csv = temp.resolve("odd.csv");
    Files.writeString(
        csv,
        "id,image\n\"a,\"\"b\"\"\"," + photo(ids.get(0)) + "\n0123," + photo(ids.get(1)) + "\n");
    Path out = temp.resolve("odd.npy");
    assertThat(Cli.run("embed", csv, "-o", out, "--extractor", "lite0-fast").exit()).isZero();
    assertThat(Files.readAllLines(temp.resolve("odd.ids.csv")))
        .containsExactly("id", "\"a,\"\"b\"\"\"", "0123");
    Path neighbours = temp.resolve("odd-neighbours.csv");
    Run run = Cli.run("neighbours", "--vectors", out, "--transform", "none", "-o", neighbours);
    assertThat(run.exit()).as("%s", run).isZero();
    assertThat(Files.readAllLines(neighbours))
        .hasSize(3)
        .anyMatch(line -> line.startsWith("\"a,\"\"b\"\"\",1,0123,0."));
  }

  @Test
  void similarRanksBySalesOncePurchasesAreKnown() {
    Run run = Cli.run("similar", "--store", shop, ids.get(0));
    assertThat(run.exit()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.outLines().get(0).strip().split(" +", -1))
        .containsExactly("rank", "id", "similarity", "sales", "attributes");
    assertThat(run.outLines().stream().skip(1).map(line -> line.strip().split(" +", -1)[1]))
        .containsExactly(ids.get(5), ids.get(1), ids.get(9));
    assertThat(run.out()).contains("category=");
  }

  @Test
  void similarByLooksAndRecentSalesAlike() {
    Run run = Cli.run("similar", "--store", shop, ids.get(0), "--rank", "balanced", "-k", 5);
    assertThat(run.exit()).as("%s", run).isZero();
    assertThat(run.outLines()).as("never sold or not").hasSize(6);
    assertThat(run.out()).contains(ids.get(5));
  }

  @Test
  void similarSaysWhy() {
    Run run = Cli.run("similar", "-s", shop, ids.get(0), "-k", 3, "--explain");
    assertThat(run.exit()).as("%s", run).isZero();
    assertThat(run.outLines().get(0).strip().split(" +", -1))
        .containsExactly(
            "looks", "id", "similarity", "sales", "popularity", "score", "rank", "outcome");
    assertThat(run.out())
        .contains("shown: place 1 of the page", "ranking: it has never sold")
        .containsPattern(ids.get(5) + " +-?0\\.\\d{3} +7 +7\\.000 +7\\.000 +1 +shown");
    Run whyNot =
        Cli.run(
            "similar", "-s", shop, ids.get(0), "--why-not", ids.get(0) + ",x", "--why-not", "y");
    assertThat(whyNot.outLines())
        .containsExactly(
            ids.get(0) + "  query: it is the product that was consulted",
            "x  catalogue: it is not in the catalogue",
            "y  catalogue: it is not in the catalogue");
    Run both = Cli.run("similar", "-s", shop, ids.get(0), "--explain", "--json");
    assertThat(both.exit()).isEqualTo(2);
    assertThat(both.err()).contains("leave --json out");
  }

  @Test
  void thePageSaysWhyOnDemand() throws IOException {
    Path page = temp.resolve("why.html");
    Run run =
        Cli.run(
            "similar",
            "-s",
            shop,
            ids.get(0),
            "-k",
            3,
            "--explain",
            "--why-not",
            "<x>",
            "--html",
            page);
    assertThat(run.exit()).as("%s", run).isZero();
    assertThat(run.outLines().get(0)).contains("rank", "similarity");
    assertThat(Files.readString(page))
        .contains(
            "<summary>Why these?</summary>",
            "shown: place 1 of the page",
            "ranking: it has never sold",
            "<th scope=\"row\">&lt;x&gt;</th>",
            "catalogue: it is not in the catalogue")
        .doesNotContain("<x>");
    Run plain = Cli.run("similar", "-s", shop, ids.get(0), "--html", page);
    assertThat(plain.exit()).as("%s", plain).isZero();
    assertThat(Files.readString(page)).doesNotContain("<details");
  }

  private static List<String> shown(Object... options) {
    var arguments = new ArrayList<Object>(List.of("similar", "-s", shop));
    arguments.addAll(List.of(options));
    Run run = Cli.run(arguments.toArray());
    assertThat(run.exit()).as("%s", run).isZero();
    return run.outLines().stream().skip(1).map(line -> line.strip().split(" +", -1)[1]).toList();
  }

  @Test
  void similarToSeveralAndUnlikeOthers() throws IOException {
    List<String> rest = ids.stream().filter(id -> !ids.subList(0, 3).contains(id)).toList();
    for (String how : List.of("average", "best", "sum")) {
      assertThat(
              shown(
                  ids.get(0),
                  "--also-like",
                  ids.get(1),
                  "--not-like",
                  ids.get(2),
                  "--combine",
                  how,
                  "--rank",
                  "similarity",
                  "-k",
                  20))
          .as(how)
          .containsExactlyInAnyOrderElementsOf(rest);
    }
    assertThat(shown(ids.get(0), "--rank", "similarity", "--also-like", photo(ids.get(4)), "-k", 1))
        .containsExactly(ids.get(4));
  }

  @Test
  void similarForACustomer() throws IOException {
    Path events = temp.resolve("events.csv");
    Files.writeString(
        events,
        "time,customer,event,product\n"
            + "2024-03-01 12:00,ann,viewed,"
            + ids.get(0)
            + "\n2024-03-01 12:01,ann,dismissed,"
            + ids.get(1)
            + "\n2024-03-01 12:01,ann,bought,"
            + ids.get(2)
            + "\n2024-03-01 12:02,ben,liked,"
            + ids.get(0)
            + "\n2024-03-01 12:02,ben,added,"
            + ids.get(11)
            + "\n");
    List<String> anns = shown("--events", events, "--customer", "ann", "--rank", "similarity");
    assertThat(anns).hasSize(9).doesNotContainAnyElementsOf(ids.subList(0, 3));
    assertThat(
            shown(
                ids.get(5),
                "--events",
                events,
                "--customer",
                "ann",
                "--rank",
                "similarity",
                "-k",
                20))
        .hasSize(9)
        .doesNotContain(ids.get(5), ids.get(1), ids.get(2));
    assertThat(
            shown(
                "--events",
                events,
                "--customer",
                "ann",
                "--rank",
                "similarity",
                "--max-events",
                1,
                "--event-weight",
                "dismissed=1",
                "-k",
                20))
        .as("the latest of the events, in the order of the products' ids")
        .hasSize(11);
    Run nobody = Cli.run("similar", "-s", shop, "--events", events, "--customer", "eve", "-k", 2);
    assertThat(nobody.exit()).as("%s", nobody).isZero();
    assertThat(nobody.err())
        .contains("events.csv:5: the event is \"liked\", expected viewed, clicked")
        .contains("has no event of eve; the page is anybody's");
    assertThat(nobody.outLines().get(1)).as("what sells best").contains(ids.get(5));
    Run strange =
        Cli.run("similar", "-s", shop, "--events", events, "--customer", "ann", "--html", "p.html");
    assertThat(strange.exit()).isEqualTo(2);
    assertThat(strange.err()).contains("name one beside --customer");
  }

  @Test
  void similarKnowsVariantsByTheirLooksAndFiltersAsJson() {
    assertThat(
            shown(
                ids.get(0),
                "--rank",
                "similarity",
                "--variants-above",
                "0.001",
                "--variants",
                "collapse",
                "-k",
                20))
        .hasSizeBetween(1, 10);
    assertThat(
            shown(
                ids.get(0),
                "--rank",
                "similarity",
                "--filter",
                "{\"not\": {\"or\": []}}",
                "-k",
                20))
        .hasSize(11);
  }

  @Test
  void similarRanksAsAsked() throws IOException {
    List<String> plain = shown(ids.get(0), "--rank", "similarity", "-k", 20);
    assertThat(shown(ids.get(0), "--blend", "ranks:0", "--never-sold", "keep", "-k", 20))
        .as("popularity weighs nothing")
        .isEqualTo(plain);
    assertThat(
            shown(
                ids.get(0),
                "--popularity",
                "decay:30",
                "--smoothed",
                7,
                "--never-sold",
                "propagate:0.5",
                "--blend",
                "rrf:60:0.5",
                "-k",
                20))
        .isEqualTo(shown(ids.get(0), "--rank", "balanced", "-k", 20));
    assertThat(shown(ids.get(0), "--smoothed", 7, "--category-by", "category", "-k", 20))
        .hasSize(3);
    assertThat(shown(ids.get(0), "--popularity", "window:1", "-k", 20)).hasSize(3);
    assertThat(shown(ids.get(0), "--popularity", "trend:7", "--never-sold", "keep", "-k", 20))
        .hasSize(11);
    assertThat(shown(ids.get(0), "--rank", "similarity", "--only-nearest", 4)).hasSize(4);
    assertThat(shown(ids.get(0), "--candidates", 11, "-k", 2)).first().isEqualTo(ids.get(5));
  }

  @Test
  void similarAsTheMerchandiserWants() throws IOException {
    // The store's ids in order of category, four of each.
    String buried = photo(ids.get(2)).getParent().getFileName().toString();
    Run run =
        Cli.run(
            "similar",
            "-s",
            shop,
            ids.get(0),
            "--rank",
            "similarity",
            "-k",
            11,
            "--pin",
            ids.get(7) + "," + ids.get(3),
            "--bury",
            "category = " + buried);
    assertThat(run.exit()).as("%s", run).isZero();
    List<String> shown =
        run.outLines().stream().skip(1).map(line -> line.strip().split(" +", -1)[1]).toList();
    assertThat(shown).hasSize(11).startsWith(ids.get(7), ids.get(3));
    assertThat(shown.subList(9, 11))
        .as("the two others of the category")
        .containsExactlyInAnyOrder(ids.get(1), ids.get(2));
    Run bad = Cli.run("similar", "-s", shop, ids.get(0), "--bury", "price <");
    assertThat(bad.exit()).isEqualTo(2);
    Run unknown = Cli.run("similar", "-s", shop, ids.get(0), "--boost", "brand = x");
    assertThat(unknown.err()).startsWith("lookalike: no product has the attribute \"brand\"");
  }

  @Test
  void similarWithoutRepetition() {
    Run run =
        Cli.run(
            "similar",
            "-s",
            shop,
            ids.get(0),
            "--rank",
            "similarity",
            "--diversity",
            "0.3",
            "--at-most",
            "category=1");
    assertThat(run.exit()).as("%s", run).isZero();
    List<String> categories =
        run.outLines().stream().skip(1).map(line -> line.replaceAll(".*category=", "")).toList();
    assertThat(categories).hasSizeGreaterThan(1).doesNotHaveDuplicates();
    Run much = Cli.run("similar", "-s", shop, ids.get(0), "--diversity", "1.1");
    assertThat(much.exit()).isEqualTo(2);
    assertThat(much.err()).isEqualTo("lookalike: --diversity is 1.1, expected 0 to 1\n");
    Run none = Cli.run("similar", "-s", shop, ids.get(0), "--at-most", "category=0");
    assertThat(none.err()).startsWith("lookalike: --at-most is category=0, expected");
    Run unknown = Cli.run("similar", "-s", shop, ids.get(0), "--at-most", "brand=1");
    assertThat(unknown.err()).startsWith("lookalike: no product has the attribute \"brand\"");
  }

  @Test
  void similarByLooksAlone() throws IOException {
    Run run =
        Cli.run("similar", "--store", shop, ids.get(0), "--rank", "similarity", "-k", 5, "--json");
    assertThat(run.exit()).isZero();
    List<Object> page = JSON.std.listFrom(run.out());
    assertThat(page).hasSize(5);
    double before = 2;
    for (Object entry : page) {
      Map<?, ?> r = (Map<?, ?>) entry;
      assertThat(r.keySet().stream().map(String::valueOf))
          .containsExactly("id", "score", "similarity", "sales", "photo");
      assertThat(r.get("id")).isIn(ids).isNotEqualTo(ids.get(0));
      double similarity = ((Number) r.get("similarity")).doubleValue();
      assertThat(similarity).isBetween(-1.0, before);
      assertThat(((Number) r.get("score")).doubleValue()).isEqualTo(similarity, within(1e-6));
      before = similarity;
    }
  }

  @Test
  void similarToAPhoto() throws IOException {
    Path stranger = Files.copy(photo(ids.get(2)), temp.resolve("stranger.jpg"));
    Run run =
        Cli.run("similar", "--store", shop, stranger, "--rank", "similarity", "-k", 1, "--json");
    assertThat(run.exit()).as("%s", run).isZero();
    Map<?, ?> first = (Map<?, ?>) JSON.std.listFrom(run.out()).get(0);
    assertThat(first.get("id")).isEqualTo(ids.get(2));
    assertThat(((Number) first.get("similarity")).doubleValue()).isEqualTo(1, within(1e-4));
  }

  @Test
  void similarAmongThoseThatMatch() throws IOException {
    String other = photo(ids.get(5)).getParent().getFileName().toString();
    Run run =
        Cli.run(
            "similar", "--store", shop, ids.get(0), "--filter", "category = " + other, "--json");
    assertThat(JSON.std.listFrom(run.out()))
        .singleElement()
        .satisfies(r -> assertThat(((Map<?, ?>) r).get("id")).isEqualTo(ids.get(5)))
        .satisfies(r -> assertThat(((Map<?, ?>) r).get("sales")).isEqualTo(7));
    Run none =
        Cli.run("similar", "--store", shop, ids.get(0), "--filter", "category = none", "--json");
    assertThat(none.exit()).isZero();
    assertThat(JSON.std.listFrom(none.out())).isEmpty();
    assertThat(none.err()).contains("none of the other products that match the filter has sold");
    Run quiet =
        Cli.run("similar", "--store", shop, ids.get(0), "--filter", "category = none", "--quiet");
    assertThat(quiet.err()).isEmpty();
    assertThat(quiet.out()).isEmpty();
  }

  @Test
  void aFilterIsCheckedAgainstWhatTheProductsHave() throws IOException {
    Path csv = temp.resolve("attributes.csv");
    Files.writeString(
        csv,
        "id,image,price,size,new,since\n"
            + ("a," + photo(ids.get(0)) + ",9.95,38,true,2024-03-01\n")
            + ("b," + photo(ids.get(1)) + ",40,L,false,\n"));
    Path store = temp.resolve("attributes");
    assertThat(Cli.run("index", csv, "-s", store, "--extractor", "lite0-fast").exit()).isZero();
    Map.of(
            "prise < 100",
            "no product has the attribute \"prise\"; there are new, price, since, size",
            "price > 3 and not (prise = 100 or price < 7)",
            "no product has the attribute \"prise\"; there are new, price, since, size",
            "price in (9.95, cheap)",
            "\"price\" is a number, but is compared with the text \"cheap\"",
            "not price = 2024-03-01",
            "\"price\" is a number, but is compared with the date 2024-03-01",
            "new = 1",
            "\"new\" is true or false, but is compared with the number 1",
            "since > 2023",
            "\"since\" is a date, but is compared with the number 2023",
            "size = 38",
            "\"size\" is a text, but is compared with the number 38; put it in quotes to compare it"
                + " as text")
        .forEach(
            (filter, message) -> {
              Run run = Cli.run("similar", "-s", store, "a", "--filter", filter);
              assertThat(run.err()).as(filter).isEqualTo("lookalike: " + message + "\n");
              assertThat(run.exit()).isEqualTo(2);
              assertThat(run.out()).isEmpty();
            });
    Stream.of("size = '38' or size = L", "since > 2023-01-01 or price < 50", "new != true", " ")
        .forEach(
            filter -> {
              Run run = Cli.run("similar", "-s", store, "a", "--filter", filter);
              assertThat(run.exit()).as("%s: %s", filter, run).isZero();
              assertThat(run.outLines()).as(filter).hasSize(2);
            });
  }

  @Test
  void aCosinePastOneByRoundingIsOne() throws IOException {
    List<Recommendation> page =
        List.of(
            new Recommendation(Product.of("a"), 1.0000001f, 1.0000001f, 7, 2),
            new Recommendation(Product.of("b"), -1.0000001f, -1.0000001f, 0, 0));
    assertThat(JSON.std.listFrom(SimilarJson.of(page, Rank.SIMILARITY, false)))
        .containsExactly(
            Map.of("id", "a", "score", 1.0, "similarity", 1.0, "sales", 7, "photo", 1),
            Map.of("id", "b", "score", -1.0, "similarity", -1.0, "sales", 0, "photo", 1));
    List<Recommendation> sold =
        List.of(new Recommendation(Product.of("a"), 7, 1.0000001f, 7, 2, 3));
    assertThat(JSON.std.listFrom(SimilarJson.of(sold, Rank.SALES, true)))
        .containsExactly(
            Map.of(
                "id", "a", "score", 7.0, "similarity", 1.0, "sales", 7, "photo", 3, "variants", 2));
  }

  @Test
  void variantsCollapseExcludeOrStandAlone() throws IOException {
    Run all = Cli.run("similar", "-s", shop, ids.get(0), "--rank", "similarity");
    Run collapsed =
        Cli.run(
            "similar",
            "-s",
            shop,
            ids.get(0),
            "--rank",
            "similarity",
            "--variants",
            "collapse",
            "--variants-by",
            "category");
    assertThat(collapsed.exit()).as("%s", collapsed).isZero();
    assertThat(collapsed.outLines().get(0)).contains("sales  variants  attributes");
    assertThat(collapsed.outLines()).hasSizeLessThan(all.outLines().size());
    assertThat(collapsed.out()).contains("  +");
    Run excluded =
        Cli.run("similar", "-s", shop, ids.get(0), "--exclude", ids.get(1) + "," + ids.get(5));
    assertThat(excluded.out()).contains(ids.get(9)).doesNotContain(ids.get(1), ids.get(5));
    Run unknown = Cli.run("similar", "-s", shop, ids.get(0), "--variants", "only");
    assertThat(unknown.exit()).isEqualTo(2);
    assertThat(unknown.err())
        .startsWith("lookalike: no product has the attribute \"product_code\"; there are ");
    Run picture =
        Cli.run(
            "similar",
            "-s",
            shop,
            photo(ids.get(3)),
            "--variants",
            "only",
            "--variants-by",
            "category");
    assertThat(picture.exit()).isEqualTo(2);
    assertThat(picture.err()).contains("--variants only needs a product's id");
  }

  @Test
  void aFileThatCannotBeWrittenIsNamedAsItWasAskedFor() {
    Path page = temp.resolve("p".repeat(300));
    Run run = Cli.run("similar", "--store", shop, ids.get(0), "--html", page, "-q");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).startsWith("lookalike: cannot write " + page + ": ").hasLineCount(1);
    assertThat(run.err().replace(page.toString(), "")).doesNotContain("ppp");
  }

  @Test
  void thePageShowsBothOrdersWithTheirPictures() throws IOException {
    Path page = temp.resolve("page.html");
    Run run = Cli.run("similar", "--store", shop, ids.get(0), "--html", page);
    assertThat(run.exit()).as("%s", run).isZero();
    assertThat(run.err()).isEqualTo("wrote " + page + "\n");
    String html = Files.readString(page);
    assertThat(html)
        .contains("What looks like " + ids.get(0), "By looks alone", "data:image/jpeg;base64,")
        .doesNotContain("No picture")
        .doesNotContain("http://", "https://");
    // All but the one that is farthest, as ten are shown of the eleven others.
    assertThat(ids.stream().filter(html::contains)).hasSize(11);
    Path ofPhoto = temp.resolve("of-photo.html");
    Run photo =
        Cli.run(
            "similar", "-s", shop, photo(ids.get(3)), "--rank", "similarity", "--html", ofPhoto);
    assertThat(photo.exit()).as("%s", photo).isZero();
    assertThat(Files.readString(ofPhoto))
        .contains("What looks like " + ids.get(3) + ".jpg")
        .doesNotContain("By looks alone");
  }

  @Test
  void thePapersRankingIsOfTheNearestTen() {
    Run run = Cli.run("similar", "--store", shop, ids.get(0), "--rank", "paper");
    assertThat(run.exit()).isZero();
    assertThat(run.outLines()).hasSizeBetween(3, 4);
  }

  @Test
  void neighboursOfStoreAndOfVectorsAgree() throws IOException {
    Path ofStore = temp.resolve("of-store.csv");
    Run store = Cli.run("neighbours", "--store", shop, "-o", ofStore, "-k", 3);
    assertThat(store.exit()).as("%s", store).isZero();
    Path ofVectors = temp.resolve("of-vectors.csv");
    Run npy =
        Cli.run(
            "neighbours", "--vectors", vectors, "-o", ofVectors, "-k", 3, "--categories", photos);
    assertThat(npy.exit()).as("%s", npy).isZero();
    List<String[]> expected = rows(ofStore);
    List<String[]> found = rows(ofVectors);
    assertThat(found).hasSameSizeAs(expected).hasSize(1 + 3 * ids.size());
    assertThat(found.get(0)).containsExactly("id", "rank", "neighbour", "similarity");
    // The one is in the order of the ids, the other in that of the rows.
    expected.sort(java.util.Arrays::compare);
    found.sort(java.util.Arrays::compare);
    for (int i = 0; i < found.size(); i++) {
      assertThat(found.get(i)).startsWith(java.util.Arrays.copyOf(expected.get(i), 3));
    }
    assertThat(store.out())
        .isEqualTo(npy.out())
        .matches("mean share of the top 3 in the query's own category: [01]\\.\\d{3}\n");
  }

  @Test
  void theShareOfTheOwnCategoryIsRight() throws IOException {
    Path npy =
        Cli.npy(
            temp.resolve("share.npy"),
            new float[] {1, 0},
            new float[] {1, 0.1f},
            new float[] {0, 1},
            new float[] {0.2f, 1});
    Files.writeString(
        temp.resolve("share.ids.csv"), "id\n" + String.join("\n", ids.subList(0, 4)) + "\n");
    String categories =
        "id,image,category\n%s,%s,x\n%s,%s,x\n%s,%s,y\n%s,%s,\n"
            .formatted(
                ids.get(0), photo(ids.get(0)),
                ids.get(1), photo(ids.get(0)),
                ids.get(2), photo(ids.get(0)),
                ids.get(3), photo(ids.get(0)));
    Path csv = Files.writeString(temp.resolve("share.csv"), categories);
    Path out = temp.resolve("share-out.csv");
    Function<Integer, Run> nearest =
        k ->
            Cli.run(
                "neighbours",
                "--vectors",
                npy,
                "--transform",
                "none",
                "-k",
                k,
                "-o",
                out,
                "--categories",
                csv);
    // Of three with a category, two have their like for a neighbour.
    assertThat(nearest.apply(1).out())
        .isEqualTo("mean share of the top 1 in the query's own category: 0.667\n");
    assertThat(Files.readAllLines(out)).contains(ids.get(0) + ",1," + ids.get(1) + ",0.995037");
    // Only ids and categories are looked at, whether or not there are pictures; and numbers are
    // categories too.
    for (String table :
        List.of(
            categories.replaceAll("(?m),[^,]*[.]jpg,", ",missing.jpg,"),
            categories.replaceAll("(?m),[^,]*,", ","),
            categories.replaceAll("(?m),[^,]*,", ",").replace(",x", ",1").replace(",y", ",2"))) {
      Files.writeString(csv, table);
      Run run = nearest.apply(1);
      assertThat(run.out())
          .isEqualTo("mean share of the top 1 in the query's own category: 0.667\n");
      assertThat(run.errLines()).hasSize(1);
    }
    Files.writeString(csv, "id,category\nnone,x\n");
    assertThat(nearest.apply(1).err()).contains("has the category of none of these products");
    Files.writeString(csv, categories);
    // Four products have no more than three neighbours each.
    assertThat(nearest.apply(9).out())
        .isEqualTo("mean share of the top 3 in the query's own category: 0.222\n");
  }

  @Test
  void rowsWithoutIdsAreNumbered() throws IOException {
    Path npy = Cli.npy(temp.resolve("bare.npy"), new float[] {1, 0}, new float[] {1, 1});
    Path out = temp.resolve("bare.csv");
    Run run = Cli.run("neighbours", "--vectors", npy, "--transform", "none", "-o", out);
    assertThat(run.exit()).as("%s", run).isZero();
    assertThat(run.out()).isEmpty();
    assertThat(Files.readAllLines(out))
        .containsExactly("id,rank,neighbour,similarity", "0,1,1,0.707107", "1,1,0,0.707107");
  }

  @Test
  void anIndexWithoutTransformKeepsTheNetworksSimilarities() throws IOException {
    Path plain = temp.resolve("plain");
    Run index =
        Cli.run(
            "index", photos, "-s", plain, "--transform", "none", "--extractor", "lite0-fast", "-q");
    assertThat(index.err()).isEmpty();
    Run run = Cli.run("similar", "-s", plain, ids.get(0), "--json", "-k", 1);
    Map<?, ?> first = (Map<?, ?>) JSON.std.listFrom(run.out()).get(0);
    try (NpyMatrix matrix = NpyMatrix.open(vectors)) {
      float expected =
          UnitVector.of(matrix.row(0))
              .cosine(UnitVector.of(matrix.row(ids.indexOf((String) first.get("id")))));
      assertThat(((Number) first.get("similarity")).doubleValue())
          .isEqualTo(expected, within(1e-5));
    }
    assertThat(first.get("sales")).isEqualTo(0);
  }

  @Test
  void progressIsDrawnOnATerminalAlone() throws IOException {
    Path out = temp.resolve("progress.npy");
    Run run =
        Cli.runIn(
            Map.of(Console.COLUMNS, "80"), "embed", photos, "-o", out, "--extractor", "lite0-fast");
    assertThat(run.err()).contains("\rembedding ", " 12/12 photos", "photos/s", "\r\033[K");
    assertThat(Stream.of(run.err().split("\r|\n", -1)).filter(line -> line.startsWith("embedding")))
        .isNotEmpty()
        .allMatch(line -> line.length() < 80);
    Run quiet =
        Cli.runIn(
            Map.of(Console.COLUMNS, "80"),
            "embed",
            photos,
            "-o",
            out,
            "--extractor",
            "lite0-fast",
            "--quiet");
    assertThat(quiet.err()).isEmpty();
  }

  /** As Ctrl-C does: the program is told to end while it writes. */
  @Test
  void whenInterruptedNothingIsLeftAndWhatWasThereStays() throws Exception {
    Path folder = Files.createDirectory(temp.resolve("interrupted"));
    Path out = Files.writeString(folder.resolve("f.npy"), "what was there");
    // So many that it cannot be done before it is interrupted.
    var csv = new StringBuilder("id,image\n");
    for (int i = 0; i < 20_000; i++) {
      csv.append(i).append(',').append(photo(ids.get(0))).append('\n');
    }
    Path many = Files.writeString(temp.resolve("many.csv"), csv);
    Process child =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "embed",
                many.toString(),
                "--out",
                out.toString())
            .redirectErrorStream(true)
            .redirectOutput(temp.resolve("child.log").toFile())
            .start();
    try {
      while (child.isAlive() && sizes(folder) < 100_000) {
        Thread.sleep(20);
      }
      assertThat(child.isAlive())
          .as("it said: %s", Files.readString(temp.resolve("child.log")))
          .isTrue();
      child.destroy();
      assertThat(child.waitFor()).isEqualTo(128 + 15);
    } finally {
      child.destroyForcibly();
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(out);
    }
    assertThat(out).hasContent("what was there");
  }

  private static long sizes(Path folder) throws IOException {
    long sum = 0;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        sum += Files.size(file);
      }
    }
    return sum;
  }

  private static Path photo(String id) throws IOException {
    try (Stream<Path> files = Files.walk(photos)) {
      return files
          .filter(f -> f.getFileName().toString().equals(id + ".jpg"))
          .findFirst()
          .orElseThrow()
          .toAbsolutePath();
    }
  }

  private static List<String[]> rows(Path csv) throws IOException {
    var rows = new ArrayList<String[]>();
    for (String line : Files.readAllLines(csv)) {
      rows.add(line.split(",", -1));
    }
    return rows;
  }

  private static List<String> with(String first, List<String> rest) {
    var all = new ArrayList<String>();
    all.add(first);
    all.addAll(rest);
    return all;
  }
}

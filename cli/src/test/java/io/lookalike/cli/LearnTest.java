package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Recommender;
import io.lookalike.catalog.Product;
import io.lookalike.cli.Cli.Run;
import io.lookalike.features.CatalogueTransform;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code learn}, {@code suggest} and the questions that need designs, on a made store. */
class LearnTest {

  private static final int DIMENSION = 24;

  /** Of the demo's photos one of another kind than the first. */
  private static final String PLACEHOLDER = "photos/100113.jpg";

  @TempDir Path temp;
  private Path store;

  /** 80 designs of three colors; photos of one design differ most along 6 directions. */
  @BeforeEach
  void makeStore() throws IOException {
    store = temp.resolve("shop");
    try (Recommender shop =
        Recommender.builder()
            .dimension(DIMENSION)
            .index(BruteForceIndex.factory())
            .transform(CatalogueTransform.byCatalogueSize())
            .store(store)
            .build()) {
      var random = new Random(1);
      var base = new float[DIMENSION];
      for (int i = 0; i < 240; i++) {
        int design = i / 3;
        var features = new float[DIMENSION];
        for (int j = 0; j < DIMENSION; j++) {
          if (i % 3 == 0) {
            base[j] = j < 6 ? 0 : (float) random.nextGaussian() + (j % 4 == design % 4 ? 1.5f : 0);
          }
          features[j] = base[j] + (float) ((j < 6 ? 4 : .2) * random.nextGaussian());
        }
        Product product =
            Product.of(String.format("p%03d", i))
                .with("style", "s" + design)
                .with("color", new String[] {"red", "blue", "green"}[i % 3])
                .with("gender", design % 2 == 0 ? "women" : "men")
                .with("size", i % 3);
        shop.add(i % 10 == 0 ? product : product.with("category", "c" + design % 4), features);
      }
      shop.refit();
    }
  }

  @Test
  void learnShowsWhatItGainsAndKeepsIt() {
    Run dry = Cli.run("learn", "--store", store, "--by", "style", "--dry-run");
    assertThat(dry.exit()).as("%s", dry).isZero();
    assertThat(dry.err()).contains(store + " stays as it was");
    Run learn = Cli.run("learn", "--store", store, "--by", "style");
    assertThat(learn.exit()).as("%s", learn).isZero();
    assertThat(learn.outLines().get(0))
        .isEqualTo("another of the same style in the ten nearest, 240 products kept out:");
    assertThat(learn.outLines().get(1)).matches("  none            0\\.\\d{3}");
    assertThat(learn.outLines().get(2)).matches("  catalogue-size  0\\.\\d{3}");
    assertThat(learn.outLines().get(3)).matches("  within style    [01]\\.\\d{3}  used");
    assertThat(learn.out()).isEqualTo(dry.out());
    assertThat(learn.err()).contains("within 80 groups of equal style", "saved in " + store);
    Run similar = Cli.run("similar", "--store", store, "p000", "-k", 2);
    assertThat(similar.out()).contains("p001", "p002");
    assertThat(Cli.run("learn", "--store", store, "--by", "style").exit()).isZero();
  }

  @Test
  void whatWasLearntFromSomethingElseIsReplacedIfThatIsWanted() {
    assertThat(Cli.run("learn", "--store", store, "--by", "style").exit()).isZero();
    String before = Cli.run("store", "info", store).out();
    // The same sense under another name.
    try (Recommender shop =
        Recommender.builder()
            .dimension(DIMENSION)
            .index(BruteForceIndex.factory())
            .transform(CatalogueTransform.byCatalogueSize())
            .store(store)
            .build()) {
      for (String id : List.copyOf(shop.searcher().ids())) {
        shop.update(id, a -> a.with("model", "m" + a.get("style")));
      }
    }
    Run kept = Cli.run("learn", "--store", store, "--by", "model");
    assertThat(kept.exit()).as("%s", kept).isZero();
    assertThat(kept.out()).contains("within model");
    assertThat(kept.err())
        .contains(
            store
                + " stays as it was, as it has learnt within style before; --replace puts within"
                + " model in its place");
    assertThat(Cli.run("store", "info", store).out()).contains(line("transform", before));
    assertThat(Cli.run("learn", "--store", store, "--by", "model", "--replace").err())
        .contains("within 80 groups of equal model");
  }

  private static String line(String name, String of) {
    return of.lines().filter(line -> line.startsWith(name)).findFirst().orElseThrow();
  }

  @Test
  void learnSaysWhatItCannotLearnFrom() {
    Run few = Cli.run("learn", "--store", store, "--by", "color");
    assertThat(few.exit()).isEqualTo(2);
    assertThat(few.err())
        .contains(
            store
                + " has too few products of equal color to learn from, expected 40 values or more"
                + " that several products share");
    Run missing = Cli.run("learn", "--store", store);
    assertThat(missing.exit()).isEqualTo(2);
    assertThat(missing.err()).contains("product_code");
  }

  /** As sizes of one article have. */
  @Test
  void learnSaysThatEqualPhotosTeachNothing() {
    Path equal = temp.resolve("equal");
    try (Recommender shop =
        Recommender.builder()
            .dimension(DIMENSION)
            .index(BruteForceIndex.factory())
            .transform(CatalogueTransform.byCatalogueSize())
            .store(equal)
            .build()) {
      for (int i = 0; i < 150; i++) {
        var random = new Random(i / 3);
        var features = new float[DIMENSION];
        for (int j = 0; j < DIMENSION; j++) {
          features[j] = (float) random.nextGaussian() + (j % 4 == i / 3 % 4 ? 1.5f : 0);
        }
        Product product = Product.of("p" + i).with("style", "s" + i / 3);
        shop.add(product.with("category", "c" + i / 3 % 4), features);
      }
      shop.refit();
    }
    String why =
        "the photos of the products of equal style in "
            + equal
            + " do not differ, so that nothing can be learnt from them";
    Run learn = Cli.run("learn", "--store", equal, "--by", "style");
    assertThat(learn.exit()).isEqualTo(2);
    assertThat(learn.err()).contains(why + "; name another attribute with --by");
    Run both = Cli.run("learn", "--store", equal, "--by", "style", "--category-by", "category");
    assertThat(both.exit()).as("%s", both).isZero();
    assertThat(both.err()).contains(why);
    assertThat(both.out()).contains("within category").doesNotContain("within style");
  }

  @Test
  void whatOnlyProductsWithoutLooksHaveIsNoMissingAttribute() {
    try (Recommender shop =
        Recommender.builder()
            .dimension(DIMENSION)
            .index(BruteForceIndex.factory())
            .transform(CatalogueTransform.byCatalogueSize())
            .store(store)
            .build()) {
      shop.add(Product.of("unseen").with("kind", "x"));
    }
    Run suggest = Cli.run("suggest", "--store", store, "--attribute", "kind");
    assertThat(suggest.exit()).isEqualTo(2);
    assertThat(suggest.err())
        .contains("no product of " + store + " whose looks are known has kind, so that");
    Run learn = Cli.run("learn", "--store", store, "--by", "kind");
    assertThat(learn.err()).contains("has too few products of equal kind to learn from");
    Run similar = Cli.run("similar", "--store", store, "p000", "--filter", "kind = 'x'");
    assertThat(similar.err()).contains("matches --filter").doesNotContain("no product has");
  }

  @Test
  void similarTakesGuardsAndAnotherColor() {
    Run same =
        Cli.run("similar", "--store", store, "p000", "--same-as", "gender,category", "-k", 200);
    assertThat(same.exit()).as("%s", same).isZero();
    assertThat(same.outLines()).hasSizeGreaterThan(50);
    for (String line : same.outLines().subList(1, same.outLines().size())) {
      int number = Integer.parseInt(line.replaceAll(".* p(\\d+) .*", "$1"));
      assertThat(number / 3 % 2).as(line).isZero(); // women's
      assertThat(line).contains("category=c0");
    }
    Run why =
        Cli.run("similar", "--store", store, "p000", "--same-as", "gender", "--why-not", "p003");
    assertThat(why.out()).contains("guard: its gender is men, and the page is to have the same as");
    Run but =
        Cli.run(
            "similar", "--store", store, "p000", "--variants-by", "style", "--but", "color=blue");
    assertThat(but.exit()).as("%s", but).isZero();
    assertThat(but.outLines().get(1)).contains("p001");
    assertThat(but.out()).contains("blue").doesNotContain("red", "green");
    assertThat(Cli.run("similar", "--store", store, "p000", "--but", "size=1").exit()).isZero();
    Run both =
        Cli.run("similar", "--store", store, "p000", "--but", "color=red", "--but", "color=blue");
    assertThat(both.err()).contains("has color=blue, as --but wants; there are red");
    Run two =
        Cli.run("similar", "--store", store, "p000", "--but", "color=blue", "--but", "size=1");
    assertThat(two.outLines()).hasSize(11);
    Run explained =
        Cli.run(
            "similar",
            "--store",
            store,
            "p000",
            "--variants-by",
            "style",
            "--but",
            "color=blue",
            "--why-not",
            "p001");
    assertThat(explained.out()).contains("a variant of what was consulted, with color = \"blue\"");
  }

  @Test
  void wrongWishesAreExplained() {
    Run noValue = Cli.run("similar", "--store", store, "p000", "--but", "color");
    assertThat(noValue.exit()).isEqualTo(2);
    assertThat(noValue.err())
        .contains("--but is color, expected an attribute and a value, as in color=red");
    Run noNumber = Cli.run("similar", "--store", store, "p000", "--but", "size=large");
    assertThat(noNumber.exit()).isEqualTo(2);
    assertThat(noNumber.err()).contains("--but is size=large, and size is a number here");
    Run noAttribute = Cli.run("similar", "--store", store, "p000", "--same-as", "age");
    assertThat(noAttribute.exit()).isEqualTo(2);
    assertThat(noAttribute.err()).contains("age");
  }

  @Test
  void suggestListsWhatLacksAValueTheMostCertainFirst() {
    Run learn = Cli.run("learn", "--store", store, "--by", "style");
    assertThat(learn.exit()).isZero();
    Run suggest = Cli.run("suggest", "--store", store, "--attribute", "category");
    assertThat(suggest.exit()).as("%s", suggest).isZero();
    assertThat(suggest.outLines().get(0)).isEqualTo("id,has,suggested,confidence,share,neighbors");
    assertThat(suggest.out()).contains("p000,,c0,").contains("p010,,c3,");
    double last = 1;
    for (String line : suggest.outLines().subList(1, suggest.outLines().size())) {
      double confidence = Double.parseDouble(line.split(",")[3]);
      assertThat(confidence).isBetween(.5, last);
      last = confidence;
    }
    Run bad = Cli.run("suggest", "--store", store, "--attribute", "category", "--confidence", "2");
    assertThat(bad.exit()).isEqualTo(2);
    assertThat(bad.err()).contains("--confidence is 2.0, expected 0 to 1");
    assertThat(Cli.run("suggest", "--store", store, "--attribute", "kind").exit()).isEqualTo(2);
  }

  /** 216 of the 240 products have a category, which their looks tell once designs have taught. */
  @Test
  void suggestChecksItself() throws IOException {
    assertThat(Cli.run("learn", "--store", store, "--by", "style").exit()).isZero();
    List<Object> ask = List.of("suggest", "--store", store, "--attribute", "category", "--check");
    Run check = Cli.run(ask.toArray());
    assertThat(check.exit()).as("%s", check).isZero();
    assertThat(check.outLines()).hasSize(7);
    assertThat(check.outLines().get(0)).matches("category +products +confidence +right");
    String[] all = check.outLines().get(1).split(" +");
    assertThat(all[0]).isEqualTo("all");
    assertThat(Integer.parseInt(all[1])).isBetween(70, 146);
    assertThat(Double.parseDouble(all[3])).isBetween(.6, 1.0);
    assertThat(Cli.run(ask.toArray()).out()).isEqualTo(check.out());
    ask = new ArrayList<>(ask);
    ask.addAll(List.of("--variants-by", "no-such"));
    Run unknown = Cli.run(ask.toArray());
    assertThat(unknown.exit()).isEqualTo(2);
    assertThat(unknown.err()).contains("no product has the attribute \"no-such\"; there are");
    Path photos = Cli.photos(temp.resolve("one"), 1, 1);
    Path one = temp.resolve("one-shop");
    assertThat(Cli.run("index", photos, "-s", one, "--extractor", "lite0-fast").exit()).isZero();
    Run few = Cli.run("suggest", "--store", one, "--attribute", "category", "--check");
    assertThat(few.exit()).isEqualTo(2);
    assertThat(few.err())
        .contains("too few products of " + one + " have category and a photo to withhold half");
  }

  @Test
  void placeholdersAreReportedAndHaveNoLooks() throws IOException {
    Path photos = Cli.photos(temp.resolve("photos"), 1, 3);
    Path folder;
    try (Stream<Path> folders = Files.list(photos)) {
      folder = folders.findFirst().orElseThrow();
    }
    List<String> real = Cli.ids(photos);
    for (int i = 0; i < 4; i++) {
      Files.copy(
          Path.of("..", "examples", "demo").resolve(PLACEHOLDER),
          folder.resolve("none" + i + ".jpg"));
    }
    Path made = temp.resolve("made");
    Run index =
        Cli.run("index", photos, "--store", made, "--shared", 4, "--extractor", "lite0-fast");
    assertThat(index.exit()).as("%s", index).isZero();
    assertThat(index.err())
        .contains("4 products have the same picture as none0 (", "indexed 7 of 7 products");
    Run similar = Cli.run("similar", "--store", made, real.get(0), "-k", 10);
    assertThat(similar.out()).contains(real.get(1), real.get(2)).doesNotContain("none");
    Run kept =
        Cli.run("index", photos, "--store", made, "--shared", 0, "--extractor", "lite0-fast");
    assertThat(kept.err()).doesNotContain("same picture");
    assertThat(Cli.run("similar", "--store", made, "none0", "-k", 3).out())
        .contains("none1", "none2", "none3");
    assertThat(Cli.run("index", photos, "--store", made, "--shared", 1).err())
        .contains("--shared is 1, expected 0, or 2 or more");
  }

  @Test
  void severalPhotosAreOneProduct() throws IOException {
    Path photos = Cli.photos(temp.resolve("photos"), 1, 4);
    List<String> ids = Cli.ids(photos);
    Path folder;
    try (Stream<Path> folders = Files.list(photos)) {
      folder = folders.findFirst().orElseThrow();
    }
    Files.move(folder.resolve(ids.get(0) + ".jpg"), folder.resolve("set_1.jpg"));
    Files.copy(folder.resolve(ids.get(1) + ".jpg"), folder.resolve("set_2.jpg"));
    Path made = temp.resolve("made");
    List<Object> index =
        List.of("index", photos, "--store", made, "--several-photos", "--extractor", "lite0-fast");
    assertThat(Cli.run(index.toArray()).err()).contains("indexed 4 of 4 products");
    assertThat(Cli.run(index.toArray()).err()).contains("5 photos known before");
    Run similar = Cli.run("similar", "--store", made, ids.get(1), "-k", 9, "--explain");
    assertThat(similar.out()).contains("place 1 of the page, its photo 2 is the nearest");
    assertThat(similar.out().split("set", -1)).hasSize(2);
    Path table = temp.resolve("neighbors.csv");
    Run neighbors = Cli.run("neighbors", "--store", made, "--out", table, "-k", 2);
    assertThat(neighbors.exit()).as("%s", neighbors).isZero();
    assertThat(table).content().contains(ids.get(1) + ",1,set,");
    Run json = Cli.run("similar", "--store", made, ids.get(1), "-k", 1, "--json");
    assertThat(json.out()).contains("\"id\" : \"set\"", "\"photo\" : 2");
    Path files = temp.resolve("files");
    Path again = temp.resolve("again");
    String counts = " 4 products, 4 of them with features, ";
    assertThat(Cli.run("store", "export", made, files).err()).contains("exported" + counts);
    assertThat(Cli.run("store", "import", files, again).err()).contains("imported" + counts);
    assertThat(Cli.run("similar", "--store", again, ids.get(1), "-k", 9, "--explain").out())
        .isEqualTo(similar.out());
    assertThat(Cli.run("store", "audit", again).exit()).isZero();
  }

  @Test
  void partsOfPhotosAreAskedAbout() throws IOException {
    Path photos = Cli.photos(temp.resolve("photos"), 1, 3);
    Path made = temp.resolve("made");
    assertThat(Cli.run("index", photos, "--store", made, "--extractor", "lite0-fast").exit())
        .isZero();
    String photo = Path.of("..", "examples", "demo").resolve(PLACEHOLDER).toString();
    Run whole = Cli.run("similar", "--store", made, photo + "#0,0,1,1", "-k", 3);
    assertThat(whole.exit()).as("%s", whole).isZero();
    assertThat(whole.out()).isEqualTo(Cli.run("similar", "--store", made, photo, "-k", 3).out());
    Path page = temp.resolve("page.html");
    Run part =
        Cli.run("similar", "--store", made, photo + "#0.2,0.1,0.5,0.8", "-k", 3, "--html", page);
    assertThat(part.exit()).as("%s", part).isZero();
    assertThat(part.out()).isNotEqualTo(whole.out());
    assertThat(page).content().contains("#0.2,0.1,0.5,0.8");
    String weighed = photo + "#0.2,0.1,0.5,0.8=2";
    Run liked = Cli.run("similar", "--store", made, photo, "--also-like", weighed, "-k", 3);
    assertThat(liked.exit()).as("%s", liked).isZero();
    assertThat(liked.outLines()).hasSize(4);
    for (String wrong : List.of("#0.2,0.1,0.9,0.8=2", "#0.2,0.1,0.5=2", "#0.2,0.1,0.9,0.8")) {
      Run refused = Cli.run("similar", "--store", made, photo, "--not-like", photo + wrong);
      assertThat(refused.exit()).isEqualTo(2);
      assertThat(refused.err())
          .contains("is " + wrong.substring(1).replace("=2", "") + ", expected x, y, width");
    }
    assertThat(Cli.run("similar", "--store", made, photo, "--also-like", weighed + "x").err())
        .contains("--also-like is " + weighed + "x, expected");
    Run bad = Cli.run("similar", "--store", made, photo + "#0.2,0.1,0.9,0.8");
    assertThat(bad.exit()).isEqualTo(2);
    assertThat(bad.err())
        .contains(
            "is 0.2,0.1,0.9,0.8, expected x, y, width and height in shares of the picture from 0 to"
                + " 1, as in #0.2,0.1,0.5,0.8");
  }
}

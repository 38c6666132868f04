package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.jr.ob.JSON;
import io.lookalike.catalog.ImageSource;
import io.lookalike.cli.Cli.Run;
import io.lookalike.extractor.EfficientNetLite;
import io.lookalike.features.FeatureExtractor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The paper's experiment and its files, on a small shop that is drawn here. */
class PaperTest {

  private static final int ARTICLES = 40;

  @TempDir static Path temp;
  private static HmShop shop;
  private static String unreadable;
  private static List<String> consulted;
  private static Map<String, float[]> features;

  /** A line of a table, computed without the library. */
  private record Line(
      String consulted,
      String rank,
      String id,
      long frequency,
      double similarity,
      int visualRank) {}

  @BeforeAll
  static void drawAndExtract() throws IOException {
    shop = new HmShop(Files.createDirectory(temp.resolve("h-and-m")), ARTICLES, 1);
    unreadable = shop.ids.get(7);
    Files.write(shop.picture(unreadable), new byte[] {(byte) 0xFF, (byte) 0xD8, 1, 2, 3});
    consulted = List.of(shop.ids.get(0), shop.ids.get(13), shop.ids.get(39));
    features = new HashMap<>();
    try (FeatureExtractor network = EfficientNetLite.fast()) {
      for (String id : shop.ids) {
        if (!id.equals(unreadable)) {
          features.put(id, network.extract(ImageSource.of(shop.picture(id))));
        }
      }
    }
  }

  @Test
  void tablesAgreeWithAnIndependentComputation() throws IOException {
    Path out = temp.resolve("all");
    Run run = paper(out, "--consulted", String.join(",", consulted));

    assertThat(run.exit()).as("%s", run).isZero();
    assertSame(out, expected(null));
    assertThat(run.err())
        .contains(
            "the article " + shop.withoutPicture + " has no picture: no file ",
            "articles with a picture: 40; without: 1",
            unreadable + ".jpg",
            "the article 9999999999 is not in the catalogue",
            "t_dat is \"someday\", expected a day such as 2018-09-20",
            "features: 39 made now, 0 found in the store; page and tables are in " + out);
  }

  @Test
  void onlyWhatWasBoughtBeforeTheCutCounts() throws IOException {
    Path out = temp.resolve("cut");
    LocalDate cut = HmShop.FIRST_DAY.plusDays(9);
    Run run =
        paper(out, "--consulted", String.join(",", consulted), "--until", cut, "--store", cache());

    assertThat(run.exit()).as("%s", run).isZero();
    assertSame(out, expected(cut));
    assertThat(expected(cut)).isNotEqualTo(expected(null));
  }

  @Test
  void everyFormTellsTheSame() throws IOException {
    Path out = temp.resolve("forms");
    Run run = paper(out, "--consulted", String.join(",", consulted), "--store", cache());

    assertThat(run.exit()).as("%s", run).isZero();
    List<Line> expected = expected(null);
    String markdown = Files.readString(out.resolve("tables.md"));
    assertThat(markdown).contains(run.out().strip()).contains("| transactions |", "| features |");
    String page = Files.readString(out.resolve("index.html"));
    for (Line line : expected) {
      if (line.rank.isEmpty()) {
        assertThat(page).contains("<th scope=\"row\">" + line.id + "</th>");
      } else {
        assertThat(run.out()).contains("| " + line.rank + " | " + line.id + " | " + line.frequency);
      }
    }
    assertThat(expected).anyMatch(line -> line.rank.isEmpty());
    assertThat(page).contains("Recommended for " + consulted.get(0), "Design 13", "img src=");
    Map<String, Object> json = JSON.std.mapFrom(Files.readString(out.resolve("tables.json")));
    assertThat(json).containsOnlyKeys("settings", "seconds", "tables");
    assertThat(object(json.get("seconds")))
        .containsOnlyKeys(
            "articles", "network", "transactions", "features", "neighbours and ranking");
    List<?> tables = (List<?>) json.get("tables");
    for (int i = 0; i < consulted.size(); i++) {
      String id = consulted.get(i);
      Map<?, ?> table = (Map<?, ?>) tables.get(i);
      assertThat(table.get("consulted")).isEqualTo(id);
      assertThat(table.get("recommended"))
          .isEqualTo(
              expected.stream()
                  .filter(line -> line.consulted.equals(id) && !line.rank.isEmpty())
                  .map(Line::id)
                  .toList());
      assertThat((List<?>) table.get("nearest")).hasSize(10);
    }
  }

  @Test
  void aKilledRunGoesOnWhereItStopped() throws Exception {
    Path out = temp.resolve("killed");
    Path log = temp.resolve("killed.log");
    Process process = Cli.start(log, arguments(out, "--consulted", consulted.get(0)));
    long kept = Cli.killAtFeatures(process, log, out.resolve("store"), 5);
    assertThat(kept).isBetween(5L, ARTICLES - 2L);
    assertThat(out.resolve("tables.csv")).doesNotExist();

    Run run = paper(out, "--consulted", String.join(",", consulted));
    assertThat(run.exit()).as("%s", run).isZero();
    assertThat(run.err())
        .contains("features: " + (39 - kept) + " made now, " + kept + " found in the store");
    assertSame(out, expected(null));
    assertThat(Cli.features(out.resolve("store"))).isEqualTo(39);
  }

  @Test
  void whatCannotBeConsultedIsSaidInOneLineBeforeAnyWork() throws IOException {
    Path out = temp.resolve("none");
    Run unknown = paper(out, "--consulted", consulted.get(0) + ",0999999999");
    assertThat(unknown.exit()).isEqualTo(2);
    assertThat(unknown.err())
        .isEqualTo(
            "lookalike: there is no article \"0999999999\" among the 41 of "
                + shop.articles
                + "; --consulted takes values of its column article_id, with commas between them\n");
    Run blind = paper(out, "--consulted", shop.withoutPicture);
    assertThat(blind.exit()).isEqualTo(2);
    assertThat(blind.err())
        .isEqualTo(
            "lookalike: the article "
                + shop.withoutPicture
                + " has no picture, so nothing can look like it; consult another\n");
    Run noWeights = paperWith("--extractor", "--weights", out);
    assertThat(noWeights.exit()).isEqualTo(2);
    assertThat(noWeights.err())
        .endsWith("lookalike: lite0-fast: no such file, expected a file of weights\n");
    Run twoNetworks = paper(out, "--consulted", consulted.get(0), "--weights", shop.articles);
    assertThat(twoNetworks.exit()).isEqualTo(2);
    assertThat(twoNetworks.err())
        .isEqualTo(
            "lookalike: the extractor lite0-fast takes no weights, found "
                + shop.articles
                + "; see --extractor and its options in --help\n");
    Run swapped = paperWith(shop.transactions, shop.articles, out);
    assertThat(swapped.exit()).isEqualTo(2);
    assertThat(swapped.err())
        .contains("lookalike: " + shop.articles + ":1: found columns article_id, ")
        .endsWith("; expected columns t_dat, article_id among them\n");
    Run noDay = paper(out, "--consulted", consulted.get(0), "--until", "2020-02-30");
    assertThat(noDay.exit()).isEqualTo(2);
    assertThat(noDay.err())
        .isEqualTo(
            "lookalike: invalid value for option '--until': it is 2020-02-30, expected a day such"
                + " as 2020-09-01; see lookalike paper --help\n");
    Run elsewhere = paperWith(shop.images, temp, out);
    assertThat(elsewhere.exit()).isEqualTo(2);
    assertThat(elsewhere.err())
        .startsWith("lookalike: no article with a picture was found: the article ")
        .contains(" has no picture: no file " + temp);
    assertThat(out).doesNotExist();
    Run broken = paper(out, "--consulted", unreadable, "--quiet");
    assertThat(broken.exit()).isEqualTo(2);
    assertThat(broken.err()).contains(shop.picture(unreadable).toString());
    assertThat(out.resolve("tables.csv")).doesNotExist();
    assertThat(Cli.features(out.resolve("store"))).isZero();
  }

  @Test
  void ifNothingWasBoughtItSaysWhyNothingIsRecommended() throws IOException {
    Path out = temp.resolve("unsold");
    Run noSales =
        paper(out, "--consulted", consulted.get(0), "--until", HmShop.FIRST_DAY, "--quiet");
    assertThat(noSales.exit()).as("%s", noSales).isZero();
    assertThat(noSales.err())
        .contains(
            shop.transactions
                + " holds no purchase before 2020-08-01 of these articles, so nothing will be"
                + " recommended");
    assertThat(Files.readAllLines(out.resolve("tables.csv")))
        .hasSize(11)
        .anyMatch(line -> line.startsWith(consulted.get(0) + ",,"))
        .noneMatch(line -> line.startsWith(consulted.get(0) + ",1,"));
  }

  @Test
  void aShopsStoreIsLeftAlone() throws IOException {
    Path photos = Cli.photos(temp.resolve("photos"), 1, 3);
    Path store = temp.resolve("others");
    assertThat(Cli.run("index", photos, "-s", store, "--extractor", "lite0-fast").exit()).isZero();
    String before = Cli.run("store", "info", store).out();
    Path out = temp.resolve("refused");
    Run run = paper(out, "--consulted", consulted.get(0), "--store", store, "--quiet");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.errLines().get(run.errLines().size() - 1))
        .isEqualTo(
            "lookalike: "
                + store
                + " holds other products, such as "
                + Cli.ids(photos).get(0)
                + "; name a new folder with --store");
    assertThat(out).doesNotExist();
    assertThat(Cli.run("store", "info", store).out()).isEqualTo(before);
  }

  @Test
  void whatIsReadIsNotReplaced() throws IOException {
    Path out = Files.createDirectories(temp.resolve("mixed"));
    Path articles = Files.copy(shop.articles, out.resolve("tables.csv"));
    Run run = paperWith(shop.articles, articles, out);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "lookalike: cannot write "
                + articles
                + ": it is what is to be read; name another file\n");
    assertThat(out).isDirectoryContaining(articles::equals);
    assertThat(articles).hasSameTextualContentAs(shop.articles);
  }

  @Test
  void indexAndEmbedReadTheSameFiles() throws IOException {
    Path folder = shop.articles.getParent();
    Path store = temp.resolve("store");
    Run index =
        Cli.run(
            "index",
            folder,
            "--format",
            "hm",
            "--purchases",
            shop.transactions,
            "--store",
            store,
            "--transform",
            "none",
            "--extractor",
            "lite0-fast");
    assertThat(index.exit()).as("%s", index).isZero();
    long sales =
        shop.sold.values().stream().flatMap(d -> d.values().stream()).mapToLong(n -> n).sum();
    assertThat(index.err())
        .contains(
            "indexed 40 of 41 products in ", // the one without a picture too
            "purchases: " + (sales + 1) + "; transform: none");

    Run similar =
        Cli.run("similar", "--store", store, consulted.get(0), "--rank", "paper", "--json");
    List<Map<String, Object>> page =
        JSON.std.listFrom(similar.out()).stream().map(PaperTest::object).toList();
    assertThat(page.stream().map(object -> object.get("id") + " " + object.get("sales")))
        .containsExactlyElementsOf(
            expected(null).stream()
                .filter(line -> line.consulted.equals(consulted.get(0)) && !line.rank.isEmpty())
                .map(line -> line.id + " " + line.frequency)
                .toList());

    Path npy = temp.resolve("hm.npy");
    Run embed =
        Cli.run(
            "embed", shop.articles, "--format", "hm", "--out", npy, "--extractor", "lite0-fast");
    assertThat(embed.exit()).as("%s", embed).isZero();
    List<String> readable = new ArrayList<>(shop.ids);
    readable.remove(unreadable);
    assertThat(Files.readAllLines(temp.resolve("hm.ids.csv")).stream().skip(1))
        .containsExactlyElementsOf(readable);
    Run strict = Cli.run("embed", folder, "--format", "hm", "--out", npy, "--strict");
    assertThat(strict.exit()).isEqualTo(2);
    assertThat(strict.err()).contains("the article " + shop.withoutPicture + " has no picture");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Object json) {
    return (Map<String, Object>) json;
  }

  /** The rule of the paper in plain loops. */
  private static List<Line> expected(@Nullable LocalDate until) {
    var lines = new ArrayList<Line>();
    for (String query : consulted) {
      record Neighbour(String id, double similarity) {}
      List<Neighbour> nearest =
          features.keySet().stream()
              .filter(id -> !id.equals(query))
              .map(id -> new Neighbour(id, cosine(features.get(query), features.get(id))))
              .sorted(Comparator.comparingDouble((Neighbour n) -> -n.similarity))
              .limit(10)
              .toList();
      var sold = new ArrayList<Line>();
      var unsold = new ArrayList<Line>();
      for (int i = 0; i < nearest.size(); i++) {
        Neighbour n = nearest.get(i);
        long frequency =
            shop.sold.getOrDefault(n.id, Map.of()).entrySet().stream()
                .filter(e -> until == null || e.getKey().isBefore(until))
                .mapToLong(Map.Entry::getValue)
                .sum();
        (frequency > 0 ? sold : unsold)
            .add(new Line(query, "", n.id, frequency, n.similarity, i + 1));
      }
      sold.sort(
          Comparator.comparingLong((Line line) -> -line.frequency)
              .thenComparingDouble(line -> -line.similarity));
      for (int i = 0; i < sold.size(); i++) {
        Line line = sold.get(i);
        lines.add(
            new Line(
                query, "" + (i + 1), line.id, line.frequency, line.similarity, line.visualRank));
      }
      lines.addAll(unsold);
    }
    return lines;
  }

  private static double cosine(float[] a, float[] b) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return dot / Math.sqrt(aa * bb);
  }

  private static void assertSame(Path out, List<Line> expected) throws IOException {
    List<String> found = Files.readAllLines(out.resolve("tables.csv"));
    assertThat(found.get(0))
        .isEqualTo("consulted,rank,article_id,purchase_frequency,similarity,visual_rank");
    assertThat(found).hasSize(expected.size() + 1);
    for (int i = 0; i < expected.size(); i++) {
      String[] cells = found.get(i + 1).split(",", -1);
      Line line = expected.get(i);
      assertThat(List.of(cells[0], cells[1], cells[2], cells[3], cells[5]))
          .isEqualTo(
              List.of(
                  line.consulted, line.rank, line.id, "" + line.frequency, "" + line.visualRank));
      assertThat(Double.parseDouble(cells[4])).isCloseTo(line.similarity, within(1e-5));
    }
  }

  private static Run paper(Path out, Object... more) {
    return Cli.run(arguments(out, more));
  }

  /** With another argument in one's place. */
  private static Run paperWith(Object argument, Object other, Path out) {
    return Cli.run(
        Stream.of(arguments(out, "--consulted", consulted.get(0), "--quiet"))
            .map(a -> a.equals(argument) ? other : a)
            .toArray());
  }

  private static Object[] arguments(Path out, Object... more) {
    var arguments =
        new ArrayList<Object>(
            List.of(
                "paper",
                "--articles",
                shop.articles,
                "--transactions",
                shop.transactions,
                "--images",
                shop.images,
                "--extractor",
                "lite0-fast",
                "--out",
                out));
    arguments.addAll(List.of(more));
    return arguments.toArray();
  }

  /** A folder of its own, so that the tests do not wait for each other. */
  private static Path cache() throws IOException {
    return Files.createTempDirectory(temp, "cache");
  }
}

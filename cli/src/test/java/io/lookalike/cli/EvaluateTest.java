package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import com.fasterxml.jackson.jr.ob.JSON;
import io.lookalike.cli.Cli.Run;
import io.lookalike.index.hnsw.HnswIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Past purchases replayed from the command line, and what a browser says of the report. */
class EvaluateTest {

  private static final long SEED = 4;

  @TempDir static Path temp;
  private static Run run;
  private static Path out;

  @BeforeAll
  static void quick() {
    out = temp.resolve("new").resolve("report");
    run = Cli.run("evaluate", "--quick", "--extractor", "lite0-fast", "--out", out);
  }

  @Test
  void quickNeedsNothingAndSaysThatPurchasesAreSimulated() throws IOException {
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.outLines()).containsExactly(out.resolve("evaluation.html").toString());
    assertThat(run.err()).contains("compared 8 settings in ");
    String html = Files.readString(out.resolve("evaluation.html"));
    assertThat(html)
        .contains("The purchases are simulated", "data:image/jpeg;base64,")
        .doesNotContain("http://", "https://", "@import");
    assertThat(Files.readString(out.resolve("evaluation.md"))).contains("are simulated");
    Map<String, Object> json = JSON.std.mapFrom(Files.readString(out.resolve("evaluation.json")));
    assertThat(json.get("notice").toString()).contains("are simulated");
    assertThat(json.get("tasks")).asInstanceOf(LIST).hasSize(3);
  }

  @ParameterizedTest(name = "dark: {0}")
  @ValueSource(booleans = {false, true})
  void aBrowserFindsNothingWrong(boolean dark, @TempDir Path folder) throws Exception {
    for (var report : Chromium.inspect(out.resolve("evaluation.html"), dark, folder)) {
      assertThat((Integer) report.get("images")).isGreaterThanOrEqualTo(20);
      assertThat((Integer) report.get("controls")).isGreaterThanOrEqualTo(60);
    }
  }

  @Test
  void aStoreItsPurchasesAndSettingsOfOnesOwn() throws IOException {
    Path photos = Cli.photos(temp.resolve("photos"), 3, 6);
    Path shop = temp.resolve("shop");
    assertThat(Cli.run("index", photos, "--store", shop, "--extractor", "lite0-fast").exit())
        .isZero();
    Path purchases = temp.resolve("sold.csv");
    Files.write(purchases, purchases(Cli.ids(photos)));
    Path settings = temp.resolve("settings.txt");
    Files.writeString(
        settings,
        """
        # what we have, and what we could have
        paper: --rank paper
        lot: --baseline random
        ours: --rank balanced --blend ranks:{0,0.5} --candidates {6, 12}
        """);
    Object[] command = {
      "evaluate",
      "--store",
      shop,
      "--purchases",
      purchases,
      "--cut",
      "2024-03-01",
      "--settings",
      settings,
      "--task",
      "customer,item",
      "-k",
      "4",
      "--out",
      temp.resolve("own")
    };
    Run first = Cli.run(command);
    assertThat(first.exit()).as(first.err()).isZero();
    Map<String, Object> json =
        JSON.std.mapFrom(Files.readString(temp.resolve("own/evaluation.json")));
    assertThat(json.get("settings"))
        .asInstanceOf(LIST)
        .extracting(setting -> String.valueOf(((Map<?, ?>) setting).get("name")))
        .containsExactly("paper", "lot", "ours 0 6", "ours 0 12", "ours 0.5 6", "ours 0.5 12");
    assertThat(json.get("tasks")).asInstanceOf(LIST).hasSize(2);
    assertThat(json.get("cuts")).isEqualTo(List.of("2024-03-01T00:00:00Z"));

    String before = Files.readString(temp.resolve("own/evaluation.md"));
    assertThat(Cli.run(command).exit()).isZero();
    assertThat(Files.readString(temp.resolve("own/evaluation.md")))
        .as("pages, and how long they took, are those made before")
        .isEqualTo(before);
  }

  @Test
  void aSearchAndTheFeaturesOfAnotherNetwork() throws IOException {
    Path photos = Cli.photos(temp.resolve("more"), 3, 8);
    Path shop = temp.resolve("searched");
    assertThat(Cli.run("index", photos, "--store", shop, "--extractor", "lite0-fast").exit())
        .isZero();
    Path purchases = temp.resolve("more.csv");
    Files.write(purchases, purchases(Cli.ids(photos)));
    Path npy = temp.resolve("other.npy");
    assertThat(Cli.run("embed", photos, "--out", npy, "--extractor", "lite0-fast").exit()).isZero();
    Path settings = temp.resolve("search.txt");
    Files.write(
        settings,
        List.of(
            "ours: --rank balanced --blend ranks:{0,0.5,1} --candidates {6,12}",
            "other: --rank balanced --transform none --vectors " + npy));
    Run run =
        Cli.run(
            "evaluate",
            "--store",
            shop,
            "--purchases",
            purchases,
            "--settings",
            settings,
            "--search",
            "--task",
            "item",
            "-k",
            "4",
            "--out",
            temp.resolve("search"));
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.err()).contains("nothing that differs in one choice is significantly better");
    Map<String, Object> json =
        JSON.std.mapFrom(Files.readString(temp.resolve("search/evaluation.json")));
    assertThat(json.get("settings"))
        .asInstanceOf(LIST)
        .extracting(setting -> String.valueOf(((Map<?, ?>) setting).get("name")))
        .startsWith("ours 0 6")
        .endsWith("other");
  }

  private static List<String> purchases(List<String> ids) {
    var random = new Random(SEED);
    var rows = new ArrayList<String>();
    rows.add("product,time,customer");
    for (int i = 0; i < 400; i++) {
      rows.add(
          ids.get(random.nextInt(ids.size()))
              + String.format(",2024-%02d-%02d,c", 2 + random.nextInt(2), 1 + random.nextInt(7))
              + random.nextInt(60));
    }
    return rows;
  }

  @Test
  void hmsFilesInOneCommand() throws IOException {
    var shop = new HmShop(Files.createDirectory(temp.resolve("hm")), 12, SEED);
    Run done =
        Cli.run(
            "evaluate",
            "--articles",
            shop.articles,
            "--images",
            shop.images,
            "--purchases",
            shop.transactions,
            "--extractor",
            "lite0-fast",
            "--weeks",
            "1",
            "--out",
            temp.resolve("hm-report"));
    assertThat(done.exit()).as(done.err()).isZero();
    assertThat(temp.resolve("hm-report/evaluation.html")).exists();
  }

  /** With several threads a graph depends on which of them comes first. */
  @Test
  void anIndexIsTheSameAtEveryRun() {
    assertThat(EvaluateCommand.index("hnsw")).isEqualTo(HnswIndex.builder().threads(1).factory());
  }

  @ParameterizedTest
  @CsvSource({
    "jdbc:postgresql://H/D?user=u&password=p, jdbc:postgresql://H/D",
    "--store=jdbc:postgresql://u:p@H:5432/D?x=y, --store=jdbc:postgresql://H:5432/D",
    "-sjdbc:postgresql://H/D?password=a//b@c?d, -sjdbc:postgresql://H/D",
    "shop?, shop?"
  })
  void reportsShowNoPassword(String argument, String shown) {
    assertThat(StorePlace.shown(argument)).isEqualTo(shown);
  }
}

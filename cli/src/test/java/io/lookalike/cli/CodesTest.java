package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.lookalike.Recommender;
import io.lookalike.catalog.Product;
import io.lookalike.cli.Cli.Run;
import io.lookalike.features.CatalogueTransform;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Codes that are one number and two texts, 1 and 01: every option goes by the texts. */
class CodesTest {

  private static final long SEED = 8;

  @TempDir static Path temp;
  private static Path store;
  private static Path sold;

  /** As a CSV file with the column style is indexed; those of one code look alike. */
  @BeforeAll
  static void aShop() throws IOException {
    store = temp.resolve("shop");
    var random = new Random(SEED);
    var rows = new ArrayList<>(List.of("product,time,customer"));
    try (Recommender shop =
        Recommender.builder()
            .dimension(6)
            .index(BruteForceIndex.factory())
            .transform(CatalogueTransform.byCatalogueSize())
            .store(store)
            .build()) {
      for (int i = 0; i < 24; i++) {
        var features = new float[6];
        for (int j = 0; j < 6; j++) {
          features[j] = (float) (random.nextGaussian() + (j == i % 2 ? 4 : 0));
        }
        Product product = Product.of("p" + i).with("category", "c");
        shop.add(
            i < 2 ? product : product.with("style", 1).with("style.text", i % 2 == 0 ? "1" : "01"),
            features);
      }
      shop.refit();
    }
    for (int i = 0; i < 300; i++) {
      rows.add(
          String.format(
              "p%d,2024-03-%02d,c%d",
              2 + random.nextInt(22), 1 + random.nextInt(14), random.nextInt(20)));
    }
    sold = Files.write(temp.resolve("sold.csv"), rows);
  }

  @Test
  @SuppressWarnings("unchecked")
  void settings(@TempDir Path out) throws IOException {
    Path settings =
        Files.write(
            temp.resolve("settings.txt"),
            List.of(
                "guard: --rank similarity --same-as style",
                "limit: --rank similarity --at-most style=1",
                "design: --rank similarity --variants-by style --variants collapse"));
    Run run =
        Cli.run(
            "evaluate",
            "--store",
            store,
            "--purchases",
            sold,
            "--settings",
            settings,
            "--task",
            "item",
            "-k",
            "12",
            "--variants-by",
            "style",
            "--out",
            out);
    assertThat(run.exit()).as(run.err()).isZero();
    Map<String, Object> json = JSON.std.mapFrom(Files.readString(out.resolve("evaluation.json")));
    Map<String, Object> item = ((List<Map<String, Object>>) json.get("tasks")).get(0);
    var variants = new HashMap<String, Double>();
    for (Map<String, Object> each : (List<Map<String, Object>>) item.get("settings")) {
      variants.put((String) each.get("setting"), ((List<Double>) each.get("variants")).get(0));
    }
    assertThat(variants)
        .as(
            "shares that are of the code consulted, beside one of the other and two of none, seed "
                + SEED)
        .containsEntry("guard", 1.0)
        .containsEntry("limit", 0.25)
        .containsEntry("design", 0.25);
  }

  /** What was made by one attribute says nothing of another. */
  @Test
  void goesOnFromPagesOfTheSameKindAlone(@TempDir Path out) throws IOException {
    Path settings =
        Files.write(temp.resolve("kinds.txt"), List.of("kind: --baseline popular-in-category"));
    var figures = new ArrayList<Object>();
    for (String asked : List.of("both category", "both style", "other style")) {
      Path folder = out.resolve(asked.replaceAll(" .*", ""));
      Run run =
          Cli.run(
              "evaluate",
              "--store",
              store,
              "--purchases",
              sold,
              "--settings",
              settings,
              "--category-by",
              asked.replaceAll(".* ", ""),
              "-k",
              "4",
              "--out",
              folder);
      assertThat(run.exit()).as(run.err()).isZero();
      figures.add(
          Files.readString(folder.resolve("evaluation.md"))
              .lines()
              .filter(line -> line.startsWith("| kind | "))
              .map(line -> line.replaceAll("( [0-9.]+ [|]){2}$", "")) // how long it took
              .toList());
    }
    assertThat(figures.get(1)).isEqualTo(figures.get(2)).isNotEqualTo(figures.get(0));
  }

  @Test
  void mapAndSuggestions() throws IOException {
    Path page = temp.resolve("map.html");
    Run map = Cli.run("map", "--store", store, "--category-by", "style", "--out", page);
    assertThat(map.exit()).as(map.err()).isZero();
    assertThat(Files.readString(page)).contains("\"01\"");
    Run suggest = Cli.run("suggest", "--store", store, "--attribute", "style");
    assertThat(suggest.exit()).as(suggest.err()).isZero();
    assertThat(suggest.out()).contains("p0,,1,", "p1,,01,");
    Run check = Cli.run("suggest", "--store", store, "--attribute", "style", "--check");
    assertThat(check.exit()).as(check.err()).isZero();
    assertThat(check.outLines().get(0)).startsWith("style.text ");
  }
}

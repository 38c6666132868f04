package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.lookalike.cli.Cli.Run;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a line of settings does, and what is said of one that can do nothing. */
class SettingsFileTest {

  private static final long SEED = 9;

  @TempDir static Path temp;
  private static Path shop;
  private static Path sold;

  @BeforeAll
  static void aShop() throws IOException {
    Path photos = Cli.photos(temp.resolve("photos"), 3, 6);
    shop = temp.resolve("shop");
    Run index = Cli.run("index", photos, "--store", shop, "--extractor", "lite0-fast");
    assertThat(index.exit()).as(index.err()).isZero();
    var random = new Random(SEED);
    List<String> ids = Cli.ids(photos);
    var rows = new ArrayList<>(List.of("product,time,customer"));
    for (int i = 0; i < 400; i++) {
      rows.add(
          ids.get(random.nextInt(ids.size()))
              + String.format(",2024-03-%02d,c%d", 1 + random.nextInt(14), random.nextInt(40)));
    }
    sold = Files.write(temp.resolve("sold.csv"), rows);
  }

  private static Run evaluate(Path out, Path purchases, String... lines) throws IOException {
    Path settings = Files.write(temp.resolve("settings.txt"), List.of(lines));
    return Cli.run(
        "evaluate",
        "--store",
        shop,
        "--purchases",
        purchases,
        "--settings",
        settings,
        "-k",
        "4",
        "--index",
        "bruteforce",
        "--out",
        out);
  }

  @Test
  @SuppressWarnings("unchecked")
  void whatAnOptionAsksForIsDone(@TempDir Path out) throws IOException {
    Run run =
        evaluate(
            out,
            sold,
            "plain: --rank similarity",
            "same: --rank similarity --same-as category",
            "buried: --rank similarity --bury 'category = \"hat\"'",
            "boosted: --boost 'category = '{'\"hat\"','\"no hat\"'}",
            "as the shop has it: --rank paper",
            "as it is: --rank paper --transform none");
    assertThat(run.exit()).as(run.err()).isZero();
    Map<String, Object> json = JSON.std.mapFrom(Files.readString(out.resolve("evaluation.json")));
    Map<String, Object> item = ((List<Map<String, Object>>) json.get("tasks")).get(0);
    var sameCategory = new HashMap<String, Double>();
    for (Map<String, Object> each : (List<Map<String, Object>>) item.get("settings")) {
      sameCategory.put(
          (String) each.get("setting"), ((List<Double>) each.get("same_category")).get(0));
    }
    assertThat(sameCategory.get("same")).isEqualTo(1);
    assertThat(sameCategory.get("plain")).isLessThan(1);
    assertThat((List<Map<String, String>>) json.get("settings"))
        .extracting(each -> each.get("description"))
        .filteredOn(description -> !description.contains("; transform catalogue-size; "))
        .as("settings without the store's own transform")
        .singleElement(InstanceOfAssertFactories.STRING)
        .endsWith("; --rank paper --transform none");
    assertThat(json.get("facts").toString())
        .contains("its transform catalogue-size fitted at each");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '|',
      delimiter = '!',
      textBlock =
          """
          --but category=hat ! leave --but out of settings; it is for one page
          --filter 'price < 40' ! leave --filter out of settings; it is for one page
          --pin 1 ! leave --pin out of settings; it is for one page
          --exclude 1 ! leave --exclude out of settings; it is for one page
          -k 3 ! leave -k out of settings; give it to evaluate, for all settings
          --k 3 ! unknown option --k; did you mean -k?
          --category-by typo ! no product has the attribute "typo"; there are category
          --at-most typo=2 ! no product has the attribute "typo"; there are category
          --same-as typo ! no product has the attribute "typo"; there are category
          --variants-by typo ! no product has the attribute "typo"; there are category
          --variants collapse ! no product has the attribute "product_code"; there are category
          --same-as {category,typo} ! no product has the attribute "typo"; there are category
          --boost 'typo < 40' ! no product has the attribute "typo"; there are category
          --bury "typo < 40" ! no product has the attribute "typo"; there are category
          --boost 'typo < '{20,40} ! no product has the attribute "typo"; there are category
          --boost '{"equal": {"typo": 40}}' ! no product has the attribute "typo"; there are category
          --boost 'typo < 40 ! the quote ' is not closed in --boost 'typo < 40; close it
          --candidates {24, ! the brace { is not closed in --candidates {24,; close it with }
          --candidates 24} ! the brace } closes none in --candidates 24}; put it in quotes, or open it with {
          --candidates {1,{2}} ! a brace opens within braces in --candidates {1,{2}}; put it in quotes, or leave it out
          --candidates many ! invalid value for option '--candidates': it is many, expected a whole number
          --rank sales hat ! unexpected argument "hat"
          --baseline=random --rank=sales ! --baseline stands alone; leave the other options out
          """)
  void whatCannotBeDoneIsRefused(String options, String message, @TempDir Path out)
      throws IOException {
    Run run = evaluate(out.resolve("report"), sold, "# one", "fine:", "x: " + options);
    assertThat(run.errLines())
        .containsExactly("lookalike: " + temp.resolve("settings.txt") + ", line 3: " + message);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(out.resolve("report")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"2050-12-31", "2099-12-31", "9999-12-31", "0001-01-01", "1753-01-01 00:00:00"})
  void aTimeThatCannotBeMovesNothing(String time, @TempDir Path out) throws IOException {
    var rows = new ArrayList<>(Files.readAllLines(sold));
    String product = rows.get(1).replaceAll(",.*", "");
    rows.add(1, product + "," + time + ",c1");
    Path purchases = Files.write(out.resolve("odd.csv"), rows);
    Run run = evaluate(out, purchases, "lot: --baseline random");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("odd.csv: purchases that are yet to come, or too long ago to be true, are left")
        .doesNotContain("unexpected");
    if (time.startsWith("2") || time.startsWith("9")) {
      assertThat(run.err())
          .contains("odd.csv:2: the time is \"" + time + "\", which is yet to come");
    }
    assertThat(Files.readString(out.resolve("evaluation.md")))
        .contains("cuts: [2024-03-08T00:00:00Z]", "from: 2024-03-01T00:00:00Z to 2024-03-14");
  }

  @Test
  void pastTimesAndQuantitiesCount(@TempDir Path out) throws IOException {
    var rows = new ArrayList<String>(List.of("product,time,customer,quantity"));
    Files.readAllLines(sold).stream().skip(1).forEach(row -> rows.add(row + ",1"));
    String product = rows.get(1).replaceAll(",.*", "");
    rows.add(product + ",1900-01-01,c1,3000000000");
    Path purchases = Files.write(out.resolve("many.csv"), rows);
    Run run = evaluate(out, purchases, "lot: --baseline random");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(Files.readString(out.resolve("evaluation.md")))
        .contains("from: 1900-01-01T00:00:00Z");

    rows.add(product + ",2024-03-01,c1," + Long.MAX_VALUE);
    Files.write(purchases, rows);
    run = evaluate(out, purchases, "lot: --baseline random");
    assertThat(run.errLines())
        .containsExactly(
            "lookalike: "
                + purchases
                + ": a purchase of "
                + product
                + " has 9223372036854775807 pieces, expected no more than 9223372036854775807 in all"
                + " purchases and returns");
    assertThat(run.exit()).isEqualTo(2);
  }

  @Test
  void featuresThatAreNoneAreToldWithTheirRow(@TempDir Path out) throws IOException {
    Path npy = Cli.npy(out.resolve("f.npy"), new float[] {1, 0}, new float[] {Float.NaN, 1});
    Files.write(out.resolve("f.ids.csv"), List.of("id", "a", "b"));
    Run run = evaluate(out.resolve("report"), sold, "fine:", "x: --vectors " + npy);
    assertThat(run.errLines())
        .containsExactly(
            "lookalike: "
                + temp.resolve("settings.txt")
                + ", line 2: "
                + npy
                + ", row 1 (id b): element 0 of the vector is NaN, expected a finite number");
    assertThat(run.exit()).isEqualTo(2);
    run = evaluate(out.resolve("report"), sold, "fine:", "x: --vectors " + out.resolve("no.npy"));
    assertThat(run.errLines())
        .containsExactly(
            "lookalike: "
                + temp.resolve("settings.txt")
                + ", line 2: there is no file "
                + out.resolve("no.npy"));
    assertThat(run.exit()).isEqualTo(2);
    Files.delete(out.resolve("f.ids.csv"));
    Files.createDirectory(out.resolve("f.ids.csv"));
    run = evaluate(out.resolve("report"), sold, "x: --vectors " + npy);
    assertThat(run.err()).startsWith("lookalike: " + temp.resolve("settings.txt") + ", line 1: ");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(out.resolve("report")).doesNotExist();
  }

  @Test
  void aFileThatIsNotUtf8IsToldOf(@TempDir Path out) throws IOException {
    Path settings = temp.resolve("latin.txt");
    Files.write(settings, "caf\u00e9: --rank paper\n".getBytes(StandardCharsets.ISO_8859_1));
    Run run =
        Cli.run(
            "evaluate",
            "--store",
            shop,
            "--purchases",
            sold,
            "--settings",
            settings,
            "--out",
            out.resolve("report"));
    assertThat(run.errLines())
        .containsExactly(
            "lookalike: "
                + settings
                + " holds bytes that are not UTF-8, expected UTF-8; save the file as UTF-8");
    assertThat(run.exit()).isEqualTo(2);
  }

  @Test
  void aHistoryOfTooFewDaysIsToldOf(@TempDir Path out) throws IOException {
    String id = Files.readAllLines(sold).get(1).replaceAll(",.*", "");
    for (List<String> rows :
        List.of(
            List.of(id + ",2024-03-01,c1"),
            List.of(id + ",2024-03-01,c1", id + ",2024-03-02,c1"))) {
      var lines = new ArrayList<>(List.of("product,time,customer"));
      lines.addAll(rows);
      Path few = Files.write(out.resolve("few.csv"), lines);
      Run run = evaluate(out.resolve("report"), few, "lot: --baseline random");
      assertThat(run.exit()).isEqualTo(2);
      assertThat(run.err())
          .startsWith("lookalike: --cut: the cut is 2024-02-2")
          .contains(
              ", expected a time with purchases before and after it, from 2024-03-01T00:00:00Z")
          .endsWith("; " + few + " spans too few days for 1 week to be asked about\n");
    }
    assertThat(out.resolve("report")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--weights", "--extractor", "--preprocessing", "--provider"})
  void aNetworkThatIsNotAskedForIsTold(String option) throws IOException {
    String id = Files.readAllLines(sold).get(1).replaceAll(",.*", "");
    Run run = Cli.run("similar", "--store", shop, id, option, "nope");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.err()).contains("--extractor and its options were not looked at");
    assertThat(Cli.run("similar", "--store", shop, id).err()).doesNotContain("--extractor");
  }
}

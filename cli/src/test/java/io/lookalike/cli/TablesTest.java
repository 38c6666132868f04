package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.cli.Cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables as other programs write them, and ids as shops have them, from the file to the page. */
class TablesTest {

  private static final List<String> ODD_IDS = List.of("a,b", "say \"hi\"", "size=42", "caf\u00e9");

  @TempDir static Path folder;
  private static List<String> photos;
  private static Path oddShop;

  @BeforeAll
  static void fixtures() throws IOException {
    Path all = Cli.photos(folder.resolve("all"), 2, 2);
    photos = new ArrayList<>();
    try (Stream<Path> files = Files.walk(all)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        Path photo = Files.copy(file, folder.resolve(file.getFileName().toString()));
        photos.add(photo.getFileName().toString());
      }
    }
    var odd = new StringBuilder("id,image,a=b\n");
    for (int i = 0; i < 4; i++) {
      odd.append('"').append(ODD_IDS.get(i).replace("\"", "\"\"")).append("\",");
      odd.append(photos.get(i)).append(",x\n");
    }
    Path table = Files.writeString(folder.resolve("odd.csv"), odd);
    oddShop = index("odd", table);
  }

  private static Path index(String name, Path table, Object... more) {
    Path store = folder.resolve(name);
    var args = new ArrayList<Object>(List.of("index", table, "-s", store));
    args.addAll(List.of("--extractor", "lite0-fast", "--quiet"));
    args.addAll(List.of(more));
    Run run = Cli.run(args.toArray());
    assertThat(run.exit()).as("%s", run).isZero();
    return store;
  }

  /** A catalogue of the four photos p0 to p3 with one more column. */
  private static Path table(String column, Object... values) throws IOException {
    var text = new StringBuilder("id,image," + column + "\n");
    for (int i = 0; i < 4; i++) {
      text.append("p" + i + "," + photos.get(i) + "," + values[i] + "\n");
    }
    return Files.writeString(folder.resolve(column + ".csv"), text);
  }

  private static List<String> ids(Run run) {
    assertThat(run.exit()).as("%s", run).isZero();
    return run.outLines().stream().skip(1).map(line -> line.strip().split(" +")[1]).toList();
  }

  private static Run similar(Path shop, Object... args) {
    var all = new ArrayList<Object>(List.of("similar", "-s", shop));
    all.addAll(List.of(args));
    return Cli.run(all.toArray());
  }

  @Test
  void longNumbersStayApartToTheDigit() throws IOException {
    long first = 100000000000000001L;
    Path shop = index("groups", table("gtin", first, first + 1, first + 2, first + 3));

    Run found = similar(shop, "p0", "--filter", "gtin = 100000000000000002");
    assertThat(ids(found)).containsExactly("p1");
    assertThat(found.out()).contains("gtin=100000000000000002");
    assertThat(ids(similar(shop, "p0", "--filter", "gtin > 100000000000000002")))
        .containsExactlyInAnyOrder("p2", "p3");
    assertThat(ids(similar(shop, "p0", "--variants", "collapse", "--variants-by", "gtin")))
        .hasSize(3);
  }

  @Test
  void codesThatAreOneNumberStayApart() throws IOException {
    Path table = table("style", "12.1", "12.10", "3E5", "300000");
    Path shop = index("styles", table);
    for (Path each : List.of(shop, index("texts", table, "--text", "style"))) {
      assertThat(ids(similar(each, "p0", "--variants", "collapse", "--variants-by", "style")))
          .hasSize(3);
      assertThat(ids(similar(each, "p0", "--at-most", "style=1"))).hasSize(3);
    }
    assertThat(ids(similar(shop, "p0", "--filter", "style > 12"))).hasSize(3);
    Run unknown =
        Cli.run("index", table, "-s", folder.resolve("none"), "--text", "styl", "--quiet");
    assertThat(unknown.exit()).isEqualTo(2);
    assertThat(unknown.err()).contains("there is no column \"styl\" to read as text");
  }

  @Test
  void anIdMayHoldWhatOptionsPutBetweenIds() {
    Run excluded = similar(oddShop, "size=42", "--exclude", "a,b");
    assertThat(excluded.exit()).as("%s", excluded).isZero();
    assertThat(excluded.out()).doesNotContain("a,b").contains("say \"hi\"", "caf\u00e9");
    Run several = similar(oddShop, "size=42", "--exclude", "say \"hi\", a,b,caf\u00e9");
    assertThat(several.exit()).as("%s", several).isZero();
    assertThat(several.out()).isEmpty();
    Run pinned = similar(oddShop, "size=42", "--pin", "caf\u00e9,a,b");
    assertThat(pinned.outLines().get(1)).contains("caf\u00e9");
    assertThat(pinned.outLines().get(2)).contains("a,b");
    Run why = similar(oddShop, "a,b", "--why-not", "size=42,say \"hi\"", "--why-not", "a,b");
    assertThat(why.outLines()).hasSize(3);
    assertThat(why.outLines().get(2)).startsWith("a,b  query");
    for (String option : List.of("--also-like", "--not-like")) {
      for (String name : List.of("size=42", "size=42=2", "say \"hi\"=.5", photos.get(0) + "=1e0")) {
        String path = name.startsWith("s") ? name : folder.resolve(name).toString();
        Run run = similar(oddShop, "a,b", option, path);
        assertThat(run.exit()).as("%s %s: %s", option, path, run).isZero();
      }
      for (String weight : List.of("0", "-1", "nan", "1e999", "x", "")) {
        Run run = similar(oddShop, "a,b", option, "size=42=" + weight);
        assertThat(run.exit()).as("%s", run).isEqualTo(2);
        assertThat(run.err())
            .isEqualTo(
                "lookalike: " + option + " is size=42=" + weight + ", expected a number above 0\n");
      }
    }
    assertThat(similar(oddShop, "a,b", "--at-most", "a=b=1").outLines()).hasSize(2);
  }

  @Test
  void anIdThatIsNotThereIsTold() {
    for (String option : List.of("--exclude", "--pin")) {
      Run run = similar(oddShop, "a,b", option, "size=42,nosuch");
      assertThat(run.exit()).isEqualTo(2);
      assertThat(run.err())
          .contains(option + " names \"nosuch\", which is no product of " + oddShop);
    }
  }

  @Test
  void aProductIsKnownInEitherUnicodeForm() throws IOException {
    String decomposed = "cafe\u0301";
    assertThat(similar(oddShop, decomposed).outLines()).hasSize(4);
    assertThat(similar(oddShop, "a,b", "--pin", decomposed).outLines().get(1))
        .contains("caf\u00e9");
    Path events = folder.resolve("events.csv");
    Files.writeString(
        events,
        "time,customer,event,product\n2024-03-01,ann,viewed,"
            + decomposed
            + "\n"
            + "2099-03-01,bob,viewed,size=42\n");
    Run page = similar(oddShop, "--customer", "ann", "--events", events, "--rank", "similarity");
    assertThat(page.outLines()).as("%s", page).hasSize(4);
    assertThat(page.err())
        .contains(
            "events.csv:3: the time is \"2099-03-01\", which is yet to come",
            "events fade as at 2024-03-01T00:00:00Z");
  }

  @Test
  void oneSaleFarAheadIsNotToday() throws IOException {
    Path table = table("name", "n0", "n1", "n2", "n3");
    var random = new Random(1);
    var sales = new StringBuilder("product,time\n");
    for (int i = 0; i < 40; i++) {
      sales.append("p" + (1 + random.nextInt(3)) + ",2024-03-" + (10 + random.nextInt(20)) + "\n");
    }
    Path before = Files.writeString(folder.resolve("before.csv"), sales);
    Path after = Files.writeString(folder.resolve("after.csv"), sales + "p1,2099-12-31\n");
    Path shop = index("before", table, "--purchases", before);
    Path ahead = index("after", table, "--purchases", after);
    for (String order : List.of("window:7", "decay:5", "trend:7")) {
      Run expected = similar(shop, "p0", "--popularity", order);
      Run found = similar(ahead, "p0", "--popularity", order);
      assertThat(ids(found)).as(order).isEqualTo(ids(expected)).isNotEmpty();
      assertThat(found.err())
          .startsWith("the last sale is of 2099-12-31, which is yet to come; what counts by age");
    }
  }

  @Test
  void returnsAndRowsDeliveredTwiceAreCountedRight() throws IOException {
    Path table = table("brand", "x", "y", "x", "y");
    Path sales = folder.resolve("sales.csv");
    Files.writeString(
        sales,
        """
        id,product,time,quantity
        r1,p1,2024-03-05,-2
        s1,p1,2024-03-01,3.0
        s2,p2,2024-03-01,
        s1,p1,2024-03-01,3.0
        s3,p3,2024-03-01,1
        r3,p3,2024-03-02,-5
        """);
    Path store = folder.resolve("returns");
    Run run =
        Cli.run("index", table, "-s", store, "--purchases", sales, "--extractor", "lite0-fast");
    assertThat(run.exit()).as("%s", run).isZero();
    assertThat(run.err())
        .contains("p3", "rows with an id that was met before, which do not count again: 1")
        .contains("purchases: 3;");
    Run page = similar(store, "p0", "--json");
    assertThat(page.out().replaceAll("\\s", ""))
        .contains("\"id\":\"p1\",\"score\":1.0", "\"id\":\"p2\",\"score\":1.0");
  }
}

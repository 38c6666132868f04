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
  void aNameCannotSteerATerminal() throws IOException {
    Path shop = index("steering", table("label", "a", "b\u001b[31mRED", "c\u202Egolden", "d"));
    Run page = similar(shop, "p0");
    assertThat(page.out())
        .contains("b<U+001B>[31mRED", "c<U+202E>golden")
        .doesNotContain("\u001b", "\u202E");
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
    assertThat(ids(similar(shop, "p0", "--but", "style=12.10"))).containsExactly("p1");
    assertThat(ids(similar(shop, "p3", "--but", "style=3E5"))).containsExactly("p2");
    assertThat(similar(shop, "p0", "--same-as", "style").err())
        .isEqualTo(
            "none of the other 3 products has the same style as what was asked about, as --same-as"
                + " wants\n");
    Run unknown =
        Cli.run("index", table, "-s", folder.resolve("none"), "--text", "styl", "--quiet");
    assertThat(unknown.exit()).isEqualTo(2);
    assertThat(unknown.err()).contains("there is no column \"styl\" to read as text");
  }

  @Test
  void codesThatAreOneNumberAreWithheldApart() throws IOException {
    Path table =
        Files.writeString(
            folder.resolve("two.csv"),
            "id,image,style,kind\np0,%s,12.1,a\np1,%s,12.10,b\n"
                .formatted(photos.get(0), photos.get(1)));
    Path shop = index("two", table, "--transform", "none");
    Run run =
        Cli.run("suggest", "-s", shop, "--attribute", "kind", "--check", "--variants-by", "style");
    assertThat(run.exit()).as("one of two designs is withheld: %s", run).isZero();
  }

  @Test
  void aDateIsFoundAsAFilterFindsIt() throws IOException {
    Object[] dates = {"2024-05-01", "2024-05-02", "2024-05-02", "2024-05-02 12:30:00"};
    Path shop = index("dates", table("launched", dates));
    for (String date : List.of("2024-05-02", "2024-05-02T12:30:00Z")) {
      assertThat(ids(similar(shop, "p0", "--but", "launched=" + date)))
          .as(date)
          .isNotEmpty()
          .containsExactlyInAnyOrderElementsOf(
              ids(similar(shop, "p0", "--filter", "launched = " + date)));
    }
    Run soon = similar(shop, "p0", "--but", "launched=soon");
    assertThat(soon.exit()).isEqualTo(2);
    assertThat(soon.err())
        .contains("--but is launched=soon, and launched is a date here, as in 2024-05-02");
  }

  @Test
  void anEmptyPageNamesWhatLeftNothing() throws IOException {
    Path table = table("color", "red", "blue", "blue", "black");
    Path sales = Files.writeString(folder.resolve("blues.csv"), "product,time\np1,2024-03-01\n");
    Path shop = index("colors", table, "--purchases", sales);
    List<List<String>> cases =
        List.of(
            List.of(
                "--but color=purpel",
                "none of the other 3 products has color=purpel, as --but wants; there are black,"
                    + " blue"),
            List.of(
                "--filter color=purpel",
                "none of the other 3 products matches --filter 'color=purpel'"),
            List.of(
                "--filter color=blue --but color=black",
                "none of the other 2 products that match has color=black, as --but wants; there are"
                    + " blue"),
            List.of("--exclude p1,p2,p3", "--exclude leaves out all of the other 3 products"),
            List.of(
                "--but color=blue --exclude p1,p2",
                "--exclude leaves out all of the other 2 products that match"),
            List.of(
                "--same-as color",
                "none of the other 3 products has the same color as what was asked about, as"
                    + " --same-as wants"),
            List.of(
                "--variants only --variants-by color",
                "--variants only leaves none of the other 3 products"),
            List.of(
                "--but color=black",
                "none of the other 1 products that match has sold; --rank similarity shows them"
                    + " all"));
    for (List<String> each : cases) {
      Run run =
          similar(
              shop, Stream.concat(Stream.of("p0"), Stream.of(each.get(0).split(" "))).toArray());
      assertThat(run.exit()).as("%s", run).isZero();
      assertThat(run.out()).isEmpty();
      assertThat(run.err()).as(each.get(0)).isEqualTo(each.get(1) + "\n");
    }
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

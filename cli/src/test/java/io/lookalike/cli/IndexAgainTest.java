package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.cli.Cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code index} into a store that is there, or was left by a run that was killed. */
class IndexAgainTest {

  @TempDir Path temp;

  private static Run ok(Object... args) {
    Run run = Cli.run(args);
    assertThat(run.exit()).as("%s", run).isZero();
    return run;
  }

  @Test
  void aKilledRunLosesNothingAndGoesOn() throws Exception {
    Path photos = Cli.photos(temp.resolve("photos"), 6, 30);
    int all = Cli.ids(photos).size();
    Path shop = temp.resolve("shop");
    Path log = temp.resolve("log");
    Object[] index = {"index", photos, "-s", shop, "--extractor", "lite0-fast"};
    long kept = Cli.killAtFeatures(Cli.start(log, index), log, shop, 1);
    assertThat(kept).as("killed before the end").isLessThan(all);

    Run again = ok(index);

    assertThat(again.err())
        .contains(
            "indexed " + all + " of " + all + " products in ",
            ", " + kept + " photos known before");
    assertThat(Cli.features(shop)).isEqualTo(all);
    Run third = ok("index", photos, "-s", shop); // with the store's own network
    assertThat(third.err()).contains(", " + all + " photos known before");
  }

  @Test
  void aProductWithoutAPhotoIsSoldAndGetsItsLooksLater() throws IOException {
    Path photos = Cli.photos(temp.resolve("photos"), 3, 3);
    List<String> ids = Cli.ids(photos);
    List<Path> files;
    try (Stream<Path> all = Files.walk(photos)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    var rows = new StringBuilder("id,image,kind\n");
    for (int i = 0; i < files.size(); i++) {
      rows.append(ids.get(i) + "," + temp.relativize(files.get(i)) + ",shirt\n");
    }
    Path table = temp.resolve("products.csv");
    Files.writeString(table, rows + "bare,,shirt\n");
    Path sales = temp.resolve("sales.csv");
    Files.writeString(sales, "product,time\nbare,2024-03-01\nbare,2024-03-02\n");
    Path shop = temp.resolve("shop");
    Object[] index = {
      "index", table, "-s", shop, "--purchases", sales, "--extractor", "lite0-fast"
    };

    Run first = ok(index);

    int all = ids.size() + 1;
    assertThat(first.err())
        .contains(
            "products.csv:" + (all + 1) + ": the product bare has no image, so that it is read",
            "indexed " + all + " of " + all + " products in ",
            "purchases: 2");
    assertThat(ok("similar", "-s", shop, ids.get(0), "--why-not", "bare").out())
        .contains("nothing is known of its looks");
    Run page = ok("similar", "-s", shop, "bare", "--rank", "similarity");
    assertThat(page.outLines()).hasSize(1 + ids.size());
    assertThat(page.err()).contains("nothing is known of the looks of bare");

    Files.copy(files.get(0), photos.resolve("bare.jpg"));
    Files.writeString(table, rows + "bare,photos/bare.jpg,shirt\n");
    ok(index);
    assertThat(ok("similar", "-s", shop, ids.get(0), "--rank", "similarity").outLines().get(1))
        .contains("bare");
  }

  @Test
  void whatAFailedFirstRunPutInStays() throws IOException {
    Path photos = Cli.photos(temp.resolve("photos"), 2, 3);
    List<String> ids = Cli.ids(photos);
    Files.writeString(photos.resolve("broken.jpg"), "this is no picture");
    Path shop = temp.resolve("shop");
    Object[] index = {"index", photos, "-s", shop, "--extractor", "lite0-fast"};
    Run strict = Cli.run(Stream.concat(Stream.of(index), Stream.of("--strict")).toArray());
    assertThat(strict.exit()).isEqualTo(1);
    assertThat(strict.err())
        .contains("photos that could not be read: 1; the others are in " + shop);
    assertThat(ok("similar", "-s", shop, ids.get(0), "-q").outLines()).hasSize(1 + 5);
    assertThat(ok(index).err()).contains(", 6 photos known before");
  }

  @Test
  void ofAFailedFirstRunThatPutNothingInNothingStays() throws IOException {
    Path broken = Files.createDirectories(temp.resolve("broken"));
    Files.writeString(broken.resolve("a.jpg"), "this is no picture");
    Path shop = temp.resolve("shop");
    for (boolean before : new boolean[] {false, true}) {
      if (before) {
        Files.createDirectory(shop);
      }
      for (String code : List.of("--strict", "--quiet")) {
        Run failed = Cli.run("index", broken, "-s", shop, "--extractor", "lite0-fast", code);
        assertThat(failed.exit()).as("%s", failed).isEqualTo(2);
      }
      if (before) {
        assertThat(shop).isEmptyDirectory();
      } else {
        assertThat(shop).doesNotExist();
      }
    }
  }

  @Test
  void whatIsGoneIsToldAndRemovedIfWanted() throws IOException {
    Path photos = Cli.photos(temp.resolve("photos"), 2, 3);
    List<String> ids = Cli.ids(photos);
    Path shop = temp.resolve("shop");
    ok("index", photos, "-s", shop, "--extractor", "lite0-fast", "--transform", "none");
    Path gone;
    try (var files = Files.walk(photos)) {
      gone = files.filter(f -> f.endsWith(ids.get(0) + ".jpg")).findAny().orElseThrow();
    }
    Files.delete(gone);

    assertThat(ok("index", photos, "-s", shop).err())
        .contains("indexed 5 of 5 products", "transform: none")
        .contains(
            "left in the store, though " + photos + " does not have them: 1; --prune removes them");
    assertThat(ok("similar", "-s", shop, ids.get(1), "-q").outLines()).hasSize(1 + 5);
    assertThat(ok("index", photos, "-s", shop, "--prune").err())
        .contains("removed, as " + photos + " does not have them: 1");
    assertThat(ok("similar", "-s", shop, ids.get(1), "-q").outLines()).hasSize(1 + 4);
    Run other = Cli.run("index", photos, "-s", shop, "--extractor", "lite0");
    assertThat(other.exit()).isEqualTo(2);
    assertThat(other.err()).contains("was made with the extractor ").hasLineCount(1);
  }

  @Test
  void aDamagedRowIsMendedByIndexingItsPhotoAgain() throws Exception {
    Path photos = Cli.photos(temp.resolve("photos"), 1, 4);
    Path shop = temp.resolve("shop");
    ok("index", photos, "-s", shop, "--extractor", "lite0-fast");
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + shop.resolve("lookalike.db"));
        Statement statement = connection.createStatement()) {
      assertThat(
              statement.executeUpdate(
                  "UPDATE features SET checksum = checksum + 1 WHERE rowid ="
                      + " (SELECT min(rowid) FROM features)"))
          .isEqualTo(1);
    }
    assertThat(Cli.run("store", "audit", shop).exit()).isNotZero();

    Run again = ok("index", photos, "-s", shop);

    assertThat(again.err()).contains("indexed 4 of 4 products", ", 3 photos known before");
    assertThat(ok("store", "audit", shop).exit()).isZero();
  }

  /** As after a kill between the lock and the database, and in the root of a volume. */
  @Test
  void whatAStoreLetsBeDoesNotStopIt() throws IOException {
    Path photos = Cli.photos(temp.resolve("photos"), 1, 3);
    Path shop = Files.createDirectories(temp.resolve("shop"));
    Files.createFile(shop.resolve("lookalike.lock"));
    Files.createDirectory(shop.resolve("lost+found"));
    ok("index", photos, "-s", shop, "--extractor", "lite0-fast");
    assertThat(ok("store", "info", shop).out()).contains("3");
  }

  @Test
  void nothingIsPrunedByWhatCouldNotBeRead() throws IOException {
    Path photos = Cli.photos(temp.resolve("photos"), 1, 3);
    List<String> ids = Cli.ids(photos);
    String folder = photos.getFileName() + "/" + photos.toFile().list()[0] + "/";
    var rows = new StringBuilder("id,image\n");
    ids.forEach(id -> rows.append(id + "," + folder + id + ".jpg\n"));
    Path table = Files.writeString(temp.resolve("p.csv"), rows);
    Path shop = temp.resolve("shop");
    ok("index", table, "-s", shop, "--extractor", "lite0-fast");

    Files.writeString(table, rows.toString().replace(ids.get(1) + ".jpg", "away.jpg"));
    Run run = ok("index", table, "-s", shop, "--prune");

    assertThat(run.err())
        .contains(
            "nothing was removed by --prune, as rows or files of " + table + " were skipped: 1");
    assertThat(ok("similar", "-s", shop, ids.get(1), "-q").outLines()).hasSize(1 + 2);
  }

  @Test
  void theSameSalesAreCountedOnce() throws IOException {
    Path photos = Cli.photos(temp.resolve("photos"), 1, 3);
    List<String> ids = Cli.ids(photos);
    Path shop = temp.resolve("shop");
    Path sales = temp.resolve("sales.csv");
    String[] rows = {ids.get(0) + ",2024-01-01,3", ids.get(1) + ",2024-01-02,-1"};
    Files.writeString(
        sales,
        "product,time,quantity\n" + rows[0] + "\n" + rows[1] + "\n" + ids.get(1) + ",2024-01-01,2");
    Object[] index = {
      "index", photos, "-s", shop, "--extractor", "lite0-fast", "--purchases", sales
    };
    assertThat(ok(index).err()).contains("purchases: 4;");
    assertThat(ok(index).err()).contains("purchases: 4;");
    // Without ids, a file is all that was sold.
    Files.writeString(sales, "product,time,quantity\n" + rows[0] + "\n");
    assertThat(ok(index).err()).contains("purchases: 3;");
    // With ids, it is what is to be added, but for what was added before.
    Files.writeString(sales, "product,time,quantity,id\n" + rows[0] + ",s1\n");
    assertThat(ok(index).err()).contains("purchases: 6;");
    Files.writeString(sales, Files.readString(sales) + ids.get(2) + ",2024-01-05,1,s2\n");
    assertThat(ok(index).err())
        .contains("purchases: 7;", "which do not count again: 1")
        .doesNotContain("2024");
    assertThat(ok("store", "info", shop).out())
        .contains("sales      7 pieces of 2 products, from 2024-01-01 to 2024-01-05");
    assertThat(ok("similar", "-s", shop, ids.get(1), "-q").outLines()).hasSize(1 + 2);
  }
}

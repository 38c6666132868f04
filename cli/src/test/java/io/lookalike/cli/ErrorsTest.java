package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.lookalike.cli.Cli.Run;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.jdbc.JdbcStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs every command that docs/errors.md lists, and compares what is said about it. */
class ErrorsTest {

  private static final Path TABLE = Path.of("..", "docs", "errors.md");
  private static final Pattern ROW = Pattern.compile("\\| `(.*)` \\| `(.*)` \\| (\\d) \\|");
  private static final Set<String> TAKES_A_PATH =
      Set.of(
          "-o",
          "--out",
          "-s",
          "--store",
          "--vectors",
          "--queries",
          "--truth",
          "--purchases",
          "--weights",
          "--categories",
          "--events",
          "--articles",
          "--images",
          "--settings",
          "--html");

  @TempDir static Path folder;
  private static CatalogueStore used;

  record Case(String command, String message, int exit) {
    @Override
    public String toString() {
      return command;
    }
  }

  static List<Case> table() throws IOException {
    String section =
        Files.readString(TABLE).split("## Command line\n", -1)[1].split("\n## ", -1)[0];
    var cases = new ArrayList<Case>();
    Matcher rows = ROW.matcher(section);
    while (rows.find()) {
      cases.add(
          new Case(
              rows.group(1).replace("\\|", "|"),
              rows.group(2).replace("\\|", "|"),
              Integer.parseInt(rows.group(3))));
    }
    assertThat(cases).hasSizeGreaterThan(30);
    assertThat(section.lines().filter(line -> line.startsWith("| `"))).hasSize(cases.size());
    return cases;
  }

  @BeforeAll
  static void fixtures() throws IOException {
    Path photos = Cli.photos(at("photos"), 2, 3);
    Files.createDirectory(at("empty"));
    Path photo;
    try (Stream<Path> files = Files.walk(photos)) {
      photo = files.filter(Files::isRegularFile).sorted().findFirst().orElseThrow();
    }
    Files.createDirectories(at("some-broken"));
    Files.copy(photo, at("some-broken/100.jpg"));
    Files.writeString(at("some-broken/200.jpg"), "this is no picture");
    Files.createDirectories(at("all-broken"));
    Files.copy(at("some-broken/200.jpg"), at("all-broken/200.jpg"));
    Files.writeString(at("products.csv"), "id,image\na,some-broken/100.jpg\nb,missing.jpg\n");
    Files.writeString(at("purchases.csv"), "product,when\n100,2024-01-01\n");
    Files.createDirectories(at("notes"));
    Files.writeString(at("notes/notes.txt"), "x");

    assertThat(Cli.run("index", photos, "--store", at("shop"), "--extractor", "lite0-fast").exit())
        .isZero();
    changedCopy("another", "UPDATE manifest SET value = 'another/1' WHERE name LIKE '%.extractor'");
    changedCopy("strange", "UPDATE transform SET rule = 'strange'");
    changedCopy("newer", "UPDATE store SET schema_version = 99");
    changedCopy("unfinished", "INSERT INTO manifest VALUES ('unfinished', 'the import of files')");
    changedCopy("void", "DELETE FROM manifest");
    changedCopy("damaged", "SELECT 1");
    byte[] bytes = Files.readAllBytes(at("damaged/lookalike.db"));
    Arrays.fill(bytes, 0, 100, (byte) 'x');
    Files.write(at("damaged/lookalike.db"), bytes);
    changedCopy("used", "SELECT 1");
    used = JdbcStore.sqlite(at("used"));
    copy(Path.of("src", "test", "resources", "io", "lookalike", "cli", "lookalike-store-3"), "old");

    for (String exported : List.of("minus", "cut", "blind", "part")) {
      assertThat(Cli.run("store", "export", at("shop"), at(exported)).exit()).isZero();
    }
    Files.writeString(at("minus/sales.csv"), "product,day,pieces\n100001,2024-01-01,-99\n");
    Files.write(at("cut/transform.bin"), new byte[1]);
    Cli.npy(at("blind/features.npy"), new float[6][1280]);
    Files.delete(at("part/sales.csv"));

    Files.writeString(at("sold.csv"), "product,time,customer\n100,2024-01-01,c\n");
    Files.writeString(
        at("few.csv"), "product,time,customer\n" + Cli.ids(photos).get(0) + ",2024-01-01,c\n");
    Files.writeString(at("nobody.csv"), "product,time\n100,2024-01-01\n");
    Files.writeString(at("strange.txt"), "# none\n");
    Files.writeString(at("typo.txt"), "ours: --blend ranks:2\n");
    Files.writeString(at("page.txt"), "ours: --but color=red\n");
    Files.writeString(at("brand.txt"), "ours: --same-as brand\n");
    Files.writeString(at("open.txt"), "ours: --candidates {24,\n");
    Files.writeString(at("quote.txt"), "ours: --boost 'price < 40\n");
    Files.writeString(at("noname.txt"), "--rank balanced\n");
    Files.writeString(at("novectors.txt"), "ours: --vectors " + at("missing.npy") + "\n");
    Files.writeString(at("nan.txt"), "ours: --vectors " + at("nan.npy") + "\n");
    Files.write(at("latin.txt"), new byte[] {'c', 'a', 'f', (byte) 0xe9, ':', '\n'});
    Cli.npy(at("f.npy"), new float[] {1, 0}, new float[] {1, 1});
    Files.writeString(at("text.npy"), "1,2,3\n");
    Files.createFile(at("void.npy"));
    Cli.npy(at("int.npy"), 1, "<i8", "False", "1, 2", new byte[16]);
    Cli.npy(at("fortran.npy"), 1, "<f4", "True", "1, 2", new byte[8]);
    Cli.npy(at("flat.npy"), 1, "<f4", "False", "2,", new byte[8]);
    Cli.npy(at("none.npy"), 1, "<f4", "False", "0, 2", new byte[0]);
    Cli.npy(at("cut.npy"), 1, "<f4", "False", "3, 2", new byte[20]);
    Cli.npy(at("future.npy"), 4, "<f4", "False", "1, 2", new byte[8]);
    Cli.npy(at("zero.npy"), new float[] {1, 0}, new float[] {0, 0});
    Cli.npy(at("nan.npy"), new float[] {1, Float.NaN});
    Cli.npy(at("fewer.npy"), new float[] {1, 0}, new float[] {1, 1});
    Files.writeString(at("fewer.ids.csv"), "id\na\n");
    Cli.npy(at("twice.npy"), new float[] {1, 0}, new float[] {1, 1});
    Files.writeString(at("twice.ids.csv"), "id\na\na\n");
    Cli.npy(at("nameless.npy"), new float[] {1, 0});
    Files.writeString(at("nameless.ids.csv"), "product\na\n");
    Cli.npy(at("wide.npy"), new float[] {1, 0, 0});
    Files.write(at("cut.fvecs"), new byte[] {2, 0, 0, 0, 0, 0, 0, 0});
    Files.write(at("odd.fvecs"), new byte[] {-1, -1, -1, -1});
    Files.write(at("huge.idx"), new byte[] {0, 0, 8, 2, 0, 0, 0, 5, 0, 0, 0, 1, 7});
    Files.write(at("labels.idx"), new byte[] {0, 0, 8, 1, 0, 0, 0, 1, 7});
    Files.write(at("no.hdf5"), new byte[] {(byte) 0x89, 'H', 'D', 'F', 0, 0, 0, 0});
    try (WritableHdfFile far = HdfFile.write(at("far.hdf5"));
        WritableHdfFile group = HdfFile.write(at("group.hdf5"));
        WritableHdfFile bare = HdfFile.write(at("bare.hdf5"))) {
      far.putDataset("neighbors", new long[][] {{0}, {1L << 40}});
      group.putGroup("train");
      bare.putAttribute("distance", "angular");
    }
    Files.write(at("repeated.ivecs"), new byte[] {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    Cli.npy(at("q.npy"), new float[] {1, 0});
    Files.write(at("cut.gz"), new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0});
    Files.write(at("other.ivecs"), new byte[] {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0});
    Files.write(at("one.ivecs"), new byte[] {1, 0, 0, 0, 1, 0, 0, 0});
    Files.write(at("beyond.ivecs"), new byte[] {1, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0});
  }

  @AfterAll
  static void close() {
    used.close();
  }

  @ParameterizedTest
  @MethodSource("table")
  void isAsTheTableSays(Case c) throws IOException {
    List<String> before = files();
    Run run = Cli.run(arguments(c.command));
    String said = run.err().replace(folder + "/", "").replace(folder.toString(), ".");
    said = said.replace("process " + ProcessHandle.current().pid(), "process 4711");
    said = said.strip().replace("\n", "`<br>`");
    assertThat(said).isEqualTo(c.message);
    assertThat(run.exit()).isEqualTo(c.exit);
    assertThat(run.out()).isEmpty();
    if (c.exit == 2) {
      assertThat(files()).as("nothing is left behind").isEqualTo(before);
    }
  }

  /** Splits a command as a shell does, and places its files in the folder of this test. */
  private static Object[] arguments(String command) {
    var args = new ArrayList<Object>();
    Matcher words = Pattern.compile("'([^']*)'|(\\S+)").matcher(command);
    while (words.find()) {
      String word = words.group(1) == null ? words.group(2) : words.group(1);
      String before = args.isEmpty() ? "" : args.get(args.size() - 1).toString();
      boolean ofStore = args.size() == 2 || (args.size() == 3 && !args.get(1).equals("forget"));
      boolean path =
          (ofStore && args.get(0).equals("store"))
              || TAKES_A_PATH.contains(before)
              || before.equals("embed")
              || before.equals("index")
              || word.equals("photos")
              || word.endsWith(".jpg");
      args.add(path && !word.startsWith("-") && !word.startsWith("jdbc:") ? at(word) : word);
    }
    return args.toArray();
  }

  private static List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.map(Path::toString).sorted().toList();
    }
  }

  private static Path at(String name) {
    return folder.resolve(name);
  }

  private static void changedCopy(String copy, String sql) throws IOException {
    copy(at("shop"), copy);
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + at(copy).resolve("lookalike.db"));
        Statement change = connection.createStatement()) {
      change.execute(sql);
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }

  private static void copy(Path from, String to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, at(to).resolve(from.relativize(file).toString()));
      }
    }
  }
}

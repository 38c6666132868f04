package io.lookalike.cli;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Customer;
import io.lookalike.Event;
import io.lookalike.RecommendationRequest;
import io.lookalike.Recommender;
import io.lookalike.Sessions;
import io.lookalike.catalog.Attributes;
import io.lookalike.cli.Cli.Run;
import io.lookalike.datasets.EventsCsv;
import io.lookalike.features.CatalogueTransform;
import io.lookalike.index.bruteforce.BruteForceIndex;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoredProduct;
import io.lookalike.store.jdbc.JdbcStore;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done with a store as a whole. */
class StoreCommandTest {

  /** Saved by the last version that had no store: 60 products, and two odd ones. */
  private static final Path OLD =
      Path.of("src", "test", "resources", "io", "lookalike", "cli", "lookalike-store-3");

  private static final Attributes ODD =
      Attributes.none()
          .with("name", "Brille – größer, \"rund\"\nzweite Zeile")
          .with("price", 19.95)
          .with("whole", 9007199254740993L)
          .with("sale", false)
          .with("launched", Instant.parse("2020-01-01T10:11:12.000000013Z"))
          .with("tags", Set.of("a", "b,c", ""))
          .with("é😀", "x");

  @TempDir Path temp;

  /** All that a store holds, but for its id and the numbers of changes. */
  private record Content(
      Map<String, Attributes> products,
      Map<String, List<Float>> features,
      Map<String, Map<LocalDate, Long>> sales,
      Set<String> purchaseIds,
      List<StoreChange> events,
      String transform) {

    static Content of(Path folder) throws IOException {
      try (CatalogueStore store = JdbcStore.sqlite(folder)) {
        Map<String, Attributes> products = new TreeMap<>();
        Map<String, List<Float>> features = new TreeMap<>();
        try (StoreCursor<StoredProduct> all = store.products(1, 0)) {
          while (all.hasNext()) {
            StoredProduct product = all.next();
            products.put(product.id(), product.attributes());
            if (product.features() != null) {
              var row = new ArrayList<Float>();
              for (float feature : product.features()) {
                row.add(feature); // boxed, -0 and 0 differ
              }
              features.put(product.id(), row);
            }
          }
        }
        Map<String, Map<LocalDate, Long>> sales = new TreeMap<>();
        try (StoreCursor<StoreChange> all = store.sales(0)) {
          while (all.hasNext()) {
            if (all.next() instanceof StoreChange.Sold sold) {
              sales
                  .computeIfAbsent(sold.productId(), id -> new HashMap<>())
                  .merge(sold.day(), sold.pieces(), Long::sum);
            }
          }
        }
        Set<String> ids = new TreeSet<>();
        try (StoreCursor<String> all = store.purchaseIds()) {
          all.forEachRemaining(ids::add);
        }
        var events = new ArrayList<StoreChange>();
        try (StoreCursor<StoreChange> all = store.events(0)) {
          all.forEachRemaining(events::add);
        }
        var transform =
            store.transform(1).map(t -> t.rule() + t.description() + Arrays.toString(t.body()));
        return new Content(products, features, sales, ids, events, transform.orElse(""));
      }
    }
  }

  private static Run ok(Object... args) {
    Run run = Cli.run(args);
    assertThat(run.exit()).as("%s", run).isZero();
    return run;
  }

  private Path converted() {
    Path shop = temp.resolve("shop");
    ok("store", "convert", OLD, shop);
    return shop;
  }

  @Test
  void theIndexIsMadeAnewBesideTheStore() {
    Path shop = converted();
    Run first = ok("store", "reindex", shop, "--index", "hnsw");
    assertThat(first.err()).contains("indexed 61 products").contains("--index hnsw");
    assertThat(ok("store", "info", shop).out())
        .containsPattern("index +index-.*, 0 products changed since");
    assertThat(ok("store", "audit", shop).exit()).isZero();
  }

  @Test
  void anIndexThatIsKeptNowhereIsRefusedBeforeItIsMade() {
    Path shop = converted();
    Run run = Cli.run("store", "reindex", shop, "--index", "bruteforce");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .contains("--index is bruteforce, which is not kept anywhere; expected hnsw or a cluster")
        .hasLineCount(1);
  }

  @Test
  void aWayBackNeedsTheStoreItself() {
    Path none = temp.resolve("none");
    Run run =
        Cli.run("store", "reindex", none, "--index", "opensearch:http://localhost:1", "--back");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains(none + " is no folder").hasLineCount(1);
  }

  @Test
  void aCustomerWithALineBreakIsOneLine() {
    Run run = ok("store", "forget", converted(), "c1\nx");
    assertThat(run.err()).contains("knows nothing of c1<U+000A>x").hasLineCount(1);
  }

  @Test
  void anOldCatalogueIsConvertedWithoutLoss() throws IOException {
    Map<String, Long> before = files(OLD);
    Path shop = temp.resolve("new/shop");
    Run run = ok("store", "convert", OLD, shop);
    assertThat(run.err())
        .isEqualTo(
            "converted 62 products and 12 pieces sold into "
                + shop
                + "; "
                + OLD
                + " stays as it was\n");
    assertThat(files(OLD)).isEqualTo(before);

    Content content = Content.of(shop);
    assertThat(content.products).hasSize(62).containsEntry("0215303002", ODD);
    assertThat(content.products.get("p3").get("price")).isEqualTo(10.75);
    assertThat(content.features).hasSize(61).doesNotContainKey("without looks");
    assertThat(content.features.get("0215303002"))
        .containsExactly(1f, -0f, Float.MIN_VALUE, 3e38f, -1f, 2f);
    assertThat(content.sales.get("p1"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                LocalDate.EPOCH,
                3L,
                LocalDate.parse("2020-01-02"),
                2L,
                LocalDate.parse("2020-01-03"),
                -1L));
    assertThat(content.sales.get("not in the catalogue"))
        .containsEntry(LocalDate.parse("1969-12-31"), 7L);
    assertThat(content.purchaseIds).containsExactlyInAnyOrder("sale-1", "back-1", "é");

    try (Recommender opened =
        Recommender.builder()
            .dimension(6)
            .transform(CatalogueTransform.pca(256))
            .index(BruteForceIndex.factory())
            .store(shop)
            .build()) {
      assertThat(opened.similarTo("p1", 3).stream().map(r -> r.id()))
          .containsExactly("p59", "p34", "p0");
      assertThat(opened.transform().description()).contains("fitted on 60 products");
      assertThat(opened.purchases().total()).isEqualTo(12);
    }
  }

  /** As docs/store.md asks what was sold. */
  private static List<String> query(Path shop, String sql) throws SQLException {
    var rows = new ArrayList<String>();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + shop.resolve("lookalike.db"));
        Statement query = connection.createStatement();
        ResultSet all = query.executeQuery(sql)) {
      while (all.next()) {
        var row = new ArrayList<String>();
        for (int i = 1; i <= all.getMetaData().getColumnCount(); i++) {
          row.add(all.getString(i));
        }
        rows.add(String.join("|", row));
      }
    }
    return rows;
  }

  @Test
  void purchasesThatWereCountedLeaveTheirIdsAndNoSales() throws Exception {
    Path shop = converted();
    Path out = temp.resolve("files");
    ok("store", "export", shop, out);
    Path copy = temp.resolve("copy");
    ok("store", "import", out, copy);
    for (Path each : List.of(shop, copy)) {
      assertThat(query(each, "SELECT id FROM purchase ORDER BY num"))
          .containsExactlyInAnyOrder("sale-1", "back-1", "é");
      assertThat(query(each, "SELECT day, sum(pieces) FROM sold_day GROUP BY day ORDER BY day"))
          .containsExactly(
              "1969-12-31|7", "1970-01-01|3", "2020-01-02|2", "2020-01-03|-1", "2024-02-29|1");
      assertThat(query(each, "SELECT DISTINCT product_id FROM sold_day")).hasSize(3);
      assertThat(query(each, "SELECT purchase_id FROM sold WHERE purchase_id IS NOT NULL"))
          .isEmpty();
    }
  }

  @Test
  void whatIsInTheWayOfAConversionIsSaid() throws IOException {
    Path shop = converted();
    Run again = Cli.run("store", "convert", OLD, shop);
    assertThat(again.err())
        .isEqualTo("lookalike: " + shop + " holds a catalogue already; name a new folder\n");
    assertThat(again.exit()).isEqualTo(2);
    Run old = Cli.run("similar", "--store", OLD, "p1");
    assertThat(old.err()).contains("store convert " + OLD + " NEW").hasLineCount(1);
    assertThat(Cli.run("store", "convert", shop, temp.resolve("x")).err())
        .contains("holds no catalogue of an earlier version");

    Path damaged = Files.createDirectory(temp.resolve("damaged"));
    try (Stream<Path> all = Files.list(OLD)) {
      for (Path file : all.toList()) {
        Files.copy(file, damaged.resolve(file.getFileName()));
      }
    }
    byte[] bytes = Files.readAllBytes(damaged.resolve("products-1.bin"));
    bytes[99] ^= 1;
    Files.write(damaged.resolve("products-1.bin"), bytes);
    Path left = temp.resolve("left");
    assertThat(Cli.run("store", "convert", damaged, left).err())
        .contains("products-1.bin is damaged: its CRC-32C is");
    // What was begun is no store yet, and is another's no more.
    assertThat(Cli.run("similar", "--store", left, "p1").err())
        .contains("the store is not complete yet: the conversion of ");
    assertThat(Cli.run("store", "convert", OLD, left).err()).contains("what is left of");
    bytes[99] ^= 1;
    Files.write(damaged.resolve("products-1.bin"), bytes);
    ok("store", "convert", damaged, left);
    assertThat(Content.of(left)).isEqualTo(Content.of(shop));
  }

  private Recommender withSessions(Path shop) {
    return Recommender.builder()
        .dimension(6)
        .transform(CatalogueTransform.pca(256))
        .index(BruteForceIndex.factory())
        .sessions(Sessions.builder().timeToLive(Duration.ofDays(100_000)).build())
        .keepSessions()
        .store(shop)
        .build();
  }

  @Test
  void whatIsExportedIsImportedAsItWas() throws IOException {
    Path shop = converted();
    Instant time = Instant.parse("2024-02-29T23:59:59.123456789Z");
    Customer odd = new Customer("Laden \"2\"", "é, \uD83D\uDE00");
    List<Event> events =
        List.of(
            new Event(Customer.of("ann"), Event.Kind.VIEWED, "p1", time),
            new Event(odd, Event.Kind.DISMISSED, "gone, or \"not\"", time.plusNanos(1)),
            new Event(Customer.of("ann"), Event.Kind.ADDED, "p2", time, "e 1,2"),
            new Event(Customer.of("bob"), Event.Kind.BOUGHT, "p3", time));
    try (Recommender opened = withSessions(shop)) {
      events.forEach(opened::record);
    }
    Path out = temp.resolve("files");
    assertThat(ok("store", "export", shop, out).err())
        .startsWith(
            "exported 62 products, 61 of them with features, 13 pieces sold, 3 events of"
                + " sessions, and 1 purchases kept with their customers from ");
    assertThat(files(out).keySet())
        .containsExactlyInAnyOrder(
            "products.csv",
            "features.npy",
            "features.ids.csv",
            "sales.csv",
            "purchase-ids.csv",
            "events.csv",
            "transform.bin",
            "manifest.json");
    assertThat(Files.readString(out.resolve("sales.csv")))
        .contains("p1,1970-01-01,3\n")
        .startsWith("product,day,pieces\n");
    Path copy = temp.resolve("copy");
    ok("store", "import", out, copy);
    assertThat(Content.of(copy)).isEqualTo(Content.of(shop));
    assertThat(Content.of(copy).events).hasSize(4);
    RecommendationRequest request = RecommendationRequest.forCustomer(Customer.of("ann")).k(5);
    try (Recommender before = withSessions(shop);
        Recommender after = withSessions(copy)) {
      assertThat(after.sessions().size()).isEqualTo(before.sessions().size());
      assertThat(after.recommend(request).ids()).isEqualTo(before.recommend(request).ids());
    }
    // As other commands read it; a shop that does not hand sessions on leaves it out.
    var read = new ArrayList<Event>();
    EventsCsv.of(out.resolve("events.csv")).strict().read(read::add);
    assertThat(read)
        .extracting(Event::customer)
        .containsExactly(Customer.of("ann"), odd, Customer.of("ann"), Customer.of("bob"));
    Files.delete(out.resolve("events.csv"));
    Path without = temp.resolve("without");
    ok("store", "import", out, without);
    assertThat(Content.of(without).events).isEmpty();
    assertThat(Content.of(without).products).isEqualTo(Content.of(shop).products);
    assertThat(Cli.run("store", "export", shop, out).err()).contains("holds files already");
    assertThat(Cli.run("store", "import", shop, temp.resolve("x")).err())
        .contains("holds no exported store");
  }

  @Test
  void aTableThatWasEditedIsReadOrRefusedByItsLine() throws IOException {
    Path out = temp.resolve("files");
    ok("store", "export", converted(), out);
    Path products = out.resolve("products.csv");
    String table = Files.readString(products);
    Files.writeString(products, table.replaceFirst("dress", "\"\"\"\""));
    Run run = Cli.run("store", "import", out, temp.resolve("a"));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("products.csv:4: category:text is \"\"\"").hasLineCount(1);
    Files.writeString(products, table.replaceFirst("price:number", "price"));
    assertThat(Cli.run("store", "import", out, temp.resolve("b")).err())
        .contains("products.csv:1: the column \"price\" has no type");
    Files.writeString(products, table.replaceFirst("dress", "skirt"));
    ok("store", "import", out, temp.resolve("c"));
  }

  @Test
  void tablesInAnotherCharacterSetAreRefused() throws IOException {
    Path out = temp.resolve("files");
    ok("store", "export", converted(), out);
    for (String name : List.of("products.csv", "sales.csv", "features.ids.csv")) {
      Path table = out.resolve(name);
      String good = Files.readString(table);
      Files.write(table, good.replace("p1", "\u00E9").getBytes(StandardCharsets.ISO_8859_1));

      assertThat(Cli.run("store", "import", out, temp.resolve(name + "-store")).err())
          .contains(name, "export it as UTF-8 again");
      Files.writeString(table, good);
    }
  }

  @Test
  void filesThatAreNotAllThereAreRefused() throws IOException {
    Path out = temp.resolve("files");
    ok("store", "export", converted(), out);
    Path products = out.resolve("products.csv");
    String table = Files.readString(products);
    Files.writeString(
        products, table.substring(0, table.lastIndexOf('\n', table.length() - 2) + 1));
    assertThat(Cli.run("store", "import", out, temp.resolve("a")).err())
        .containsPattern("which does not come at its turn|hold 61 products, expected the 62");
    Files.writeString(products, table);

    Path sales = out.resolve("sales.csv");
    String sold = Files.readString(sales);
    Files.writeString(sales, sold.replace("p1,1970-01-01,3\n", ""));
    Run run = Cli.run("store", "import", out, temp.resolve("b"));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .contains("hold 9 pieces, expected the 12 of manifest.json; export again")
        .hasLineCount(1);
    Files.writeString(sales, sold);

    Path manifest = out.resolve("manifest.json");
    String counts = Files.readString(manifest);
    Files.writeString(manifest, counts.replaceAll("(\"pieces\" ?: ?)12", "$112.5"));
    assertThat(Cli.run("store", "import", out, temp.resolve("d")).err())
        .contains("manifest.json is damaged: pieces is 12.5; export again")
        .hasLineCount(1);
    Files.writeString(manifest, counts);

    Path counted = out.resolve("purchase-ids.csv");
    String purchases = Files.readString(counted);
    Files.writeString(counted, "id\n");
    assertThat(Cli.run("store", "import", out, temp.resolve("e")).err())
        .contains("hold 0 purchase-ids, expected the 3 of manifest.json; export again")
        .hasLineCount(1);
    Files.writeString(
        manifest, counts.lines().filter(l -> !l.contains("purchase-ids")).collect(joining("\n")));
    ok("store", "import", out, temp.resolve("of an earlier version"));
    Files.writeString(manifest, counts);
    Files.writeString(counted, purchases);

    Path ids = out.resolve("features.ids.csv");
    List<String> lines = Files.readAllLines(ids);
    Files.write(ids, lines.stream().map(id -> id.equals("id") ? id : lines.get(1)).toList());
    assertThat(Cli.run("store", "import", out, temp.resolve("c")).err())
        .contains("hold 1 products with features, expected the 61 of manifest.json")
        .hasLineCount(1);
  }

  /** An exported file with some text in the place of another. */
  private static void change(Path file, String from, String to) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(from);
    Files.writeString(file, text.replace(from, to));
  }

  /** Files of which no store can be made that opens, and nothing is begun. */
  private void assertRefused(Path out, String... said) {
    Path shop = temp.resolve("refused");
    Run run = Cli.run("store", "import", out, shop);
    assertThat(run.err()).contains(said).hasLineCount(1);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(shop).doesNotExist();
  }

  @Test
  void salesThatCannotBeCountedAreRefused() throws IOException {
    Path out = temp.resolve("files");
    ok("store", "export", converted(), out);
    Path sales = out.resolve("sales.csv");
    String good = Files.readString(sales);
    for (String[] bad :
        new String[][] {
          {"p1,1970-01-01,3", "p1,1970-01-01,-99", "sales.csv:5: of p1 -98 pieces were sold"},
          {"p1,1970-01-01,3", "p1,1970-01-01," + Long.MAX_VALUE, "sales.csv:3: with 9223"},
          {"p1,1970-01-01,3", "p1,1970-01-01," + Long.MIN_VALUE, "sales.csv:3: with -9223"},
          {"p1,1970-01-01,3", "p1,1970-01-01", "has 2 fields, but first record had 3"},
          {"p1,1970-01-01,3", " ,1970-01-01,3", "sales.csv:3: the product is blank"},
        }) {
      change(sales, bad[0], bad[1]);
      assertRefused(out, bad[2]);
      Files.writeString(sales, good);
    }
    Files.delete(sales);
    assertRefused(out, "there is no file ", "sales.csv; export again");
  }

  @Test
  void aTransformThatCannotBeReadIsRefused() throws IOException {
    Path out = temp.resolve("files");
    ok("store", "export", converted(), out);
    Path file = out.resolve("transform.bin");
    byte[] good = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(good, 1));
    assertRefused(out, "transform.bin is damaged: it ends too early; export again");
    Files.write(file, Arrays.copyOf(good, good.length + 1));
    assertRefused(out, "transform.bin is damaged: it has 1 bytes too many");
    Files.write(file, new byte[] {0, 0, 0, 7});
    assertRefused(out, "transform.bin is damaged: it takes 7 features, expected 6");
    Files.write(file, new byte[] {-128, 0, 0, 7});
    assertRefused(out, "transform.bin is damaged: the transform begins with");
    Files.delete(file);
    assertRefused(out, "there is no file ", "transform.bin; export again");
    change(out.resolve("manifest.json"), "\"dimension\" : 6", "\"dimension\" : 0");
    assertRefused(out, "manifest.json is damaged: dimension is 0");
  }

  @Test
  void featuresWithoutADirectionAreRefused() throws IOException {
    Path out = temp.resolve("files");
    ok("store", "export", converted(), out);
    Path npy = out.resolve("features.npy");
    String id = Files.readAllLines(out.resolve("features.ids.csv")).get(3);
    var rows = new float[61][6];
    for (float[] row : rows) {
      row[0] = 1;
    }
    rows[2][5] = Float.NaN;
    Cli.npy(npy, rows);
    assertRefused(out, "features.npy, row 2 (id " + id + "): element 5 of the vector is NaN");
    rows[2] = new float[6];
    Cli.npy(npy, rows);
    assertRefused(out, "features.npy, row 2 (id " + id + "): all 6 elements of the vector are 0");
  }

  @Test
  void aProductThatComesTwiceIsRefused() throws IOException {
    Path out = temp.resolve("files");
    ok("store", "export", converted(), out);
    Path products = out.resolve("products.csv");
    String table = Files.readString(products);
    int row = table.indexOf("\np3,");
    Files.writeString(products, table + table.substring(row + 1, table.indexOf('\n', row + 1) + 1));
    assertRefused(out, "products.csv:65: the id p3 occurs twice, first in line ");
  }

  @Test
  void anImportDoneAgainLeavesNothingOfTheTimeBefore() throws Exception {
    Path shop = converted();
    try (Recommender opened = withSessions(shop)) {
      opened.record(new Event(Customer.of("ann"), Event.Kind.VIEWED, "p1", Instant.now()));
      opened.record(new Event(Customer.of("ann"), Event.Kind.BOUGHT, "p1", Instant.now()));
    }
    Path out = temp.resolve("files");
    ok("store", "export", shop, out);
    Path again = temp.resolve("again");
    ok("store", "import", out, again);
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + again.resolve("lookalike.db"));
        Statement change = connection.createStatement()) {
      // As one that was stopped at its end; what was written by then is all there.
      change.execute("DELETE FROM manifest");
      change.execute("INSERT INTO manifest VALUES ('unfinished', 'the import of " + out + "')");
    }
    // One product is gone, the next one has lost its features, and nobody did anything.
    Path products = out.resolve("products.csv");
    Path ids = out.resolve("features.ids.csv");
    List<String> lines = Files.readAllLines(ids);
    change(ids, lines.get(60) + "\n" + lines.get(61) + "\n", "");
    String table = Files.readString(products);
    int gone = table.indexOf("\n" + lines.get(61) + ",");
    Files.writeString(
        products, table.substring(0, gone) + table.substring(table.indexOf("\n", gone + 1)));
    var rows = new float[59][6];
    for (float[] row : rows) {
      row[0] = 1;
    }
    Cli.npy(out.resolve("features.npy"), rows);
    Files.delete(out.resolve("events.csv"));
    change(out.resolve("manifest.json"), "\"products\" : 62", "\"products\" : 61");
    change(out.resolve("manifest.json"), "\"features\" : 61", "\"features\" : 59");

    assertThat(ok("store", "import", out, again).err())
        .startsWith(
            "imported 61 products, 59 of them with features, 13 pieces sold, 0 events of"
                + " sessions, and 0 purchases kept with their customers from ");
    assertThat(ok("store", "info", again).outLines())
        .contains("products   61, 59 of them with features", "sessions   none");
    Path afresh = temp.resolve("afresh");
    ok("store", "import", out, afresh);
    assertThat(Content.of(again)).isEqualTo(Content.of(afresh));
    assertThat(Content.of(again).products).doesNotContainKey(lines.get(61));
  }

  @Test
  void eventsThatComeTwiceAreNoCompleteImport() throws IOException {
    Path shop = converted();
    try (Recommender opened = withSessions(shop)) {
      opened.record(new Event(Customer.of("ann"), Event.Kind.VIEWED, "p1", Instant.now()));
    }
    Path out = temp.resolve("files");
    ok("store", "export", shop, out);
    Path events = out.resolve("events.csv");
    Files.writeString(events, Files.readString(events) + Files.readAllLines(events).get(1) + "\n");
    change(out.resolve("manifest.json"), "\"events\" : 1", "\"events\" : 2");
    Path copy = temp.resolve("copy");
    Run run = Cli.run("store", "import", out, copy);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .contains(copy + " holds 1 events, but the import of " + out + " gave it 2; look for rows")
        .hasLineCount(1);
    assertThat(Cli.run("similar", "--store", copy, "p1").err()).contains("not complete yet");
  }

  @Test
  void aStoreWithFewerThanNoPiecesSoldIsSaidToBeDamaged() throws Exception {
    Path shop = converted();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + shop.resolve("lookalike.db"));
        Statement change = connection.createStatement()) {
      change.execute("UPDATE sold_day SET pieces = -99 WHERE product_id = 'p1' AND pieces = 3");
    }
    Run run = Cli.run("similar", "--store", shop, "p2");
    assertThat(run.err())
        .startsWith("lookalike: " + shop + ": the store is damaged: p1 has 0 pieces sold, to which")
        .contains("restore it from a copy")
        .hasLineCount(1);
    assertThat(run.exit()).isEqualTo(2);
  }

  /** A store into which another process writes each time that this one has asked it something. */
  private static CatalogueStore busy(CatalogueStore store) {
    int[] writing = {0};
    long[] written = {0};
    return (CatalogueStore)
        Proxy.newProxyInstance(
            CatalogueStore.class.getClassLoader(),
            new Class<?>[] {CatalogueStore.class},
            (proxy, method, args) -> {
              boolean write = method.getName().equals("write");
              writing[0] += write ? 1 : 0;
              try {
                return method.invoke(store, args);
              } finally {
                writing[0] -= write ? 1 : 0;
                if (writing[0] == 0) {
                  var sold = new StoreChange.Sold("p1", LocalDate.EPOCH, 1, "id " + ++written[0]);
                  var did =
                      new StoreChange.Did("", "ann", "BOUGHT", "p1", Instant.now(), sold.id());
                  store.write(last -> List.of(sold, did));
                }
              }
            });
  }

  @Test
  void aStoreIsExportedAsOfOneMomentWhileAnotherProcessWrites() throws IOException {
    Path shop = converted();
    Path out = temp.resolve("files");
    try (CatalogueStore store = JdbcStore.sqlite(shop)) {
      StoreFiles.Count count = StoreFiles.export(StorePlace.of(shop.toString()), busy(store), out);
      assertThat(count.pieces()).isEqualTo(12 + count.bought());
    }
    Path copy = temp.resolve("copy");
    ok("store", "import", out, copy);
    Content content = Content.of(copy);
    assertThat(content.purchaseIds).hasSize(3 + content.events.size());
    assertThat(content.sales.get("p1")).containsEntry(LocalDate.EPOCH, 3L + content.events.size());
  }

  @Test
  void moreThanAHundredPhotosOfAProductAreRefused() throws IOException {
    Path out = temp.resolve("files");
    ok("store", "export", converted(), out);
    Path ids = out.resolve("features.ids.csv");
    String first = Files.readAllLines(ids).get(1);
    Files.writeString(ids, "id\n" + (first + "\n").repeat(101));
    var rows = new float[101][6];
    for (float[] row : rows) {
      row[0] = 1;
    }
    Cli.npy(out.resolve("features.npy"), rows);
    assertThat(Cli.run("store", "import", out, temp.resolve("a")).err())
        .contains("101 times, once for each of its photos, expected at most 100")
        .hasLineCount(1);
  }

  @Test
  void infoTellsWhatIsThere() {
    Path shop = converted();
    List<String> lines = ok("store", "info", shop).outLines();
    assertThat(lines.get(0)).startsWith("store      " + shop);
    assertThat(lines)
        .contains(
            "products   62, 61 of them with features",
            "sales      12 pieces of 3 products, from 1969-12-31 to 2024-02-29",
            "sessions   none",
            "customers  no purchases kept with the customer",
            "network    features from elsewhere, 6 features",
            "index      none is saved; a program that opens the store builds it");
    assertThat(lines.get(lines.size() - 1)).matches("size       \\d+[.]\\d MB");
  }

  @Test
  void anAuditFindsAndSavesAndSaysWhatIsDamaged() throws Exception {
    Path shop = converted();
    Run healthy = ok("store", "audit", shop);
    assertThat(healthy.out()).startsWith("healthy: 62 products, 61 of them in the index");
    assertThat(ok("store", "info", shop).out())
        .contains("index      index-")
        .contains(" products changed since");
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + shop.resolve("lookalike.db"));
        Statement change = connection.createStatement()) {
      change.execute(
          "UPDATE features SET vector = zeroblob(24)"
              + " WHERE product = (SELECT num FROM product WHERE id = 'p7')");
    }
    Run damaged = Cli.run("store", "audit", shop);
    assertThat(damaged.exit()).as("%s", damaged).isEqualTo(1);
    assertThat(damaged.out()).startsWith("NOT healthy").contains("p7");
  }

  @Test
  void aCustomerIsForgotten() throws IOException {
    Path shop = converted();
    try (Recommender opened = withSessions(shop)) {
      for (String customer : List.of("ann", "bob", "ann")) {
        opened.record(new Event(Customer.of(customer), Event.Kind.VIEWED, "p1", Instant.now()));
      }
    }
    assertThat(ok("store", "info", shop).out()).contains("sessions   3 events");
    assertThat(ok("store", "forget", shop, "ann").err())
        .isEqualTo("erased what " + shop + " knew of ann: 2 events\n");
    assertThat(ok("store", "forget", shop, "ann").err())
        .isEqualTo(shop + " knows nothing of ann\n");
    assertThat(ok("store", "info", shop).out()).contains("sessions   1 events");
  }

  @Test
  void passwordsAreNotShown() {
    String url = "jdbc:postgresql://localhost:1/shop?user=u&password=secret";
    Run run = Cli.run("similar", "--store", url, "p1");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("lookalike: jdbc:postgresql://localhost:1/shop is out of reach: ")
        .doesNotContain("secret")
        .hasLineCount(1);
    Run other = Cli.run("similar", "--store", "jdbc:mysql://u:secret@localhost/shop", "p1");
    assertThat(other.err()).contains("expected a folder, or jdbc:postgresql://").hasLineCount(1);
    assertThat(other.err()).doesNotContain("secret");
  }

  private static Map<String, Long> files(Path folder) throws IOException {
    Map<String, Long> sizes = new TreeMap<>();
    try (Stream<Path> all = Files.list(folder)) {
      for (Path file : all.toList()) {
        sizes.put(file.getFileName().toString(), Files.size(file));
      }
    }
    return sizes;
  }
}

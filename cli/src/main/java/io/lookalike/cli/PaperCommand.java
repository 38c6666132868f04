package io.lookalike.cli;

import io.lookalike.AddReport;
import io.lookalike.PurchaseLog;
import io.lookalike.Recommender;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import io.lookalike.datasets.HmDataset;
import io.lookalike.datasets.ReadReport;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.index.bruteforce.BruteForceIndex;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** The paper's experiment on H&amp;M's files. */
@Command(
    name = "paper",
    description =
        "Repeats the experiment of Boukrouh, Tayalati and Azmani on H&M's files: features, the ten"
            + " nearest by cosine similarity, ranked by purchase frequency, what never sold left"
            + " out.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lookalike paper --articles articles.csv \\",
      "      --transactions transactions_train.csv \\",
      "      --images images --weights vgg19.safetensors \\",
      "      --consulted 0176209025,0348330041,0201219013,0215303002 --out paper",
      "      writes paper/index.html, tables.csv, tables.md and tables.json;",
      "      run again after an interruption, it goes on where it stopped"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the options
final class PaperCommand implements Callable<Integer> {

  private static final String PAGE = "index.html";
  private static final String CSV = "tables.csv";
  private static final String MARKDOWN = "tables.md";
  private static final String JSON = "tables.json";
  private static final List<String> FILES = List.of(PAGE, CSV, MARKDOWN, JSON);

  @ParentCommand private Main main;

  @Option(
      names = "--articles",
      required = true,
      paramLabel = "FILE",
      description = "H&M's articles.csv.")
  private Path articles;

  @Option(
      names = "--transactions",
      required = true,
      paramLabel = "FILE",
      description = "H&M's transactions_train.csv.")
  private Path transactions;

  @Option(
      names = "--images",
      required = true,
      paramLabel = "DIR",
      description = "H&M's folder images; the picture of 0108775015 is DIR/010/0108775015.jpg.")
  private Path images;

  @Option(
      names = "--consulted",
      required = true,
      split = ",",
      paramLabel = "ID",
      description = "The articles to recommend for.")
  private List<String> consulted;

  @Option(
      names = {"-o", "--out"},
      required = true,
      paramLabel = "DIR",
      description = "Where to write; created if missing.")
  private Path out;

  @Option(
      names = {"-s", "--store"},
      paramLabel = StorePlace.LABEL,
      description =
          "Where features are kept for the next run, as index keeps them: a new folder, or the store"
              + " of another run, without other products. Default: the folder store in what --out"
              + " names.")
  private @Nullable StorePlace store;

  @Option(
      names = "--until",
      paramLabel = "DATE",
      description = "Count only what was bought before this day, such as 2020-09-01.")
  private @Nullable LocalDate until;

  @Mixin private ExtractorOptions extractor;

  private final Map<String, String> settings = new LinkedHashMap<>();
  private final Map<String, Double> seconds = new LinkedHashMap<>();

  @Override
  public Integer call() throws IOException {
    Console console = main.console();
    if (!extractor.given()) {
      throw new UserErrorException(
          "name one network: --weights FILE for VGG19, as the paper has it, whose weights do not"
              + " come with this program; or --extractor lite0, which does");
    }
    extractor.check();
    checkFolder("--images", images);
    checkNoFile("--out", out);
    StorePlace place = store == null ? StorePlace.of(out.resolve("store").toString()) : store;
    place.checkWritable();
    if (!Files.isRegularFile(transactions)) {
      throw new UserErrorException("--transactions is " + transactions + ", which is no file");
    }
    Inputs inputs = extractor.inputs().store(place).file(articles).file(transactions);
    for (String name : FILES) {
      inputs.check(out.resolve(name));
    }
    HmDataset files = HmDataset.in(Path.of("")).articles(articles).images(images);

    long start = System.nanoTime();
    HmCatalogue catalogue = HmCatalogue.read(files);
    Map<String, ProductImage> byId = new HashMap<>();
    catalogue.items().forEach(item -> byId.put(item.product().id(), item));
    Set<String> wanted = wanted(catalogue, byId.keySet());
    catalogue.report(console);
    settings.put("articles with a picture", Integer.toString(byId.size()));
    settings.put("articles without one", Integer.toString(catalogue.withoutPicture().size()));
    start = step("articles", start);

    try (FeatureExtractor network = extractor.open()) {
      settings.put("network", network.identity());
      start = step("network", start);
      PurchaseLog sales = readSales(files, catalogue, console);
      start = step("transactions", start);
      var features = new CountingExtractor(network);
      try (CatalogueStore opened = place.openOrCreate(console)) {
        checkOnly(catalogue.ids(), place, opened);
        // From here on files are written; whatever is wrong with the options has been said.
        folder(out);
        try (Recommender shop =
            Store.build(
                place,
                Recommender.builder()
                    .extractor(features.shared())
                    .index(BruteForceIndex.factory())
                    .purchases(of(sales, byId.keySet()))
                    .paper(),
                opened)) {
          extract(catalogue.items(), wanted, byId, features, shop, console);
          start = step("features", start);
          List<PaperTable> tables = wanted.stream().map(id -> PaperTable.of(shop, id)).toList();
          step("neighbours and ranking", start);
          write(new PaperReport(settings, seconds, tables, byId), folder(out), console);
        }
      }
    }
    return 0;
  }

  /** The sales of the products that can be shown. */
  private static PurchaseLog of(PurchaseLog sales, Set<String> products) {
    var log = new PurchaseLog();
    products.forEach(id -> log.record(id, sales.daily(id)));
    return log;
  }

  /** Checks that a store is of these articles alone, since what they lack would be removed. */
  private static void checkOnly(Set<String> articles, StorePlace place, CatalogueStore store)
      throws StoreException {
    try (StoreCursor<StoredProduct> products = store.products(0, 0)) {
      while (products.hasNext()) {
        String id = products.next().id();
        if (!articles.contains(id)) {
          throw new UserErrorException(
              place + " holds other products, such as " + id + "; name a new folder with --store");
        }
      }
    }
  }

  private static Path folder(Path folder) throws IOException {
    return Files.createDirectories(folder.toAbsolutePath());
  }

  private static void checkNoFile(String option, Path folder) {
    if (Files.exists(folder)) {
      checkFolder(option, folder);
    }
  }

  private static void checkFolder(String option, Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new UserErrorException(
          option
              + " is "
              + folder
              + (Files.exists(folder) ? ", a file; name a folder" : ", which does not exist"));
    }
  }

  /** Finds the consulted articles before hours of work go into the others. */
  private Set<String> wanted(HmCatalogue catalogue, Set<String> withPicture) {
    Set<String> wanted = new LinkedHashSet<>();
    for (String text : consulted) {
      String id = text.strip().matches("\\d{9}") ? "0" + text.strip() : text.strip();
      if (catalogue.withoutPicture().stream().anyMatch(p -> p.id().equals(id))) {
        throw new UserErrorException(
            "the article " + id + " has no picture, so nothing can look like it; consult another");
      }
      if (!withPicture.contains(id)) {
        throw new UserErrorException(
            "there is no article \""
                + text
                + "\" among the "
                + catalogue.ids().size()
                + " of "
                + articles
                + "; --consulted takes values of its column article_id, with commas between them");
      }
      wanted.add(id);
    }
    return wanted;
  }

  private PurchaseLog readSales(HmDataset files, HmCatalogue catalogue, Console console)
      throws IOException {
    var sales = new PurchaseLog();
    LocalDate end = until == null ? LocalDate.MAX : until;
    ReadReport report =
        HmCatalogue.readSales(
            files.products(catalogue.ids()::contains),
            transactions,
            (article, daily) -> sales.record(article, daily.headMap(end)),
            console);
    settings.put("transactions read", Long.toString(report.accepted()));
    if (until != null) {
      settings.put("purchases counted until", until.toString());
    }
    settings.put("purchases counted", Long.toString(sales.total()));
    settings.put("articles bought", Integer.toString(sales.products()));
    if (sales.total() == 0) {
      console.warn(
          transactions
              + (until == null ? " holds no purchase" : " holds no purchase before " + until)
              + " of these articles, so nothing will be recommended");
    }
    return sales;
  }

  private void extract(
      List<ProductImage> items,
      Set<String> wanted,
      Map<String, ProductImage> byId,
      CountingExtractor features,
      Recommender shop,
      Console console) {
    // A store of an earlier run may have articles whose pictures are gone.
    var gone = new ArrayList<String>();
    for (Product product : shop.products()) {
      if (!byId.containsKey(product.id())) {
        gone.add(product.id());
      }
    }
    gone.forEach(shop::remove);
    if (!gone.isEmpty()) {
      console.note("removed from the store, as they have no picture any more: " + gone.size());
    }
    // A consulted picture that cannot be read ends the run, and so had better come first.
    AddReport first =
        shop.addAll(wanted.stream().map(id -> Objects.requireNonNull(byId.get(id))).toList());
    if (!first.rejected().isEmpty()) {
      throw new UserErrorException(first.rejected().get(0).reason());
    }
    AddReport report;
    try (Console.Progress bar = console.progress("features", "pictures", items.size())) {
      report = shop.addAll(items, bar);
    }
    report.rejected().forEach(rejected -> console.warn(rejected.reason()));
    settings.put("pictures that could not be read", Integer.toString(report.rejected().size()));
    settings.put("features made now", Long.toString(features.made()));
    settings.put("features found in the store", Long.toString(report.added() - features.made()));
  }

  private long step(String name, long start) {
    long now = System.nanoTime();
    seconds.put(name, (now - start) / 1e9);
    main.console().note(name + ": " + Console.since(start));
    return now;
  }

  private void write(PaperReport report, Path folder, Console console) throws IOException {
    long start = System.nanoTime();
    for (String problem : report.page().write(folder.resolve(PAGE))) {
      console.warn(problem);
    }
    write(folder.resolve(CSV), report.csv());
    write(folder.resolve(MARKDOWN), report.markdown());
    write(folder.resolve(JSON), report.json());
    step("page and tables", start);
    console.result(report.markdownTables().stripTrailing());
    console.note(
        String.format(
            Locale.ROOT,
            "features: %s made now, %s found in the store; page and tables are in %s",
            settings.get("features made now"),
            settings.get("features found in the store"),
            out));
  }

  private static void write(Path file, String text) throws IOException {
    try (NewFile target = NewFile.at(file)) {
      target.write(text);
      target.commit();
    }
  }
}

package io.lookalike.cli;

import static io.lookalike.cli.UserErrorException.unlessRefused;

import io.lookalike.AddReport;
import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.StoreInfo;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.datasets.Catalogue;
import io.lookalike.datasets.HmDataset;
import io.lookalike.datasets.PurchasesCsv;
import io.lookalike.datasets.ReadReport;
import io.lookalike.evaluation.Baselines;
import io.lookalike.evaluation.EvaluationReport;
import io.lookalike.evaluation.EvaluationResult;
import io.lookalike.evaluation.PurchaseHistory;
import io.lookalike.evaluation.Replay;
import io.lookalike.evaluation.ReplayCatalogue;
import io.lookalike.evaluation.Setting;
import io.lookalike.evaluation.SettingsSearch;
import io.lookalike.evaluation.SimulatedShoppers;
import io.lookalike.evaluation.Task;
import io.lookalike.extractor.EfficientNetLite;
import io.lookalike.extractor.Thumbnail;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexProvider;
import io.lookalike.index.bruteforce.BruteForceIndex;
import io.lookalike.index.hnsw.HnswIndex;
import io.lookalike.math.UnitVector;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Past purchases replayed. */
@Command(
    name = "evaluate",
    description =
        "Replays past purchases, and tells which settings would have shown what people bought.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lookalike evaluate --quick --out report",
      "      the photos that come with the program, with simulated purchases",
      "  lookalike evaluate --store shop --purchases purchases.csv \\",
      "      --cut 2024-06-01 --out report",
      "      purchases.csv has the columns product, time and customer",
      "  lookalike evaluate --articles articles.csv --images images \\",
      "      --purchases transactions_train.csv --cut 2020-09-16 --out report",
      "      H&M's files; run again after an interruption, it goes on where it stopped"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the options
final class EvaluateCommand implements Callable<Integer> {

  /** Widths and heights of photos, in pixels. */
  private static final int WIDTH = 160;

  private static final int HEIGHT = 200;

  private static final String HM_CATEGORY = "product_type_name";

  @ParentCommand private Main main;

  @Spec private CommandSpec spec;

  @Option(
      names = {"-s", "--store"},
      paramLabel = "DIR",
      description =
          "The products: what index has made. Its own transform is fitted anew at each cut.")
  private @Nullable StorePlace store;

  @Option(
      names = "--articles",
      paramLabel = "FILE",
      description = "The products: H&M's articles.csv, with --images or --vectors.")
  private @Nullable Path articles;

  @Option(names = "--images", paramLabel = "DIR", description = "H&M's folder images.")
  private @Nullable Path images;

  @Option(
      names = "--vectors",
      paramLabel = "F.npy",
      description = "Features that embed has made, in place of pictures.")
  private @Nullable Path vectors;

  @Option(
      names = "--purchases",
      paramLabel = "FILE",
      description =
          "What was bought: a CSV file with the columns product, time and customer, or H&M's"
              + " transactions_train.csv.")
  private @Nullable Path purchases;

  @Option(
      names = "--cut",
      paramLabel = "DATE",
      description =
          "What was bought before this day is known, what was bought in the week from it on is asked"
              + " for. Default: 7 days before the end.")
  private @Nullable LocalDate cut;

  @Option(
      names = "--weeks",
      defaultValue = "1",
      paramLabel = "N",
      description = "Number of cuts, a week apart, of which --cut is the last. Default: 1.")
  private int weeks;

  @Option(
      names = "--settings",
      paramLabel = "FILE",
      description =
          "What to compare: a line for each, a name, a colon and options of similar, --transform or"
              + " --baseline; {a,b} makes one of each. Default: all baselines and our default.")
  private @Nullable Path settings;

  @Option(
      names = "--search",
      description =
          "Do not try all that {a,b} makes: begin each line of --settings with the first values, and"
              + " change one after the other as long as that is significantly better for the first"
              + " --task (item).")
  private boolean search;

  @Option(
      names = "--task",
      split = ",",
      paramLabel = "NAME",
      description = "What to ask: item, customer, new. All are, by default.")
  private List<String> tasks = List.of();

  @Option(
      names = "-k",
      defaultValue = "12",
      paramLabel = "K",
      description = "How many products a page shows. Default: ${DEFAULT-VALUE}.")
  private int k;

  @Option(
      names = "--customers",
      defaultValue = "1",
      paramLabel = "SHARE",
      description = "Ask about this share of the customers, where time is short. Default: 1, all.")
  private double customers;

  @Mixin private KindOptions kinds;

  @Option(
      names = "--launch-by",
      paramLabel = "ATTRIBUTE",
      description =
          "The day from which on a product can be shown. Without it, all products always can.")
  private @Nullable String launchBy;

  @Option(
      names = "--index",
      defaultValue = "hnsw",
      paramLabel = "NAME",
      description = "What searches: bruteforce, hnsw, hnswlib. Default: ${DEFAULT-VALUE}.")
  private String index;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many answer at a time. Default: as many as there are processors.")
  private @Nullable Integer threads;

  @Option(
      names = "--quick",
      description = "The photos that come with the program, with simulated purchases.")
  private boolean quick;

  @Option(
      names = {"-o", "--out"},
      required = true,
      paramLabel = "DIR",
      description =
          "Where to write evaluation.html, .md and .json, and pages to go on from; made if missing.")
  private Path out;

  @Mixin private ExtractorOptions extractor;

  /**
   * Products and where their pictures are.
   *
   * @param what in words
   * @param known what settings go by
   */
  private record Shop(
      ReplayCatalogue catalogue,
      Map<String, ImageSource> pictures,
      String what,
      SettingsFile.OfShop known) {}

  @Override
  public Integer call() throws IOException {
    check();
    Choosing compared = settings(); // what is wrong with them is said before hours of work
    if (quick) {
      DemoPhotos.use(table -> quick(table, compared));
      return 0;
    }
    Shop shop = store != null ? ofStore(store, compared) : ofArticles(compared);
    PurchaseHistory history = history(shop.catalogue);
    evaluate(shop, history, compared, "");
    return 0;
  }

  private void check() throws IOException {
    long sources = Stream.of(store, articles).filter(path -> path != null).count();
    if (quick) {
      if (sources > 0 || purchases != null || cut != null) {
        throw new UserErrorException(
            "--quick brings products and purchases of its own; leave --store, --articles,"
                + " --purchases and --cut out");
      }
    } else if (sources > 1) {
      throw new UserErrorException(
          "--store and --articles were both given, and each names the products; leave one out");
    } else if (sources == 0) {
      throw new UserErrorException(
          "name the products: --store, or H&M's --articles with --images or --vectors; or try"
              + " --quick");
    } else if (purchases == null) {
      throw new UserErrorException(
          "--purchases is missing; name a file of past purchases, or ask lookalike looks how good the"
              + " features are without any");
    } else if (images != null && vectors != null && extractor.any()) {
      throw new UserErrorException(
          "--vectors takes the place of a network; leave --extractor and its options out");
    } else if (articles != null && images == null && vectors == null) {
      throw new UserErrorException(
          "--articles needs --images, or --vectors with features that were made before");
    }
    if (articles == null && (images != null || vectors != null)) {
      throw new UserErrorException("--images and --vectors go with --articles; name that file");
    }
    if (extractor.any() && !quick && images == null) {
      throw new UserErrorException(
          "--extractor and its options go with --images or --quick; features that are there need no"
              + " network: leave them out");
    }
    for (String task : tasks) {
      if (Stream.of(Task.values()).noneMatch(each -> each.toString().equals(task))) {
        throw new UserErrorException(
            "--task is " + task + ", expected item, customer or new, with commas between");
      }
    }
    if (search && settings == null) {
      throw new UserErrorException("--search needs --settings, a file with {a,b} in its lines");
    }
    if (Files.exists(out) && !Files.isDirectory(out)) {
      throw new UserErrorException(out + " is no folder; name one to write to");
    }
    Inputs inputs = extractor.inputs().store(store);
    inputs.file(articles).file(vectors).file(purchases).file(settings);
    for (String ending : List.of("html", "md", "json")) {
      inputs.check(out.resolve("evaluation." + ending));
    }
    if (threads != null && (threads < 1 || threads > 1024)) {
      throw new UserErrorException("--threads is " + threads + ", expected 1 to 1024");
    }
    if (purchases != null && !Files.isRegularFile(purchases)) {
      throw new UserErrorException("--purchases is " + purchases + ", which is no file");
    }
  }

  /**
   * Which settings a replay is to compare.
   *
   * @param file as the user wrote them; null for the baselines
   */
  private record Choosing(@Nullable SettingsFile file, IndexFactory index) {

    List<Setting> all(SettingsFile.OfShop shop) {
      return file == null
          ? Baselines.all(index, SettingsFile.orBySize(shop.transform()))
          : file.settings(index, shop);
    }
  }

  private Choosing settings() throws IOException {
    IndexFactory factory;
    try {
      factory = index(index);
    } catch (IllegalArgumentException e) {
      throw new UserErrorException("--index: " + e.getMessage(), e);
    }
    var chosen =
        new Choosing(settings == null ? null : SettingsFile.read(settings, factory), factory);
    if (!search) {
      var unused =
          chosen.all(SettingsFile.OfShop.NONE); // so that it is said here if they are too many
    }
    return chosen;
  }

  /** A kind of index that finds the same every time it is built of the same products. */
  static IndexFactory index(String name) {
    // With several threads the graph depends on which of them comes first.
    return name.equals("hnsw")
        ? HnswIndex.builder().threads(1).factory()
        : IndexProvider.named(name);
  }

  private List<Setting> compared(Choosing choosing, Shop shop, Replay replay) throws IOException {
    return search && choosing.file != null
        ? searched(choosing.file.grids(), choosing.index, shop.known, replay)
        : choosing.all(shop.known);
  }

  /** Of each line, the setting that the search begins with and the one that it ends with. */
  private List<Setting> searched(
      List<SettingsFile.Grid> grids, IndexFactory factory, SettingsFile.OfShop shop, Replay replay)
      throws IOException {
    Console console = main.console();
    Task task = tasks.isEmpty() ? Task.ITEM : task(tasks.get(0));
    var all = new ArrayList<Setting>();
    for (SettingsFile.Grid grid : grids) {
      SettingsSearch.Found found =
          SettingsSearch.of(replay, task)
              .run(
                  grid.choices(),
                  values -> grid.setting(values, factory, shop),
                  step ->
                      console.note(
                          String.format(
                              Locale.ROOT,
                              "%s is better than %s: %+.4f, p = %.4f of %d tried",
                              step.to(),
                              step.from(),
                              step.difference(),
                              step.p(),
                              step.tried())));
      if (!grid.choices().isEmpty()) {
        console.note(
            found.setting().name()
                + ": nothing that differs in one choice is significantly better; tried "
                + found.tried());
      }
      Setting first = grid.setting(grid.first(), factory, shop);
      if (!first.name().equals(found.setting().name())) {
        all.add(first);
      }
      all.add(found.setting());
    }
    return all;
  }

  // ---- products

  /** Says what products lack, before features are made of their pictures. */
  private void checkAttributes(List<Product> products, Choosing compared) {
    var check = new FilterCheck(products.stream());
    for (@Nullable String attribute : Arrays.asList(kinds.categoryBy, kinds.variantsBy, launchBy)) {
      if (attribute != null) {
        check.checkAttribute(attribute);
      }
    }
    if (compared.file != null) {
      compared.file.checkAttributes(check);
    }
  }

  private ReplayCatalogue built(
      ReplayCatalogue.Builder builder, List<Product> products, String category) {
    if (launchBy != null) {
      builder.launchBy(launchBy);
    }
    try {
      return builder
          .categoryBy(KindOptions.attribute(kinds.categoryBy, category, products))
          .variantsBy(KindOptions.attribute(kinds.variantsBy, KindOptions.VARIANTS, products))
          .build();
    } catch (IllegalArgumentException e) {
      throw new UserErrorException(String.valueOf(e.getMessage()), e);
    }
  }

  private Shop ofStore(StorePlace place, Choosing compared) throws IOException {
    ReplayCatalogue.Builder builder = ReplayCatalogue.builder();
    var products = new ArrayList<Product>();
    var pictures = new HashMap<String, ImageSource>();
    StoreInfo info;
    try (CatalogueStore kept = place.open(main.console())) {
      info = Store.info(place, kept);
      try (StoreCursor<StoredProduct> all = kept.products(info.network(), 0)) {
        while (all.hasNext()) {
          StoredProduct stored = all.next();
          Attributes attributes = stored.attributes();
          if (attributes == null) {
            continue;
          }
          var product = new Product(stored.id(), attributes);
          products.add(product);
          float[] rows = stored.features();
          builder.add(product, rows == null ? null : ofOnePhoto(rows, info.dimension()));
          ImageSource picture = Facts.photo(product);
          if (picture != null) {
            pictures.put(product.id(), picture);
          }
        }
      }
    }
    if (products.isEmpty()) {
      throw new UserErrorException(place + " holds no products; index some first");
    }
    checkAttributes(products, compared);
    FeatureTransform.Rule rule =
        TransformChoice.rule(
            place,
            info.transform(),
            name -> products.stream().anyMatch(each -> each.attributes().get(name) != null));
    String what =
        String.format(
            Locale.ROOT,
            "%,d products of the store %s, its transform %s fitted at each cut",
            products.size(),
            place,
            rule.name());
    return new Shop(
        built(builder, products, Facts.CATEGORY),
        pictures,
        what,
        SettingsFile.OfShop.of(rule, products));
  }

  /** Features of a product with several photos: the mean of their directions. */
  private static float[] ofOnePhoto(float[] rows, int dimension) {
    if (rows.length == dimension) {
      return rows;
    }
    var mean = new float[dimension];
    for (int from = 0; from < rows.length; from += dimension) {
      float[] unit = UnitVector.of(Arrays.copyOfRange(rows, from, from + dimension)).toArray();
      for (int i = 0; i < dimension; i++) {
        mean[i] += unit[i];
      }
    }
    return mean;
  }

  private Shop ofArticles(Choosing compared) throws IOException {
    HmDataset files = HmDataset.in(Path.of("")).articles(path(articles));
    files = images == null ? files : files.images(images);
    var products = new ArrayList<Product>();
    var pictures = new LinkedHashMap<String, ImageSource>();
    ReadReport report =
        files.readArticles(
            new HmDataset.ArticleSink() {
              @Override
              public void article(ProductImage item) {
                products.add(item.product());
                pictures.put(item.product().id(), item.image());
              }

              @Override
              public void withoutPicture(Product article) {
                products.add(article);
              }
            });
    if (products.isEmpty()) {
      throw new UserErrorException(
          articles
              + " holds no articles"
              + (report.problems().isEmpty() ? "" : ": " + report.problems().get(0).reason()));
    }
    checkAttributes(products, compared);
    Map<String, float[]> features =
        vectors == null ? extracted(pictures) : SettingsFile.features(vectors);
    ReplayCatalogue.Builder builder = ReplayCatalogue.builder();
    products.forEach(product -> builder.add(product, features.get(product.id())));
    return new Shop(
        built(builder, products, HM_CATEGORY),
        pictures,
        String.format(
            Locale.ROOT,
            "%,d articles of %s, %,d of them with features",
            products.size(),
            articles,
            products.stream().filter(product -> features.containsKey(product.id())).count()),
        SettingsFile.OfShop.of(null, products));
  }

  private static Path path(@Nullable Path path) {
    if (path == null) {
      throw new IllegalStateException("checked before");
    }
    return path;
  }

  private Map<String, float[]> extracted(Map<String, ImageSource> pictures) throws IOException {
    extractor.check();
    makeFolder();
    // A store beside the report, so that a run that was stopped embeds no picture twice.
    StorePlace place = StorePlace.of(out.resolve("store").toString());
    place.checkWritable();
    CatalogueStore kept = place.openOrCreate(main.console());
    FeatureExtractor network = extractor.open();
    boolean given = false;
    try {
      RecommenderBuilder settings =
          Recommender.builder()
              .extractor(network)
              .index(BruteForceIndex.factory())
              .transform(FeatureTransform.Rule.NONE);
      try (Recommender shop = Store.build(place, settings, kept)) {
        given = true;
        return extracted(pictures, shop, kept);
      }
    } finally {
      if (!given) {
        network.close();
        kept.close();
      }
    }
  }

  private Map<String, float[]> extracted(
      Map<String, ImageSource> pictures, Recommender shop, CatalogueStore kept)
      throws StoreException {
    var items = new ArrayList<ProductImage>();
    pictures.forEach((id, picture) -> items.add(new ProductImage(Product.of(id), picture)));
    AddReport report;
    try (Console.Progress bar = main.console().progress("features", "pictures", items.size())) {
      report = shop.addAll(items, bar);
    }
    Set<String> unread = new HashSet<>();
    for (AddReport.Rejected rejected : report.rejected()) {
      main.console().warn(rejected.reason());
      unread.add(rejected.id());
    }
    var features = new HashMap<String, float[]>();
    int made = StoreInfo.of(kept).orElseThrow().network();
    try (StoreCursor<StoredProduct> products = kept.products(made, 0)) {
      while (products.hasNext()) {
        StoredProduct product = products.next();
        float[] row = product.features();
        if (row != null && pictures.containsKey(product.id()) && !unread.contains(product.id())) {
          features.put(product.id(), row);
        }
      }
    }
    return features;
  }

  private Map<String, float[]> extracted(
      Map<String, ImageSource> pictures, FeatureExtractor network) {
    var features = new HashMap<String, float[]>();
    List<String> ids = List.copyOf(pictures.keySet());
    try (Console.Progress bar = main.console().progress("features", "pictures", ids.size())) {
      network.extractAll(
          List.copyOf(pictures.values()),
          new FeatureExtractor.Sink() {
            @Override
            public void extracted(int index, float[] values) {
              features.put(ids.get(index), values);
              bar.progress(features.size(), ids.size());
            }

            @Override
            public void unreadable(int index, UnreadableImageException reason) {
              main.console().warn(String.valueOf(reason.getMessage()));
            }
          });
    }
    return features;
  }

  // ---- purchases

  private PurchaseHistory history(ReplayCatalogue catalogue) throws IOException {
    Path file = path(purchases);
    Console console = main.console();
    PurchaseHistory history;
    var accepted = new AtomicLong();
    Consumer<ReadReport> told =
        report -> {
          HmCatalogue.report(report, console);
          accepted.set(report.accepted());
        };
    try (Console.Progress bar = console.progress("purchases", "bytes", Files.size(file))) {
      if (isHm(file)) {
        history =
            PurchaseHistory.of(
                HmDataset.in(Path.of(""))
                    .transactions(file)
                    .products(id -> catalogue.product(id) != null)
                    .progress(bar),
                told);
      } else {
        history =
            PurchaseHistory.of(
                PurchasesCsv.of(file).products(id -> catalogue.product(id) != null).progress(bar),
                told);
      }
    } catch (IllegalArgumentException e) {
      throw new UserErrorException(file + ": " + e.getMessage(), e);
    }
    if (history.size() < accepted.get()) {
      console.warn(
          String.format(
              Locale.ROOT,
              "%s: purchases that are yet to come, or too long ago to be true, are left out: %,d",
              file,
              accepted.get() - history.size()));
    }
    if (history.size() == 0) {
      throw new UserErrorException(file + " holds no purchase of these products");
    }
    if (history.customers() == 0) {
      throw new UserErrorException(
          file
              + " names no customers; a replay asks what the same customer bought next: add the"
              + " column customer");
    }
    return history;
  }

  /** Whether a file is H&M's, which its first line tells. */
  private static boolean isHm(Path file) throws IOException {
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      String first = reader.readLine();
      return first != null && first.contains("article_id") && first.contains("t_dat");
    }
  }

  // ---- replay and report

  private void quick(Path table, Choosing choosing) throws IOException {
    var items = new ArrayList<ProductImage>();
    Catalogue.csv(table).strict().read(items::add);
    var pictures = new LinkedHashMap<String, ImageSource>();
    items.forEach(item -> pictures.put(item.product().id(), item.image()));
    List<Product> products = items.stream().map(ProductImage::product).toList();
    checkAttributes(products, choosing);
    Map<String, float[]> features;
    try (FeatureExtractor network =
        extractor.any() ? extractor.open() : EfficientNetLite.builtIn()) {
      features = extracted(pictures, network);
    }
    ReplayCatalogue.Builder builder = ReplayCatalogue.builder();
    items.forEach(item -> builder.add(item.product(), features.get(item.product().id())));
    var shoppers = new SimulatedShoppers(0.45, 0.25, 0.15, 20);
    var shop =
        new Shop(
            built(builder, products, Facts.CATEGORY),
            pictures,
            items.size() + " photos that come with the program",
            SettingsFile.OfShop.of(null, products));
    evaluate(
        shop,
        shoppers.shop(shop.catalogue, 2_000, Instant.parse("2025-01-01T00:00:00Z"), 84),
        choosing,
        "The purchases are simulated: shoppers who go by looks in 45 % of their purchases, by"
            + " popularity in 25 %, by what goes together in 15 %.");
  }

  private void evaluate(Shop shop, PurchaseHistory history, Choosing choosing, String notice)
      throws IOException {
    Console console = main.console();
    long start = System.nanoTime();
    Replay asked = replay(shop, history);
    makeFolder();
    int used = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    EvaluationResult result;
    List<Setting> compared;
    try (Console.Progress bar = console.progress("replay", "pages", 0)) {
      Replay replay =
          asked
              .threads(used)
              .resumingIn(out.resolve("pages"))
              .progress((what, done, total) -> bar.progress(done, total));
      compared = compared(choosing, shop, replay);
      result = replay.run(compared);
    } catch (IllegalArgumentException e) {
      throw new UserErrorException(String.valueOf(e.getMessage()), e);
    }
    Path page =
        EvaluationReport.of(result)
            .notice(notice)
            .facts(facts(shop, history, used))
            .products(Facts::name, product -> picture(shop.pictures.get(product.id())))
            .write(out);
    console.note(
        String.format(
            Locale.ROOT, "compared %d settings in %s", compared.size(), Console.since(start)));
    console.result(page.toString());
  }

  private Replay replay(Shop shop, PurchaseHistory history) {
    LocalDate last =
        cut == null ? history.last().atZone(ZoneOffset.UTC).toLocalDate().minusDays(6) : cut;
    Replay cutting =
        refused(Replay.of(history, shop.catalogue), last.atStartOfDay(ZoneOffset.UTC).toInstant());
    Replay asking = unlessRefused("-k", k, () -> cutting.k(k));
    Replay of = unlessRefused("--customers", customers, () -> asking.customers(customers));
    return tasks.isEmpty()
        ? of
        : of.tasks(tasks.stream().map(EvaluateCommand::task).toArray(Task[]::new));
  }

  private static Task task(String name) {
    return Task.valueOf(name.toUpperCase(Locale.ROOT));
  }

  private Replay refused(Replay replay, Instant last) {
    if (weeks < 1) {
      throw new UserErrorException("--weeks is " + weeks + ", expected 1 or more");
    }
    try {
      return replay.weekly(last, weeks);
    } catch (IllegalArgumentException e) {
      String why =
          cut == null
              ? String.format(
                  Locale.ROOT,
                  "; %s too few days for %d week%s to be asked about",
                  purchases == null ? "there are" : purchases + " spans",
                  weeks,
                  weeks == 1 ? "" : "s")
              : "";
      throw new UserErrorException("--cut: " + e.getMessage() + why, e);
    }
  }

  private Map<String, Object> facts(Shop shop, PurchaseHistory history, int used) {
    var facts = new LinkedHashMap<String, Object>();
    facts.put("products", shop.what);
    facts.put("purchases", history + (purchases == null ? "" : ", " + purchases));
    facts.put("from", history.first() + " to " + history.last());
    facts.put("share of the customers asked about", customers);
    facts.put("threads", used);
    facts.put("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
    facts.put("command", StorePlace.shownCommand(spec));
    return facts;
  }

  private byte @Nullable [] picture(@Nullable ImageSource photo) {
    if (photo == null) {
      return null;
    }
    try {
      return Thumbnail.jpeg(photo, WIDTH, HEIGHT);
    } catch (UnreadableImageException e) {
      main.console().warn(String.valueOf(e.getMessage()));
      return null;
    }
  }

  private void makeFolder() throws IOException {
    try {
      Files.createDirectories(out);
    } catch (FileAlreadyExistsException e) {
      throw new UserErrorException(out + " is no folder; name one to write to", e);
    } catch (IOException e) {
      throw new UserErrorException("cannot make the folder " + out + ": " + Errors.reason(e), e);
    }
  }
}

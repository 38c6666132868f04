package io.lookalike.cli;

import io.lookalike.AddReport;
import io.lookalike.Candidate;
import io.lookalike.PopularityReranker;
import io.lookalike.PurchaseLog;
import io.lookalike.Recommendation;
import io.lookalike.RecommendationRequest;
import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.Reranker;
import io.lookalike.StoreInfo;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import io.lookalike.datasets.Catalogue;
import io.lookalike.extractor.EfficientNetLite;
import io.lookalike.features.CatalogueTransform;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.index.Neighbor;
import io.lookalike.index.Query;
import io.lookalike.index.hnsw.HnswIndex;
import io.lookalike.math.UnitVector;
import io.lookalike.store.CatalogueStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** The whole path on the photos that come with the program, shown on a page. */
@Command(
    name = "demo",
    description =
        "Indexes the 300 photos that come with this program, and writes a page on which you see"
            + " what looks alike and what of that sells. The sales are simulated.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lookalike demo",
      "  lookalike demo --out /tmp/shop",
      "  lookalike demo --store shop",
      "      keeps the catalogue, for lookalike similar --store shop 100335",
    })
@SuppressWarnings("NullAway.Init") // picocli sets the options
final class DemoCommand implements Callable<Integer> {

  /**
   * Products of six kinds, picked by hand: what looks closest to them is mostly of their kind; and
   * another color of each to ask for.
   */
  private static final List<Map.Entry<String, String>> CONSULTED =
      List.of(
          Map.entry("100335", "black"),
          Map.entry("100561", "red"),
          Map.entry("100733", "brown"),
          Map.entry("100015", "blue"),
          Map.entry("100163", "grey"),
          Map.entry("100446", "grey"));

  /** The number of products that look closest, as in the paper. */
  private static final int CLOSEST = 10;

  private static final int SHOWN = 6;

  /**
   * Table 1 of the paper: what looks like the sunglasses 0215303002, and how often it is bought.
   */
  private static final Map<String, Long> TABLE_1 =
      Map.ofEntries(
          Map.entry("0376172001", 288L),
          Map.entry("0215303001", 270L),
          Map.entry("0357792004", 166L),
          Map.entry("0270375001", 114L),
          Map.entry("0270382001", 98L),
          Map.entry("0370594023", 78L),
          Map.entry("0268305007", 69L),
          Map.entry("0357792009", 58L),
          Map.entry("0270375004", 27L),
          Map.entry("0270375006", 0L));

  @ParentCommand private Main main;

  @Option(
      names = {"-o", "--out"},
      defaultValue = "lookalike-demo",
      paramLabel = "DIR",
      description = "Where to write the page, index.html. Default: ${DEFAULT-VALUE}.")
  private Path out;

  @Option(
      names = {"-s", "--store"},
      paramLabel = StorePlace.LABEL,
      description =
          "Where to keep the catalogue: a new folder, the store of another demo, or"
              + " jdbc:postgresql://HOST/DATABASE. Without it, it is in memory.")
  private @Nullable StorePlace store;

  @Override
  public Integer call() throws IOException {
    if (store != null) {
      store.checkWritable();
    }
    new Inputs().store(store).check(out.resolve("index.html"));
    Path page = createFolder().resolve("index.html");
    DemoPhotos.use(catalogue -> write(catalogue, page));
    main.console().result(page.toString());
    return 0;
  }

  private Path createFolder() {
    if (out.toString().isEmpty()) {
      throw new UserErrorException("--out is empty; name a folder for the page");
    }
    Path folder = out.toAbsolutePath().normalize();
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new UserErrorException("--out is " + out + ", a file; name a folder for the page");
    }
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UserErrorException("cannot create the folder " + Errors.describe(e), e);
    }
  }

  private void write(Path catalogue, Path page) throws IOException {
    Console console = main.console();
    long start = System.nanoTime();
    var items = new ArrayList<ProductImage>();
    Catalogue.csv(catalogue).strict().read(items::add);
    try (Recommender shop = open(console)) {
      fill(shop, items, catalogue.resolveSibling("purchases.csv"));
      console.note(
          String.format(
              Locale.ROOT,
              "indexed %d photos and %,d simulated purchases in %s",
              shop.size(),
              shop.purchases().total(),
              Console.since(start)));
      for (String problem : page(shop, items).write(page)) {
        console.warn(problem);
      }
    }
  }

  private Recommender open(Console console) throws IOException {
    RecommenderBuilder settings =
        Recommender.builder()
            .transform(CatalogueTransform.byCatalogueSize())
            .index(HnswIndex.factory())
            .reranker(PopularityReranker.byPurchases())
            .onlyNearest(CLOSEST);
    if (store == null) {
      return settings.extractor(EfficientNetLite.builtIn()).build();
    }
    CatalogueStore opened = store.openOrCreate(console);
    FeatureExtractor extractor = null;
    boolean open = false;
    try {
      StoreInfo info = Store.infoOrNull(store, opened);
      extractor =
          info == null
              ? EfficientNetLite.builtIn()
              : new StoredExtractor(store, info, new ExtractorOptions());
      Recommender shop = Store.build(store, settings.extractor(extractor), opened);
      open = true;
      return shop;
    } finally {
      if (!open) {
        opened.close();
        if (extractor != null) {
          extractor.close();
        }
      }
    }
  }

  private void fill(Recommender shop, List<ProductImage> items, Path purchases) throws IOException {
    Set<String> ids = new HashSet<>();
    items.forEach(item -> ids.add(item.product().id()));
    for (Product product : shop.products()) {
      if (!ids.contains(product.id())) {
        throw new UserErrorException(
            store + " holds other products, such as " + product.id() + "; name a new folder");
      }
    }
    AddReport report;
    try (Console.Progress bar = main.console().progress("demo", "photos", items.size())) {
      report = shop.addAll(items, bar);
    }
    if (!report.rejected().isEmpty()) {
      throw new IOException("a photo of the demo is damaged: " + report.rejected().get(0).reason());
    }
    shop.refit();
    SalesFile.csv(purchases, id -> shop.product(id).isPresent(), main.console())
        .count(shop.purchases(), main.console());
  }

  private static ResultPage page(Recommender shop, List<ProductImage> items) {
    Map<String, ProductImage> byId = new LinkedHashMap<>();
    items.forEach(item -> byId.put(item.product().id(), item));
    return new ResultPage(
        "Products that look alike, ranked by what people buy",
        "A pre-trained network compared "
            + shop.size()
            + " photos of clothes, inside one Java process on this machine. Here are six of them,"
            + " picked by hand. For each, you see the ten that look closest, and what a shop would"
            + " make of those.",
        "Sales on this page are simulated.",
        CONSULTED.stream()
            .map(each -> section(shop, byId, each.getKey(), each.getValue()))
            .toList(),
        List.of(table1()),
        List.of(
            "The photos are from Clothing dataset (small) by Alexey Grigorev and contributors, CC0"
                + " 1.0. The names are ours, the prices are invented, and the sales are simulated"
                + " with a fixed seed: how a product looks has no influence on how it sells here.",
            "Similarity is the cosine of the angle between two photos’ features, from -1 to 1."
                + " Features: EfficientNet-Lite0; "
                + shop.transform().description()
                + ". The six are among the better ones: over all photos, "
                + percent(ownCategory(shop, byId.keySet()))
                + " of the ten that look closest are of the same kind of garment."));
  }

  /** The mean share of the closest products that are in the consulted product's category. */
  private static double ownCategory(Recommender shop, Set<String> ids) {
    double sum = 0;
    for (String id : ids) {
      Object category = category(shop, id);
      sum +=
          closest(shop, id).stream().filter(n -> category.equals(category(shop, n.id()))).count();
    }
    return sum / (ids.size() * CLOSEST);
  }

  private static Object category(Recommender shop, String id) {
    return Objects.requireNonNull(shop.product(id).orElseThrow().attributes().get("category"));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f %%", 100 * share);
  }

  private static List<Neighbor> closest(Recommender shop, String id) {
    UnitVector vector = Objects.requireNonNull(shop.searcher().vector(id), id);
    return shop.searcher().search(Query.of(vector, CLOSEST).excluding(Set.of(id)));
  }

  private static ResultPage.Section section(
      Recommender shop, Map<String, ProductImage> items, String id, String color) {
    var places = new LinkedHashMap<String, String>();
    var strip = new ArrayList<ResultPage.Tile>();
    for (Neighbor n : closest(shop, id)) {
      places.put(n.id(), places.isEmpty() ? "closest" : ordinal(places.size() + 1) + " closest");
      strip.add(tile(item(items, n.id()), n.similarity(), shop.purchases().count(n.id()), ""));
    }
    var page = new ArrayList<ResultPage.Tile>();
    for (Recommendation r : shop.similarTo(id, SHOWN)) {
      page.add(
          tile(
              item(items, r.id()),
              r.similarity(),
              r.sales(),
              Objects.requireNonNull(places.get(r.id()))));
    }
    ProductImage consulted = item(items, id);
    return new ResultPage.Section(
        new ResultPage.Consulted(
            name(consulted.product()),
            price(consulted.product())
                + " · "
                + sold(shop.purchases().count(id))
                + " · "
                + kind(shop, id),
            consulted.image()),
        new ResultPage.Row(
            "People buy these", "of the ten that look closest, the best sellers first", page),
        List.of(
            new ResultPage.Row("These look closest", "before sales have had their say", strip),
            new ResultPage.Row(
                "The same, but " + color,
                "what looks closest among what is " + color,
                inColor(shop, items, id, color))));
  }

  private static List<ResultPage.Tile> inColor(
      Recommender shop, Map<String, ProductImage> items, String id, String color) {
    RecommendationRequest request =
        RecommendationRequest.like(id)
            .but("color", color)
            .k(CLOSEST)
            .rankedBy(Reranker.bySimilarity());
    return shop.recommend(request).recommendations().stream()
        .map(r -> tile(item(items, r.id()), r.similarity(), r.sales(), ""))
        .toList();
  }

  /** What a product is, if one did not know. */
  private static String kind(Recommender shop, String id) {
    return shop.suggest(id, "category")
        .map(
            kind ->
                String.format(
                    Locale.ROOT,
                    "%s, say %.0f of its %d neighbors",
                    kind.value(),
                    kind.share() * kind.neighbors(),
                    kind.neighbors()))
        .orElse("");
  }

  private static ProductImage item(Map<String, ProductImage> items, String id) {
    return Objects.requireNonNull(items.get(id), id);
  }

  private static ResultPage.Tile tile(
      ProductImage item, float similarity, long sales, String place) {
    Product product = item.product();
    ImageSource photo = item.image();
    return new ResultPage.Tile(name(product), price(product), photo, similarity, sales, place);
  }

  private static String name(Product product) {
    return Objects.requireNonNullElse(product.attributes().get("name"), product.id()).toString();
  }

  private static String price(Product product) {
    return product.attributes().get("price") instanceof Double price
        ? String.format(Locale.ROOT, "€ %.2f", price)
        : "";
  }

  private static String sold(long pieces) {
    return pieces == 0 ? "never sold" : String.format(Locale.ROOT, "%,d sold", pieces);
  }

  private static String ordinal(int n) {
    return n + (n == 2 ? "nd" : n == 3 ? "rd" : "th");
  }

  private static ResultPage.Example table1() {
    List<Candidate> closest =
        TABLE_1.entrySet().stream()
            .map(e -> new Candidate(Product.of(e.getKey()), 0, e.getValue()))
            .toList();
    List<Recommendation> ranked =
        PopularityReranker.byPurchases().rerank(closest, new PurchaseLog());
    Set<String> shown = new HashSet<>();
    ranked.forEach(r -> shown.add(r.id()));
    return new ResultPage.Example(
        "The rule, on the paper’s example",
        List.of(
            "Somebody looks at the sunglasses 0215303002 in H&M’s catalogue. Ten articles look"
                + " closest. They are ordered by how often each was bought; the one that nobody"
                + " bought is not shown.",
            "The figures are Table 1 of Boukrouh, Tayalati and Azmani, Personalized Fashion Product"
                + " Recommendations using Transfer Learning and Nearest Neighbors Models. The order"
                + " was made just now, by the same code as the pages above."),
        "The ten articles that look closest to 0215303002",
        ranked.stream().map(r -> new ResultPage.Example.Sales(r.id(), r.sales())).toList(),
        TABLE_1.keySet().stream().filter(id -> !shown.contains(id)).sorted().toList());
  }
}

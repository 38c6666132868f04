package io.lookalike.cli;

import static io.lookalike.cli.UserErrorException.unlessRefused;

import io.lookalike.AddReport;
import io.lookalike.CoPurchases;
import io.lookalike.Customer;
import io.lookalike.Event;
import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.StoreInfo;
import io.lookalike.catalog.CatalogueItem;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import io.lookalike.datasets.Catalogue;
import io.lookalike.datasets.HmDataset;
import io.lookalike.datasets.PurchasesCsv;
import io.lookalike.features.CatalogueTransform;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexFactory;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Photos and purchases to a store. */
@Command(
    name = "index",
    description =
        "Puts photos and purchases into a store, for similar and neighbors to ask. Products that"
            + " are there are replaced; photos that are known are not looked at again, so that a"
            + " run that was stopped goes on when it is started again.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lookalike index photos/ --store shop",
      "  lookalike index products.csv --store shop --purchases purchases.csv",
      "      purchases.csv has the columns product and time;",
      "      it may have customer, quantity and id",
      "  lookalike index h-and-m/ --format hm --store shop \\",
      "      --purchases h-and-m/transactions_train.csv",
      "  lookalike index photos/ --store shop --several-photos",
      "      shirt_1.jpg and shirt_2.jpg are photos of the product shirt",
      "  lookalike index photos/ --store shop --prune",
      "  lookalike index photos/ --store shop --transform none",
      "      features as the network makes them, as the paper has it",
      "  lookalike index photos/ --store shop \\",
      "      --index opensearch:https://search:9200/shop",
      "      the products are searched in a cluster of OpenSearch"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the options
final class IndexCommand implements Callable<Integer> {

  /** Number of purchases that are kept together. */
  private static final int GROUP = 1_000;

  /** Sales are written together, and all of them are durable before the command ends. */
  private static final Duration SALES_TOGETHER = Duration.ofMillis(100);

  @ParentCommand private Main main;

  @Mixin private CatalogueOptions catalogue;

  @Option(
      names = {"-s", "--store"},
      required = true,
      paramLabel = StorePlace.LABEL,
      description =
          "The store: a new or empty folder, one that index has made, or"
              + " jdbc:postgresql://HOST/DATABASE.")
  private StorePlace store;

  @Option(
      names = "--index",
      defaultValue = IndexName.DEFAULT,
      paramLabel = IndexName.LABEL,
      description = IndexName.DESCRIPTION)
  private IndexFactory index;

  @Option(
      names = "--purchases",
      paramLabel = "FILE",
      description =
          "What was bought: a CSV file; with --format hm H&M's transactions_train.csv. If each row"
              + " has an id, rows that were counted before are left out; otherwise the file is all"
              + " that was bought, and takes the place of what the store has counted.")
  private @Nullable Path purchases;

  @Option(
      names = "--bought-together",
      description =
          "With --purchases: also keep who bought what, which the column customer tells, for similar"
              + " --bought-together.")
  private boolean boughtTogether;

  @Option(
      names = "--transform",
      paramLabel = "NAME",
      description = TransformChoice.DESCRIPTION + " But a store keeps the one that it has.")
  private @Nullable TransformChoice transform;

  @Option(
      names = "--prune",
      description = "Remove products from the store that are not in PHOTOS or CSV any more.")
  private boolean prune;

  @Option(
      names = "--variants-by",
      defaultValue = KindOptions.VARIANTS,
      paramLabel = "ATTRIBUTE",
      description =
          "What variants of one design have in common, from which auto learns if products have it,"
              + " and which may share a photo."
              + " Default: ${DEFAULT-VALUE}.")
  private String variantsBy;

  @Option(
      names = "--several-photos",
      description =
          "Files of a folder whose names differ in a number at their end alone, such as shirt_1.jpg"
              + " and shirt_2.jpg, are photos of one product. (In a CSV file, they have | between"
              + " them, or are in columns image2, image3 and so on.)")
  private boolean severalPhotos;

  @Option(
      names = "--shared",
      defaultValue = "" + SharedLooks.MANY,
      paramLabel = "N",
      description =
          "A picture file that N products or more have, variants counted as one, is taken for a"
              + " placeholder: they are indexed with their other photos, or without looks. 0 takes"
              + " none for one. Default: ${DEFAULT-VALUE}.")
  private int shared;

  @Override
  public Integer call() throws IOException {
    if (shared < 0 || shared == 1) {
      throw new UserErrorException("--shared is " + shared + ", expected 0, or 2 or more");
    }
    if (boughtTogether && purchases == null) {
      throw new UserErrorException(
          "--bought-together needs --purchases, a file with the column customer");
    }
    Console console = main.console();
    store.checkWritable();
    CatalogueRead read = catalogue.readAll(severalPhotos, console);
    boolean isNew = !store.mayExist();
    Path folder = store.folder();
    boolean isNewFolder = folder != null && !Files.exists(folder);
    boolean filled = false;
    CatalogueStore opened = store.openOrCreate(console);
    try {
      fill(opened, read, console);
      filled = true;
    } finally {
      opened.close(); // again, unless it could not be made a recommender
      if (isNew && !filled) {
        store.discardIfEmpty(isNewFolder);
      }
    }
    return 0;
  }

  /** What a store has, unless one is named; else what the products allow. */
  private FeatureTransform.Rule rule(
      @Nullable StoreInfo info, CatalogueStore opened, List<CatalogueItem> items)
      throws StoreException {
    if (transform == null && info != null && opened.transform(info.network()).isPresent()) {
      return TransformChoice.rule(
          store,
          info.transform(),
          name -> items.stream().anyMatch(i -> i.product().attributes().get(name) != null));
    }
    TransformChoice wanted = transform == null ? TransformChoice.AUTO : transform;
    if (wanted == TransformChoice.AUTO) {
      for (String attribute : List.of(variantsBy + Catalogue.TEXT_SUFFIX, variantsBy)) {
        if (items.stream().anyMatch(i -> i.product().attributes().get(attribute) != null)) {
          return unlessRefused(
              "--variants-by", variantsBy, () -> CatalogueTransform.byDesigns(attribute));
        }
      }
    }
    return wanted.rule();
  }

  private void fill(CatalogueStore opened, CatalogueRead read, Console console) throws IOException {
    List<CatalogueItem> items = read.items();
    Set<String> ids = read.ids();
    long start = System.nanoTime();
    StoreInfo info = Store.infoOrNull(store, opened);
    CountingExtractor extractor = extractor(info);
    boolean given = false;
    try {
      RecommenderBuilder settings =
          Recommender.builder()
              .extractor(extractor)
              .index(index)
              .transform(rule(info, opened, items))
              .purchasesDurableWithin(SALES_TOGETHER);
      CoPurchases customers = boughtTogether ? Store.withCoPurchases(settings) : null;
      // From here on the shop closes both.
      try (Recommender shop = Store.build(store, settings, opened)) {
        given = true;
        SalesFile sales = sales(id -> ids.contains(id) || shop.product(id).isPresent(), console);
        if (customers != null && sales != null && !sales.namesCustomers()) {
          throw new UserErrorException(
              purchases
                  + " names no customers, so that it does not tell what was bought together; add the"
                  + " column customer, or leave --bought-together out");
        }
        List<CatalogueItem> all = withoutPlaceholders(items, console);
        forgetPlaceholders(items, all, shop);
        AddReport report = add(all, shop, console);
        long known = photos(all, report) - extractor.made();
        boolean pruning = prune && read.skipped() == 0;
        List<String> left = left(ids, shop, pruning);
        if (sales != null) {
          sales.count(shop.purchases(), console);
        }
        if (customers != null && purchases != null) {
          keepCustomers(purchases, customers, shop, console);
        }
        shop.refit();
        console.note(
            String.format(
                Locale.ROOT,
                "indexed %d of %d products in %s%s; purchases: %d; transform: %s; saved in %s",
                report.added(),
                items.size(),
                Console.since(start),
                known(known),
                shop.purchases().total(),
                shop.transform().description(),
                store));
        if (shared > 0) {
          SharedLooks.lines(shop, shared, variantsBy).forEach(console::note);
        }
        tell(left, read.skipped(), console);
      }
    } finally {
      if (!given) {
        extractor.close();
      }
    }
  }

  /** How many photos the products have that went in. */
  private static long photos(List<CatalogueItem> items, AddReport report) {
    Set<String> rejected = new HashSet<>();
    report.rejected().forEach(product -> rejected.add(product.id()));
    return items.stream()
        .filter(item -> !rejected.contains(item.product().id()))
        .mapToLong(item -> item instanceof ProductImage photos ? photos.images().size() : 0)
        .sum();
  }

  private static String known(long photos) {
    return photos > 0 ? String.format(Locale.ROOT, ", %d photos known before", photos) : "";
  }

  /** The network that was named, or the one that the store was made with. */
  private CountingExtractor extractor(@Nullable StoreInfo info) {
    if (info == null) {
      return new CountingExtractor(catalogue.extractor());
    }
    var stored = new StoredExtractor(store, info, catalogue.extractorOptions());
    stored.check();
    return new CountingExtractor(stored);
  }

  private @Nullable SalesFile sales(Predicate<String> products, Console console)
      throws IOException {
    if (purchases == null) {
      return null;
    }
    return catalogue.format() == CatalogueFormat.HM
        ? SalesFile.hm(purchases, products, boughtTogether, catalogue, console)
        : SalesFile.csv(purchases, products, catalogue, console);
  }

  /** Keeps who bought what, of a file whose bad rows were told when its sales were read. */
  private void keepCustomers(Path file, CoPurchases customers, Recommender shop, Console console)
      throws IOException {
    Predicate<String> products = id -> shop.product(id).isPresent();
    var group = new ArrayList<Event>();
    Consumer<Event> keeping =
        event -> {
          group.add(event);
          if (group.size() == GROUP) {
            customers.recordAll(group);
            group.clear();
          }
        };
    try (Console.Progress bar = console.progress("customers", "bytes", Files.size(file))) {
      if (catalogue.format() == CatalogueFormat.HM) {
        HmDataset.in(Path.of(""))
            .transactions(file)
            .products(products)
            .progress(bar)
            .readPurchases(
                (customer, id, day) ->
                    keeping.accept(
                        bought(customer, id, day.atStartOfDay(ZoneOffset.UTC).toInstant())));
      } else {
        PurchasesCsv.of(file)
            .products(products)
            .progress(bar)
            .read(
                (purchase, customer) -> {
                  if (customer != null && purchase.quantity() > 0) {
                    keeping.accept(bought(customer, purchase.productId(), purchase.time()));
                  }
                });
      }
    }
    customers.recordAll(group);
  }

  private static Event bought(String customer, String id, Instant time) {
    return new Event(Customer.of(customer), Event.Kind.BOUGHT, id, time);
  }

  /** The products of the shop that are not to be indexed; they are removed if that is wanted. */
  private List<String> left(Set<String> ids, Recommender shop, boolean pruning) {
    var left = new ArrayList<String>();
    for (Product product : shop.products()) {
      if (!ids.contains(product.id())) {
        left.add(product.id());
      }
    }
    if (pruning) {
      left.forEach(shop::remove);
    }
    return left;
  }

  private void tell(List<String> left, long skipped, Console console) {
    if (left.isEmpty()) {
      return;
    }
    if (prune && skipped > 0) { // whose products may be among those left
      console.warn(
          "nothing was removed by --prune, as rows or files of "
              + catalogue.path()
              + " were skipped: "
              + skipped
              + "; mend them and index again; in the store but not read: "
              + left.size());
    } else {
      console.note(
          prune
              ? "removed, as " + catalogue.path() + " does not have them: " + left.size()
              : "left in the store, though "
                  + catalogue.path()
                  + " does not have them: "
                  + left.size()
                  + "; --prune removes them");
    }
  }

  /** Products as they are indexed: with photos of their own alone. */
  private List<CatalogueItem> withoutPlaceholders(List<CatalogueItem> items, Console console) {
    Set<String> placeholders = new HashSet<>();
    List<ProductImage> pictured =
        items.stream()
            .filter(ProductImage.class::isInstance)
            .map(ProductImage.class::cast)
            .toList();
    List<SharedFiles.Shared> found =
        shared == 0 ? List.of() : SharedFiles.find(pictured, shared, variantsBy);
    for (SharedFiles.Shared picture : found) {
      console.note(
          picture.productIds().size()
              + " products have the same picture as "
              + picture.firstProductId()
              + " ("
              + picture.firstName()
              + "), which is taken for a placeholder: those that have no other are indexed without"
              + " looks; --shared 0 keeps it");
      placeholders.addAll(picture.names());
    }
    var all = new ArrayList<CatalogueItem>(items.size());
    for (CatalogueItem item : items) {
      all.add(item instanceof ProductImage photos ? own(photos, placeholders) : item);
    }
    return all;
  }

  private static CatalogueItem own(ProductImage item, Set<String> placeholders) {
    List<ImageSource> own =
        item.images().stream().filter(image -> !placeholders.contains(image.name())).toList();
    return own.isEmpty()
        ? CatalogueItem.of(withImage(item).product())
        : withImage(new ProductImage(item.product(), own));
  }

  /** A product that the store has keeps its looks, unless they are those of a placeholder. */
  private static void forgetPlaceholders(
      List<CatalogueItem> read, List<CatalogueItem> indexed, Recommender shop) {
    Set<String> known = null;
    for (int i = 0; i < read.size(); i++) {
      Product product = indexed.get(i).product();
      if (read.get(i) instanceof ProductImage && !(indexed.get(i) instanceof ProductImage)) {
        known = known == null ? new HashSet<>(shop.searcher().ids()) : known;
        if (known.contains(product.id()) && shop.remove(product.id())) {
          shop.add(product);
        }
      }
    }
  }

  /** Keeps where the picture is, for pages to show it. */
  private static ProductImage withImage(ProductImage item) {
    String path = Path.of(item.image().name()).toAbsolutePath().normalize().toString();
    return new ProductImage(item.product().with(Facts.IMAGE, path), item.images());
  }

  private AddReport add(List<CatalogueItem> items, Recommender shop, Console console)
      throws IOException {
    AddReport report;
    try (Console.Progress bar = console.progress("indexing", "photos", items.size())) {
      report = shop.addAll(items, bar);
    }
    for (AddReport.Rejected rejected : report.rejected()) {
      console.warn(rejected.reason());
    }
    if (report.added() == 0) {
      throw catalogue.nothingReadable(items.size());
    }
    if (catalogue.strict() && !report.rejected().isEmpty()) {
      throw new IOException(
          "photos that could not be read: "
              + report.rejected().size()
              + "; the others are in "
              + store);
    }
    return report;
  }
}

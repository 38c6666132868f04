package io.lookalike.cli;

import static io.lookalike.cli.UserErrorException.unlessRefused;

import io.lookalike.AddReport;
import io.lookalike.Purchase;
import io.lookalike.PurchaseLog;
import io.lookalike.Recommender;
import io.lookalike.catalog.CatalogueItem;
import io.lookalike.catalog.ProductImage;
import io.lookalike.datasets.Catalogue;
import io.lookalike.datasets.HmDataset;
import io.lookalike.datasets.PurchasesCsv;
import io.lookalike.datasets.ReadReport;
import io.lookalike.features.CatalogueTransform;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Photos and purchases to a store. */
@Command(
    name = "index",
    description = "Makes a store of photos and purchases, for similar and neighbours to ask.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lookalike index photos/ --store shop",
      "  lookalike index products.csv --store shop --purchases purchases.csv",
      "      purchases.csv has the columns product and time;",
      "      it may have customer, quantity and id",
      "  lookalike index h-and-m/ --format hm --store shop \\",
      "      --purchases h-and-m/transactions_train.csv",
      "  lookalike index photos/ --store shop --transform none",
      "      features as the network makes them, as the paper has it"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the options
final class IndexCommand implements Callable<Integer> {

  @ParentCommand private Main main;

  @Mixin private CatalogueOptions catalogue;

  @Option(
      names = {"-s", "--store"},
      required = true,
      paramLabel = "DIR",
      description = "The store: an empty or a new folder, or a store, which is replaced.")
  private Path store;

  @Option(
      names = "--purchases",
      paramLabel = "FILE",
      description = "What was bought: a CSV file; with --format hm H&M's transactions_train.csv.")
  private @Nullable Path purchases;

  @Option(
      names = "--transform",
      defaultValue = "auto",
      paramLabel = "NAME",
      description = TransformChoice.DESCRIPTION)
  private TransformChoice transform;

  @Option(
      names = "--variants-by",
      defaultValue = "product_code",
      paramLabel = "ATTRIBUTE",
      description =
          "What variants of one design have in common, from which auto learns if products have it."
              + " Default: ${DEFAULT-VALUE}.")
  private String variantsBy;

  @Option(
      names = "--shared",
      defaultValue = "20",
      paramLabel = "N",
      description =
          "A picture file that N products or more have is taken for a placeholder: they are indexed"
              + " without looks. 0 takes none for one. Default: ${DEFAULT-VALUE}.")
  private int shared;

  @Override
  public Integer call() throws IOException {
    if (shared < 0 || shared == 1) {
      throw new UserErrorException("--shared is " + shared + ", expected 0, or 2 or more");
    }
    Console console = main.console();
    Store.checkWritable(store);
    List<ProductImage> items = catalogue.read(console);
    long start = System.nanoTime();
    try (Recommender shop =
        Recommender.builder()
            .extractor(catalogue.extractor())
            .index(BruteForceIndex.factory())
            .transform(rule(items))
            .build()) {
      if (purchases != null) {
        record(purchases, items, shop, console);
      }
      AddReport report = add(items, shop, console);
      shop.refit();
      shop.save(store);
      console.note(
          String.format(
              Locale.ROOT,
              "indexed %d of %d products in %s; purchases: %d; transform: %s; saved in %s",
              report.added(),
              items.size(),
              Console.since(start),
              shop.purchases().total(),
              shop.transform().description(),
              store));
    }
    return 0;
  }

  private FeatureTransform.Rule rule(List<ProductImage> items) {
    if (transform == TransformChoice.AUTO) {
      for (String attribute : List.of(variantsBy + Catalogue.TEXT_SUFFIX, variantsBy)) {
        if (items.stream().anyMatch(i -> i.product().attributes().get(attribute) != null)) {
          return unlessRefused(
              "--variants-by", variantsBy, () -> CatalogueTransform.byDesigns(attribute));
        }
      }
    }
    return transform.rule();
  }

  private void record(Path file, List<ProductImage> items, Recommender shop, Console console)
      throws IOException {
    Set<String> ids = new HashSet<>();
    items.forEach(item -> ids.add(item.product().id()));
    if (catalogue.format() == CatalogueFormat.HM) {
      HmDataset files = HmDataset.in(Path.of("")).products(ids::contains);
      HmCatalogue.readSales(
          catalogue.strict() ? files.strict() : files, file, shop.purchases()::record, console);
      return;
    }
    // Returns may stand before their sales.
    var returns = new ArrayList<Purchase>();
    var repeated = new AtomicLong();
    PurchaseLog log = shop.purchases();
    try (Console.Progress bar = console.progress("purchases", "bytes", file.toFile().length())) {
      PurchasesCsv source = PurchasesCsv.of(file).products(ids::contains).progress(bar);
      ReadReport report =
          (catalogue.strict() ? source.strict() : source)
              .read(
                  (purchase, customer) -> {
                    if (purchase.quantity() < 0) {
                      returns.add(purchase);
                    } else if (!log.record(purchase)) {
                      repeated.incrementAndGet();
                    }
                  });
      CataloguePath.report(report, console);
    }
    for (Purchase back : returns) {
      try {
        if (!log.record(back)) {
          repeated.incrementAndGet();
        }
      } catch (IllegalArgumentException e) {
        catalogue.unreadable(file + ": " + e.getMessage(), console);
      }
    }
    if (repeated.get() > 0) {
      console.note(
          file + ": rows with an id that was met before, which do not count again: " + repeated);
    }
  }

  /** Products as they are indexed: those of a placeholder without looks. */
  private List<CatalogueItem> withoutPlaceholders(List<ProductImage> items, Console console) {
    Set<String> placed = new HashSet<>();
    List<List<ProductImage>> groups = shared == 0 ? List.of() : SharedFiles.find(items, shared);
    for (List<ProductImage> group : groups) {
      console.note(
          group.size()
              + " products have the same picture as "
              + group.get(0).product().id()
              + " ("
              + group.get(0).image().name()
              + "), which is taken for a placeholder: they are indexed without looks; --shared 0"
              + " keeps it");
      group.forEach(item -> placed.add(item.product().id()));
    }
    var all = new ArrayList<CatalogueItem>(items.size());
    for (ProductImage item : items) {
      ProductImage kept = withImage(item);
      all.add(placed.contains(item.product().id()) ? CatalogueItem.of(kept.product()) : kept);
    }
    return all;
  }

  /** Keeps where the picture is, for pages to show it. */
  private static ProductImage withImage(ProductImage item) {
    String path = Path.of(item.image().name()).toAbsolutePath().normalize().toString();
    return new ProductImage(item.product().with(Facts.IMAGE, path), item.image());
  }

  private AddReport add(List<ProductImage> items, Recommender shop, Console console) {
    AddReport report;
    try (Console.Progress bar = console.progress("indexing", "photos", items.size())) {
      report = shop.addAll(withoutPlaceholders(items, console), bar);
    }
    for (AddReport.Rejected rejected : report.rejected()) {
      catalogue.unreadable(rejected.reason(), console);
    }
    if (report.added() == 0) {
      throw catalogue.nothingReadable(items.size());
    }
    return report;
  }
}

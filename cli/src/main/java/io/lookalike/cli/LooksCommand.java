package io.lookalike.cli;

import io.lookalike.StoreInfo;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import io.lookalike.evaluation.Interval;
import io.lookalike.evaluation.LooksEvaluation;
import io.lookalike.evaluation.ReplayCatalogue;
import io.lookalike.features.CatalogueTransform;
import io.lookalike.features.FeatureTransform;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoredProduct;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** How good features are, where there are no purchases. */
@Command(
    name = "looks",
    description =
        "Tells how good features are without any purchases: how many of a product's nearest are of"
            + " its category, whether its own variants are among them, and how many of the nearest"
            + " others find too. Transforms are fitted to half of the designs, and all are asked about"
            + " the other half.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lookalike looks --store shop",
      "  lookalike looks --store shop --against shop-of-another-network",
      "  lookalike looks --store shop --category-by type --variants-by style"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the options
final class LooksCommand implements Callable<Integer> {

  /** Decides the halves. */
  private static final long SEED = 1;

  @ParentCommand private Main main;

  @Mixin private StoreOption store;

  @Option(
      names = "--against",
      paramLabel = StorePlace.LABEL,
      description = "A store of the same products by another network.")
  private @Nullable StorePlace against;

  @Option(
      names = "-k",
      defaultValue = "10",
      paramLabel = "N",
      description = "How many of the nearest count. Default: ${DEFAULT-VALUE}.")
  private int k;

  @Mixin private KindOptions kinds;

  /** A store's products with the features that its network made of the first photo of each. */
  private record Products(Map<String, Attributes> known, Map<String, float[]> of) {}

  private record Row(String name, LooksEvaluation looks) {}

  @Override
  public Integer call() throws IOException {
    if (k < 1) {
      throw new UserErrorException("-k is " + k + ", expected 1 or more");
    }
    Products own = products(store.place);
    var rows = new ArrayList<Row>();
    if (against == null) {
      add(rows, "", own, own.of.keySet().stream().toList());
    } else {
      Products other = products(against);
      List<String> both = own.of.keySet().stream().filter(other.of::containsKey).toList();
      add(rows, store.place + ": ", own, both);
      add(rows, against + ": ", new Products(own.known, other.of), both);
    }
    print(rows);
    return 0;
  }

  private Products products(StorePlace place) throws IOException {
    try (CatalogueStore opened = place.open(main.console())) {
      StoreInfo info = Store.info(place, opened);
      // By id, so that two stores have their products in one order.
      var known = new TreeMap<String, Attributes>();
      var features = new TreeMap<String, float[]>();
      try (StoreCursor<StoredProduct> products = opened.products(info.network(), 0)) {
        while (products.hasNext()) {
          StoredProduct product = products.next();
          if (product.attributes() != null && product.features() != null) {
            known.put(product.id(), product.attributes());
            features.put(product.id(), Arrays.copyOf(product.features(), info.dimension()));
          }
        }
      }
      return new Products(known, features);
    }
  }

  private void add(List<Row> rows, String prefix, Products products, List<String> ids) {
    List<Product> chosen =
        ids.stream()
            .map(id -> new Product(id, products.known.getOrDefault(id, Attributes.none())))
            .toList();
    String designs = KindOptions.attribute(kinds.variantsBy, KindOptions.VARIANTS, chosen);
    ReplayCatalogue.Builder builder =
        ReplayCatalogue.builder()
            .categoryBy(KindOptions.attribute(kinds.categoryBy, Facts.CATEGORY, chosen))
            .variantsBy(designs);
    chosen.forEach(product -> builder.add(product, products.of.get(product.id())));
    LooksEvaluation asIs = looks(builder);
    rows.add(new Row(prefix + "as they are", asIs.heldOut(SEED)));
    Map<String, FeatureTransform.Rule> rules = new LinkedHashMap<>();
    rules.put("centred, 256 axes (pca)", CatalogueTransform.pca(256));
    rules.put("evened out (whiten)", CatalogueTransform.whitening(512, 0.25));
    if (chosen.stream().anyMatch(product -> product.attributes().get(designs) != null)) {
      rules.put("taught by " + designs, CatalogueTransform.byDesigns(designs));
    }
    rules.forEach((name, rule) -> rows.add(new Row(prefix + name, asIs.transformed(rule, SEED))));
  }

  private LooksEvaluation looks(ReplayCatalogue.Builder builder) {
    try {
      return LooksEvaluation.of(builder.build(), k);
    } catch (IllegalArgumentException e) {
      throw new UserErrorException(
          store.place + (against == null ? ": " : ", " + against + ": ") + e.getMessage(), e);
    }
  }

  private void print(List<Row> rows) {
    Console console = main.console();
    int width = rows.stream().mapToInt(row -> row.name.length()).max().orElse(0);
    String format = "%-" + width + "s  %-20s  %-20s  %s";
    console.result(
        String.format(
            Locale.ROOT, format, "features", "same category", "own variants", "same nearest"));
    for (Row row : rows) {
      console.result(
          String.format(
              Locale.ROOT,
              format,
              row.name,
              figure(row.looks.sameCategory()),
              figure(row.looks.variants()),
              String.format(Locale.ROOT, "%.3f", rows.get(0).looks.overlap(row.looks))));
    }
    console.note(
        "of the "
            + k
            + " nearest: the share of the same category; whether another variant of the design is"
            + " among them; how many the first line finds, too. Intervals of 95 %");
  }

  private static String figure(Interval interval) {
    return Double.isNaN(interval.value())
        ? "-"
        : String.format(
            Locale.ROOT, "%.3f [%.3f, %.3f]", interval.value(), interval.low(), interval.high());
  }
}

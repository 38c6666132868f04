package io.lookalike.cli;

import io.lookalike.Recommender;
import io.lookalike.StoreInfo;
import io.lookalike.Suggestion;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.bruteforce.BruteForceIndex;
import io.lookalike.math.UnitVector;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How often suggestions are right, and whether their confidence says so: the values of half of the
 * products are withheld, those of a design together, and suggested by the other half, to which the
 * transform is fitted.
 */
final class SuggestionCheck {

  /** Decides the halves. */
  private static final long SEED = 1;

  private final String attribute;
  private final int dimension;
  private final FeatureTransform.Rule rule;
  private final List<ProductFeatures> known = new ArrayList<>();
  private final List<ProductFeatures> withheld = new ArrayList<>();

  private record Answer(Suggestion suggested, boolean right) {}

  /**
   * Reads a store.
   *
   * @param attribute what is suggested
   * @param variants what products of a design have in common, if the user has said it
   * @throws UserErrorException if fewer than two products have the attribute, or none has what the
   *     user has named
   */
  SuggestionCheck(
      StorePlace place, CatalogueStore store, String attribute, @Nullable String variants)
      throws StoreException {
    StoreInfo info = Store.info(place, store);
    var all = new ArrayList<Product>();
    var withFeatures = new ArrayList<ProductFeatures>();
    try (StoreCursor<StoredProduct> products = store.products(info.network(), 0)) {
      while (products.hasNext()) {
        StoredProduct product = products.next();
        float[] features = product.features();
        Attributes attributes = product.attributes();
        if (attributes != null) {
          all.add(new Product(product.id(), attributes));
          if (features != null && attributes.get(attribute) != null) {
            withFeatures.add(new ProductFeatures(new Product(product.id(), attributes), features));
          }
        }
      }
    }
    this.dimension = info.dimension();
    this.attribute = KindOptions.attribute(attribute, attribute, all);
    String by = KindOptions.attribute(variants, KindOptions.VARIANTS, all);
    var random = new Random(SEED);
    Map<Object, Boolean> halves = new HashMap<>();
    for (ProductFeatures item : withFeatures) {
      Object design = item.product().attributes().get(by);
      boolean half =
          design == null
              ? random.nextBoolean()
              : halves.computeIfAbsent(design, d -> random.nextBoolean());
      if (item.product().attributes().get(this.attribute) != null) {
        (half ? withheld : known).add(item);
      }
    }
    rule =
        TransformChoice.rule(
            place,
            info.transform(),
            name -> known.stream().anyMatch(item -> item.product().attributes().get(name) != null));
    if (known.isEmpty() || withheld.isEmpty()) {
      throw new UserErrorException(
          "too few products of "
              + place
              + " have "
              + attribute
              + " and a photo to withhold half of them");
    }
  }

  /** Withholds, suggests, and says what came of it. */
  List<String> lines() {
    List<Answer> answers = answers();
    var lines = new ArrayList<String>();
    lines.add(
        String.format(
            Locale.ROOT, "%-20s %8s %15s %6s", attribute, "products", "confidence", "right"));
    add(lines, "all", answers, s -> true);
    double[] bounds = {1, .8, .6, .4, 0};
    for (int i = 1; i < bounds.length; i++) {
      double most = bounds[i - 1];
      double least = bounds[i];
      add(
          lines,
          least + " to " + most,
          answers,
          s -> s.confidence() >= least && (s.confidence() < most || most == 1));
    }
    add(lines, "all neighbors agree", answers, s -> s.share() == 1);
    return lines;
  }

  private List<Answer> answers() {
    FeatureTransform fitted = rule.fit(rows());
    var answers = new ArrayList<Answer>();
    try (Recommender shop =
        Recommender.builder()
            .dimension(fitted.outputDimension())
            .index(BruteForceIndex.factory())
            .transform(FeatureTransform.Rule.NONE)
            .build()) {
      var items = new ArrayList<ProductFeatures>();
      for (ProductFeatures item : known) {
        Object value = item.product().attributes().get(attribute);
        items.add(
            new ProductFeatures(
                new Product(item.product().id(), Attributes.of(Map.of(attribute, value))),
                looks(fitted, item)));
      }
      for (ProductFeatures item : withheld) {
        items.add(new ProductFeatures(Product.of(item.product().id()), looks(fitted, item)));
      }
      shop.addAll(items);
      for (ProductFeatures item : withheld) {
        Object value = item.product().attributes().get(attribute);
        shop.suggest(item.product().id(), attribute)
            .ifPresent(
                s ->
                    answers.add(
                        new Answer(
                            s,
                            value instanceof Set<?> set
                                ? set.contains(s.value())
                                : s.value().equals(value))));
      }
    }
    return answers;
  }

  /** Of several photos the mean, as the question is. */
  private float[] looks(FeatureTransform fitted, ProductFeatures item) {
    float[] photos = item.features();
    if (photos.length == dimension) {
      return fitted.apply(photos);
    }
    var sum = new float[fitted.outputDimension()];
    for (int from = 0; from < photos.length; from += dimension) {
      float[] photo = Arrays.copyOfRange(photos, from, from + dimension);
      float[] unit = UnitVector.of(fitted.apply(photo)).toArray();
      for (int i = 0; i < sum.length; i++) {
        sum[i] += unit[i];
      }
    }
    return sum;
  }

  private StoredFeatures rows() {
    var rows =
        new StoredFeatures(dimension, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (ProductFeatures item : known) {
      rows.add(item.product(), item.features());
    }
    return rows;
  }

  private static void add(
      List<String> lines, String name, List<Answer> answers, Predicate<Suggestion> which) {
    List<Answer> some = answers.stream().filter(answer -> which.test(answer.suggested)).toList();
    lines.add(
        some.isEmpty()
            ? String.format(Locale.ROOT, "%-20s %8d", name, 0)
            : String.format(
                Locale.ROOT,
                "%-20s %8d %15.3f %6.3f",
                name,
                some.size(),
                some.stream()
                    .mapToDouble(answer -> answer.suggested.confidence())
                    .average()
                    .orElseThrow(),
                some.stream().mapToDouble(answer -> answer.right ? 1 : 0).average().orElseThrow()));
  }
}

package io.lookalike.evaluation;

import io.lookalike.catalog.Attributes;
import io.lookalike.features.FeatureSet;
import io.lookalike.features.FeatureTransform;
import io.lookalike.internal.TopK;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * How good features are, without a single purchase: whether the nearest of a product are of its
 * category, whether its own variants are among them, and whether two networks find the same. Exact
 * search over all products with features; time grows with the square of their number, of which
 * 10,000 of 256 dimensions take seconds. Immutable and safe for use by several threads.
 *
 * <pre>{@code
 * LooksEvaluation asIs = LooksEvaluation.of(catalogue, 10);
 * LooksEvaluation whitened = asIs.transformed(CatalogueTransform.whitening(512, 0.25), 1);
 * System.out.println(asIs.variants() + " " + whitened.variants());
 * }</pre>
 */
public final class LooksEvaluation {

  private final ReplayCatalogue catalogue;
  private final int k;

  /** Numbers of the products with features. */
  private final int[] products;

  /** Places of products that are asked about, a design's together or not at all. */
  private final int[] asked;

  /** The k nearest of each product that is asked about, as places. */
  private final int[][] nearest;

  private LooksEvaluation(
      ReplayCatalogue catalogue, int k, int[] products, int[] asked, List<UnitVector> vectors) {
    this.catalogue = catalogue;
    this.k = k;
    this.products = products;
    this.asked = asked;
    this.nearest = new int[asked.length][];
    var cosines = new float[products.length];
    for (int i = 0; i < asked.length; i++) {
      int own = asked[i];
      vectors.get(own).cosines(vectors, cosines);
      var best =
          new TopK<Integer>(
              k,
              Comparator.comparingDouble((Integer p) -> -cosines[p])
                  .thenComparing(Comparator.naturalOrder()));
      for (int p = 0; p < products.length; p++) {
        if (p != own) {
          best.offer(p);
        }
      }
      nearest[i] = best.sorted().stream().mapToInt(p -> p).toArray();
    }
  }

  /**
   * Looks at features as they are, and asks about all products.
   *
   * @param catalogue the products; those without features are left out
   * @param k how many of the nearest count, at least 1
   * @return the evaluation
   * @throws IllegalArgumentException if k is less than 1, or fewer than two products have features
   */
  public static LooksEvaluation of(ReplayCatalogue catalogue, int k) {
    if (k < 1) {
      throw new IllegalArgumentException("k is " + k + ", expected 1 or more");
    }
    int[] products =
        IntStream.range(0, catalogue.size()).filter(i -> catalogue.features(i) != null).toArray();
    if (products.length < 2) {
      throw new IllegalArgumentException(
          products.length + " products have features, expected 2 or more");
    }
    return new LooksEvaluation(
        catalogue,
        k,
        products,
        IntStream.range(0, products.length).toArray(),
        Arrays.stream(products)
            .mapToObj(p -> UnitVector.of(Objects.requireNonNull(catalogue.features(p))))
            .toList());
  }

  /**
   * Looks at transformed features: the transform is fitted to the products of half of the designs,
   * and those of the other half are asked about, so that none is asked about that it has seen. A
   * product without a design is one of its own. Compare it with {@link #heldOut} of the same seed,
   * which asks the same.
   *
   * @param rule what to fit
   * @param seed decides the halves
   * @return the evaluation
   */
  public LooksEvaluation transformed(FeatureTransform.Rule rule, long seed) {
    BitSet heldOut = half(seed);
    int[] seen = IntStream.range(0, products.length).filter(p -> !heldOut.get(p)).toArray();
    FeatureTransform transform = rule.fit(new Rows(seen));
    var vectors = new ArrayList<UnitVector>(products.length);
    for (int product : products) {
      vectors.add(
          UnitVector.of(transform.apply(Objects.requireNonNull(catalogue.features(product)))));
    }
    return new LooksEvaluation(catalogue, k, products, heldOut.stream().toArray(), vectors);
  }

  /**
   * Looks at features as they are, and asks about the half that {@link #transformed} asks about.
   *
   * @param seed decides the halves
   * @return the evaluation
   */
  public LooksEvaluation heldOut(long seed) {
    return transformed(FeatureTransform.Rule.NONE, seed);
  }

  /** Places of the products of half of the designs. */
  private BitSet half(long seed) {
    var random = new Random(seed);
    var ofDesign = new BitSet();
    var known = new BitSet();
    var half = new BitSet();
    for (int p = 0; p < products.length; p++) {
      int design = catalogue.design(products[p]);
      boolean drawn = random.nextBoolean();
      if (design >= 0 && !known.get(design)) {
        known.set(design);
        ofDesign.set(design, drawn);
      }
      half.set(p, design >= 0 ? ofDesign.get(design) : drawn);
    }
    return half;
  }

  private final class Rows implements FeatureSet {
    private final int[] places;

    Rows(int[] places) {
      this.places = places;
    }

    @Override
    public int size() {
      return places.length;
    }

    @Override
    public Attributes attributes(int row) {
      return catalogue.product(products[places[row]]).attributes();
    }

    @Override
    public int dimension() {
      return catalogue.dimension();
    }

    @Override
    public void copyRow(int row, float[] target, int offset) {
      float[] features = Objects.requireNonNull(catalogue.features(products[places[row]]));
      System.arraycopy(features, 0, target, offset, features.length);
    }
  }

  /**
   * Same-category precision: the share of the k nearest that are of the product's category.
   *
   * @return the mean over the products asked about that have a category, with its interval of 95 %,
   *     by products; NaN if none has
   */
  public Interval sameCategory() {
    return mean(
        i -> {
          int category = catalogue.category(products[asked[i]]);
          return category < 0
              ? Double.NaN
              : Arrays.stream(nearest[i])
                      .filter(p -> catalogue.category(products[p]) == category)
                      .count()
                  / (double) k;
        });
  }

  /**
   * Variant retrieval: whether another variant of the product's design is among the k nearest.
   *
   * @return the share of the products asked about that have one, with its interval of 95 %, by
   *     products; NaN if none has
   */
  public Interval variants() {
    var sizes = new int[catalogue.size()];
    for (int product : products) {
      if (catalogue.design(product) >= 0) {
        sizes[catalogue.design(product)]++;
      }
    }
    return mean(
        i -> {
          int design = catalogue.design(products[asked[i]]);
          return design < 0 || sizes[design] < 2
              ? Double.NaN
              : Arrays.stream(nearest[i]).anyMatch(p -> catalogue.design(products[p]) == design)
                  ? 1
                  : 0;
        });
  }

  private Interval mean(IntToDoubleFunction value) {
    return Significance.seeded(20)
        .mean(IntStream.range(0, asked.length).mapToDouble(value).toArray(), asked);
  }

  /**
   * Neighbor overlap: the mean share of the k nearest that both have, such as two networks on one
   * catalogue.
   *
   * @param other of products with the same ids in the same order, asking about the same
   * @return from 0 to 1
   * @throws IllegalArgumentException if products, questions or k differ
   */
  public double overlap(LooksEvaluation other) {
    boolean same = k == other.k && Arrays.equals(asked, other.asked) && sameProducts(other);
    if (!same) {
      throw new IllegalArgumentException(
          "the two look at different products, or at another number of nearest");
    }
    return IntStream.range(0, asked.length)
        .mapToDouble(
            i ->
                Arrays.stream(nearest[i])
                        .filter(p -> Arrays.stream(other.nearest[i]).anyMatch(o -> o == p))
                        .count()
                    / (double) Math.max(1, nearest[i].length))
        .average()
        .orElse(Double.NaN);
  }

  private boolean sameProducts(LooksEvaluation other) {
    return products.length == other.products.length
        && IntStream.range(0, products.length)
            .allMatch(
                p ->
                    catalogue
                        .product(products[p])
                        .id()
                        .equals(other.catalogue.product(other.products[p]).id()));
  }
}

package io.lookalike;

import io.lookalike.index.Hit;
import io.lookalike.index.NeighborSearcher;
import io.lookalike.math.UnitVector;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a page is after. */
sealed interface Objective {

  /** As {@link io.lookalike.index.Neighbor#CLOSEST_FIRST}. */
  Comparator<Hit> CLOSEST_FIRST =
      Comparator.comparingDouble((Hit hit) -> -hit.similarity()).thenComparing(Hit::id);

  /** An example's vector and its weight, which is above 0. */
  record WeightedVector(UnitVector vector, double weight) {

    /** With others divided by the same, only their sums change: they stay finite. */
    WeightedVector dividedBy(double largest) {
      return new WeightedVector(vector, quotient(weight, largest));
    }

    /** A quotient of weights, which is a weight: above 0, and finite. */
    static double quotient(double weight, double largest) {
      return Math.max(Double.MIN_VALUE, Math.min(Double.MAX_VALUE, weight / largest));
    }
  }

  /**
   * Finds the nearest products that may be shown: {@code count} of them if there are as many.
   *
   * @param vectors whether the products' vectors are wanted, too
   * @return closest first
   */
  List<Hit> nearest(NeighborSearcher index, int count, Eligibility eligible, boolean vectors);

  /** How near a product is: from -1 to 1. */
  float similarity(UnitVector product);

  /**
   * Combines examples.
   *
   * @param liked at least one
   */
  static Objective of(
      Combination combination, List<WeightedVector> liked, List<WeightedVector> disliked) {
    if (liked.size() == 1 && disliked.isEmpty()) {
      return new Direction(liked.get(0).vector);
    }
    if (combination == Combination.BEST) {
      return new BestExample(scaled(liked), scaled(disliked));
    }
    double[] factors = ExampleWeights.factors(combination, weights(liked), weights(disliked));
    var sum = new double[liked.get(0).vector.dimension()];
    add(sum, liked, factors, 0);
    UnitVector likedAlone = direction(sum);
    add(sum, disliked, factors, liked.size());
    UnitVector direction = direction(sum);
    if (direction == null) { // likes and dislikes cancel out
      direction = likedAlone;
    }
    return new Direction(direction == null ? liked.get(0).vector : direction);
  }

  /** The mean direction of some vectors, or the first's if they cancel out. */
  static UnitVector mean(List<UnitVector> vectors) {
    var sum = new double[vectors.get(0).dimension()];
    List<WeightedVector> equal = vectors.stream().map(v -> new WeightedVector(v, 1)).toList();
    add(sum, equal, weights(equal), 0);
    return Objects.requireNonNullElse(direction(sum), vectors.get(0));
  }

  private static double[] weights(List<WeightedVector> examples) {
    return examples.stream().mapToDouble(WeightedVector::weight).toArray();
  }

  private static void add(
      double[] sum, List<WeightedVector> examples, double[] factors, int first) {
    for (int e = 0; e < examples.size(); e++) {
      float[] values = examples.get(e).vector.toArray();
      for (int i = 0; i < sum.length; i++) {
        sum[i] += factors[first + e] * values[i];
      }
    }
  }

  /** The sum's direction; null if there is none but what rounding makes. */
  private static @Nullable UnitVector direction(double[] sum) {
    double squares = 0;
    var values = new float[sum.length];
    for (int i = 0; i < sum.length; i++) {
      squares += sum[i] * sum[i];
      values[i] = (float) sum[i];
    }
    return Math.sqrt(squares) > 1e-6 ? UnitVector.of(values) : null;
  }

  /** Divides weights by the largest. */
  private static List<WeightedVector> scaled(List<WeightedVector> examples) {
    double largest = examples.stream().mapToDouble(WeightedVector::weight).max().orElse(1);
    return examples.stream().map(e -> new WeightedVector(e.vector, e.weight / largest)).toList();
  }

  /** One direction, which an index searches for. */
  record Direction(UnitVector vector) implements Objective {

    @Override
    public List<Hit> nearest(
        NeighborSearcher index, int count, Eligibility eligible, boolean vectors) {
      return index.hits(eligible.query(vector, count), vectors);
    }

    @Override
    public float similarity(UnitVector product) {
      return Math.max(-1, Math.min(1, vector.cosine(product)));
    }
  }

  /** See {@link Combination#BEST}. */
  record BestExample(List<WeightedVector> liked, List<WeightedVector> disliked)
      implements Objective {

    /**
     * At most this many times as many products as are wanted are looked at to avoid disliked ones.
     */
    private static final int MOST = 64;

    /** By how much an index may compute a similarity otherwise. */
    private static final float ROUNDING = 1e-5f;

    @Override
    public List<Hit> nearest(
        NeighborSearcher index, int count, Eligibility eligible, boolean vectors) {
      List<Hit> best = List.of();
      for (long depth = count; depth <= (long) MOST * count; depth = 4 * depth) {
        int each = (int) Math.min(depth, Integer.MAX_VALUE);
        Map<String, Hit> found = new HashMap<>();
        boolean all = false;
        double unseen = -1; // what an example can say at most of what it has not found
        for (WeightedVector example : liked) {
          List<Hit> nearest = index.hits(eligible.query(example.vector, each), true);
          all |= nearest.size() < each;
          if (!all) {
            unseen = Math.max(unseen, example.weight * nearest.get(each - 1).similarity());
          }
          // Of a product of several photos, each example finds the one that is nearest to it.
          nearest.forEach(hit -> found.merge(hit.id(), scored(hit), BestExample::closer));
        }
        best = found.values().stream().sorted(CLOSEST_FIRST).limit(count).toList();
        if (all
            || disliked.isEmpty()
            || (best.size() == count && best.get(count - 1).similarity() >= unseen - ROUNDING)) {
          return best;
        }
      }
      return best;
    }

    private static Hit closer(Hit one, Hit other) {
      return CLOSEST_FIRST.compare(one, other) <= 0 ? one : other;
    }

    private Hit scored(Hit hit) {
      UnitVector vector = Objects.requireNonNull(hit.vector());
      return new Hit(hit.id(), similarity(vector), hit.attributes(), vector, hit.photo());
    }

    @Override
    public float similarity(UnitVector product) {
      double like = closest(liked, product);
      double dislike = disliked.isEmpty() ? -1 : closest(disliked, product);
      double score = like >= dislike ? like : Math.min(like, -dislike * dislike);
      return (float) Math.max(-1, Math.min(1, score));
    }

    private static double closest(List<WeightedVector> examples, UnitVector product) {
      return examples.stream()
          .mapToDouble(p -> p.weight * p.vector.cosine(product))
          .max()
          .orElse(-1);
    }
  }

  /**
   * No direction: what sells best, as long as nothing else is known.
   *
   * @param now what was sold on a later day (UTC) does not count
   */
  record BestSellers(PurchaseLog purchases, LiveCatalogue catalogue, Instant now)
      implements Objective {

    /**
     * Sizes of the steps in which the order of best sellers is gone through, until it is enough.
     */
    private static final List<Integer> STEPS = List.of(64, 512, 4_096);

    /** How many of the products that match are put in order where best sellers hardly match. */
    private static final int MATCHES = 4_096;

    @Override
    public List<Hit> nearest(
        NeighborSearcher index, int count, Eligibility eligible, boolean vectors) {
      var best = new ArrayList<Hit>();
      UnitVector any = anyDirection(index.dimension());
      Iterator<String> order = purchases.bestSellers(now).iterator();
      for (int step : STEPS) {
        List<String> ids = next(order, Math.max(step, count));
        if (best.size() >= count || ids.isEmpty()) {
          break;
        }
        Eligibility some = new Eligibility(eligible.filter(), eligible.excluded(), Set.copyOf(ids));
        Map<String, Hit> found = new HashMap<>();
        index.hits(some.query(any, ids.size()), vectors).forEach(h -> found.put(h.id(), h));
        catalogue.withoutLooks(some).forEach(h -> found.put(h.id(), h));
        for (String id : ids) {
          Hit hit = found.get(id);
          if (hit != null && best.size() < count) {
            best.add(unranked(hit));
          }
        }
      }
      boolean someSoldAreLeft = order.hasNext();
      if (best.size() < count && (someSoldAreLeft || eligible.among() == null)) {
        addOthers(best, index, any, count, someSoldAreLeft ? MATCHES : count, eligible, vectors);
      }
      return best;
    }

    /**
     * Fills up with what sells less, or not at all: any products, in the order of sales, then ids.
     *
     * @param among how many of them are put in that order
     */
    private void addOthers(
        List<Hit> best,
        NeighborSearcher index,
        UnitVector any,
        int count,
        int among,
        Eligibility eligible,
        boolean vectors) {
      var excluded = new HashSet<>(eligible.excluded());
      best.forEach(hit -> excluded.add(hit.id()));
      Eligibility rest = new Eligibility(eligible.filter(), excluded, eligible.among());
      Stream.concat(
              index.hits(rest.query(any, Math.max(count, among)), vectors).stream(),
              catalogue.withoutLooks(rest).stream())
          .sorted(
              Comparator.comparingLong((Hit hit) -> -purchases.count(hit.id(), now))
                  .thenComparing(Hit::id))
          .limit(count - best.size())
          .map(BestSellers::unranked)
          .forEach(best::add);
    }

    private static Hit unranked(Hit hit) {
      return new Hit(hit.id(), 0, hit.attributes(), hit.vector());
    }

    private static List<String> next(Iterator<String> order, int count) {
      var ids = new ArrayList<String>();
      while (order.hasNext() && ids.size() < count) {
        ids.add(order.next());
      }
      return ids;
    }

    private static UnitVector anyDirection(int dimension) {
      var values = new float[dimension];
      values[0] = 1;
      return UnitVector.of(values);
    }

    @Override
    public float similarity(UnitVector product) {
      return 0;
    }
  }
}

package io.lookalike;

import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborSearcher;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is sought. */
sealed interface Objective {

  /** An example's vector and its weight, which is above 0. */
  record WeightedVector(UnitVector vector, double weight) {}

  /**
   * Finds the nearest products that match and are not excluded: {@code count} of them if there are
   * as many.
   *
   * @return closest first
   */
  List<Neighbor> nearest(NeighborSearcher index, int count, Filter filter, Set<String> excluded);

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
    boolean average = combination == Combination.AVERAGE;
    var sum = new double[liked.get(0).vector.dimension()];
    add(sum, liked, average ? 1 / total(liked) : 1);
    add(sum, disliked, average ? -Direction.DISLIKED / total(disliked) : -1);
    UnitVector direction = direction(sum, total(liked));
    if (direction == null) { // likes and dislikes cancel out
      sum = new double[sum.length];
      add(sum, liked, 1);
      direction = direction(sum, total(liked));
    }
    return new Direction(direction == null ? liked.get(0).vector : direction);
  }

  private static void add(double[] sum, List<WeightedVector> pulls, double factor) {
    for (WeightedVector pull : pulls) {
      float[] values = pull.vector.toArray();
      for (int i = 0; i < sum.length; i++) {
        sum[i] += factor * pull.weight * values[i];
      }
    }
  }

  private static double total(List<WeightedVector> pulls) {
    return pulls.stream().mapToDouble(WeightedVector::weight).sum();
  }

  /** The sum's direction; null if there is none but what rounding makes. */
  private static @Nullable UnitVector direction(double[] sum, double total) {
    double squares = 0;
    var values = new float[sum.length];
    for (int i = 0; i < sum.length; i++) {
      squares += sum[i] * sum[i];
      values[i] = (float) sum[i];
    }
    return Math.sqrt(squares) > 1e-6 * Math.min(1, total) ? UnitVector.of(values) : null;
  }

  /** Divides weights by the largest. */
  private static List<WeightedVector> scaled(List<WeightedVector> pulls) {
    double largest = pulls.stream().mapToDouble(WeightedVector::weight).max().orElse(1);
    return pulls.stream().map(p -> new WeightedVector(p.vector, p.weight / largest)).toList();
  }

  /** One direction, which an index searches for. */
  record Direction(UnitVector vector) implements Objective {

    /** What the mean of the disliked counts against that of the liked. */
    private static final double DISLIKED = .5;

    @Override
    public List<Neighbor> nearest(
        NeighborSearcher index, int count, Filter filter, Set<String> excluded) {
      return index.search(new Query(vector, count, filter, excluded));
    }

    @Override
    public float similarity(UnitVector product) {
      return Math.max(-1, Math.min(1, vector.cosine(product)));
    }
  }

  /** See {@link Combination#BEST}. */
  record BestExample(List<WeightedVector> liked, List<WeightedVector> disliked)
      implements Objective {

    /** So many times as many products as are wanted are looked at to avoid disliked ones. */
    private static final int MOST = 64;

    @Override
    public List<Neighbor> nearest(
        NeighborSearcher index, int count, Filter filter, Set<String> excluded) {
      List<Neighbor> best = List.of();
      for (long depth = count; depth <= (long) MOST * count; depth = 4 * depth) {
        int each = (int) Math.min(depth, Integer.MAX_VALUE);
        Map<String, Neighbor> found = new HashMap<>();
        boolean all = false;
        for (WeightedVector pull : liked) {
          List<Neighbor> nearest = index.search(new Query(pull.vector, each, filter, excluded));
          all |= nearest.size() < each;
          for (Neighbor neighbor : nearest) {
            found.computeIfAbsent(neighbor.id(), id -> scored(index, id));
          }
        }
        best =
            found.values().stream()
                .filter(n -> n.similarity() != GONE)
                .sorted(Neighbor.CLOSEST_FIRST)
                .limit(count)
                .toList();
        if (all || disliked.isEmpty() || best.stream().allMatch(n -> n.similarity() >= 0)) {
          return best;
        }
      }
      return best;
    }

    private static final float GONE = -2;

    private Neighbor scored(NeighborSearcher index, String id) {
      UnitVector vector = index.vector(id);
      return new Neighbor(id, vector == null ? GONE : similarity(vector));
    }

    @Override
    public float similarity(UnitVector product) {
      double like = closest(liked, product);
      double dislike = disliked.isEmpty() ? -1 : closest(disliked, product);
      double score = like >= dislike ? like : Math.min(like, -dislike * dislike);
      return (float) Math.max(-1, Math.min(1, score));
    }

    private static double closest(List<WeightedVector> pulls, UnitVector product) {
      return pulls.stream().mapToDouble(p -> p.weight * p.vector.cosine(product)).max().orElse(-1);
    }
  }

  /** No direction: what sells best, as long as nothing else is known. */
  record BestSellers(Supplier<Stream<Product>> catalogue, PurchaseLog purchases)
      implements Objective {

    private record Seller(String id, long sales) {
      static final Comparator<Seller> BEST_FIRST =
          Comparator.comparingLong(Seller::sales).reversed().thenComparing(Seller::id);
    }

    @Override
    public List<Neighbor> nearest(
        NeighborSearcher index, int count, Filter filter, Set<String> excluded) {
      var worstFirst = new PriorityQueue<Seller>(Seller.BEST_FIRST.reversed());
      catalogue
          .get()
          .filter(p -> !excluded.contains(p.id()) && filter.matches(p.attributes()))
          .forEach(
              p -> {
                worstFirst.add(new Seller(p.id(), purchases.count(p.id())));
                if (worstFirst.size() > count) {
                  worstFirst.remove();
                }
              });
      var best = new ArrayList<Neighbor>();
      while (!worstFirst.isEmpty()) {
        best.add(0, new Neighbor(Objects.requireNonNull(worstFirst.poll()).id(), 0));
      }
      return best;
    }

    @Override
    public float similarity(UnitVector product) {
      return 0;
    }
  }
}

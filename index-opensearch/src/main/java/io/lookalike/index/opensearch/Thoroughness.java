package io.lookalike.index.opensearch;

import io.lookalike.index.Neighbor;
import io.lookalike.math.UnitVector;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out by trying how many nearest searches have to keep track of. How many that is depends on
 * the vectors: 200 find nearly all where products lie in groups, and four fifths of the nearest
 * where 1,280 numbers are drawn at random.
 *
 * <p>Asked about are points between a product and about its tenth nearest, which are near products
 * and are none. Those two themselves, which a graph finds easily, are not counted.
 */
final class Thoroughness {

  /** The first is what holds untried. */
  private static final int[] LEVELS = {200, 300, 450, 700, 1_000, 1_500, 2_000, 3_000};

  /** How many products to begin from. */
  static final int SAMPLE = 20;

  /** Which share of the nearest is to be found; more than is promised, as a sample can mislead. */
  private static final double RECALL = .97;

  private static final int K = 10;

  /** By how much a graph may compute a similarity otherwise than a comparison does. */
  private static final float ROUNDING = 1e-6f;

  /** The index that is tried. */
  interface Tried {

    /** A product's vector; null if it is not there any more. */
    @Nullable UnitVector vector(String id);

    /** The nearest of all. */
    List<Neighbor> exact(UnitVector query, int k);

    /** The nearest that the graphs come upon. */
    List<Neighbor> near(UnitVector query, int k, int efSearch);
  }

  /**
   * A query and its answer.
   *
   * @param between the products that the query lies between
   * @param count how many others are to be found
   * @param least the least similarity of these
   */
  private record Question(UnitVector query, Set<String> between, int count, float least) {

    int found(List<Neighbor> answer) {
      return (int)
          answer.stream()
              .filter(n -> !between.contains(n.id()) && n.similarity() >= least - ROUNDING)
              .limit(count)
              .count();
    }
  }

  private Thoroughness() {}

  /**
   * What is kept track of as long as nothing has been tried.
   *
   * @return the least
   */
  static int untried() {
    return LEVELS[0];
  }

  /**
   * Tries.
   *
   * @param sample some products' ids, drawn at random
   * @return the least that finds enough; the most if none does
   */
  static int of(List<String> sample, Tried index) {
    List<Question> questions =
        sample.stream().map(id -> question(id, index)).filter(Objects::nonNull).toList();
    int wanted = questions.stream().mapToInt(Question::count).sum();
    double mostMissed = (1 - RECALL) * wanted;
    for (int level : LEVELS) {
      int missed = 0;
      for (Question each : questions) {
        if (missed <= mostMissed) { // else the next level is due
          missed += each.count - each.found(index.near(each.query, K + 2, level));
        }
      }
      if (missed <= mostMissed) {
        return level;
      }
    }
    return LEVELS[LEVELS.length - 1];
  }

  private static @Nullable Question question(String id, Tried index) {
    UnitVector product = index.vector(id);
    if (product == null) {
      return null;
    }
    List<Neighbor> around = index.near(product, K + 1, untried());
    if (around.isEmpty()) { // all has been removed meanwhile
      return null;
    }
    String other = around.get(around.size() - 1).id();
    UnitVector end = index.vector(other);
    if (end == null) {
      return null;
    }
    UnitVector query = between(product, end);
    Set<String> ends = Set.copyOf(List.of(id, other));
    List<Neighbor> nearest =
        index.exact(query, K + 2).stream().filter(n -> !ends.contains(n.id())).limit(K).toList();
    return nearest.isEmpty()
        ? null
        : new Question(query, ends, nearest.size(), nearest.get(nearest.size() - 1).similarity());
  }

  /** No two of ten nearest are opposite, where there would be nothing between. */
  private static UnitVector between(UnitVector a, UnitVector b) {
    float[] sum = a.toArray();
    float[] other = b.toArray();
    for (int d = 0; d < sum.length; d++) {
      sum[d] += other[d];
    }
    return UnitVector.of(sum);
  }
}

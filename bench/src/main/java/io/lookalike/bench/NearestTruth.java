package io.lookalike.bench;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.Query;
import io.lookalike.index.bruteforce.BruteForceIndex;
import io.lookalike.math.UnitVector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What recall is measured against: how similar the last of the k nearest is to each query. What is
 * at least as similar is one of the nearest, whichever of several equal ones an index returns.
 *
 * @param similarities a query's k-th greatest; of all, if fewer than k match
 * @param counts number of rows to find for each query, at most k
 */
public record NearestTruth(float[] similarities, int[] counts) {

  /** Rounding: one and the same similarity by kernels that add in different orders. */
  private static final float TOLERANCE = 2e-6f;

  /** By how much a given list may be worse than the truth. */
  private static final float WORSE = 1e-4f;

  private static final int CHECKED = 100;

  /**
   * Finds out by exact search.
   *
   * @param base of length 1
   * @param queries of length 1
   * @param k number of nearest that are wanted, at least 1
   * @param matching what to search among; all if null
   * @return the truth
   */
  public static NearestTruth of(
      List<float[]> base, List<float[]> queries, int k, @Nullable BitSet matching) {
    try (var exact = (BruteForceIndex) BruteForceIndex.factory().create(base.get(0).length)) {
      var items = new ArrayList<IndexItem>();
      for (int row = 0; row < base.size(); row++) {
        if (matching == null || matching.get(row)) {
          items.add(
              new IndexItem(
                  Integer.toString(row),
                  UnitVector.ofNormalized(base.get(row)),
                  Attributes.of(Map.of())));
        }
      }
      exact.upsertAll(items);
      exact.optimize();
      List<Query> asked =
          queries.stream()
              .map(query -> Query.of(UnitVector.ofNormalized(query), k).where(Filter.ALL))
              .toList();
      var similarities = new float[queries.size()];
      var counts = new int[queries.size()];
      List<List<Neighbor>> answers = exact.searchAll(asked);
      for (int i = 0; i < counts.length; i++) {
        List<Neighbor> nearest = answers.get(i);
        counts[i] = nearest.size();
        similarities[i] = nearest.get(nearest.size() - 1).similarity();
      }
      return new NearestTruth(similarities, counts);
    }
  }

  /**
   * Takes it from rows that somebody else has found, and compares some of it with what exact search
   * finds.
   *
   * @param file where they come from, for messages
   * @param rows of the nearest of each query, closest first
   * @param base of length 1
   * @param queries of length 1
   * @param k number of nearest that are wanted, at least 1
   * @return the truth
   * @throws IllegalArgumentException if the rows belong to other vectors or another measure
   */
  public static NearestTruth given(
      Path file, List<int[]> rows, List<float[]> base, List<float[]> queries, int k) {
    if (rows.size() != queries.size()) {
      throw new IllegalArgumentException(
          file
              + " has the neighbours of "
              + rows.size()
              + " queries, expected "
              + queries.size()
              + ", as many as there are queries");
    }
    int wanted = Math.min(k, base.size());
    var similarities = new float[rows.size()];
    var counts = new int[rows.size()];
    for (int i = 0; i < counts.length; i++) {
      int[] nearest = rows.get(i);
      if (nearest.length < wanted) {
        throw new IllegalArgumentException(
            file + " has " + nearest.length + " neighbours a query, expected " + wanted);
      }
      UnitVector query = UnitVector.ofNormalized(queries.get(i));
      float least = 1;
      var seen = new BitSet();
      for (int j = 0; j < wanted; j++) {
        if (nearest[j] < 0 || nearest[j] >= base.size()) {
          throw new IllegalArgumentException(
              file
                  + ", query "
                  + i
                  + ": names row "
                  + nearest[j]
                  + ", expected 0 to "
                  + (base.size() - 1)
                  + "; it belongs to other vectors");
        }
        if (seen.get(nearest[j])) {
          throw new IllegalArgumentException(
              file
                  + ", query "
                  + i
                  + ": names row "
                  + nearest[j]
                  + " twice; leave it out, and the truth is computed");
        }
        seen.set(nearest[j]);
        least = Math.min(least, query.cosine(UnitVector.ofNormalized(base.get(nearest[j]))));
      }
      similarities[i] = least;
      counts[i] = wanted;
    }
    int checked = Math.min(CHECKED, queries.size());
    NearestTruth found = of(base, queries.subList(0, checked), k, null);
    for (int i = 0; i < checked; i++) {
      if (similarities[i] < found.similarities[i] - WORSE) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s, query %d: its neighbour %d has the cosine similarity %.4f, the true one %.4f;"
                    + " it belongs to other vectors or another measure: leave it out, and the truth"
                    + " is computed",
                file,
                i,
                wanted,
                similarities[i],
                found.similarities[i]));
      }
    }
    return new NearestTruth(similarities, counts);
  }

  /**
   * Number of an answer's rows that are true neighbors.
   *
   * @param query its number
   * @param answer rows, each counted once
   */
  int found(
      int query, float[] vector, int[] answer, List<float[]> base, @Nullable BitSet matching) {
    UnitVector unit = UnitVector.ofNormalized(vector);
    var seen = new BitSet();
    for (int row : answer) {
      if ((matching == null || matching.get(row))
          && unit.cosine(UnitVector.ofNormalized(base.get(row)))
              >= similarities[query] - TOLERANCE) {
        seen.set(row);
      }
    }
    return Math.min(counts[query], seen.cardinality());
  }
}

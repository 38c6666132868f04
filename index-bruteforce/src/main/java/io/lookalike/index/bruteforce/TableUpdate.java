package io.lookalike.index.bruteforce;

import io.lookalike.math.VectorMath;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;

/** Makes of a table's content what a new search of all products would find. */
final class TableUpdate {

  private static final VectorMath MATH = VectorMath.active();
  private static final int TILE = 64;

  private final TableContent before;
  private final SortedRows rows;
  private final long[] fingerprints;

  /** The new number of each product that was here, or -1 if it is gone. */
  private final int[] nowAt;

  /** Products, by their old numbers, that are gone or have another vector. */
  private final BitSet outdated = new BitSet();

  /** Products, by their new numbers, that came or have another vector. */
  private final BitSet arrived = new BitSet();

  private int changes;

  TableUpdate(TableContent before, SortedRows rows) {
    this.before = before;
    this.rows = rows;
    this.fingerprints = rows.fingerprints();
    this.nowAt = new int[before.ids().length];
    findChanges();
  }

  /** Number of products that came, went or changed. */
  static int changes(TableContent before, String[] ids, long[] fingerprints) {
    var prints = new HashMap<String, Long>();
    for (int i = 0; i < before.ids().length; i++) {
      prints.put(before.ids()[i], before.fingerprints().get(i));
    }
    int changes = 0;
    for (int i = 0; i < ids.length; i++) {
      Long print = prints.remove(ids[i]);
      changes += print == null || print != fingerprints[i] ? 1 : 0;
    }
    return changes + prints.size();
  }

  /** Number of products that came, went or changed. */
  int changes() {
    return changes;
  }

  /** Both have their ids in order. */
  private void findChanges() {
    String[] old = before.ids();
    int i = 0;
    int j = 0;
    while (i < old.length || j < rows.count()) {
      int order = i == old.length ? 1 : j == rows.count() ? -1 : old[i].compareTo(rows.ids[j]);
      if (order == 0) {
        nowAt[i] = j;
        if (before.fingerprints().get(i) != fingerprints[j]) {
          outdated.set(i);
          arrived.set(j);
          changes++;
        }
        i++;
        j++;
      } else if (order < 0) {
        nowAt[i] = -1;
        outdated.set(i++);
        changes++;
      } else {
        arrived.set(j++);
        changes++;
      }
    }
  }

  TableContent run(int threads) {
    if (changes == 0) {
      return before;
    }
    int n = rows.count();
    int length = TableContent.length(before.k(), n);
    var neighbors = new int[n * length];
    var similarities = new float[n * length];
    BitSet sought = (BitSet) arrived.clone();
    if (length == before.length()) {
      keep(sought, neighbors, similarities, length);
      // Beyond that, searching takes no longer than comparing with all that arrived.
      if (arrived.cardinality() > n / 2) {
        sought.set(0, n);
      }
    } else {
      sought.set(0, n);
    }
    int[] wanted = sought.stream().toArray();
    if (length > 0 && wanted.length < n) {
      compareWithArrived(sought, neighbors, similarities, length, threads);
    }
    new AllPairs(rows, length, neighbors, similarities)
        .search(wanted, threads, (ordinals, from, to) -> {});
    return new TableContent(
        before.k(),
        before.dimension(),
        rows.ids,
        LongBuffer.wrap(fingerprints),
        IntBuffer.wrap(neighbors),
        FloatBuffer.wrap(similarities));
  }

  /** Copies the lists that hold nothing outdated; the others are to be sought. */
  private void keep(BitSet sought, int[] neighbors, float[] similarities, int length) {
    for (int i = 0; i < nowAt.length; i++) {
      if (outdated.get(i)) {
        continue;
      }
      int to = nowAt[i] * length;
      for (int at = i * length; at < (i + 1) * length; at++, to++) {
        int neighbor = before.neighbors().get(at);
        if (outdated.get(neighbor)) {
          sought.set(nowAt[i]);
          break;
        }
        // The order of ids, which decides between equals, is the same as it was.
        neighbors[to] = nowAt[neighbor];
        similarities[to] = before.similarities().get(at);
      }
    }
  }

  /** What arrived may have become a neighbour of products whose lists were kept. */
  private void compareWithArrived(
      BitSet sought, int[] neighbors, float[] similarities, int length, int threads) {
    int[] newcomers = arrived.stream().toArray();
    if (newcomers.length == 0) {
      return;
    }
    int dimension = rows.dimension();
    float margin = Rows.rounding(dimension);
    Workers.run(
        threads,
        rows.segments().length,
        () -> {
          var vectors = new float[Math.min(TILE, newcomers.length) * dimension];
          var vectorOffsets = new int[TILE];
          Arrays.setAll(vectorOffsets, i -> i * dimension);
          var offsets = new int[TILE];
          var products = new float[TILE * TILE];
          return segment -> {
            int[] slots =
                Arrays.stream(rows.slotsOf(segment))
                    .filter(slot -> !sought.get(rows.ordinals[slot]))
                    .toArray();
            for (int first = 0; first < newcomers.length; first += TILE) {
              int count = Math.min(TILE, newcomers.length - first);
              for (int c = 0; c < count; c++) {
                int slot = rows.slots[newcomers[first + c]];
                System.arraycopy(
                    rows.vectors(slot), rows.offset(slot), vectors, c * dimension, dimension);
              }
              for (int from = 0; from < slots.length; from += TILE) {
                int n = Math.min(TILE, slots.length - from);
                float[] segmentVectors = rows.vectors(slots[from]);
                for (int r = 0; r < n; r++) {
                  offsets[r] = rows.offset(slots[from + r]);
                }
                MATH.dots(
                    vectors, vectorOffsets, count, segmentVectors, offsets, n, dimension, products);
                for (int r = 0; r < n; r++) {
                  int at = rows.ordinals[slots[from + r]] * length;
                  for (int c = 0; c < count; c++) {
                    // The list is full, and that kernel's product only nearly the similarity.
                    if (products[c * n + r] >= similarities[at + length - 1] - margin) {
                      float similarity =
                          MATH.dot(
                              vectors, vectorOffsets[c], segmentVectors, offsets[r], dimension);
                      AllPairs.insert(
                          neighbors,
                          similarities,
                          at,
                          length,
                          length,
                          newcomers[first + c],
                          similarity);
                    }
                  }
                }
              }
            }
          };
        });
  }
}

package io.lookalike.index.bruteforce;

import io.lookalike.catalog.Filter;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The nearest products of every product, where the items of the index are photos, of which a
 * product may have several. A product is asked about by the mean of its photos, and is as near as
 * its nearest photo.
 */
final class ProductPairs {

  /** Products that are sought together. */
  private static final int BATCH = 64;

  final String[] ids;
  final long[] fingerprints;

  private final SortedRows rows;
  private final Function<List<Query>, List<List<Found>>> search;

  /** The photos of each product, by their numbers in the rows. */
  private final int[][] photos;

  /** Which product each photo is of. */
  private final int[] products;

  /**
   * Groups photos.
   *
   * @param productOf the product's id, by the photo's
   * @param search answers queries over these rows, on the calling thread
   */
  ProductPairs(
      SortedRows rows,
      UnaryOperator<String> productOf,
      Function<List<Query>, List<List<Found>>> search) {
    this.rows = rows;
    this.search = search;
    var photosOf = new TreeMap<String, List<Integer>>();
    for (int photo = 0; photo < rows.count(); photo++) {
      photosOf
          .computeIfAbsent(productOf.apply(rows.ids[photo]), id -> new ArrayList<>(1))
          .add(photo);
    }
    this.ids = photosOf.keySet().toArray(String[]::new);
    this.photos =
        photosOf.values().stream()
            .map(own -> own.stream().mapToInt(photo -> photo).toArray())
            .toArray(int[][]::new);
    this.products = new int[rows.count()];
    this.fingerprints = new long[ids.length];
    long[] ofPhotos = rows.fingerprints();
    for (int product = 0; product < ids.length; product++) {
      for (int photo : photos[product]) {
        products[photo] = product;
      }
      fingerprints[product] =
          SortedRows.combined(
              IntStream.of(photos[product]).mapToLong(photo -> ofPhotos[photo]).toArray());
    }
  }

  /** All neighbors. */
  TableContent content(int k, int threads) {
    int length = TableContent.length(k, ids.length);
    var neighbors = new int[ids.length * length];
    var similarities = new float[ids.length * length];
    int[] all = IntStream.range(0, ids.length).toArray();
    search(all, length, threads, neighbors, similarities, (ordinals, from, to) -> {});
    return new TableContent(
        k,
        rows.dimension(),
        ids,
        LongBuffer.wrap(fingerprints),
        IntBuffer.wrap(neighbors),
        FloatBuffer.wrap(similarities));
  }

  /** Finds the neighbors of some products. */
  void search(
      int[] wanted,
      int length,
      int threads,
      int[] neighbors,
      float[] similarities,
      AllPairs.Finished finished) {
    Workers.run(
        threads,
        (wanted.length + BATCH - 1) / BATCH,
        () ->
            task -> {
              int from = task * BATCH;
              int to = Math.min(wanted.length, from + BATCH);
              if (length > 0) {
                search(Arrays.copyOfRange(wanted, from, to), length, neighbors, similarities);
              }
              finished.rows(wanted, from, to);
            });
  }

  private void search(int[] wanted, int length, int[] neighbors, float[] similarities) {
    int[] left = wanted;
    // Deeper for those whose nearest photos are of too few products.
    for (long depth = (long) length * rows.count() / ids.length + 1; left.length > 0; depth *= 4) {
      int most = (int) Math.min(rows.count(), depth);
      List<List<Found>> answers =
          search.apply(IntStream.of(left).mapToObj(product -> query(product, most)).toList());
      var deeper = IntStream.builder();
      for (int i = 0; i < left.length; i++) {
        if (!take(answers.get(i), left[i] * length, length, neighbors, similarities)) {
          deeper.add(left[i]);
        }
      }
      left = deeper.build().toArray();
    }
  }

  /** Takes the first photo of each product; whether there are enough. */
  private boolean take(
      List<Found> answer, int at, int length, int[] neighbors, float[] similarities) {
    Set<Integer> taken = new HashSet<>();
    for (Found found : answer) {
      int product = products[rows.ordinals[found.slot()]];
      if (taken.size() < length && taken.add(product)) {
        neighbors[at + taken.size() - 1] = product;
        similarities[at + taken.size() - 1] = found.similarity();
      }
    }
    return taken.size() == length;
  }

  private Query query(int product, int k) {
    Set<String> own = new LinkedHashSet<>();
    for (int photo : photos[product]) {
      own.add(rows.ids[photo]);
    }
    return new Query(mean(photos[product]), k, Filter.ALL, own);
  }

  /** The mean direction, or the first photo's if they cancel out. */
  private UnitVector mean(int[] of) {
    int dimension = rows.dimension();
    var sum = new double[dimension];
    for (int photo : of) {
      float[] vectors = rows.vectors(rows.slots[photo]);
      int at = rows.offset(rows.slots[photo]);
      for (int i = 0; i < dimension; i++) {
        sum[i] += vectors[at + i];
      }
    }
    var values = new float[dimension];
    double squares = 0;
    for (int i = 0; i < dimension; i++) {
      values[i] = (float) sum[i];
      squares += sum[i] * sum[i];
    }
    int at = rows.offset(rows.slots[of[0]]);
    float[] first = rows.vectors(rows.slots[of[0]]);
    return of.length == 1 || squares < 1e-12
        ? UnitVector.ofNormalized(Arrays.copyOfRange(first, at, at + dimension))
        : UnitVector.of(values);
  }
}

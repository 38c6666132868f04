package io.lookalike.index.bruteforce;

import static io.lookalike.internal.Once.once;

import io.lookalike.ProgressListener;
import io.lookalike.catalog.Ids;
import io.lookalike.index.Neighbor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The k nearest neighbours of every product, found once: what a {@link BruteForceIndex} answers to
 * {@code Query.of(vector, k).excluding(Set.of(id))} for each product, the same ids and the same
 * similarities.
 *
 * <pre>{@code
 * NeighborTable table = NeighborTable.builder().k(10).build(index);
 * table.save(Path.of("neighbors.bin"));
 * List<Neighbor> similar = NeighborTable.open(Path.of("neighbors.bin")).neighbors("4711");
 * index.upsert(item);
 * table.update(index);
 * }</pre>
 *
 * <p>Takes {@code 8 k + 8} bytes a product beside the ids. An opened table stays in its file, which
 * is mapped into memory. Safe for use by several threads: a read sees the table as it was before an
 * {@link #update} or as it is after, and never waits.
 */
public final class NeighborTable {

  private static final int MOST_ENTRIES = Integer.MAX_VALUE / Float.BYTES;

  private volatile TableContent content;

  /** Which product an item is a photo of; null if items are products. */
  private final @Nullable UnaryOperator<String> productOf;

  private NeighborTable(TableContent content, @Nullable UnaryOperator<String> productOf) {
    this.content = content;
    this.productOf = productOf;
  }

  /**
   * Begins with the default settings.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Maps a saved table into memory, after every byte of it has been checked.
   *
   * @param file what {@link #save} has written
   * @return the table, which keeps the file mapped until it is garbage
   * @throws IOException if the file cannot be read, is no table, is of a newer version, or is
   *     damaged; the message names the file and which part of it
   */
  public static NeighborTable open(Path file) throws IOException {
    return new NeighborTable(TableFile.open(file), null);
  }

  /**
   * As {@link #open(Path)}, a table of products of several photos, for which {@link #update} needs
   * to know which these are.
   *
   * @param file what {@link #save} has written
   * @param productOf as for {@link Builder#productOf}
   * @return the table
   * @throws IOException as {@link #open(Path)}
   */
  public static NeighborTable open(Path file, UnaryOperator<String> productOf) throws IOException {
    return new NeighborTable(TableFile.open(file), Objects.requireNonNull(productOf, "productOf"));
  }

  /**
   * Writes this table into one file: beside its place first, then renamed into it, so that at no
   * moment a part of a table is there. {@code docs/format.md} has the format.
   *
   * @param file where to; a file that is there is replaced
   * @throws IOException if the file cannot be written; nothing is left behind
   */
  public void save(Path file) throws IOException {
    TableFile.save(content, file);
  }

  /**
   * Number of neighbors that were asked for.
   *
   * @return at least 1
   */
  public int k() {
    return content.k();
  }

  /**
   * Number of products that have neighbors here.
   *
   * @return at least 0
   */
  public int size() {
    return content.ids().length;
  }

  /**
   * The products.
   *
   * @return a snapshot of their ids, in ascending order (UTF-16)
   */
  public List<String> ids() {
    return Collections.unmodifiableList(Arrays.asList(content.ids()));
  }

  /**
   * The products nearest to one.
   *
   * @param id the product's id
   * @return the nearest, closest first, equally near ones by ascending id: {@link #k()} of them, or
   *     all other products where there are fewer
   * @throws IllegalArgumentException if no product has this id
   */
  public List<Neighbor> neighbors(String id) {
    TableContent now = content;
    int product = Arrays.binarySearch(now.ids(), Ids.given(id, "a product's id"));
    if (product < 0) {
      throw new IllegalArgumentException(
          "no product has the id \"" + id + "\"; there are " + now.ids().length + " products");
    }
    int length = now.length();
    var neighbors = new Neighbor[length];
    for (int i = 0; i < length; i++) {
      int at = product * length + i;
      neighbors[i] = new Neighbor(now.ids()[now.neighbors().get(at)], now.similarities().get(at));
    }
    return List.of(neighbors);
  }

  /**
   * Brings this table to what the index holds now, as if it were built anew. What came, went or has
   * another vector is found by a checksum that the table keeps of each product. Only new products
   * and those that had a changed or removed one among their neighbours are sought again; the others
   * are compared with the new ones. Where {@linkplain Builder#productOf products have several
   * photos}, all are sought again if anything has changed. Uses all processors.
   *
   * @param index has the products
   * @return number of products that came, went or changed
   * @throws IllegalArgumentException if the index has another dimension than the table's
   * @throws IllegalStateException if the index has been closed
   * @throws java.util.concurrent.CancellationException if the thread was interrupted, which it then
   *     is again; the table is as it was
   */
  public synchronized int update(BruteForceIndex index) {
    TableContent before = content;
    if (index.dimension() != before.dimension()) {
      throw new IllegalArgumentException(
          "the index has vectors of "
              + index.dimension()
              + " dimensions, the table is of vectors of "
              + before.dimension());
    }
    Version version = index.pin();
    try {
      SortedRows rows = index.sorted(version);
      int processors = Runtime.getRuntime().availableProcessors();
      if (productOf != null) {
        ProductPairs pairs = pairs(index, version, rows, productOf);
        int changes = TableUpdate.changes(before, pairs.ids, pairs.fingerprints);
        if (changes > 0) {
          checkRoom(pairs.ids.length, before.k());
          content = pairs.content(before.k(), processors);
        }
        return changes;
      }
      checkRoom(rows.count(), before.k());
      var update = new TableUpdate(before, rows);
      content = update.run(processors);
      return update.changes();
    } finally {
      version.unpin();
    }
  }

  private static ProductPairs pairs(
      BruteForceIndex index, Version version, SortedRows rows, UnaryOperator<String> productOf) {
    return new ProductPairs(rows, productOf, queries -> index.answer(version, queries, 1));
  }

  private static void checkRoom(int products, int k) {
    long entries = (long) products * TableContent.length(k, products);
    if (entries > MOST_ENTRIES) {
      throw new IllegalArgumentException(
          products
              + " products with "
              + k
              + " neighbours each are "
              + entries
              + " neighbours, expected at most "
              + MOST_ENTRIES
              + "; lower k");
    }
  }

  /** Settings of a table to be built. Not safe for use by several threads. */
  public static final class Builder {
    private @Nullable Integer k;
    private @Nullable Integer threads;
    private @Nullable ProgressListener progress;
    private @Nullable Path checkpoint;
    private @Nullable UnaryOperator<String> productOf;

    private Builder() {}

    /**
     * Makes a table of products where the index holds photos, of which a product may have several:
     * k different products each, as near as the nearest of their photos, equally near ones by
     * ascending id of the photo. A product is asked about by the mean of its photos, as a
     * recommender does. By default each item of the index is a product.
     *
     * @param productOf gives a product's id for the id of an item; called once for each item
     * @return this builder
     * @throws IllegalStateException if it was already set
     */
    public Builder productOf(UnaryOperator<String> productOf) {
      this.productOf = once("productOf", this.productOf, productOf);
      return this;
    }

    /**
     * Number of neighbors of each product; the default is 10.
     *
     * @param k at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     * @throws IllegalStateException if it was already set
     */
    public Builder k(int k) {
      checkPositive("k", k);
      this.k = once("k", this.k, k);
      return this;
    }

    /**
     * Number of threads that search, the calling one included; the default is the number of
     * processors.
     *
     * @param threads at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     * @throws IllegalStateException if it was already set
     */
    public Builder threads(int threads) {
      checkPositive("threads", threads);
      this.threads = once("threads", this.threads, threads);
      return this;
    }

    /**
     * Who is told how many products are finished. What the listener throws ends the build and comes
     * out of it.
     *
     * @param progress told after every few products
     * @return this builder
     * @throws IllegalStateException if it was already set
     */
    public Builder progress(ProgressListener progress) {
      this.progress = once("progress", this.progress, progress);
      return this;
    }

    /**
     * Keeps what is finished in a file, so that a build that was cancelled or killed goes on from
     * there when it is called again with the same products and k. When the table is complete the
     * file is deleted. By default there is none.
     *
     * @param file where to; its folder must exist
     * @return this builder
     * @throws IllegalStateException if it was already set
     */
    public Builder checkpoint(Path file) {
      this.checkpoint = once("checkpoint", this.checkpoint, file);
      return this;
    }

    /**
     * Finds the neighbours of every product that is in the index now. Other threads may search and
     * change the index meanwhile, which the table does not follow; {@link #update} does. Waits for
     * the index's bounds first, see {@link BruteForceIndex#optimize()}.
     *
     * @param index has the products
     * @return a new table
     * @throws IOException if the checkpoint cannot be read or written, is no checkpoint, or was
     *     begun with other products or another k; the message says which
     * @throws IllegalArgumentException if products times k are more than a table holds (half a
     *     billion)
     * @throws IllegalStateException if the index has been closed
     * @throws java.util.concurrent.CancellationException if the calling thread was interrupted,
     *     which it then is again; the checkpoint holds what is finished
     */
    public NeighborTable build(BruteForceIndex index) throws IOException {
      int wanted = k == null ? 10 : k;
      int workers = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
      index.prepareBounds();
      Version version = index.pin();
      try {
        SortedRows rows = index.sorted(version);
        TableContent content;
        if (productOf == null) {
          content =
              content(
                  rows.ids,
                  rows.dimension(),
                  rows.fingerprints(),
                  wanted,
                  (ordinals, length, neighbors, similarities, finished) ->
                      new AllPairs(rows, length, neighbors, similarities)
                          .search(ordinals, workers, finished));
        } else {
          ProductPairs pairs = pairs(index, version, rows, productOf);
          content =
              content(
                  pairs.ids,
                  rows.dimension(),
                  pairs.fingerprints,
                  wanted,
                  (ordinals, length, neighbors, similarities, finished) ->
                      pairs.search(ordinals, length, workers, neighbors, similarities, finished));
        }
        return new NeighborTable(content, productOf);
      } finally {
        version.unpin();
      }
    }

    /** Fills arrays with the neighbors of some products. */
    private interface Search {
      void run(
          int[] ordinals,
          int length,
          int[] neighbors,
          float[] similarities,
          AllPairs.Finished finished);
    }

    private TableContent content(
        String[] ids, int dimension, long[] fingerprints, int k, Search search) throws IOException {
      int n = ids.length;
      checkRoom(n, k);
      int length = TableContent.length(k, n);
      var neighbors = new int[n * length];
      var similarities = new float[n * length];
      var listener = new Progress(progress == null ? ProgressListener.NONE : progress, n);
      if (checkpoint == null) {
        int[] all = IntStream.range(0, n).toArray();
        search.run(all, length, neighbors, similarities, listener);
      } else {
        try (TableCheckpoint file =
            TableCheckpoint.open(
                checkpoint, k, n, SortedRows.combined(fingerprints), neighbors, similarities)) {
          int[] missing = file.missing();
          listener.skip(n - missing.length);
          search.run(
              missing,
              length,
              neighbors,
              similarities,
              (ordinals, from, to) -> {
                file.append(ordinals, from, to);
                listener.rows(ordinals, from, to);
              });
          file.delete();
        } catch (UncheckedIOException e) {
          throw e.getCause();
        }
      }
      return new TableContent(
          k,
          dimension,
          ids,
          LongBuffer.wrap(fingerprints),
          IntBuffer.wrap(neighbors),
          FloatBuffer.wrap(similarities));
    }

    private static void checkPositive(String what, int value) {
      if (value < 1) {
        throw new IllegalArgumentException(what + " is " + value + ", expected at least 1");
      }
    }
  }

  /** Makes one listener's calls come one at a time. */
  private static final class Progress implements AllPairs.Finished {
    private final ProgressListener listener;
    private final int total;
    private int done;

    Progress(ProgressListener listener, int total) {
      this.listener = listener;
      this.total = total;
    }

    void skip(int products) {
      done = products;
    }

    @Override
    public synchronized void rows(int[] ordinals, int from, int to) {
      done += to - from;
      listener.progress(done, total);
    }
  }
}

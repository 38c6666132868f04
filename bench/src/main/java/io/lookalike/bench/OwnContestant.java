package io.lookalike.bench;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.index.bruteforce.BruteForceIndex;
import io.lookalike.index.hnsw.HnswIndex;
import io.lookalike.index.hnswlib.HnswlibIndex;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The indexes that the program brings.
 *
 * @param values of {@code efSearch}, which there is none of if it is one value
 */
record OwnContestant(String name, List<Integer> values, Maker maker) implements Contestant {

  private static final List<Integer> NO_CHOICE = List.of(0);
  private static final String MATCHES = "matches";
  private static final Attributes MATCH = Attributes.of(Map.of(MATCHES, true));

  /** An index, and what sets its {@code efSearch}. */
  record Searcher(NeighborIndex index, IntConsumer efSearch) {}

  /** Makes an empty index. */
  interface Maker {
    Searcher make(int dimension, int threads);
  }

  /**
   * {@code exact} passes over what its bounds rule out, {@code scan} compares everything; {@code
   * hnswlib} is built by all processors, which its adapter does by itself.
   */
  static List<Contestant> all() {
    return List.of(
        new OwnContestant("exact", NO_CHOICE, (dimension, threads) -> exact(true, dimension)),
        new OwnContestant("scan", NO_CHOICE, (dimension, threads) -> exact(false, dimension)),
        new OwnContestant(
            "hnsw",
            List.of(15, 18, 24, 36, 50, 80, 160),
            (dimension, threads) -> {
              var index =
                  (HnswIndex) HnswIndex.builder().threads(threads).factory().create(dimension);
              return new Searcher(index, index::setEfSearch);
            }),
        new OwnContestant(
            "hnswlib",
            List.of(10, 16, 24, 40, 80, 160),
            (dimension, threads) -> {
              var index = (HnswlibIndex) HnswlibIndex.factory().create(dimension);
              return new Searcher(index, index::setEfSearch);
            }));
  }

  /** An index with the settings that it has by itself. */
  static Contestant of(String name, IndexFactory factory) {
    return new OwnContestant(
        name,
        NO_CHOICE,
        (dimension, threads) -> new Searcher(factory.create(dimension), none -> {}));
  }

  /** One thread a search: where several search, that is what uses them best. */
  private static Searcher exact(boolean pruning, int dimension) {
    return new Searcher(
        BruteForceIndex.builder().pruning(pruning).threads(1).factory().create(dimension),
        none -> {});
  }

  @Override
  public String parameter() {
    return values.equals(NO_CHOICE) ? "" : "efSearch";
  }

  @Override
  public List<Integer> values(int k) {
    return values;
  }

  @Override
  public boolean filters() {
    return true;
  }

  @Override
  public Built build(Task task) {
    Searcher searcher = maker.make(task.vectors().get(0).length, task.threads());
    NeighborIndex index = searcher.index;
    index.upsertAll(items(task.vectors(), task.matching()));
    if (index instanceof BruteForceIndex exact) {
      exact.optimize();
    }
    Filter filter = task.matching() == null ? Filter.ALL : Filter.equal(MATCHES, true);
    return new Built() {
      @Override
      public void set(int value) {
        searcher.efSearch.accept(value);
      }

      @Override
      public int[] search(float[] query, int k) {
        var wanted = Query.of(UnitVector.ofNormalized(query), k);
        List<Neighbor> found =
            index.search(task.matching() == null ? wanted : wanted.where(filter));
        var rows = new int[found.size()];
        for (int i = 0; i < rows.length; i++) {
          rows[i] = Integer.parseInt(found.get(i).id());
        }
        return rows;
      }

      @Override
      public long bytesOutsideHeap() {
        return 0;
      }

      @Override
      public void close() {
        index.close();
      }
    };
  }

  private static List<IndexItem> items(List<float[]> vectors, @Nullable BitSet matching) {
    var items = new ArrayList<IndexItem>(vectors.size());
    for (int row = 0; row < vectors.size(); row++) {
      items.add(
          new IndexItem(
              Integer.toString(row),
              UnitVector.ofNormalized(vectors.get(row).clone()),
              matching != null && matching.get(row) ? MATCH : Attributes.none()));
    }
    return items;
  }
}

package io.lookalike;

import io.lookalike.LiveCatalogue.Serving;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import io.lookalike.math.VectorMath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The part of an audit that compares pages with those of exact search; see there. Where products
 * have several photos, each photo is looked at by itself.
 */
final class AuditPages {

  private static final int TEN = Audit.K - 1;

  /** How many a page of ten looks at. */
  private static final int CANDIDATES = CandidatePool.TWICE_K.first(TEN);

  /** Pages for which all products are gone through together. */
  private static final int ROUND = 1_024;

  /** Rows that are handed out together, in bytes; a few fit into a processor's cache. */
  private static final int BLOCK_BYTES = 1 << 20;

  /** Pages that are compared with a block together. */
  private static final int TILE = 32;

  /** By how much two ways to compute a similarity differ at most, for what the rest decides. */
  private static final float OTHERWISE = 1e-5f;

  private final LiveCatalogue catalogue;
  private final AuditCrew crew;
  private long pages;
  private long right;
  private long mended;
  private long wanted;
  private long found;

  /** The ten nearest of all that has been compared. */
  private final Set<String> near = ConcurrentHashMap.newKeySet();

  AuditPages(LiveCatalogue catalogue, AuditCrew crew) {
    this.catalogue = catalogue;
    this.crew = crew;
  }

  long pages() {
    return pages;
  }

  long right() {
    return right;
  }

  long mended() {
    return mended;
  }

  double recall() {
    return wanted == 0 ? 1 : (double) found / wanted;
  }

  /** The photos that are on these pages, and on whose own pages theirs may be. */
  Set<String> near() {
    return near;
  }

  /** Compares the pages of some products. */
  void compare(List<String> ids) throws InterruptedException {
    for (int i = 0; i < ids.size(); i += ROUND) {
      round(ids.subList(i, Math.min(ids.size(), i + ROUND)));
    }
  }

  @SuppressWarnings("ReferenceEquality") // whether it is the very same one is the question
  private void round(List<String> ids) throws InterruptedException {
    while (true) {
      Serving serving = catalogue.serving();
      try {
        NeighborIndex index = serving.index().photos();
        var all = new ArrayList<Page>();
        index.items(ids).values().forEach(item -> all.add(new Page(item)));
        var scan = new Scan(index.dimension(), all);
        index.forEach(scan::offer);
        scan.end();
        crew.await();
        for (int i = 0; i < all.size(); i += TILE) {
          List<Page> some = all.subList(i, Math.min(all.size(), i + TILE));
          crew.give(() -> judge(index, some));
        }
        crew.await();
        return;
      } catch (IllegalStateException e) { // a refit has closed the index
        if (serving == catalogue.serving()) {
          throw e;
        }
      }
    }
  }

  // ---- exact search

  /** A product, and the ten nearest so far. */
  private static final class Page {
    final String id;
    final UnitVector vector;
    private final Neighbor[] nearest = new Neighbor[TEN];
    private int count;

    /** The similarity of the last of ten. */
    private volatile float bar = Float.NEGATIVE_INFINITY;

    Page(IndexItem item) {
      id = item.id();
      vector = item.vector();
    }

    void offer(String other, float similarity) {
      if (similarity > bar) {
        insert(other, similarity);
      }
    }

    private synchronized void insert(String other, float similarity) {
      if (similarity <= bar || other.equals(id)) {
        return;
      }
      int at = count < TEN ? count++ : TEN - 1;
      while (at > 0 && nearest[at - 1].similarity() < similarity) {
        nearest[at] = nearest[at - 1];
        at--;
      }
      nearest[at] = new Neighbor(other, similarity);
      bar = count < TEN ? Float.NEGATIVE_INFINITY : nearest[TEN - 1].similarity();
    }

    synchronized List<Neighbor> nearest() {
      return List.of(Arrays.copyOf(nearest, count));
    }
  }

  /** Goes through all products, a block at a time. */
  private final class Scan {
    private final int dimension;
    private final List<Page> all;
    private final float[] queries;
    private final int blockRows;
    private @Nullable Block block;

    Scan(int dimension, List<Page> all) {
      this.dimension = dimension;
      this.all = all;
      blockRows = Math.max(16, BLOCK_BYTES / Float.BYTES / dimension);
      queries = new float[Math.multiplyExact(all.size(), dimension)];
      for (int i = 0; i < all.size(); i++) {
        all.get(i).vector.copyTo(queries, i * dimension);
      }
    }

    private final class Block {
      final String[] ids = new String[blockRows];
      final float[] rows = new float[blockRows * dimension];
      int count;

      /** Compares it with every page. */
      void compare() {
        int[] rowOffsets = offsets(0, count);
        var similarities = new float[TILE * count];
        for (int first = 0; first < all.size(); first += TILE) {
          int tile = Math.min(TILE, all.size() - first);
          VectorMath.active()
              .dots(
                  queries,
                  offsets(first, tile),
                  tile,
                  rows,
                  rowOffsets,
                  count,
                  dimension,
                  similarities);
          for (int q = 0; q < tile; q++) {
            Page page = all.get(first + q);
            for (int row = 0; row < count; row++) {
              page.offer(ids[row], similarities[q * count + row]);
            }
          }
        }
      }

      private int[] offsets(int first, int many) {
        var offsets = new int[many];
        Arrays.setAll(offsets, i -> (first + i) * dimension);
        return offsets;
      }
    }

    void offer(IndexItem item) {
      if (block == null) {
        block = new Block();
      }
      item.vector().copyTo(block.rows, block.count * dimension);
      block.ids[block.count++] = item.id();
      if (block.count == blockRows) {
        end();
      }
    }

    void end() {
      Block full = block;
      block = null;
      if (full != null) {
        try {
          crew.give(full::compare);
        } catch (InterruptedException e) {
          throw new AssertionError("nobody interrupts this thread", e);
        }
      }
    }
  }

  // ---- the index's pages

  private void judge(NeighborIndex index, List<Page> some) {
    List<List<Neighbor>> answers = index.searchAll(some.stream().map(AuditPages::query).toList());
    for (int i = 0; i < some.size(); i++) {
      Page page = some.get(i);
      List<Neighbor> exact = page.nearest();
      exact.forEach(neighbor -> near.add(neighbor.id()));
      int good = good(page, exact, answers.get(i));
      if (good == exact.size()) {
        count(exact.size(), good, false);
        index.noteAudited(page.id, page.vector);
      } else {
        crew.checkWanted();
        catalogue.whileNothingIsWritten(
            now -> {
              judgeAgain(index, now, page);
              return true;
            });
      }
    }
  }

  private synchronized void count(int size, int good, boolean isMended) {
    pages++;
    right += good == size ? 1 : 0;
    mended += isMended ? 1 : 0;
    wanted += size;
    found += good;
  }

  /** How many of a page's products are as near as the exact ten. */
  private static int good(Page page, List<Neighbor> exact, Collection<Neighbor> answer) {
    float tenth = exact.isEmpty() ? 0 : exact.get(exact.size() - 1).similarity();
    long good =
        answer.stream()
            .filter(neighbor -> !neighbor.id().equals(page.id))
            .filter(neighbor -> neighbor.similarity() >= tenth - Audit.ROUNDING)
            .count();
    return (int) Math.min(exact.size(), good);
  }

  /**
   * Judges while nothing is written, unless what the page is compared with is no longer so, and
   * connects what is missed.
   */
  @SuppressWarnings("ReferenceEquality") // whether it is the very same one is the question
  private void judgeAgain(NeighborIndex index, Serving now, Page page) {
    if (now.index().photos() != index || !page.vector.equals(index.vector(page.id))) {
      return;
    }
    List<Neighbor> exact = page.nearest();
    List<Neighbor> still = computed(index, page, exact);
    for (int i = 0; i < exact.size(); i++) {
      if (Math.abs(still.get(i).similarity() - exact.get(i).similarity()) > OTHERWISE) {
        return;
      }
    }
    if (exact.stream().map(Neighbor::id).distinct().count() < exact.size()) {
      return; // met as it was and as it is
    }
    List<Neighbor> sorted = still.stream().sorted(Neighbor.CLOSEST_FIRST).toList();
    List<Neighbor> answer = answer(index, page);
    int good = good(page, sorted, answer);
    boolean isMended = false;
    if (good < sorted.size()) {
      Set<String> met = answer.stream().map(Neighbor::id).collect(Collectors.toSet());
      index.connect(
          page.id, sorted.stream().map(Neighbor::id).filter(id -> !met.contains(id)).toList());
      isMended = good(page, sorted, answer(index, page)) == sorted.size();
    }
    count(sorted.size(), good, isMended);
    if (isMended || good == sorted.size()) {
      index.noteAudited(page.id, page.vector);
    }
  }

  private static List<Neighbor> answer(NeighborIndex index, Page page) {
    return computed(index, page, index.search(query(page)));
  }

  /** What a page of ten asks for: another search finds others. */
  private static Query query(Page page) {
    return Query.of(page.vector, CANDIDATES).excluding(Set.of(page.id));
  }

  /** The same with similarities that are computed in one way; -2 for what is gone. */
  private static List<Neighbor> computed(NeighborIndex index, Page page, List<Neighbor> some) {
    return some.stream()
        .map(
            neighbor -> {
              UnitVector vector = index.vector(neighbor.id());
              return new Neighbor(neighbor.id(), vector == null ? -2 : page.vector.cosine(vector));
            })
        .toList();
  }
}

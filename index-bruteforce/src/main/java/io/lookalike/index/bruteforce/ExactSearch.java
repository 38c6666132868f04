package io.lookalike.index.bruteforce;

import io.lookalike.catalog.Filter;
import io.lookalike.index.Query;
import io.lookalike.math.VectorMath;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinTask;

/**
 * Answers queries over the segments of one version.
 *
 * <p>Queries with the same filter are taken together, so that each product is looked at once for
 * all of them: a tile of matching rows is multiplied with a block of queries while it is in the
 * processor's cache. That kernel rounds differently from {@link VectorMath#dot}. It therefore only
 * tells which products may be near enough, by a margin that its error cannot exceed; those get the
 * similarity that {@code dot} gives. So the answers are the same however the work was divided, and
 * the same as {@link io.lookalike.math.UnitVector#cosine} tells.
 */
final class ExactSearch {

  /** Floats of a tile of rows, which a core's second-level cache holds. */
  private static final int TILE_FLOATS = 1 << 17;

  private static final int MOST_TILE_ROWS = 64;
  private static final int BLOCK_FLOATS = 1 << 18;
  private static final int MOST_BLOCK_QUERIES = 256;

  /** Floats worth another thread: at 4 G/s half a millisecond. */
  private static final long TASK_FLOATS = 1 << 21;

  private static final VectorMath MATH = VectorMath.active();

  private final Segment[] segments;
  private final int dimension;
  private final int threads;
  private final int tileRows;
  private final int blockQueries;
  private final float margin;

  ExactSearch(Segment[] segments, int dimension, int threads) {
    this.segments = segments;
    this.dimension = dimension;
    this.threads = threads;
    this.tileRows = Math.max(4, Math.min(MOST_TILE_ROWS, TILE_FLOATS / dimension) & -4);
    this.blockQueries = Math.max(4, Math.min(MOST_BLOCK_QUERIES, BLOCK_FLOATS / dimension) & -4);
    this.margin = Rows.rounding(dimension);
  }

  /** A block of queries with one filter. */
  private record Block(Filter filter, List<Integer> positions) {}

  List<List<Found>> answer(List<Query> queries) {
    List<Block> blocks = blocks(queries);
    var tasks = new ArrayList<Callable<Nearest[]>>();
    int parts = parts(blocks.size());
    for (Block block : blocks) {
      var some = block.positions.stream().map(queries::get).toList();
      for (int part = 0; part < parts; part++) {
        int from = (int) ((long) segments.length * part / parts);
        int to = (int) ((long) segments.length * (part + 1) / parts);
        tasks.add(() -> new Scan(block.filter, some).run(from, to));
      }
    }
    List<Nearest[]> results = run(tasks);

    var answers = new ArrayList<List<Found>>(Collections.nCopies(queries.size(), List.of()));
    for (int b = 0; b < blocks.size(); b++) {
      List<Integer> positions = blocks.get(b).positions;
      for (int q = 0; q < positions.size(); q++) {
        var best = new ArrayList<Found>();
        for (Nearest[] part : results.subList(b * parts, (b + 1) * parts)) {
          best.addAll(part[q].sorted());
        }
        best.sort(Found.CLOSEST_FIRST);
        int k = queries.get(positions.get(q)).k();
        answers.set(positions.get(q), List.copyOf(best.subList(0, Math.min(k, best.size()))));
      }
    }
    return answers;
  }

  private List<Block> blocks(List<Query> queries) {
    var byFilter = new LinkedHashMap<Filter, List<Integer>>();
    for (int i = 0; i < queries.size(); i++) {
      Query query = queries.get(i);
      if (query.k() > 0) {
        byFilter.computeIfAbsent(query.filter(), f -> new ArrayList<>()).add(i);
      }
    }
    var blocks = new ArrayList<Block>();
    byFilter.forEach(
        (filter, positions) -> {
          for (int from = 0; from < positions.size(); from += blockQueries) {
            int to = Math.min(positions.size(), from + blockQueries);
            blocks.add(new Block(filter, positions.subList(from, to)));
          }
        });
    return blocks;
  }

  /** Into how many parts the segments are divided so that all threads have work. */
  private int parts(int blocks) {
    if (blocks == 0) {
      return 1;
    }
    long floats = (long) segments.length * Segment.rows(dimension) * dimension;
    long worthwhile = Math.min(segments.length, floats / TASK_FLOATS);
    int wanted = (threads + blocks - 1) / blocks;
    return (int) Math.max(1, Math.min(wanted, worthwhile));
  }

  private List<Nearest[]> run(List<Callable<Nearest[]>> tasks) {
    var results = new ArrayList<Nearest[]>(tasks.size());
    // As many at a time as there may be threads.
    for (int from = 0; from < tasks.size(); from += threads) {
      List<ForkJoinTask<Nearest[]>> some =
          tasks.subList(from, Math.min(tasks.size(), from + threads)).stream()
              .<ForkJoinTask<Nearest[]>>map(ForkJoinTask::adapt)
              .toList();
      if (some.size() == 1) {
        results.add(some.get(0).invoke());
      } else {
        ForkJoinTask.invokeAll(some).forEach(task -> results.add(task.join()));
      }
    }
    return results;
  }

  /** One block of queries over some segments. */
  private final class Scan {
    private final Filter filter;
    private final List<Query> queries;
    private final float[] vectors;
    private final int[] offsets;
    private final Nearest[] nearest;

    private final int[] tile = new int[tileRows];
    private final Entry[] entries = new Entry[tileRows];
    private final int[] slots = new int[tileRows];
    private final float[] products;

    Scan(Filter filter, List<Query> queries) {
      this.filter = filter;
      this.queries = queries;
      int count = queries.size();
      this.vectors = new float[count * dimension];
      this.offsets = new int[count];
      this.nearest = new Nearest[count];
      this.products = new float[count * tileRows];
      for (int q = 0; q < count; q++) {
        offsets[q] = q * dimension;
        queries.get(q).vector().copyTo(vectors, offsets[q]);
        nearest[q] = new Nearest(queries.get(q).k());
      }
    }

    Nearest[] run(int from, int to) {
      boolean all = filter.equals(Filter.ALL);
      for (int s = from; s < to; s++) {
        Segment segment = segments[s];
        int rows = 0;
        for (int row = 0; row < segment.entries().length; row++) {
          Entry entry = segment.entries()[row];
          // The filter first: it takes less time than the product of two vectors.
          if (entry == null || !(all || filter.matches(entry.attributes()))) {
            continue;
          }
          tile[rows] = row * dimension;
          entries[rows] = entry;
          slots[rows] = s * segment.entries().length + row;
          if (++rows == tileRows) {
            multiply(segment.vectors(), rows);
            rows = 0;
          }
        }
        multiply(segment.vectors(), rows);
      }
      return nearest;
    }

    private void multiply(float[] rowVectors, int rows) {
      int count = queries.size();
      MATH.dots(vectors, offsets, count, rowVectors, tile, rows, dimension, products);
      for (int q = 0; q < count; q++) {
        float bar = nearest[q].bar() - margin;
        for (int r = 0; r < rows; r++) {
          if (products[q * rows + r] >= bar && offer(q, rowVectors, r)) {
            bar = nearest[q].bar() - margin;
          }
        }
      }
    }

    private boolean offer(int q, float[] rowVectors, int r) {
      String id = entries[r].id();
      if (!queries.get(q).accepts(id, entries[r].attributes())) {
        return false;
      }
      float similarity = MATH.dot(vectors, offsets[q], rowVectors, tile[r], dimension);
      nearest[q].offer(new Found(id, similarity, slots[r]));
      return true;
    }
  }
}

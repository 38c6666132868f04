package io.lookalike.index.bruteforce;

import io.lookalike.index.Query;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Many queries against a version that has a {@link Pruner}. They are rotated together, and like
 * ones are searched for one after the other, so that much of what one reads is still in the
 * processor's cache for the next.
 */
final class PrunedBatch {

  /** More are taken in turns, so that their coordinates need little memory. */
  private static final int MOST = 4096;

  /** So many at most a thread takes at a time, and are rotated together. */
  private static final int LONGEST_RUN = 64;

  private static final int RUNS_PER_THREAD = 4;

  private final Version version;
  private final Pruner pruner;
  private final int rowsPerSegment;
  private final int dimension;
  private final int threads;

  PrunedBatch(Version version, Pruner pruner, int rowsPerSegment, int dimension, int threads) {
    this.version = version;
    this.pruner = pruner;
    this.rowsPerSegment = rowsPerSegment;
    this.dimension = dimension;
    this.threads = threads;
  }

  List<List<Found>> answer(List<Query> queries) {
    var answers = new ArrayList<List<Found>>(Collections.nCopies(queries.size(), List.of()));
    for (int from = 0; from < queries.size(); from += MOST) {
      int to = Math.min(from + MOST, queries.size());
      new Turn(queries.subList(from, to), answers.subList(from, to)).run();
    }
    return answers;
  }

  private final class Turn {
    private final List<Query> queries;
    private final List<List<Found>> answers;
    private final float[][] rotated;

    /** The block nearest to a query, and in the lower half the query's number. */
    private final long[] order;

    Turn(List<Query> queries, List<List<Found>> answers) {
      this.queries = queries;
      this.answers = answers;
      this.rotated = new float[queries.size()][pruner.plan.third()];
      this.order = new long[queries.size()];
    }

    void run() {
      inRuns(this::rotate);
      Arrays.sort(order);
      inRuns(this::search);
    }

    private void rotate(int from, int to) {
      var vectors = new float[(to - from) * dimension];
      var offsets = new int[to - from];
      for (int i = from; i < to; i++) {
        offsets[i - from] = (i - from) * dimension;
        queries.get(i).vector().copyTo(vectors, offsets[i - from]);
      }
      int coordinates = pruner.plan.third();
      var all = new float[(to - from) * coordinates];
      pruner.rotation.apply(vectors, offsets, to - from, coordinates, all);
      for (int i = from; i < to; i++) {
        System.arraycopy(all, (i - from) * coordinates, rotated[i], 0, coordinates);
        order[i] = (long) (queries.size() > 1 ? nearestBlock(rotated[i]) : 0) << Integer.SIZE | i;
      }
    }

    /** Blocks of like numbers hold like products. */
    private int nearestBlock(float[] rotated) {
      float[] nearness = pruner.nearness(pruner.prefix(rotated));
      int nearest = 0;
      for (int block = 1; block < nearness.length; block++) {
        if (nearness[block] > nearness[nearest]) {
          nearest = block;
        }
      }
      return nearest;
    }

    private void search(int from, int to) {
      for (int i = from; i < to; i++) {
        int q = (int) order[i];
        Query query = queries.get(q);
        if (query.k() > 0) {
          var search = new PrunedSearch(version, pruner, rowsPerSegment, query, rotated[q]);
          answers.set(q, search.run());
        }
      }
    }

    private void inRuns(Run task) {
      int length = Math.max(1, Math.min(LONGEST_RUN, queries.size() / (RUNS_PER_THREAD * threads)));
      int runs = (queries.size() + length - 1) / length;
      var next = new AtomicInteger();
      Runnable work =
          () -> {
            for (int run = next.getAndIncrement(); run < runs; run = next.getAndIncrement()) {
              task.run(run * length, Math.min((run + 1) * length, queries.size()));
            }
          };
      int workers = Math.min(threads, runs);
      if (workers <= 1) {
        work.run();
      } else {
        ForkJoinTask.invokeAll(
            Stream.<ForkJoinTask<?>>generate(() -> ForkJoinTask.adapt(work))
                .limit(workers)
                .toList());
      }
    }
  }

  private interface Run {
    void run(int from, int to);
  }
}

package io.lookalike.index.bruteforce;

import io.lookalike.internal.TopK;
import java.util.List;

/** The best so far of one query. */
final class Nearest {
  private final TopK<Found> best;

  Nearest(int k) {
    this.best = new TopK<>(k, Found.CLOSEST_FIRST);
  }

  /** The similarity below which nothing gets in any more. */
  float bar() {
    Found worst = best.bar();
    return worst == null ? Float.NEGATIVE_INFINITY : worst.similarity();
  }

  void offer(Found found) {
    best.offer(found);
  }

  /** The best, closest first. */
  List<Found> sorted() {
    return best.sorted();
  }
}

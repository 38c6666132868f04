package io.lookalike.index.bruteforce;

import io.lookalike.index.Neighbor;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/** The best so far of one query. */
final class Nearest {
  private final int k;
  private final PriorityQueue<Neighbor> worstFirst =
      new PriorityQueue<>(Neighbor.CLOSEST_FIRST.reversed());

  Nearest(int k) {
    this.k = k;
  }

  /** The similarity below which nothing gets in any more. */
  float bar() {
    Neighbor worst = worstFirst.peek();
    return worst == null || worstFirst.size() < k ? Float.NEGATIVE_INFINITY : worst.similarity();
  }

  void offer(Neighbor neighbor) {
    worstFirst.add(neighbor);
    if (worstFirst.size() > k) {
      worstFirst.remove();
    }
  }

  /** The best, closest first. */
  List<Neighbor> sorted() {
    List<Neighbor> sorted = all();
    sorted.sort(Neighbor.CLOSEST_FIRST);
    return List.copyOf(sorted);
  }

  List<Neighbor> all() {
    return new ArrayList<>(worstFirst);
  }
}

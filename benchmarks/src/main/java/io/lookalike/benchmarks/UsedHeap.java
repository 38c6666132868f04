package io.lookalike.benchmarks;

/** How much of the heap is in use by what is still needed. */
final class UsedHeap {

  private UsedHeap() {}

  /** In bytes, the least of some collections, as the first may leave something behind. */
  static long bytes() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}

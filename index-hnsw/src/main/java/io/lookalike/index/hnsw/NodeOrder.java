package io.lookalike.index.hnsw;

/**
 * Finds an order in which nodes that lie near each other mostly follow one another: all nodes are
 * halved along the leading coordinate of their codes that spreads most, and so are the halves, and
 * so on. A search then finds more of what it reads in the processor's caches.
 */
final class NodeOrder {

  /** Halves of so many are not halved any more. */
  private static final int LEAST = 16;

  /** Among so many coordinates, which hold most of the spread. */
  private static final int COORDINATES = 16;

  private static final int VALUES = 256;

  private final GraphArrays arrays;
  private final int[] order;
  private final int[] scratch;
  private final int coordinates;

  private NodeOrder(GraphArrays arrays, int[] order) {
    this.arrays = arrays;
    this.order = order;
    scratch = new int[order.length];
    coordinates = Math.min(COORDINATES, arrays.codeLength);
  }

  /** Puts slots in such an order. */
  static void arrange(GraphArrays arrays, int[] slots) {
    new NodeOrder(arrays, slots).halve(0, slots.length);
  }

  private void halve(int from, int to) {
    if (to - from <= LEAST) {
      return;
    }
    int coordinate = widest(from, to);
    int[] histogram = histogram(from, to, coordinate);
    int middle = (from + to) >>> 1;
    int below = 0;
    int value = 0;
    while (below + histogram[value] <= middle - from) {
      below += histogram[value++];
    }
    // Those that have the median's very value are shared out to both halves.
    int nextBelow = from;
    int nextEqual = from + below;
    int nextAbove = nextEqual + histogram[value];
    for (int i = from; i < to; i++) {
      int other = valueOf(order[i], coordinate);
      int at = other < value ? nextBelow++ : other == value ? nextEqual++ : nextAbove++;
      scratch[at] = order[i];
    }
    System.arraycopy(scratch, from, order, from, to - from);
    halve(from, middle);
    halve(middle, to);
  }

  private int widest(int from, int to) {
    int widest = 0;
    double mostSpread = -1;
    for (int coordinate = 0; coordinate < coordinates; coordinate++) {
      double sum = 0;
      double squares = 0;
      for (int i = from; i < to; i++) {
        int value = valueOf(order[i], coordinate);
        sum += value;
        squares += value * value;
      }
      double spread = squares - sum / (to - from) * sum;
      if (spread > mostSpread) {
        mostSpread = spread;
        widest = coordinate;
      }
    }
    return widest;
  }

  private int[] histogram(int from, int to, int coordinate) {
    var histogram = new int[VALUES];
    for (int i = from; i < to; i++) {
      histogram[valueOf(order[i], coordinate)]++;
    }
    return histogram;
  }

  private int valueOf(int slot, int coordinate) {
    return arrays.codes[arrays.codeAt(slot) + coordinate] - Byte.MIN_VALUE;
  }
}

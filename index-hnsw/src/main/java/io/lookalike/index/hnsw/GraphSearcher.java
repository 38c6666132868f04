package io.lookalike.index.hnsw;

import io.lookalike.math.CodeMath;
import io.lookalike.math.UnitVector;
import java.util.Arrays;

/**
 * A walk through the graph towards a target, and what it takes: used for one search at a time.
 *
 * <p>The nearest nodes met so far lie in one array in falling order of their score, each a {@code
 * long} of the score above and the slot below, with a bit that tells whether its links have been
 * followed. At this length that is quicker than heaps.
 */
final class GraphSearcher {

  /** The bits of a pool's element that are the slot. */
  static final int SLOT = (1 << 30) - 1;

  private static final int FOLLOWED = 1 << 30;
  private static final int CACHE_LINE = 64;
  private static final int CHUNK = 512;

  /** So many codes stay in the first-level cache between being fetched and being multiplied. */
  private static final int SCORED = 128;

  /**
   * So many nodes' links are followed together. The processor waits for the memory of all of them
   * at once; to follow them one by one would save looking at 4 % of the nodes.
   */
  private static final int AT_ONCE = 4;

  private static final CodeMath CODES = CodeMath.active();

  private final Encoder encoder;
  private final short[] target;
  private float shrink;

  private long[] pool = new long[256];
  private int size;
  private long[] visited = {};
  private final int[] following = new int[AT_ONCE];
  private int[] met = {};
  private int[] scores = {};
  private final LongHeap frontier = new LongHeap();

  /** Of no use, but that the compiler may not leave out what is added up here. */
  @SuppressWarnings("UnusedVariable")
  private int touched;

  /** Which slots are wanted. */
  interface Wanted {
    /** Whether a slot is, of these arrays; a free one never is. */
    boolean test(GraphArrays arrays, int slot);

    /** Whether it takes so little to ask that what is not wanted need not be scored. */
    default boolean isQuick() {
      return false;
    }

    /**
     * Notes the slots of a range that are wanted.
     *
     * @param target where, with room for one more than all of them
     * @param noted how many are in it already
     * @return how many there are then
     */
    default int collect(GraphArrays arrays, int from, int to, int[] target, int noted) {
      int count = noted;
      for (int slot = from; slot < to; slot++) {
        target[count] = slot;
        count += test(arrays, slot) ? 1 : 0;
      }
      return count;
    }
  }

  GraphSearcher(Quantizer quantizer) {
    encoder = new Encoder(quantizer);
    target = new short[quantizer.length()];
  }

  /** Writes a node's code and bias. Returns what the code loses, see {@link Encoder#error}. */
  float encode(GraphArrays arrays, int slot, UnitVector vector) {
    arrays.biases[slot] = encoder.encode(vector, arrays.codes, arrays.codeAt(slot));
    return encoder.error();
  }

  /** What a vector's code would lose. */
  float errorOf(UnitVector vector) {
    return encoder.errorOf(vector);
  }

  /** Goes towards a node. */
  void aim(GraphArrays arrays, int slot) {
    for (int i = 0, at = arrays.codeAt(slot); i < target.length; i++) {
      target[i] = arrays.codes[at + i];
    }
    shrink = 1;
  }

  /** Goes towards a vector. */
  void aim(UnitVector vector) {
    shrink = encoder.encode(vector, target);
  }

  /** What a unit of the scores is worth, as similarity. */
  float unit(Quantizer quantizer) {
    return quantizer.unit() / shrink;
  }

  /** How close a node seems to be: higher is closer. */
  int score(GraphArrays arrays, int slot) {
    return CODES.dot(arrays.codes, arrays.codeAt(slot), target, arrays.codeLength)
        + bias(arrays, slot);
  }

  private int bias(GraphArrays arrays, int slot) {
    int bias = arrays.biases[slot];
    return shrink == 1 ? bias : Math.round(bias * shrink);
  }

  /** How many nodes the last search has found. */
  int size() {
    return size;
  }

  /** A node that the last search has found, the closest first. */
  int slot(int rank) {
    return (int) pool[rank] & SLOT;
  }

  int scoreAt(int rank) {
    return (int) (pool[rank] >> 32);
  }

  /**
   * Goes down from layer to layer, in each to where no link leads closer.
   *
   * @return the slot where it ends
   */
  int descend(GraphArrays arrays, int start, int fromLayer, int toLayer) {
    makeRoom(arrays);
    int at = start;
    int score = score(arrays, at);
    for (int layer = fromLayer; layer > toLayer; layer--) {
      boolean closer = true;
      while (closer) {
        closer = false;
        int[] links = arrays.upperLinks(at);
        int first = arrays.firstLink(at, layer);
        int end = Math.min(first + arrays.upperWidth, links.length);
        int count = 0;
        for (int i = first; i < end && links[i] != GraphArrays.NONE; i++) {
          met[count++] = links[i];
        }
        scoreMet(arrays, count);
        for (int i = 0; i < count; i++) {
          if (scores[i] > score) {
            score = scores[i];
            at = met[i];
            closer = true;
          }
        }
      }
    }
    return at;
  }

  /** Finds the {@code ef} nodes of a layer that are closest (the paper's algorithm 2). */
  void search(GraphArrays arrays, int start, int ef, int layer) {
    begin(arrays, ef);
    visit(start);
    insert(score(arrays, start), start, ef);
    int next = 0;
    while (true) {
      int followed = 0;
      for (; next < size && followed < AT_ONCE; next++) {
        if ((pool[next] & FOLLOWED) == 0) {
          pool[next] |= FOLLOWED;
          following[followed++] = (int) pool[next] & SLOT;
        }
      }
      if (followed == 0) {
        return;
      }
      int sum = 0;
      for (int i = 0; i < followed; i++) { // so that it waits for the links of all together
        sum += arrays.linksOf(following[i], layer)[arrays.firstLink(following[i], layer)];
      }
      touched = sum;
      int count = 0;
      for (int i = 0; i < followed; i++) {
        count = meet(arrays, following[i], layer, count);
      }
      scoreMet(arrays, count);
      for (int i = 0; i < count; i++) {
        next = Math.min(next, insert(scores[i], met[i], ef));
      }
    }
  }

  /**
   * Finds the {@code ef} closest of those nodes of the lowest layer that are wanted. Follows the
   * links of the others too.
   *
   * @param mostMet gives up after meeting so many
   * @return false if it has given up or found fewer, and {@link #scan} is to follow
   */
  boolean search(GraphArrays arrays, int start, int ef, Wanted wanted, long mostMet) {
    begin(arrays, ef);
    visit(start);
    frontier.clear();
    met[0] = start;
    scores[0] = score(arrays, start);
    int count = 1;
    long total = 0;
    while (true) {
      for (int i = 0; i < count; i++) {
        if (size < ef || scores[i] > scoreAt(size - 1)) {
          frontier.push((long) scores[i] << 32 | met[i]);
          if (wanted.test(arrays, met[i])) {
            insert(scores[i], met[i], ef);
          }
        }
      }
      total += count;
      if (total > mostMet) {
        return false;
      }
      if (frontier.isEmpty()) {
        return size == ef;
      }
      long closest = frontier.pop();
      if (size == ef && (int) (closest >> 32) < scoreAt(size - 1)) {
        return true;
      }
      count = meet(arrays, (int) closest & SLOT, 0, 0);
      scoreMet(arrays, count);
    }
  }

  /**
   * Goes on where a search among those that are wanted has stopped: looks at all nodes that it has
   * not met, one after the other. Scores only those that are wanted where it is quick to ask, or
   * else asks only those with a score that is high enough.
   */
  void scan(GraphArrays arrays, int ef, Wanted wanted) {
    makeRoomForChunk();
    boolean askFirst = wanted.isQuick();
    for (int slot = 0; slot < arrays.capacity; ) {
      int noted = 0;
      while (slot < arrays.capacity && noted < SCORED / 2) {
        int to = Math.min(arrays.capacity, slot + SCORED - noted);
        if (askFirst) {
          noted = wanted.collect(arrays, slot, to, met, noted);
        } else {
          for (int i = slot; i < to; i++) {
            met[noted++] = i;
          }
        }
        slot = to;
      }
      int left = 0;
      for (int i = 0; i < noted; i++) {
        met[left] = met[i];
        left += 1 & (int) ~(visited[met[i] >> 6] >>> met[i]);
      }
      scoreMet(arrays, left);
      for (int i = 0; i < left; i++) {
        if ((size < ef || scores[i] > scoreAt(size - 1))
            && (askFirst || wanted.test(arrays, met[i]))) {
          insert(scores[i], met[i], ef);
        }
      }
    }
  }

  private void makeRoomForChunk() {
    if (met.length <= CHUNK) {
      met = new int[CHUNK + 1];
      scores = new int[CHUNK + 1];
    }
  }

  /** Finds the {@code most} nodes with the best scores by looking at all. */
  void rank(GraphArrays arrays, int most) {
    var all = new long[arrays.capacity];
    int count = 0;
    makeRoomForChunk();
    for (int slot = 0; slot < arrays.capacity; ) {
      int noted = 0;
      for (; slot < arrays.capacity && noted < CHUNK; slot++) {
        if (arrays.look(slot) != null) {
          met[noted++] = slot;
        }
      }
      scoreMet(arrays, noted);
      for (int i = 0; i < noted; i++) {
        all[count++] = (long) scores[i] << 32 | met[i];
      }
    }
    size = Math.min(most, count);
    if (size < count) {
      select(all, count, count - size);
    }
    Arrays.sort(all, count - size, count);
    if (pool.length <= size) {
      pool = new long[size + 1];
    }
    for (int i = 0; i < size; i++) {
      pool[i] = all[count - 1 - i];
    }
  }

  /** Moves the least {@code less} of some numbers before the others (Hoare's FIND). */
  private static void select(long[] all, int count, int less) {
    int low = 0;
    int high = count - 1;
    while (low < high) {
      long pivot = all[(low + high) >>> 1];
      int i = low;
      int j = high;
      while (i <= j) {
        while (all[i] < pivot) {
          i++;
        }
        while (all[j] > pivot) {
          j--;
        }
        if (i <= j) {
          long swapped = all[i];
          all[i++] = all[j];
          all[j--] = swapped;
        }
      }
      if (less <= j) {
        high = j;
      } else if (less >= i) {
        low = i;
      } else {
        return;
      }
    }
  }

  private void begin(GraphArrays arrays, int ef) {
    int words = (arrays.capacity + Long.SIZE - 1) / Long.SIZE;
    if (visited.length < words) {
      visited = new long[words];
    } else {
      Arrays.fill(visited, 0, words, 0);
    }
    if (pool.length <= ef) {
      pool = new long[ef + 1];
    }
    makeRoom(arrays);
    size = 0;
  }

  private void makeRoom(GraphArrays arrays) {
    int most = AT_ONCE * arrays.width + 1; // one beyond what is counted is written, see meet
    if (met.length < most) {
      met = new int[most];
      scores = new int[most];
    }
  }

  private boolean visit(int slot) {
    long bit = 1L << slot;
    long word = visited[slot >> 6];
    visited[slot >> 6] = word | bit;
    return (word & bit) == 0;
  }

  /**
   * Notes the nodes that a node's links lead to for the first time, behind those noted before.
   *
   * @return how many there are now
   */
  private int meet(GraphArrays arrays, int slot, int layer, int noted) {
    int[] links = arrays.linksOf(slot, layer);
    int first = arrays.firstLink(slot, layer);
    int end = Math.min(first + arrays.width(layer), links.length);
    int count = noted;
    for (int i = first; i < end; i++) {
      int other = links[i];
      if (other == GraphArrays.NONE) {
        break;
      }
      // Without a branch, which could not be predicted.
      long word = visited[other >> 6];
      visited[other >> 6] = word | 1L << other;
      met[count] = other;
      count += 1 & (int) ~(word >>> other);
    }
    return count;
  }

  /**
   * Computes the scores of the nodes noted in {@link #met}. A byte of each cache line of their
   * codes is read first: the processor then waits for all of them together, where the arithmetic of
   * one code would let it see no farther than the next two or three.
   */
  private void scoreMet(GraphArrays arrays, int count) {
    byte[] codes = arrays.codes;
    int length = arrays.codeLength;
    int first = arrays.codeAt(0);
    int sum = 0;
    for (int at = first; at < first + length; at += CACHE_LINE) {
      for (int i = 0; i < count; i++) {
        sum += codes[met[i] * length + at];
      }
    }
    touched = sum;
    CODES.dots(codes, first, met, count, target, length, scores);
    for (int i = 0; i < count; i++) {
      scores[i] += bias(arrays, met[i]);
    }
  }

  /** Returns the rank that the node got, or {@code ef} if it is not among the closest. */
  private int insert(int score, int slot, int ef) {
    if (size == ef && (int) (pool[size - 1] >> 32) >= score) {
      return ef;
    }
    long element = (long) score << 32 | slot;
    // Bisection without branches, as no branch here could be predicted.
    int low = 0;
    for (int left = size; left > 0; ) {
      int half = (left + 1) >>> 1;
      long difference = (pool[low + half - 1] >> 32) - score;
      low += half & (int) ~(difference >> 63);
      left -= half;
    }
    if (size < ef) {
      size++;
    }
    System.arraycopy(pool, low, pool, low + 1, size - 1 - low);
    pool[low] = element;
    return low;
  }

  long memoryBytes() {
    return encoder.memoryBytes()
        + 2L * target.length
        + 8L * pool.length
        + 8L * visited.length
        + 8L * met.length;
  }
}

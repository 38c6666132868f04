package io.lookalike.index.hnsw;

import io.lookalike.internal.VectorValues;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The graph's arrays. A node's number is its slot in all of them.
 *
 * <p>To grow, the writer copies them and goes on in the copy; a search that began before sees the
 * graph out in the old ones, with which it shares no array. Within one set of arrays a search may
 * meet links or codes that are just being written. That can cost it a neighbour, and nothing else:
 * every link that was ever written leads to a slot or is {@link #NONE}, and products come from the
 * nodes. Similarities come from the nodes' vectors, too, or from the copy of where these are,
 * {@link #vector}, where a node counts only if it has the very numbers that were compared.
 */
final class GraphArrays {

  /** Ends a node's links that are fewer than there is room for. */
  static final int NONE = -1;

  private static final int[] NO_LINKS = {};

  /** Numbers that nobody has waited for must be all there where a search comes upon them. */
  private static final VarHandle VECTORS = MethodHandles.arrayElementVarHandle(float[][].class);

  /**
   * Where codes begin: with an array's header of 16 bytes before, at a cache line, where large
   * arrays begin at one. A code then has parts in fewer lines.
   */
  private static final int FIRST_CODE = 48;

  final int capacity;
  final int codeLength;

  /** How many links a node can have in the lowest layer. */
  final int width;

  /** How many links a node can have in every other layer. */
  final int upperWidth;

  /** Each slot's code, see {@link Quantizer}, from {@link #codeAt} on. */
  final byte[] codes;

  /** What is added to the product of a code and a query's, see {@link Quantizer}. */
  final int[] biases;

  /** Each slot's links in the lowest layer, nearest first when they were chosen. */
  final int[] links;

  /** Each slot's links in the layers 1, 2, ... one after the other; empty for most. */
  final int[] @Nullable [] upper;

  private final @Nullable Look[] looks;

  /** The vectors of slots that stand for one node whose vector is in memory: three steps fewer. */
  private final float[] @Nullable [] vectors;

  /** Where searches begin: its highest layer above, its slot below; -1 if there is none. */
  volatile long entry = -1;

  GraphArrays(int capacity, int codeLength, Settings settings) {
    this.capacity = capacity;
    this.codeLength = codeLength;
    this.width = settings.width(0);
    this.upperWidth = settings.width(1);
    codes = new byte[Math.addExact(FIRST_CODE, Math.multiplyExact(capacity, codeLength))];
    biases = new int[capacity];
    links = new int[Math.multiplyExact(capacity, width)];
    upper = new int[capacity][];
    looks = new @Nullable Look[capacity];
    vectors = new float[capacity][];
  }

  /** The most slots that the arrays can hold. */
  static int mostSlots(int codeLength, Settings settings) {
    int array = Integer.MAX_VALUE - 8 - FIRST_CODE;
    // The slot shares an int with one bit, see GraphSearcher.
    return Math.min(GraphSearcher.SLOT, Math.min(array / codeLength, array / settings.width(0)));
  }

  /**
   * A copy of these slots alone, in this order, with free ones behind; links to others are left
   * out. Not for arrays that are being written.
   *
   * @param codeLength of the copy, which has no codes where it is another
   */
  GraphArrays renumbered(int[] order, int capacity, int codeLength, Settings settings) {
    var renumbered = new GraphArrays(capacity, codeLength, settings);
    var numbers = new int[this.capacity];
    Arrays.fill(numbers, NONE);
    for (int i = 0; i < order.length; i++) {
      numbers[order[i]] = i;
    }
    for (int i = 0; i < order.length; i++) {
      int old = order[i];
      if (codeLength == this.codeLength) {
        System.arraycopy(codes, codeAt(old), renumbered.codes, renumbered.codeAt(i), codeLength);
      }
      renumbered.biases[i] = biases[old];
      renumber(links, old * width, renumbered.links, i * width, width, numbers);
      renumbered.makeUpperLinks(i, levels(old));
      int[] above = upperLinks(old);
      for (int j = 0; j < above.length; j += upperWidth) {
        renumber(above, j, renumbered.upperLinks(i), j, upperWidth, numbers);
      }
      renumbered.setLook(i, looks[old]);
      if (old == (int) entry) {
        renumbered.entry = entry >> 32 << 32 | i;
      }
    }
    return renumbered;
  }

  private static void renumber(int[] from, int at, int[] to, int toAt, int width, int[] numbers) {
    int count = 0;
    for (int i = at; i < at + width && from[i] != NONE; i++) {
      int number = numbers[from[i]];
      if (number != NONE) {
        to[toAt + count++] = number;
      }
    }
    Arrays.fill(to, toAt + count, toAt + width, NONE);
  }

  /** What a slot stands for; null where it is free. */
  @Nullable Look look(int slot) {
    return looks[slot];
  }

  void setLook(int slot, @Nullable Look look) {
    looks[slot] = look;
    VECTORS.setRelease(
        vectors,
        slot,
        look instanceof Node node && !node.isInFile() ? VectorValues.of(node.vector()) : null);
  }

  /**
   * The numbers of a slot's vector if it stands for one node, in memory; or else null. Not to be
   * changed. A reader that goes on to the node may find another one there, which has come
   * meanwhile.
   */
  float @Nullable [] vector(int slot) {
    return (float[]) VECTORS.getAcquire(vectors, slot);
  }

  /** Where in {@link #codes} a slot's begins. */
  int codeAt(int slot) {
    return FIRST_CODE + slot * codeLength;
  }

  /** Whether a slot stands for nodes that are not gone. */
  boolean isLive(int slot) {
    Look look = looks[slot];
    return look != null && !look.isGone();
  }

  /** Whether codes do not tell two slots apart, beyond what rounding alone makes of none. */
  boolean areAlike(int slot, int other) {
    int squares = 0;
    for (int i = 0, a = codeAt(slot), b = codeAt(other); i < codeLength; i++) {
      int difference = codes[a + i] - codes[b + i];
      squares += difference * difference;
    }
    return squares <= 2 * LinkSelection.indistinct(codeLength);
  }

  /** Makes an empty node of a slot. */
  void clear(int slot, int levels) {
    Arrays.fill(links, slot * width, (slot + 1) * width, NONE);
    makeUpperLinks(slot, levels);
  }

  /** Makes room for a slot's links above the lowest layer. */
  void makeUpperLinks(int slot, int levels) {
    int[] none = NO_LINKS;
    if (levels > 0) {
      none = new int[levels * upperWidth];
      Arrays.fill(none, NONE);
    }
    upper[slot] = none;
  }

  /** In how many layers above the lowest a slot is. */
  int levels(int slot) {
    return upperLinks(slot).length / upperWidth;
  }

  int[] upperLinks(int slot) {
    int[] found = upper[slot];
    return found == null ? NO_LINKS : found;
  }

  /** The array that holds a slot's links in a layer. */
  int[] linksOf(int slot, int layer) {
    return layer == 0 ? links : upperLinks(slot);
  }

  /** Where in that array they begin. */
  int firstLink(int slot, int layer) {
    return layer == 0 ? slot * width : (layer - 1) * upperWidth;
  }

  int width(int layer) {
    return layer == 0 ? width : upperWidth;
  }

  long memoryBytes() {
    long bytes =
        codes.length
            + 4L * biases.length
            + 4L * links.length
            + 4L * looks.length
            + 4L * vectors.length;
    for (int[] some : upper) {
      bytes += 4 + (some == null || some.length == 0 ? 0 : 16 + 4L * some.length);
    }
    return bytes;
  }
}

package io.lookalike.index.hnsw;

import io.lookalike.math.CodeMath;
import java.util.Arrays;

/**
 * Chooses links that lead in different directions: a candidate is passed over if it is nearer to
 * one already chosen than to the node itself (the paper's algorithm 4), by some margin. The margin
 * keeps a few links more, with which the same recall is reached by looking at fewer nodes (compare
 * <i>DiskANN</i>, NeurIPS 2019, section 2.2). For use by one thread.
 */
final class Linker {

  /** On squared distances. */
  private static final float MARGIN = 1.1f;

  private static final CodeMath CODES = CodeMath.active();

  private final Slots slots;

  /** The candidates: distance above, slot below. */
  private long[] candidates = new long[256];

  private int count;
  private final int[] chosen;
  private int chosenCount;
  private final short[] wide;
  private final short[] own;
  private int node;

  Linker(Slots slots) {
    this.slots = slots;
    chosen = new int[Math.max(slots.width, slots.upperWidth)];
    wide = new short[slots.codeLength];
    own = new short[slots.codeLength];
  }

  /** Begins to choose links for a node. */
  void begin(int node) {
    this.node = node;
    widen(node, own);
    count = 0;
  }

  /** Offers a node to link to, unless it has been removed or is the node itself. */
  void offer(int slot) {
    Node other = slots.nodes[slot];
    if (slot == node || other == null || other.isRemoved()) {
      return;
    }
    if (count == candidates.length) {
      candidates = Arrays.copyOf(candidates, 2 * count);
    }
    candidates[count++] = (long) distance(slot, own, node) << 32 | slot;
  }

  boolean hasOffers() {
    return count > 0;
  }

  /** Chooses at most so many; a node that was offered twice is chosen once at most. */
  int choose(int most) {
    Arrays.sort(candidates, 0, count);
    chosenCount = 0;
    for (int i = 0; i < count && chosenCount < most; i++) {
      int slot = (int) candidates[i];
      if (i > 0 && slot == (int) candidates[i - 1]) {
        continue;
      }
      if (leadsElsewhere(slot, (int) (candidates[i] >> 32))) {
        chosen[chosenCount++] = slot;
      }
    }
    return chosenCount;
  }

  int chosen(int rank) {
    return chosen[rank];
  }

  /** Makes the chosen ones the node's links. */
  void write(int layer) {
    int[] links = slots.linksOf(node, layer);
    int first = slots.firstLink(node, layer);
    System.arraycopy(chosen, 0, links, first, chosenCount);
    Arrays.fill(links, first + chosenCount, first + slots.width(layer), Slots.NONE);
  }

  private boolean leadsElsewhere(int slot, int distance) {
    if (chosenCount == 0) {
      return true;
    }
    widen(slot, wide);
    for (int i = 0; i < chosenCount; i++) {
      if (distance(chosen[i], wide, slot) * MARGIN < distance) {
        return false;
      }
    }
    return true;
  }

  /** Half the squared distance of two nodes, in the units of codes. */
  private int distance(int slot, short[] other, int otherSlot) {
    int product = CODES.dot(slots.codes, slot * slots.codeLength, other, slots.codeLength);
    return -(product + slots.biases[slot] + slots.biases[otherSlot]);
  }

  private void widen(int slot, short[] target) {
    int from = slot * slots.codeLength;
    for (int i = 0; i < target.length; i++) {
      target[i] = slots.codes[from + i];
    }
  }
}

package io.lookalike.index.hnsw;

import io.lookalike.math.CodeMath;
import java.util.Arrays;

/**
 * Chooses links that lead in different directions: a candidate is passed over if it is nearer to
 * one already chosen than to the node itself (the paper's algorithm 4), by some margin. The margin
 * keeps a few links more, with which the same recall is reached by looking at fewer nodes (compare
 * <i>DiskANN</i>, NeurIPS 2019, section 2.2).
 *
 * <p>Nodes that codes do not tell apart are in no direction from one another. Of such, a node gets
 * links to some, each to others, so that all are found; but to so few that there are also links
 * that lead away from them. For use by one thread.
 */
final class LinkSelection {

  private static final CodeMath CODES = CodeMath.active();

  private final GraphArrays arrays;
  private final float margin;

  private final int indistinct;

  /** The candidates: distance above; below the slot, in an order of each node's own. */
  private long[] candidates = new long[256];

  private int count;
  private final int[] chosen;
  private int chosenCount;
  private final short[] wide;
  private final short[] own;
  private int node;
  private int order;

  /**
   * A linkSelection.
   *
   * @param margin what squared distances between candidates are multiplied with, at least 1
   */
  LinkSelection(GraphArrays arrays, float margin) {
    this.arrays = arrays;
    this.margin = margin;
    chosen = new int[Math.max(arrays.width, arrays.upperWidth)];
    indistinct = indistinct(arrays.codeLength);
    wide = new short[arrays.codeLength];
    own = new short[arrays.codeLength];
  }

  /** Half the squared distance of codes that rounding alone makes of none, twice over. */
  static int indistinct(int codeLength) {
    return codeLength / 6;
  }

  /** Begins to choose links for a node. */
  void begin(int node) {
    this.node = node;
    order = node * 0x9E3779B1 & GraphSearcher.SLOT;
    widen(node, own);
    count = 0;
  }

  /** Offers a node to link to, unless it has been removed or is the node itself. */
  void offer(int slot) {
    if (slot == node || !arrays.isLive(slot)) {
      return;
    }
    if (count == candidates.length) {
      candidates = Arrays.copyOf(candidates, 2 * count);
    }
    candidates[count++] = (long) distance(slot, own, node) << 32 | (slot ^ order);
  }

  boolean hasOffers() {
    return count > 0;
  }

  /** Chooses at most so many; a node that was offered twice is chosen once at most. */
  int choose(int most) {
    Arrays.sort(candidates, 0, count);
    chosenCount = 0;
    for (int i = 0; i < count && chosenCount < most; i++) {
      int slot = (int) candidates[i] ^ order;
      if (i > 0 && candidates[i] == candidates[i - 1]) {
        continue;
      }
      int distance = (int) (candidates[i] >> 32);
      boolean wanted =
          distance <= indistinct ? chosenCount < most / 2 : leadsElsewhere(slot, distance);
      if (wanted) {
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
    int[] links = arrays.linksOf(node, layer);
    int first = arrays.firstLink(node, layer);
    System.arraycopy(chosen, 0, links, first, chosenCount);
    Arrays.fill(links, first + chosenCount, first + arrays.width(layer), GraphArrays.NONE);
  }

  private boolean leadsElsewhere(int slot, int distance) {
    if (chosenCount == 0) {
      return true;
    }
    widen(slot, wide);
    for (int i = 0; i < chosenCount; i++) {
      if (distance(chosen[i], wide, slot) * margin < distance) {
        return false;
      }
    }
    return true;
  }

  /** Half the squared distance of two nodes, in the units of codes. */
  private int distance(int slot, short[] other, int otherSlot) {
    int product = CODES.dot(arrays.codes, arrays.codeAt(slot), other, arrays.codeLength);
    return -(product + arrays.biases[slot] + arrays.biases[otherSlot]);
  }

  private void widen(int slot, short[] target) {
    int from = arrays.codeAt(slot);
    for (int i = 0; i < target.length; i++) {
      target[i] = arrays.codes[from + i];
    }
  }
}

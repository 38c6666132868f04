package io.lookalike.index.hnsw;

import java.util.Arrays;

/** Which product each slot of a graph stands for, at one moment. Immutable. */
final class SlotProducts {

  private static final int NONE = -1;

  /** Of those that share a slot, or a vector, each has to be asked. */
  private static final int SEVERAL = -2;

  private final GraphArrays arrays;
  private final int moves;

  /** Products' numbers. */
  private final int[] numbers;

  private final int most;

  private SlotProducts(GraphArrays arrays, int moves, int[] numbers) {
    this.arrays = arrays;
    this.moves = moves;
    this.numbers = numbers;
    this.most = Arrays.stream(numbers).max().orElse(NONE);
  }

  /** Looks at all slots. */
  static SlotProducts of(GraphArrays arrays, int moves) {
    var numbers = new int[arrays.capacity];
    for (int slot = 0; slot < numbers.length; slot++) {
      Look look = arrays.look(slot);
      Entries entries = look instanceof Node node ? node.entries() : null;
      if (entries instanceof Entry entry) {
        numbers[slot] = entry.number();
      } else {
        numbers[slot] = entries == null && !(look instanceof NodeGroup) ? NONE : SEVERAL;
      }
    }
    return new SlotProducts(arrays, moves, numbers);
  }

  /** Whether they are those of these arrays since products last came or went. */
  boolean isOf(GraphArrays all, int movesNow) {
    return arrays == all && moves == movesNow;
  }

  /**
   * The slots of some products.
   *
   * @param bits the products, bit by bit
   * @param asking which slots are wanted, where products have to be asked
   */
  GraphSearcher.Wanted wanted(long[] bits, GraphSearcher.Wanted asking) {
    return new Chosen(
        bits.length > most >> 6 ? bits : Arrays.copyOf(bits, (most >> 6) + 1), asking);
  }

  private final class Chosen implements GraphSearcher.Wanted {
    private final long[] bits;
    private final GraphSearcher.Wanted asking;

    Chosen(long[] bits, GraphSearcher.Wanted asking) {
      this.bits = bits;
      this.asking = asking;
    }

    @Override
    public boolean isQuick() {
      return true;
    }

    @Override
    public boolean test(GraphArrays all, int slot) {
      int number = isOther(all) ? SEVERAL : numbers[slot];
      return number >= 0
          ? (bits[number >> 6] >>> number & 1) != 0
          : number == SEVERAL && asking.test(all, slot);
    }

    @Override
    public int collect(GraphArrays all, int from, int to, int[] target, int noted) {
      if (isOther(all)) {
        return GraphSearcher.Wanted.super.collect(all, from, to, target, noted);
      }
      int count = noted;
      for (int slot = from; slot < to; slot++) {
        int number = numbers[slot];
        target[count] = slot;
        if (number >= 0) {
          count += 1 & (int) (bits[number >> 6] >>> number);
        } else if (test(all, slot)) {
          count++;
        }
      }
      return count;
    }

    /** Whether the graph has got other arrays since. */
    private boolean isOther(GraphArrays all) {
      return all != arrays;
    }
  }

  long memoryBytes() {
    return 4L * numbers.length;
  }
}

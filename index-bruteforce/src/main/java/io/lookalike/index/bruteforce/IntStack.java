package io.lookalike.index.bruteforce;

import java.util.Arrays;

/** Numbers without boxes. */
final class IntStack {
  private int[] values = new int[16];
  private int size;

  int size() {
    return size;
  }

  /** Makes the next {@link #push} one that cannot fail. */
  void makeRoom() {
    if (size == values.length) {
      values = Arrays.copyOf(values, (int) Math.min(Integer.MAX_VALUE - 8, size * 2L));
    }
  }

  void push(int value) {
    makeRoom();
    values[size++] = value;
  }

  /** The value that has {@code depth} others above it. */
  int fromTop(int depth) {
    return values[size - 1 - depth];
  }

  void pop(int count) {
    size -= count;
  }
}

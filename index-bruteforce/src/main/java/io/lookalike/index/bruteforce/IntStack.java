package io.lookalike.index.bruteforce;

import java.util.Arrays;

/** Numbers without boxes. */
final class IntStack {
  private int[] values = new int[16];
  private int size;

  int size() {
    return size;
  }

  void push(int value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, size * 2);
    }
    values[size++] = value;
  }

  /** The value that has {@code depth} others above it. */
  int fromTop(int depth) {
    return values[size - 1 - depth];
  }

  void pop(int count) {
    size -= count;
  }

  int[] toArray() {
    return Arrays.copyOf(values, size);
  }
}

package io.lookalike;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Whole numbers by day, in the days' order. Writers take turns, by their owner's lock; readers need
 * none. Counting on the last day, where nearly every event falls, takes constant time.
 */
final class DayCounts {

  private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final State NONE = new State(new long[0], new long[0], 0);

  /** Days that are once in {@code size} never move; their counts are replaced in place. */
  private record State(long[] days, long[] counts, int size) {
    int from(long day) {
      int last = size - 1;
      if (last >= 0 && days[last] <= day) { // the usual case
        return days[last] == day ? last : size;
      }
      int at = Arrays.binarySearch(days, 0, size, day);
      return at >= 0 ? at : -at - 1;
    }

    long count(int i) {
      return (long) COUNT.getVolatile(counts, i);
    }
  }

  /** Takes one day's count. */
  interface Visitor {
    void day(long day, long count);
  }

  private volatile State state = NONE;

  void add(long day, long n) {
    State s = state;
    int at = s.from(day);
    if (at < s.size && s.days[at] == day) {
      COUNT.setVolatile(s.counts, at, s.counts[at] + n);
      return;
    }
    if (at == s.size && s.size < s.days.length) {
      s.days[at] = day;
      s.counts[at] = n;
      state = new State(s.days, s.counts, s.size + 1);
      return;
    }
    int room = at == s.size ? Math.max(4, s.size + (s.size >> 1)) : s.days.length + 1;
    var days = new long[room];
    var counts = new long[room];
    System.arraycopy(s.days, 0, days, 0, at);
    System.arraycopy(s.counts, 0, counts, 0, at);
    days[at] = day;
    counts[at] = n;
    System.arraycopy(s.days, at, days, at + 1, s.size - at);
    System.arraycopy(s.counts, at, counts, at + 1, s.size - at);
    state = new State(days, counts, s.size + 1);
  }

  /** Forgets days whose count is 0, and spare room. */
  void trim() {
    State s = state;
    var days = new long[s.size];
    var counts = new long[s.size];
    int n = 0;
    for (int i = 0; i < s.size; i++) {
      if (s.counts[i] != 0) {
        days[n] = s.days[i];
        counts[n++] = s.counts[i];
      }
    }
    state = new State(Arrays.copyOf(days, n), Arrays.copyOf(counts, n), n);
  }

  long between(long from, long until) {
    State s = state;
    long sum = 0;
    for (int i = s.from(from); i < s.size && s.days[i] < until; i++) {
      sum += s.count(i);
    }
    return sum;
  }

  /** Visits the days from one on to the last before another, in their order. */
  void visit(long from, long until, Visitor visitor) {
    State s = state;
    for (int i = s.from(from); i < s.size && s.days[i] < until; i++) {
      visitor.day(s.days[i], s.count(i));
    }
  }

  void visit(Visitor visitor) {
    visit(Long.MIN_VALUE, Long.MAX_VALUE, visitor);
  }

  boolean isEmpty() {
    return state.size == 0;
  }

  /** The first day; there must be one. */
  long first() {
    return state.days[0];
  }

  /** The last day; there must be one. */
  long last() {
    State s = state;
    return s.days[s.size - 1];
  }
}

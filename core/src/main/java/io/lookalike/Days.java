package io.lookalike;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;

/**
 * Whole numbers by day, in the days' order, none of them 0: what {@link DayCounts} hold at one
 * moment, or what is to be added to them. Days are counted from 1970-01-01 and never change; see
 * {@link DayCounts} on how a number may grow.
 *
 * @param days the days, ascending, in the first {@code size} places
 * @param counts the numbers, in the same places
 * @param size how many there are
 */
record Days(long[] days, long[] counts, int size) {

  static final Days NONE = new Days(new long[0], new long[0], 0);

  static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

  /** Takes one day's number. */
  interface Visitor {
    void day(long day, long count);
  }

  static Days of(long day, long count) {
    return new Days(new long[] {day}, new long[] {count}, 1);
  }

  /** Those numbers that are not 0. */
  static Days of(SortedMap<Long, Long> daily) {
    var days = new long[daily.size()];
    var counts = new long[daily.size()];
    int n = 0;
    for (Map.Entry<Long, Long> e : daily.entrySet()) {
      if (e.getValue() != 0) {
        days[n] = e.getKey();
        counts[n++] = e.getValue();
      }
    }
    return new Days(days, counts, n);
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** The first day; there must be one. */
  long first() {
    return days[0];
  }

  /** The last day; there must be one. */
  long last() {
    return days[size - 1];
  }

  /** The place of a day, or of the first one after it. */
  int from(long day) {
    int last = size - 1;
    if (last >= 0 && days[last] <= day) { // the usual case
      return days[last] == day ? last : size;
    }
    int at = Arrays.binarySearch(days, 0, size, day);
    return at >= 0 ? at : -at - 1;
  }

  long count(int place) {
    return (long) COUNT.getVolatile(counts, place);
  }

  /** The number of a day. */
  long on(long day) {
    int at = from(day);
    return at < size && days[at] == day ? count(at) : 0;
  }

  /** The sum from one day on to the last before another. */
  long between(long from, long until) {
    long sum = 0;
    for (int i = from(from); i < size && days[i] < until; i++) {
      sum += count(i);
    }
    return sum;
  }

  /** Visits the days from one on to the last before another, in their order. */
  void visit(long from, long until, Visitor visitor) {
    for (int i = from(from); i < size && days[i] < until; i++) {
      visitor.day(days[i], count(i));
    }
  }

  void visit(Visitor visitor) {
    visit(Long.MIN_VALUE, Long.MAX_VALUE, visitor);
  }

  /** These and others added up; what comes to 0 is left out, and so is spare room. */
  Days plus(Days more) {
    var merged = new long[size + more.size];
    var sums = new long[merged.length];
    int n = 0;
    int i = 0;
    int j = 0;
    while (i < size || j < more.size) {
      boolean mine = j == more.size || (i < size && days[i] <= more.days[j]);
      boolean others = i == size || (j < more.size && more.days[j] <= days[i]);
      long day = mine ? days[i] : more.days[j];
      long sum = (mine ? count(i++) : 0) + (others ? more.count(j++) : 0);
      if (sum != 0) {
        merged[n] = day;
        sums[n++] = sum;
      }
    }
    return new Days(Arrays.copyOf(merged, n), Arrays.copyOf(sums, n), n);
  }

  Days negated() {
    var negative = new long[size];
    for (int i = 0; i < size; i++) {
      negative[i] = -count(i);
    }
    return new Days(days, negative, size);
  }

  /** A copy that stays as it is. */
  Days copy() {
    var copied = new long[size];
    for (int i = 0; i < size; i++) {
      copied[i] = count(i);
    }
    return new Days(Arrays.copyOf(days, size), copied, size);
  }

  /**
   * The sum.
   *
   * @throws ArithmeticException if it does not fit
   */
  long sum() {
    long sum = 0;
    for (int i = 0; i < size; i++) {
      sum = PurchaseLog.exactly(sum, count(i));
    }
    return sum;
  }

  /** The sum of the numbers without their signs; it must fit. */
  long magnitude() {
    long sum = 0;
    for (int i = 0; i < size; i++) {
      sum += Math.abs(count(i));
    }
    return sum;
  }
}

package io.lookalike;

import java.util.Arrays;

/**
 * Whole numbers by day, to which others are added. Writers take turns, by their owner's lock;
 * readers need none.
 *
 * <p>The protocol: readers take {@link #now} once and look at nothing else. A sale on a day that is
 * there is added in place, one on a new last day is appended where the reader's {@code size} does
 * not reach; both take constant time. Whatever else changes (returned pieces, days put together,
 * days before the last) makes new arrays and publishes them as one. So a reader sees the numbers of
 * one moment, and besides, perhaps, some of the sales counted since: never less than was there,
 * never a part of any other change.
 */
final class DayCounts {

  private volatile Days now = Days.NONE;

  /** The numbers as they are now; sales may still be added to them. */
  Days now() {
    return now;
  }

  void add(Days more) {
    if (more.size() == 1 && more.counts()[0] > 0) {
      add(more.days()[0], more.counts()[0]);
    } else if (!more.isEmpty()) {
      now = now.plus(more);
    }
  }

  /** Adds a positive number. */
  private void add(long day, long n) {
    Days before = now;
    int size = before.size();
    int at = before.from(day);
    if (at < size) {
      long sum = before.counts()[at] + n;
      if (before.days()[at] == day && sum != 0) {
        Days.COUNT.setVolatile(before.counts(), at, sum);
      } else {
        now = before.plus(Days.of(day, n));
      }
      return;
    }
    long[] days = before.days();
    long[] counts = before.counts();
    if (size == days.length) {
      int room = Math.max(4, size + (size >> 1));
      days = Arrays.copyOf(days, room);
      counts = Arrays.copyOf(counts, room);
    }
    days[size] = day;
    counts[size] = n;
    now = new Days(days, counts, size + 1);
  }
}

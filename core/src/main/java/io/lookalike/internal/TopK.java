package io.lookalike.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The best k of what is offered, one after the other, in O(log k) each. Not safe for use by several
 * threads.
 *
 * @param <T> what is compared
 */
public final class TopK<T> {

  private final int k;
  private final Comparator<? super T> bestFirst;
  private final PriorityQueue<T> worstFirst;

  /**
   * Begins with none.
   *
   * @param k number to keep, 0 or more; takes no more memory than what is offered needs
   * @param bestFirst the order, the best first
   */
  public TopK(int k, Comparator<? super T> bestFirst) {
    if (k < 0) {
      throw new IllegalArgumentException("k is " + k + ", expected 0 or more");
    }
    this.k = k;
    this.bestFirst = bestFirst;
    this.worstFirst = new PriorityQueue<>(bestFirst.reversed());
  }

  /**
   * Keeps a value if it is among the best k so far; of equals, those that came first.
   *
   * @param value any
   * @return whether it is kept
   */
  public boolean offer(T value) {
    T worst = bar();
    if (worst == null && k > 0) {
      return worstFirst.add(value);
    }
    if (worst == null || bestFirst.compare(value, worst) >= 0) {
      return false;
    }
    worstFirst.remove();
    return worstFirst.add(value);
  }

  /**
   * What a value must be better than.
   *
   * @return the worst of k kept ones, or null while there are fewer
   */
  public @Nullable T bar() {
    return worstFirst.size() < k ? null : worstFirst.peek();
  }

  /**
   * Returns all that are kept.
   *
   * @return those, the best first; a list of the caller's own
   */
  public List<T> sorted() {
    var sorted = new ArrayList<T>(worstFirst);
    sorted.sort(bestFirst);
    return sorted;
  }
}

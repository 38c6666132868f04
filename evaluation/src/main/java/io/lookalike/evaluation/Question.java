package io.lookalike.evaluation;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a page is asked for in a replay. Immutable.
 *
 * @param consulted the product of the page, or null for a page of the customer's own
 * @param customer whose page it is; null if anybody may consult the product
 * @param history what the customer bought before the cut, the latest first, each product once;
 *     empty with {@code consulted}
 * @param k how many are to be shown, at least 1
 * @param newOnly whether nothing may be shown but what never sold before the cut
 */
public record Question(
    @Nullable String consulted,
    @Nullable String customer,
    List<Bought> history,
    int k,
    boolean newOnly) {

  /** Copies the history. */
  public Question {
    history = List.copyOf(history);
  }

  /**
   * A purchase of the past.
   *
   * @param productId what was bought
   * @param time when it was bought last
   */
  public record Bought(String productId, Instant time) {}
}

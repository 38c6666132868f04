package io.lookalike;

import java.util.List;
import java.util.Set;

/**
 * What a session tells at one moment.
 *
 * @param preferences one for each product of the session, the last event's first
 * @param hidden products that were dismissed or bought, which are not to be shown
 */
record SessionProfile(List<Preference> preferences, Set<String> hidden) {

  static final SessionProfile NONE = new SessionProfile(List.of(), Set.of());

  /**
   * A product as an example.
   *
   * @param productId the product
   * @param weight above 0 for a liked one, below 0 for a disliked one
   */
  record Preference(String productId, double weight) {}

  /** The weights without their signs, added up. */
  double weight() {
    return preferences.stream().mapToDouble(p -> Math.abs(p.weight)).sum();
  }
}

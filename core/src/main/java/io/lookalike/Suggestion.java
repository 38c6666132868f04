package io.lookalike;

import java.util.Objects;

/**
 * An attribute's value that a product's neighbors have, as {@link Recommender#suggest} tells.
 *
 * @param value as {@link io.lookalike.catalog.Attributes#get} gives it; of a set of texts one
 *     member
 * @param share the share of the neighbors that have it, above 0 and at most 1
 * @param confidence how often so many neighbors of one value are right in this catalogue, from 0 to
 *     1: measured on products whose value is known; low where few have the attribute
 * @param neighbors how many neighbors were looked at, at least 1
 */
public record Suggestion(Object value, double share, double confidence, int neighbors) {

  /** Checks that there is a value. */
  public Suggestion {
    Objects.requireNonNull(value, "value");
  }
}

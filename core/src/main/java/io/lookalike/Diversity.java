package io.lookalike;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * How a page avoids showing the same thing again and again. Immutable; each setter returns a
 * changed copy.
 *
 * <pre>{@code
 * Diversity.mmr(0.7).atMost("brand", 2)
 * }</pre>
 */
public final class Diversity {

  private static final Diversity NONE = new Diversity(1, Map.of());

  private final double relevance;
  private final Map<String, Integer> limits;

  private Diversity(double relevance, Map<String, Integer> limits) {
    this.relevance = relevance;
    this.limits = limits;
  }

  /**
   * The ranking as it is.
   *
   * @return no diversity
   */
  public static Diversity none() {
    return NONE;
  }

  /**
   * Maximal marginal relevance: one after the other, the candidate is shown for which w (its place
   * in the ranking, 1 for the first to 0 beyond the last) - (1 - w) (its highest similarity to a
   * product chosen before) is greatest.
   *
   * <p>Source: Carbonell and Goldstein, <i>The use of MMR, diversity-based reranking for reordering
   * documents and producing summaries</i>, SIGIR 1998; with the place in the ranking for relevance,
   * which has a scale whatever the reranker's score.
   *
   * @param relevance w, from 0 for diversity alone to 1 for the ranking alone
   * @return the diversity
   * @throws IllegalArgumentException if it is outside its range
   */
  public static Diversity mmr(double relevance) {
    if (!(relevance >= 0 && relevance <= 1)) {
      throw new IllegalArgumentException("relevance is " + relevance + ", expected 0 to 1");
    }
    return new Diversity(relevance, Map.of());
  }

  /**
   * Shows no more than so many products with the same value of an attribute. Of a set of texts each
   * member is counted; products without the attribute are not limited. May be called for several
   * attributes. A limit is a rule like a filter: the page is filled with products that keep to it,
   * and stays short where the catalogue has no more of them.
   *
   * @param attribute such as {@code brand}
   * @param products at least 1; replaces this attribute's limit
   * @return the changed diversity
   * @throws IllegalArgumentException if the attribute is blank or the number less than 1
   */
  public Diversity atMost(String attribute, int products) {
    Objects.requireNonNull(attribute, "the attribute to limit is null, expected a name");
    if (attribute.isBlank()) {
      throw new IllegalArgumentException("the attribute to limit is blank, expected a name");
    }
    if (products < 1) {
      throw new IllegalArgumentException(
          "at most " + products + " products of a " + attribute + ", expected 1 or more");
    }
    var more = new LinkedHashMap<String, Integer>(limits);
    more.put(attribute, products);
    return new Diversity(relevance, more);
  }

  double relevance() {
    return relevance;
  }

  Map<String, Integer> limits() {
    return limits;
  }

  boolean isNone() {
    return relevance == 1 && limits.isEmpty();
  }

  /** Returns the relevance, and each attribute's limit. */
  @Override
  public String toString() {
    return "Diversity[relevance=" + relevance + ", atMost=" + limits + "]";
  }
}

package io.lookalike;

/**
 * What a page does with products that are one design in several colours or patterns: those with the
 * same value of the attribute that {@link RecommenderBuilder#variantsBy} names. A product without
 * that attribute, or with a set of texts in it, is a design of its own.
 */
public enum VariantPolicy {
  /** Each variant is a product like any other. */
  KEEP,

  /**
   * Of each design only the variant that ranks highest is shown, with the {@linkplain
   * Recommendation#variants() number} of those behind it.
   */
  COLLAPSE,

  /** No other variant of the consulted product is shown. Means {@link #KEEP} for a picture. */
  EXCLUDE_OWN,

  /** Nothing but other variants of the consulted product, which thus cannot be a picture. */
  ONLY
}

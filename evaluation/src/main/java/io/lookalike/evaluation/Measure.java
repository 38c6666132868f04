package io.lookalike.evaluation;

import java.util.Locale;

/**
 * A figure of one page, and of all pages by their mean. Formulas and sources are with the methods
 * of {@link RankingMetrics} and {@link ExposureMetrics} that are named here.
 */
public enum Measure {
  /** {@link RankingMetrics#precision}. */
  PRECISION("precision", true),
  /** {@link RankingMetrics#recall}. */
  RECALL("recall", true),
  /** {@link RankingMetrics#hitRate}. */
  HIT_RATE("hit rate", true),
  /** {@link RankingMetrics#reciprocalRank}. */
  MRR("MRR", true),
  /** {@link RankingMetrics#kaggleAveragePrecision}. */
  MAP("MAP", true),
  /** {@link RankingMetrics#ndcg}. */
  NDCG("NDCG", true),
  /** {@link RankingMetrics#rankBiasedPrecision} with p = 0.8. */
  RBP("RBP", true),
  /** {@link ExposureMetrics#averagePopularity}: pieces sold before the cut. */
  POPULARITY("popularity", false),
  /** {@link ExposureMetrics#novelty}. */
  NOVELTY("novelty", false),
  /** {@link ExposureMetrics#serendipity}, beside the best sellers of 7 days. */
  SERENDIPITY("serendipity", false),
  /** {@link ExposureMetrics#intraListSimilarity} of the features, before any transform. */
  SIMILARITY("list similarity", false),
  /**
   * {@link ExposureMetrics#popularityLift}; the profile is the product consulted, or what the
   * customer bought before.
   */
  LIFT("popularity lift", false),
  /** {@link ExposureMetrics#share} of products that never sold before the cut. */
  NEVER_SOLD("never sold", false),
  /** The share of products launched, or first sold, at most 28 days before the cut. */
  NEW("new", false),
  /** The share of variants of what was consulted, or of what the customer bought before. */
  VARIANTS("own variants", false),
  /** The share of products of the category of what was consulted, or bought before. */
  SAME_CATEGORY("same category", false);

  /** These are reported for every {@link Slice}; all of the accuracy of pages. */
  static final Measure[] OF_SLICES = {HIT_RATE, RECALL, MAP, NDCG};

  private final String label;
  private final boolean accuracy;

  Measure(String label, boolean accuracy) {
    this.label = label;
    this.accuracy = accuracy;
  }

  /** Its place in arrays of scores. */
  @SuppressWarnings("EnumOrdinal") // of one run only, and dense
  int column() {
    return ordinal();
  }

  /** Whether it tells what was bought of a page, and not what is on it. */
  boolean isAccuracy() {
    return accuracy;
  }

  /** Returns what tables call it. */
  String label() {
    return label;
  }

  /** Returns the name in files. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

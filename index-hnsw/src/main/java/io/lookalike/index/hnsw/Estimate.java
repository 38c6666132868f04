package io.lookalike.index.hnsw;

import java.util.Arrays;

/** How scores and similarities go together for one query, learnt from pairs of both. */
final class Estimate {

  /** So many standard deviations beyond the mean are believed possible. */
  private static final double DEVIATIONS = 2.5;

  private final float unit;
  private float[] scaled = new float[32];
  private int noted;
  private int learnt;
  private double sum;
  private double squares;

  /** An estimate for scores of which a unit is worth so much similarity. */
  Estimate(float unit) {
    this.unit = unit;
  }

  /** A score, whose similarity is to follow. */
  void note(int score) {
    if (noted == scaled.length) {
      scaled = Arrays.copyOf(scaled, 2 * noted);
    }
    scaled[noted++] = score * unit;
  }

  /** The similarities that belong to the scores noted since the last call. */
  void learn(float[] similarities) {
    for (float similarity : similarities) {
      double difference = (double) similarity - scaled[learnt++];
      sum += difference;
      squares += difference * difference;
    }
  }

  /** The greatest similarity that is likely with a score. */
  double most(int score) {
    double mean = sum / learnt;
    double variance = Math.max(0, squares / learnt - mean * mean);
    return (double) score * unit + mean + DEVIATIONS * Math.sqrt(variance);
  }
}

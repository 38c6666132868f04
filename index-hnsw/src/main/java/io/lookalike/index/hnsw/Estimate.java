package io.lookalike.index.hnsw;

/** How scores and similarities go together for one query, learnt from pairs of both. */
final class Estimate {

  /** So many standard deviations beyond the mean are believed possible. */
  private static final double DEVIATIONS = 2.5;

  private final float unit;
  private int learnt;
  private double sum;
  private double squares;

  /** An estimate for scores of which a unit is worth so much similarity. */
  Estimate(float unit) {
    this.unit = unit;
  }

  /** Learns from similarities and the scores that belong to them, from one of these on. */
  void learn(int[] scores, int from, float[] similarities) {
    for (int i = 0; i < similarities.length; i++) {
      double difference = (double) similarities[i] - scores[from + i] * unit;
      sum += difference;
      squares += difference * difference;
    }
    learnt += similarities.length;
  }

  /** The greatest similarity that is likely with a score. */
  double most(int score) {
    double mean = sum / learnt;
    double variance = Math.max(0, squares / learnt - mean * mean);
    return (double) score * unit + mean + DEVIATIONS * Math.sqrt(variance);
  }
}

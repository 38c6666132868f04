package io.lookalike.evaluation;

/**
 * How well a list of recommendations holds what was bought. Relevance is yes or no. Stateless and
 * safe for use by several threads.
 *
 * <p>Each method is given the list as {@code hits}: for each place from the first, whether what is
 * shown there was bought. A list may be shorter than k; the places that are missing are misses.
 * {@code relevant} is the number of products bought that could have been shown, on the list or not.
 * Where it is 0 there is no question, and every method throws.
 *
 * <p>Sources: Manning, Raghavan and Sch&uuml;tze, <i>Introduction to Information Retrieval</i>,
 * chapter 8, unless a method names another.
 */
public final class RankingMetrics {

  private static final double LN_2 = Math.log(2);

  private RankingMetrics() {}

  /**
   * Precision at k: hits among the first k, divided by k.
   *
   * @param hits whether each place holds what was bought
   * @param relevant number of products bought, at least 1
   * @param k number of places that count, at least 1
   * @return from 0 to 1
   * @throws IllegalArgumentException if a number is less than 1, or there are more hits than
   *     relevant products
   */
  public static double precision(boolean[] hits, int relevant, int k) {
    return count(hits, relevant, k) / (double) k;
  }

  /**
   * Recall at k: hits among the first k, divided by the number of products bought.
   *
   * @param hits whether each place holds what was bought
   * @param relevant number of products bought, at least 1
   * @param k number of places that count, at least 1
   * @return from 0 to 1
   * @throws IllegalArgumentException as {@link #precision}
   */
  public static double recall(boolean[] hits, int relevant, int k) {
    return count(hits, relevant, k) / (double) relevant;
  }

  /**
   * Hit rate at k: 1 if there is a hit among the first k, else 0.
   *
   * @param hits whether each place holds what was bought
   * @param relevant number of products bought, at least 1
   * @param k number of places that count, at least 1
   * @return 0 or 1
   * @throws IllegalArgumentException as {@link #precision}
   */
  public static double hitRate(boolean[] hits, int relevant, int k) {
    return count(hits, relevant, k) > 0 ? 1 : 0;
  }

  /**
   * Reciprocal rank at k, whose mean over all questions is MRR: 1 divided by the place of the first
   * hit, or 0 if there is none among the first k.
   *
   * <p>Source: Voorhees, <i>The TREC-8 question answering track report</i>, TREC-8, 1999.
   *
   * @param hits whether each place holds what was bought
   * @param relevant number of products bought, at least 1
   * @param k number of places that count, at least 1
   * @return from 0 to 1
   * @throws IllegalArgumentException as {@link #precision}
   */
  public static double reciprocalRank(boolean[] hits, int relevant, int k) {
    count(hits, relevant, k);
    for (int i = 0; i < Math.min(k, hits.length); i++) {
      if (hits[i]) {
        return 1.0 / (i + 1);
      }
    }
    return 0;
  }

  /**
   * Average precision at k as {@code trec_eval} has it ({@code map_cut}), whose mean over all
   * questions is MAP: the precisions at the places of the hits among the first k, added up and
   * divided by the number of products bought.
   *
   * @param hits whether each place holds what was bought
   * @param relevant number of products bought, at least 1
   * @param k number of places that count, at least 1
   * @return from 0 to 1; less than 1 wherever more than k were bought
   * @throws IllegalArgumentException as {@link #precision}
   */
  public static double averagePrecision(boolean[] hits, int relevant, int k) {
    return precisions(hits, relevant, k) / relevant;
  }

  /**
   * Average precision at k as Kaggle has it, whose mean over all customers who bought something is
   * the MAP@12 of <i>H&amp;M Personalized Fashion Recommendations</i>: as {@link
   * #averagePrecision}, but divided by the number of products bought or k, whichever is less, so
   * that a perfect list has 1.
   *
   * <p>Source: the competition's page <i>Evaluation</i>, MAP@12 = 1/U sum over u of 1/min(m, 12)
   * sum over k of P(k) rel(k).
   *
   * @param hits whether each place holds what was bought
   * @param relevant number of different products bought, at least 1
   * @param k number of places that count, at least 1; 12 in the competition
   * @return from 0 to 1
   * @throws IllegalArgumentException as {@link #precision}
   */
  public static double kaggleAveragePrecision(boolean[] hits, int relevant, int k) {
    return precisions(hits, relevant, k) / Math.min(relevant, k);
  }

  /**
   * Normalised discounted cumulative gain at k: each hit among the first k counts 1 / log2(place +
   * 1); divided by what the best order would have.
   *
   * <p>Source: J&auml;rvelin and Kek&auml;l&auml;inen, <i>Cumulated gain-based evaluation of IR
   * techniques</i>, ACM TOIS 20(4), 2002; with the discount of Burges et al., ICML 2005, as {@code
   * trec_eval} has it ({@code ndcg_cut}).
   *
   * @param hits whether each place holds what was bought
   * @param relevant number of products bought, at least 1
   * @param k number of places that count, at least 1
   * @return from 0 to 1
   * @throws IllegalArgumentException as {@link #precision}
   */
  public static double ndcg(boolean[] hits, int relevant, int k) {
    count(hits, relevant, k);
    double gain = 0;
    for (int i = 0; i < Math.min(k, hits.length); i++) {
      if (hits[i]) {
        gain += LN_2 / Math.log(i + 2);
      }
    }
    double best = 0;
    for (int i = 0; i < Math.min(k, relevant); i++) {
      best += LN_2 / Math.log(i + 2);
    }
    return gain / best;
  }

  /**
   * Rank-biased precision: (1 - p) times the sum over the hits of p to the power of (place - 1). It
   * models somebody who looks at the first product, and with probability p at each next one.
   *
   * <p>Source: Moffat and Zobel, <i>Rank-biased precision for measurement of retrieval
   * effectiveness</i>, ACM TOIS 27(1), 2008.
   *
   * @param hits whether each place holds what was bought
   * @param relevant number of products bought, at least 1
   * @param k number of places that count, at least 1
   * @param persistence p, from 0 to less than 1
   * @return from 0 to less than 1
   * @throws IllegalArgumentException as {@link #precision}, or if p is outside its range
   */
  public static double rankBiasedPrecision(
      boolean[] hits, int relevant, int k, double persistence) {
    count(hits, relevant, k);
    if (!(persistence >= 0 && persistence < 1)) {
      throw new IllegalArgumentException(
          "persistence is " + persistence + ", expected 0 to less than 1");
    }
    double sum = 0;
    double weight = 1 - persistence;
    for (int i = 0; i < Math.min(k, hits.length); i++) {
      sum += hits[i] ? weight : 0;
      weight *= persistence;
    }
    return sum;
  }

  private static double precisions(boolean[] hits, int relevant, int k) {
    count(hits, relevant, k);
    double sum = 0;
    int found = 0;
    for (int i = 0; i < Math.min(k, hits.length); i++) {
      if (hits[i]) {
        found++;
        sum += found / (double) (i + 1);
      }
    }
    return sum;
  }

  private static int count(boolean[] hits, int relevant, int k) {
    if (k < 1) {
      throw new IllegalArgumentException("k is " + k + ", expected 1 or more");
    }
    if (relevant < 1) {
      throw new IllegalArgumentException(
          "relevant is " + relevant + ", expected 1 or more: without one there is no question");
    }
    int count = 0;
    for (int i = 0; i < Math.min(k, hits.length); i++) {
      count += hits[i] ? 1 : 0;
    }
    if (count > relevant) {
      throw new IllegalArgumentException(
          "there are " + count + " hits, expected at most " + relevant + ", as many as relevant");
    }
    return count;
  }
}

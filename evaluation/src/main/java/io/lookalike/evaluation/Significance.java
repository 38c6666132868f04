package io.lookalike.evaluation;

import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How sure a figure is, and whether a difference is real. What one customer was asked hangs
 * together, so customers are drawn and not questions. The same seed gives the same results, on any
 * number of threads. Immutable and safe for use by several threads.
 */
public final class Significance {

  private static final int RESAMPLES = 1_000;
  private static final int PERMUTATIONS = 10_000;

  private final int resamples;
  private final int permutations;
  private final double level;
  private final long seed;
  private final int threads;

  private Significance(int resamples, int permutations, double level, long seed, int threads) {
    this.resamples = resamples;
    this.permutations = permutations;
    this.level = level;
    this.seed = seed;
    this.threads = threads;
  }

  /**
   * Intervals of 95 % by 1,000 resamples, tests by 10,000 permutations, on one thread.
   *
   * @param seed decides the draws
   * @return the settings
   */
  public static Significance seeded(long seed) {
    return new Significance(RESAMPLES, PERMUTATIONS, 0.95, seed, 1);
  }

  /**
   * The same with another number of draws.
   *
   * @param resamples for intervals, at least 100
   * @param permutations for tests, at least 100
   * @return the changed settings
   * @throws IllegalArgumentException if a number is less than 100
   */
  public Significance draws(int resamples, int permutations) {
    if (resamples < 100 || permutations < 100) {
      throw new IllegalArgumentException(
          "draws are " + resamples + " and " + permutations + ", expected 100 or more of each");
    }
    return new Significance(resamples, permutations, level, seed, threads);
  }

  /**
   * The same with intervals of another level.
   *
   * @param level such as 0.9, between 0 and 1
   * @return the changed settings
   * @throws IllegalArgumentException if it is outside its range
   */
  public Significance level(double level) {
    if (!(level > 0 && level < 1)) {
      throw new IllegalArgumentException("level is " + level + ", expected between 0 and 1");
    }
    return new Significance(resamples, permutations, level, seed, threads);
  }

  Significance threads(int threads) {
    return new Significance(resamples, permutations, level, seed, threads);
  }

  /**
   * The mean of the values and its bootstrap interval by percentiles, where customers are drawn
   * with replacement, each with all of its values.
   *
   * <p>Sources: Efron and Tibshirani, <i>An introduction to the bootstrap</i>, 1993, chapter 13;
   * Cameron, Gelbach and Miller, <i>Bootstrap-based improvements for inference with clustered
   * errors</i>, 2008, for the drawing of clusters.
   *
   * @param values one a question; {@link Double#NaN} for those that are left out
   * @param customers whose each question is: numbers from 0, few gaps
   * @return the mean with its interval
   * @throws IllegalArgumentException if the arrays differ in length, or a customer is less than 0
   */
  public Interval mean(double[] values, int[] customers) {
    return ratios(new Ratio[] {new Ratio(values, null)}, customers)[0];
  }

  /**
   * As {@link #mean} for several figures at once, each a sum divided by another, all with the same
   * draws.
   */
  Interval[] ratios(Ratio[] figures, int[] customers) {
    int n = figures.length;
    var sums = new CustomerSums(figures, customers);
    var all = sums.total();
    var drawn = new double[n][resamples];
    Parallel.forEach(
        resamples,
        threads,
        r -> {
          double[] sum = sums.draw(random(r));
          for (int i = 0; i < n; i++) {
            drawn[i][r] = sum[2 * i] / sum[2 * i + 1];
          }
        });
    var intervals = new Interval[n];
    for (int i = 0; i < n; i++) {
      double[] sorted = Arrays.stream(drawn[i]).filter(Double::isFinite).sorted().toArray();
      intervals[i] =
          new Interval(
              all[2 * i] / all[2 * i + 1],
              quantile(sorted, (1 - level) / 2),
              quantile(sorted, (1 + level) / 2));
    }
    return intervals;
  }

  private SplittableRandom random(int draw) {
    // Far apart, so that no draw's numbers are another's: SplittableRandom itself mixes them.
    return new SplittableRandom(seed * 0x9E37_79B9_7F4A_7C15L + draw * 0xBF58_476D_1CE4_E5B9L);
  }

  private static double quantile(double[] sorted, double share) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  /**
   * A figure of all questions: the sum of one number of each, divided by the sum of another.
   *
   * @param above one a question, NaN where it is left out
   * @param below one a question, or null for 1
   */
  record Ratio(double[] above, double @Nullable [] below) {}

  /** What each customer adds to each figure: customers in rows, figures in pairs of columns. */
  private static final class CustomerSums {
    private final int width;
    private final int rows;
    private final double[] sums;

    CustomerSums(Ratio[] figures, int[] customers) {
      width = 2 * figures.length;
      int[] row = rows(figures[0].above.length, customers);
      rows = IntStream.of(row).max().orElse(-1) + 1;
      sums = new double[rows * width];
      for (int f = 0; f < figures.length; f++) {
        double[] above = figures[f].above;
        double[] below = figures[f].below;
        for (int q = 0; q < above.length; q++) {
          if (!Double.isNaN(above[q])) {
            sums[row[q] * width + 2 * f] += above[q];
            sums[row[q] * width + 2 * f + 1] += below == null ? 1 : below[q];
          }
        }
      }
    }

    double[] total() {
      var total = new double[width];
      for (int row = 0; row < rows; row++) {
        add(row, total);
      }
      return total;
    }

    /** As many customers as there are, drawn with replacement. */
    double[] draw(SplittableRandom random) {
      var total = new double[width];
      for (int i = 0; i < rows; i++) {
        add(random.nextInt(rows), total);
      }
      return total;
    }

    private void add(int row, double[] total) {
      for (int i = 0, at = row * width; i < total.length; i++, at++) {
        total[i] += sums[at];
      }
    }
  }

  /** Numbers customers without gaps. */
  private static int[] rows(int questions, int[] customers) {
    if (customers.length != questions) {
      throw new IllegalArgumentException(
          "there are " + questions + " values and " + customers.length + " customers");
    }
    int most = -1;
    for (int customer : customers) {
      if (customer < 0) {
        throw new IllegalArgumentException("a customer is " + customer + ", expected 0 or more");
      }
      most = Math.max(most, customer);
    }
    var number = new int[most + 1];
    int next = 0;
    var rows = new int[questions];
    for (int q = 0; q < questions; q++) {
      int customer = customers[q];
      if (number[customer] == 0) {
        number[customer] = ++next;
      }
      rows[q] = number[customer] - 1;
    }
    return rows;
  }

  /**
   * The chance that two settings which are equally good would differ as much as these do: a paired
   * randomisation test, two-sided, in which for each customer the two change places at random, with
   * all of the customer's questions.
   *
   * <p>Source: Smucker, Allan and Carterette, <i>A comparison of statistical significance tests for
   * information retrieval evaluation</i>, CIKM 2007.
   *
   * @param one a value a question; {@link Double#NaN} for those that are left out
   * @param other the other setting's, of the same questions
   * @param customers whose each question is: numbers from 0, few gaps
   * @return p, at least 1 / (permutations + 1) and at most 1
   * @throws IllegalArgumentException if the arrays differ in length, or a customer is less than 0
   */
  public double pValue(double[] one, double[] other, int[] customers) {
    if (one.length != other.length) {
      throw new IllegalArgumentException(
          "there are " + one.length + " and " + other.length + " values, expected as many");
    }
    int[] row = rows(one.length, customers);
    var sums = new double[IntStream.of(row).max().orElse(-1) + 1];
    for (int q = 0; q < one.length; q++) {
      double difference = one[q] - other[q];
      if (!Double.isNaN(difference)) {
        sums[row[q]] += difference;
      }
    }
    double[] differences = Arrays.stream(sums).filter(d -> d != 0).toArray();
    double found = Math.abs(Arrays.stream(differences).sum());
    // Sums in another order may differ by rounding.
    double least = found - 1e-9 * Arrays.stream(differences).map(Math::abs).sum();
    var asMuch = new boolean[permutations];
    Parallel.forEach(
        permutations, threads, p -> asMuch[p] = Math.abs(flipped(differences, random(p))) >= least);
    long count = IntStream.range(0, permutations).filter(p -> asMuch[p]).count();
    return (count + 1.0) / (permutations + 1.0);
  }

  private static double flipped(double[] differences, SplittableRandom random) {
    double sum = 0;
    long bits = 0;
    for (int i = 0; i < differences.length; i++) {
      if (i % Long.SIZE == 0) {
        bits = random.nextLong();
      }
      sum += (bits & 1) == 0 ? differences[i] : -differences[i];
      bits >>>= 1;
    }
    return sum;
  }

  /**
   * Holm's correction: what becomes of the chances when several tests are made, so that the chance
   * of one false alarm or more among them stays what it is for one.
   *
   * <p>Source: Holm, <i>A simple sequentially rejective multiple test procedure</i>, Scandinavian
   * Journal of Statistics 6(2), 1979.
   *
   * @param pValues of the tests, from 0 to 1
   * @return the adjusted values, in the same order, from 0 to 1
   */
  public static double[] holm(double... pValues) {
    Objects.requireNonNull(pValues, "pValues");
    int n = pValues.length;
    int[] ascending =
        IntStream.range(0, n)
            .boxed()
            .sorted((a, b) -> Double.compare(pValues[a], pValues[b]))
            .mapToInt(i -> i)
            .toArray();
    var adjusted = new double[n];
    double most = 0;
    for (int i = 0; i < n; i++) {
      most = Math.max(most, Math.min(1, (n - i) * pValues[ascending[i]]));
      adjusted[ascending[i]] = most;
    }
    return adjusted;
  }
}

package io.lookalike.evaluation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A comparison of arms with customers who really shop. Each customer is in one arm for good, which
 * a hash of the customer's id decides; what came of it is counted in process, and can be looked at
 * at any time without spoiling what it says. Nothing is stopped or switched by itself.
 *
 * <pre>{@code
 * Experiment experiment = Experiment.named("blend-2024-06", List.of("as it was", "more looks"));
 * String arm = experiment.arm(customerId);         // the same at every call, on every machine
 * page = shop.recommend(request.rankedBy(rerankers.get(arm)));
 * experiment.shown(customerId);                    // once a page
 * experiment.succeeded(customerId);                // somebody bought from it
 * experiment.report("more looks", "as it was");    // whenever you like
 * }</pre>
 *
 * <p>Pages of one customer are taken for independent of each other. Where few customers see many
 * pages each, count one page a customer, or intervals are too narrow.
 *
 * <p>Safe for use by several threads. Counts are of this process; {@link #count} and {@link #add}
 * bring those of several together.
 */
public final class Experiment {

  /** Size of effects that the test is best at, as a share of pages: a parameter, not a bound. */
  private static final double EFFECT = 0.01;

  private static final double LEVEL = 0.05;

  private final String name;
  private final Map<String, Counter> arms = new LinkedHashMap<>();
  private final List<String> names;

  /** What an arm has shown, and what came of it; both numbers are those of one moment. */
  private static final class Counter {
    private long shown;
    private long succeeded;

    synchronized void add(long more, long successes) {
      Count sum = new Count(Math.addExact(shown, more), Math.addExact(succeeded, successes));
      shown = sum.shown;
      succeeded = sum.succeeded;
    }

    synchronized Count now() {
      return new Count(shown, succeeded);
    }
  }

  /**
   * What came of an arm.
   *
   * @param shown pages shown
   * @param succeeded of these, those from which somebody bought
   */
  public record Count(long shown, long succeeded) {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is less than 0, or more succeeded than were shown
     */
    public Count {
      if (shown < 0 || succeeded < 0 || succeeded > shown) {
        throw new IllegalArgumentException(
            succeeded + " of " + shown + " pages succeeded, expected 0 to as many as were shown");
      }
    }

    /**
     * The share that succeeded.
     *
     * @return from 0 to 1, or NaN if nothing was shown
     */
    public double rate() {
      return shown == 0 ? Double.NaN : succeeded / (double) shown;
    }
  }

  /**
   * Two arms compared.
   *
   * @param difference what the rate of the first is above that of the other, with an interval that
   *     holds the truth with a probability of 95 %, however often it is looked at
   * @param p the chance of such a difference between equals, valid at any time; for one look after
   *     the other, the least of them counts
   */
  public record Report(Interval difference, double p) {
    /**
     * Whether the difference is real, as far as it can be known.
     *
     * @return true if p is below 0.05
     */
    public boolean significant() {
      return p < LEVEL;
    }
  }

  private Experiment(String name, List<String> names) {
    this.name = name;
    this.names = names;
    for (String arm : names) {
      arms.put(arm, new Counter());
    }
  }

  /**
   * Begins an experiment.
   *
   * @param name unlike that of others: it decides with the customer's id who is in which arm, so
   *     that experiments divide customers independently of each other
   * @param arms two or more different names, of equal share
   * @return the experiment
   * @throws IllegalArgumentException if the name is blank, or there are fewer than two arms or
   *     equal ones
   */
  public static Experiment named(String name, List<String> arms) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("the experiment's name is blank, expected a text");
    }
    List<String> names = List.copyOf(arms);
    if (names.size() < 2 || names.stream().distinct().count() < names.size()) {
      throw new IllegalArgumentException(
          "the arms are " + names + ", expected two or more different ones");
    }
    return new Experiment(name, names);
  }

  /**
   * The arm that a customer is in.
   *
   * @param customer the customer's id
   * @return the same at every call and on every machine
   */
  public String arm(String customer) {
    // FNV-1a over both names, then SplitMix64's finish, so that every bit counts.
    long hash = 0xCBF2_9CE4_8422_2325L;
    String text = name + '\n' + Objects.requireNonNull(customer, "customer");
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100_0000_01B3L;
    }
    hash = (hash ^ hash >>> 30) * 0xBF58_476D_1CE4_E5B9L;
    hash = (hash ^ hash >>> 27) * 0x94D0_49BB_1331_11EBL;
    return names.get((int) Long.remainderUnsigned(hash ^ hash >>> 31, names.size()));
  }

  /**
   * Counts a page.
   *
   * @param customer who sees it
   */
  public void shown(String customer) {
    counter(arm(customer)).add(1, 0);
  }

  /**
   * Counts a success of a page that was counted before. At most one for each page.
   *
   * @param customer who bought from it
   * @throws IllegalArgumentException if more pages succeeded than were shown
   */
  public void succeeded(String customer) {
    counter(arm(customer)).add(0, 1);
  }

  /**
   * What came of an arm so far.
   *
   * @param arm its name
   * @return both numbers of one moment
   * @throws IllegalArgumentException if there is no such arm
   */
  public Count count(String arm) {
    return counter(arm).now();
  }

  /**
   * Adds what another process has counted.
   *
   * @param arm its name
   * @param count what came of it there
   * @throws IllegalArgumentException if there is no such arm
   */
  public void add(String arm, Count count) {
    counter(arm).add(count.shown, count.succeeded);
  }

  private Counter counter(String arm) {
    Counter counter = arms.get(arm);
    if (counter == null) {
      throw new IllegalArgumentException("there is no arm " + arm + ", only " + names);
    }
    return counter;
  }

  /**
   * Compares two arms by a mixture sequential probability ratio test: with V the variance of the
   * difference d of the rates and t&sup2; that of a normal mixture of effects around 0, the ratio
   * is sqrt(V / (V + t&sup2;)) exp(t&sup2; d&sup2; / (2 V (V + t&sup2;))), and p its inverse. The
   * interval holds the differences that are not rejected at 5 %. t is a hundredth of a page.
   *
   * <p>Source: Johari, Koomen, Pekelis and Walsh, <i>Peeking at A/B tests</i>, KDD 2017; Robbins,
   * <i>Statistical methods related to the law of the iterated logarithm</i>, 1970.
   *
   * @param one an arm
   * @param other another
   * @return what is known by now; with fewer than 100 pages of one, that nothing is
   * @throws IllegalArgumentException if there is no such arm
   */
  public Report report(String one, String other) {
    Count a = count(one);
    Count b = count(other);
    double difference = a.rate() - b.rate();
    if (a.shown < 100 || b.shown < 100) {
      return new Report(new Interval(difference, -1, 1), 1);
    }
    double variance = variance(a) + variance(b);
    double mixture = EFFECT * EFFECT;
    double both = variance + mixture;
    double logRatio =
        0.5 * Math.log(variance / both) + mixture * difference * difference / (2 * variance * both);
    double half =
        Math.sqrt(
            2
                * variance
                * both
                / mixture
                * (Math.log(1 / LEVEL) + 0.5 * Math.log(both / variance)));
    return new Report(
        new Interval(difference, Math.max(-1, difference - half), Math.min(1, difference + half)),
        Math.min(1, Math.exp(-logRatio)));
  }

  /** Of the rate; with one success and one failure more, so that it is never 0. */
  private static double variance(Count count) {
    double rate = (count.succeeded + 1.0) / (count.shown + 2.0);
    return rate * (1 - rate) / count.shown;
  }

  /** Returns the name and the arms. */
  @Override
  public String toString() {
    return "experiment " + name + " of " + names;
  }
}

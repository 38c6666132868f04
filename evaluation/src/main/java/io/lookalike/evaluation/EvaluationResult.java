package io.lookalike.evaluation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a {@link Replay} found. Immutable and safe for use by several threads; figures are computed
 * when they are first asked for.
 */
public final class EvaluationResult {

  private final List<String> settings;
  private final List<String> descriptions;
  private final List<Instant> cuts;
  private final Map<Task, Scores> scores;
  private final Significance significance;
  private final Map<List<Object>, Object> known = new ConcurrentHashMap<>();

  EvaluationResult(
      List<String> settings,
      List<String> descriptions,
      List<Instant> cuts,
      Map<Task, Scores> scores,
      Significance significance) {
    this.settings = List.copyOf(settings);
    this.descriptions = List.copyOf(descriptions);
    this.cuts = List.copyOf(cuts);
    this.scores = scores;
    this.significance = significance;
  }

  /**
   * Two settings compared.
   *
   * @param one a setting
   * @param other another
   * @param difference what the first is above the other, the mean over the questions that both have
   *     a figure of
   * @param p the chance of such a difference between equals, corrected for the number of
   *     comparisons
   */
  public record Comparison(String one, String other, double difference, double p) {
    /** A chance below this is taken for a real difference. */
    public static final double LEVEL = 0.05;

    /**
     * Whether the difference is real, as far as it can be known.
     *
     * @return true if p is below {@link #LEVEL}
     */
    public boolean significant() {
      return p < LEVEL;
    }
  }

  /**
   * The settings' names.
   *
   * @return in the order in which they were given
   */
  public List<String> settings() {
    return settings;
  }

  /**
   * What a setting is made of.
   *
   * @param setting its name
   * @return in words
   * @throws IllegalArgumentException if there is no such setting
   */
  public String description(String setting) {
    return descriptions.get(index(setting));
  }

  /**
   * The cuts.
   *
   * @return in the order in which they were replayed
   */
  public List<Instant> cuts() {
    return cuts;
  }

  /**
   * The tasks.
   *
   * @return those that were asked for
   */
  public Set<Task> tasks() {
    return scores.keySet();
  }

  /**
   * How many questions were asked.
   *
   * @param task what kind of
   * @param slice of which purchases
   * @return those with a purchase that counts, of all cuts
   * @throws IllegalArgumentException if the task was not asked for
   */
  public int questions(Task task, Slice slice) {
    return of(task).questions(slice);
  }

  /**
   * A setting's figure.
   *
   * @param setting its name
   * @param task what was asked
   * @param measure what is measured
   * @return the mean over all questions, popularity lift excepted, which is one of means; with its
   *     interval of 95 %; NaN if no question has it
   * @throws IllegalArgumentException if there is no such setting, or the task was not asked for
   */
  public Interval figure(String setting, Task task, Measure measure) {
    return intervals(setting, task)[measure.column()];
  }

  private Interval[] intervals(String setting, Task task) {
    int s = index(setting);
    return (Interval[])
        known.computeIfAbsent(
            List.of(setting, task),
            key -> {
              Scores of = of(task);
              var figures = new Significance.Ratio[Measure.values().length];
              for (Measure measure : Measure.values()) {
                figures[measure.column()] =
                    new Significance.Ratio(
                        doubles(of.of(s).values[measure.column()]),
                        measure == Measure.LIFT ? doubles(of.profiles()) : null);
              }
              return significance.ratios(figures, of.customers());
            });
  }

  /**
   * A setting's figure of some purchases.
   *
   * @param setting its name
   * @param task what was asked
   * @param measure hit rate, recall, MAP or NDCG
   * @param slice of which purchases
   * @return the mean over the questions with a purchase that counts, with its interval of 95 %; NaN
   *     if there are none
   * @throws IllegalArgumentException if there is no such setting, the task was not asked for, or
   *     the measure is another
   */
  public Interval figure(String setting, Task task, Measure measure, Slice slice) {
    int place = List.of(Measure.OF_SLICES).indexOf(measure);
    if (place < 0) {
      throw new IllegalArgumentException(
          "the measure is " + measure + ", expected one of " + List.of(Measure.OF_SLICES));
    }
    int s = index(setting);
    Interval[] intervals =
        (Interval[])
            known.computeIfAbsent(
                List.of(setting, task, slice),
                key -> {
                  Scores of = of(task);
                  float[][] values = of.of(s).slices[slice.column()];
                  return significance.ratios(
                      Arrays.stream(values)
                          .map(v -> new Significance.Ratio(doubles(v), null))
                          .toArray(Significance.Ratio[]::new),
                      of.customers());
                });
    return intervals[place];
  }

  /**
   * The share of the products that could be shown that are on one page or more; a page counts as
   * often as it was asked for.
   *
   * @param setting its name
   * @param task what was asked
   * @return from 0 to 1, as {@link ExposureMetrics#coverage}
   * @throws IllegalArgumentException if there is no such setting, or the task was not asked for
   */
  public double coverage(String setting, Task task) {
    return ExposureMetrics.coverage(of(task).shownOfCandidates(index(setting)));
  }

  /**
   * How unequally products are shown.
   *
   * @param setting its name
   * @param task what was asked
   * @return from 0 to less than 1, as {@link ExposureMetrics#gini}
   * @throws IllegalArgumentException if there is no such setting, or the task was not asked for
   */
  public double gini(String setting, Task task) {
    return ExposureMetrics.gini(of(task).shownOfCandidates(index(setting)));
  }

  /**
   * How long a page takes. Several threads may have made pages at a time.
   *
   * @param setting its name
   * @param task what was asked
   * @param share such as 0.99 for p99
   * @return in nanoseconds, as {@link ExposureMetrics#percentile}; 0 if there were no pages
   * @throws IllegalArgumentException if there is no such setting, or the task was not asked for
   */
  public long latency(String setting, Task task, double share) {
    long[] nanos = of(task).of(index(setting)).nanos;
    return nanos.length == 0 ? 0 : ExposureMetrics.percentile(nanos, share);
  }

  /**
   * Compares each two settings by what the task is judged by: NDCG of product pages, MAP of
   * customers' pages; with Holm's correction over all pairs.
   *
   * @param task what was asked
   * @return one comparison for each two, the better first, the largest difference first
   * @throws IllegalArgumentException if the task was not asked for
   */
  @SuppressWarnings("unchecked")
  public List<Comparison> comparisons(Task task) {
    List<Object> key = List.of(task);
    Object before = known.get(key);
    if (before == null) { // not by computeIfAbsent, within which figures would be computed
      before = compare(task);
      known.put(key, before);
    }
    return (List<Comparison>) before;
  }

  private List<Comparison> compare(Task task) {
    var pairs = new ArrayList<Comparison>();
    for (int one = 0; one < settings.size(); one++) {
      for (int other = 0; other < one; other++) {
        String a = settings.get(one);
        String b = settings.get(other);
        double difference = paired(a, b, task, task.main()).difference;
        pairs.add(
            new Comparison(
                difference >= 0 ? a : b,
                difference >= 0 ? b : a,
                Math.abs(difference),
                pValue(a, b, task, task.main())));
      }
    }
    double[] adjusted = Significance.holm(pairs.stream().mapToDouble(Comparison::p).toArray());
    var corrected = new ArrayList<Comparison>();
    for (int i = 0; i < adjusted.length; i++) {
      Comparison pair = pairs.get(i);
      corrected.add(new Comparison(pair.one, pair.other, pair.difference, adjusted[i]));
    }
    corrected.sort((x, y) -> Double.compare(y.difference, x.difference));
    return List.copyOf(corrected);
  }

  /**
   * What one is above the other, over the questions that {@link #pValue} goes by.
   *
   * @param difference the mean; NaN if there are no questions
   * @param questions those that both have a figure of
   */
  record Paired(double difference, int questions) {}

  Paired paired(String one, String other, Task task, Measure measure) {
    float[] ones = of(task).of(index(one)).values[measure.column()];
    float[] others = of(task).of(index(other)).values[measure.column()];
    double sum = 0;
    int questions = 0;
    for (int q = 0; q < ones.length; q++) {
      double difference = (double) ones[q] - others[q];
      if (!Double.isNaN(difference)) {
        sum += difference;
        questions++;
      }
    }
    return new Paired(sum / questions, questions);
  }

  /**
   * The chance that two settings which are equally good differ as much, not corrected for other
   * comparisons.
   *
   * @param one a setting
   * @param other another
   * @param task what was asked
   * @param measure what is measured, other than popularity lift
   * @return as {@link Significance#pValue}
   * @throws IllegalArgumentException if there is no such setting, the task was not asked for, or
   *     the measure is popularity lift
   */
  public double pValue(String one, String other, Task task, Measure measure) {
    if (measure == Measure.LIFT) {
      throw new IllegalArgumentException(
          "popularity lift is of all pages together, and cannot be paired; use popularity");
    }
    Scores of = of(task);
    return significance.pValue(
        doubles(of.of(index(one)).values[measure.column()]),
        doubles(of.of(index(other)).values[measure.column()]),
        of.customers());
  }

  private static double[] doubles(float[] values) {
    var doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  // ---- for the report

  Scores of(Task task) {
    Scores of = scores.get(task);
    if (of == null) {
      throw new IllegalArgumentException(
          "the task " + task + " was not asked for, only " + scores.keySet());
    }
    return of;
  }

  int index(String setting) {
    int index = settings.indexOf(setting);
    if (index < 0) {
      throw new IllegalArgumentException(
          "there is no setting " + setting + ", only " + String.join(", ", settings));
    }
    return index;
  }

  /** The settings with what a task is judged by, best first. */
  Map<String, Double> ranking(Task task) {
    var means = new LinkedHashMap<String, Double>();
    settings.stream()
        .sorted(
            (a, b) ->
                Double.compare(
                    figure(b, task, task.main()).value(), figure(a, task, task.main()).value()))
        .forEach(name -> means.put(name, figure(name, task, task.main()).value()));
    return means;
  }

  /** Returns what was compared. */
  @Override
  public String toString() {
    return "evaluation of " + settings + ", cuts " + cuts;
  }
}

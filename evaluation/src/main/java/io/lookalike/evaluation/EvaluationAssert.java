package io.lookalike.evaluation;

import java.util.Locale;
import java.util.Objects;

/**
 * Lets a build fail where a change makes recommendations worse, in a test of any framework:
 *
 * <pre>{@code
 * EvaluationResult result = Replay.of(history, catalogue).run(List.of(before, after));
 * EvaluationAssert.assertThat(result).in(Task.ITEM)
 *     .isNotWorse("after", "before", Measure.NDCG)
 *     .isAtLeast("after", Measure.NDCG, 0.05);
 * }</pre>
 *
 * <p>What fails throws an {@link AssertionError} with the figures. Immutable.
 */
public final class EvaluationAssert {

  private final EvaluationResult result;
  private final Task task;
  private final double level;

  private EvaluationAssert(EvaluationResult result, Task task, double level) {
    this.result = result;
    this.task = task;
    this.level = level;
  }

  /**
   * Begins with a result: its first task, and a chance of a false alarm of 5 %.
   *
   * @param result what a replay found
   * @return the assertion
   */
  public static EvaluationAssert assertThat(EvaluationResult result) {
    Objects.requireNonNull(result, "result");
    return new EvaluationAssert(
        result, result.tasks().iterator().next(), EvaluationResult.Comparison.LEVEL);
  }

  /**
   * The same of another task.
   *
   * @param task one that was asked for
   * @return the changed assertion
   * @throws IllegalArgumentException if it was not
   */
  public EvaluationAssert in(Task task) {
    result.questions(task, Slice.ALL);
    return new EvaluationAssert(result, task, level);
  }

  /**
   * The same with another chance of a false alarm, for each of the checks that follow.
   *
   * @param level such as 0.01, between 0 and 1
   * @return the changed assertion
   * @throws IllegalArgumentException if it is outside its range
   */
  public EvaluationAssert atLevel(double level) {
    if (!(level > 0 && level < 1)) {
      throw new IllegalArgumentException("level is " + level + ", expected between 0 and 1");
    }
    return new EvaluationAssert(result, task, level);
  }

  /**
   * Checks that a setting is not significantly worse than another. That it passes does not say that
   * it is as good: with few questions, little is significant.
   *
   * @param setting the one that is checked
   * @param reference the one that it must not be worse than
   * @param measure of which higher is better
   * @return this
   * @throws AssertionError if its mean over the questions that both have a figure of is lower and
   *     the difference is significant, or there are no such questions
   * @throws IllegalArgumentException if there is no such setting, or the measure is popularity lift
   */
  public EvaluationAssert isNotWorse(String setting, String reference, Measure measure) {
    double p = result.pValue(setting, reference, task, measure);
    EvaluationResult.Paired paired = paired(setting, reference, measure);
    if (paired.difference() < 0 && p < level) {
      throw new AssertionError(
          String.format(
              Locale.ROOT,
              "%s of %s is %s, expected not less than that of %s, %s; the difference is"
                  + " significant: of the %,d questions that both have a figure of, it is %+.4f,"
                  + " p = %.4f",
              measure.label(),
              setting,
              result.figure(setting, task, measure),
              reference,
              result.figure(reference, task, measure),
              paired.questions(),
              paired.difference(),
              p));
    }
    return this;
  }

  private EvaluationResult.Paired paired(String setting, String reference, Measure measure) {
    EvaluationResult.Paired paired = result.paired(setting, reference, task, measure);
    if (paired.questions() == 0) {
      throw new AssertionError(
          String.format(
              Locale.ROOT,
              "%s of %s cannot be compared with that of %s: there is no figure, over 0 questions",
              measure.label(),
              setting,
              reference));
    }
    return paired;
  }

  /**
   * Checks that a setting is significantly better than another.
   *
   * @param setting the one that is checked
   * @param reference the one that it must be better than
   * @param measure of which higher is better
   * @return this
   * @throws AssertionError if its mean over the questions that both have a figure of is not higher,
   *     the difference is not significant, or there are no such questions
   * @throws IllegalArgumentException if there is no such setting, or the measure is popularity lift
   */
  public EvaluationAssert isBetter(String setting, String reference, Measure measure) {
    double p = result.pValue(setting, reference, task, measure);
    EvaluationResult.Paired paired = paired(setting, reference, measure);
    if (!(paired.difference() > 0 && p < level)) {
      throw new AssertionError(
          String.format(
              Locale.ROOT,
              "%s of %s is %s, expected more than that of %s, %s, with p below %s; of the %,d"
                  + " questions that both have a figure of, it is %+.4f, p = %.4f",
              measure.label(),
              setting,
              result.figure(setting, task, measure),
              reference,
              result.figure(reference, task, measure),
              level,
              paired.questions(),
              paired.difference(),
              p));
    }
    return this;
  }

  /**
   * Checks that a setting's figure is not certainly below a number.
   *
   * @param setting the one that is checked
   * @param measure what is measured
   * @param least the number
   * @return this
   * @throws AssertionError if the whole interval is below the number, or there is no figure
   * @throws IllegalArgumentException if there is no such setting
   */
  public EvaluationAssert isAtLeast(String setting, Measure measure, double least) {
    Interval figure = result.figure(setting, task, measure);
    if (!(figure.high() >= least)) {
      throw new AssertionError(
          String.format(
              Locale.ROOT,
              "%s of %s is %s, expected %s or more, over %,d questions",
              measure.label(),
              setting,
              figure,
              least,
              result.questions(task, Slice.ALL)));
    }
    return this;
  }
}

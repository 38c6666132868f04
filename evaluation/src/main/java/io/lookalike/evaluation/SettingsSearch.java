package io.lookalike.evaluation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Looks for a better setting by itself: from a first one, all settings that differ in one choice
 * are replayed beside it, the best of those that are significantly better takes its place, and so
 * on, until none is. So of many combinations few are tried, and what is found was told apart from
 * what it replaced. Immutable.
 *
 * <pre>{@code
 * SettingsSearch.Found found = SettingsSearch.of(replay, Task.ITEM)
 *     .run(List.of(List.of("24", "48"), List.of("0", "0.25", "0.5")), choice -> setting(choice));
 * }</pre>
 *
 * <p>Of each round p is corrected by Holm's method for all settings tried in it. The rounds use the
 * same purchases, so the figure of what is found is a little too good: replay it at other cuts
 * before relying on it.
 */
public final class SettingsSearch {

  private final Replay replay;
  private final Task task;

  private SettingsSearch(Replay replay, Task task) {
    this.replay = replay;
    this.task = task;
  }

  /**
   * Prepares a search.
   *
   * @param replay the purchases and cuts; {@link Replay#resumingIn} keeps it from making the pages
   *     of a setting twice
   * @param task whose main measure is to grow
   * @return the search
   */
  public static SettingsSearch of(Replay replay, Task task) {
    return new SettingsSearch(
        Objects.requireNonNull(replay, "replay").tasks(task), Objects.requireNonNull(task, "task"));
  }

  /**
   * A setting that was significantly better than the one before.
   *
   * @param from the name of the one before
   * @param to its name
   * @param difference in the task's main measure, above 0
   * @param p by the paired randomisation test, after Holm's correction for the round
   * @param tried how many settings were tried in the round
   */
  public record Step(String from, String to, double difference, double p, int tried) {}

  /**
   * What was found.
   *
   * @param setting the last one taken, or the first if nothing was better
   * @param steps how it came there
   * @param tried how many settings were replayed in all
   */
  public record Found(Setting setting, List<Step> steps, int tried) {

    /** Copies the list. */
    public Found {
      steps = List.copyOf(steps);
    }
  }

  /**
   * Searches, telling nobody.
   *
   * @param <T> what a choice is between
   * @param choices as for {@link #run(List, Function, Consumer)}
   * @param making as for {@link #run(List, Function, Consumer)}
   * @return what was found
   * @throws IOException as {@link Replay#run}
   */
  public <T> Found run(List<List<T>> choices, Function<List<T>, ? extends Setting> making)
      throws IOException {
    return run(choices, making, step -> {});
  }

  /**
   * Searches.
   *
   * @param <T> what a choice is between
   * @param choices for each choice its values, with which it begins first
   * @param making makes a setting of a value for each choice, with a name of its own
   * @param told each step, as soon as it is taken
   * @return what was found
   * @throws IllegalArgumentException if a choice has no values, or as {@link Replay#run}
   * @throws IOException as {@link Replay#run}
   */
  public <T> Found run(
      List<List<T>> choices,
      Function<List<T>, ? extends Setting> making,
      Consumer<? super Step> told)
      throws IOException {
    var now = new ArrayList<T>();
    for (List<T> values : choices) {
      if (values.isEmpty()) {
        throw new IllegalArgumentException(
            "choice " + now.size() + " has no values, expected 1 or more");
      }
      now.add(values.get(0));
    }
    Set<List<T>> tried = new HashSet<>(Collections.singleton(List.copyOf(now)));
    var steps = new ArrayList<Step>();
    Setting setting = making.apply(List.copyOf(now));
    while (true) {
      List<List<T>> others = others(now, choices, tried);
      if (others.isEmpty()) {
        break;
      }
      var compared = new ArrayList<Setting>();
      compared.add(setting);
      others.forEach(other -> compared.add(making.apply(other)));
      int better = better(compared, steps);
      if (better < 0) {
        break;
      }
      told.accept(steps.get(steps.size() - 1));
      now = new ArrayList<>(others.get(better));
      setting = compared.get(better + 1);
    }
    return new Found(setting, steps, tried.size());
  }

  /** What differs from a setting in one choice and has not been tried. */
  private static <T> List<List<T>> others(List<T> now, List<List<T>> choices, Set<List<T>> tried) {
    var others = new ArrayList<List<T>>();
    for (int c = 0; c < choices.size(); c++) {
      for (T value : choices.get(c)) {
        var other = new ArrayList<>(now);
        other.set(c, value);
        if (tried.add(List.copyOf(other))) {
          others.add(List.copyOf(other));
        }
      }
    }
    return others;
  }

  /** Which of the others is best of those that are significantly better; -1 if none is. */
  private int better(List<Setting> compared, List<Step> steps) throws IOException {
    EvaluationResult result = replay.run(compared);
    String before = compared.get(0).name();
    double value = result.figure(before, task, task.main()).value();
    var p = new double[compared.size() - 1];
    var gain = new double[p.length];
    for (int i = 0; i < p.length; i++) {
      String other = compared.get(i + 1).name();
      p[i] = result.pValue(other, before, task, task.main());
      gain[i] = result.figure(other, task, task.main()).value() - value;
    }
    double[] corrected = Significance.holm(p);
    int best = -1;
    for (int i = 0; i < p.length; i++) {
      if (corrected[i] < EvaluationResult.Comparison.LEVEL
          && gain[i] > 0
          && (best < 0 || gain[i] > gain[best])) {
        best = i;
      }
    }
    if (best >= 0) {
      String taken = compared.get(best + 1).name();
      steps.add(new Step(before, taken, gain[best], corrected[best], p.length));
    }
    return best;
  }

  /** Returns what is replayed and what is to grow. */
  @Override
  public String toString() {
    return "search for " + task.main().label() + " of " + task + ", " + replay;
  }
}

package io.lookalike.evaluation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Replays past purchases: at each cut every setting answers as of then, and is measured by what was
 * bought afterwards. All products that had been launched are candidates, none is drawn; all
 * settings answer the same questions. Immutable; each setter returns a changed copy.
 *
 * <pre>{@code
 * EvaluationResult result = Replay.of(history, catalogue)
 *     .weekly(Instant.parse("2020-09-16T00:00:00Z"), 4)
 *     .run(Baselines.all(HnswIndex.factory()));
 * System.out.println(result.figure("our default", Task.CUSTOMER, Measure.MAP));
 * }</pre>
 *
 * <p>Cuts are global, the same for all customers, so that nothing of what one customer does later
 * tells about another. Sources: Krichene and Rendle, <i>On sampled metrics for item
 * recommendation</i>, KDD 2020, against drawn candidates; Ji, Sun, Zhang and Li, <i>A critical
 * study on data leakage in recommender system offline evaluation</i>, arXiv:2010.11060, against
 * cuts of each customer's own.
 *
 * <p>But for latencies, the result is the same at every run and for every number of threads.
 */
public final class Replay {

  private static final Duration WEEK = Duration.ofDays(7);

  private final PurchaseHistory history;
  private final ReplayCatalogue catalogue;
  private final Settings set;

  /** What can be set. */
  private static final class Settings implements Cloneable {
    List<Instant> cuts;
    Duration window = WEEK;
    Duration horizon = WEEK;
    Set<Task> tasks = EnumSet.allOf(Task.class);
    int k = 12;
    int recent = 10;
    double share = 1;
    int threads = 1;
    long seed = 20;
    @Nullable Path folder;
    Progress progress = Progress.NONE;

    Settings(Instant cut) {
      cuts = List.of(cut);
    }

    @Override
    protected Settings clone() {
      try {
        return (Settings) super.clone();
      } catch (CloneNotSupportedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Is told how far a replay is. */
  @FunctionalInterface
  public interface Progress {
    /** Tells nobody. */
    Progress NONE = (what, done, total) -> {};

    /**
     * Pages have been made, or a new step has begun. Called by several threads.
     *
     * @param what in words, such as the setting and the cut
     * @param done pages made in the whole replay
     * @param total pages to make, as far as that is known by now
     */
    void made(String what, long done, long total);
  }

  private Replay(PurchaseHistory history, ReplayCatalogue catalogue, Settings set) {
    this.history = history;
    this.catalogue = catalogue;
    this.set = set;
  }

  /**
   * A replay with one cut, 7 days before the end, where there must be purchases before it by the
   * time that {@link #run} is called, or {@link #cuts} others: pages of 12, the last 10 purchases
   * of a customer, all tasks, one thread.
   *
   * @param history the purchases; those of products that the catalogue lacks are left out
   * @param catalogue the products
   * @return the replay
   * @throws IllegalStateException if there are no purchases
   */
  public static Replay of(PurchaseHistory history, ReplayCatalogue catalogue) {
    Instant end = history.last().truncatedTo(ChronoUnit.DAYS).plus(Duration.ofDays(1));
    Instant cut = end.minus(WEEK);
    return new Replay(history, catalogue, new Settings(cut));
  }

  private Replay with(Consumer<Settings> change) {
    Settings changed = set.clone();
    change.accept(changed);
    return new Replay(history, catalogue, changed);
  }

  /**
   * Replaces the cuts.
   *
   * @param cuts whole seconds, one or more, in any order; they are replayed in that of time
   * @return the changed replay
   * @throws IllegalArgumentException if there are none, one comes twice, has a fraction of a
   *     second, or has nothing before it or after it
   */
  public Replay cuts(Instant... cuts) {
    if (cuts.length == 0) {
      throw new IllegalArgumentException("there are no cuts, expected 1 or more");
    }
    var seen = new HashSet<Instant>();
    for (Instant cut : cuts) {
      if (!cut.equals(cut.truncatedTo(ChronoUnit.SECONDS))) {
        throw new IllegalArgumentException("the cut is " + cut + ", expected whole seconds");
      }
      if (!seen.add(cut)) {
        throw new IllegalArgumentException("the cut " + cut + " comes twice");
      }
      checkWithin(cut);
    }
    return with(changed -> changed.cuts = Stream.of(cuts).sorted().toList());
  }

  private void checkWithin(Instant cut) {
    if (!cut.isAfter(history.first()) || cut.isAfter(history.last())) {
      throw new IllegalArgumentException(
          "the cut is "
              + cut
              + ", expected a time with purchases before and after it, from "
              + history.first()
              + " to "
              + history.last());
    }
  }

  /**
   * Cuts a week apart.
   *
   * @param last the last of them
   * @param weeks their number, at least 1
   * @return the changed replay
   * @throws IllegalArgumentException as {@link #cuts}
   */
  public Replay weekly(Instant last, int weeks) {
    if (weeks < 1) {
      throw new IllegalArgumentException("weeks is " + weeks + ", expected 1 or more");
    }
    return cuts(
        IntStream.range(0, weeks)
            .mapToObj(i -> last.minus(WEEK.multipliedBy(weeks - 1L - i)))
            .toArray(Instant[]::new));
  }

  /**
   * How long after each cut purchases count.
   *
   * @param window more than 0; a week by default
   * @return the changed replay
   * @throws IllegalArgumentException if it is not positive
   */
  public Replay window(Duration window) {
    return with(changed -> changed.window = positive("window", window));
  }

  /**
   * How long after a purchase others of the same customer are its next ones, for {@link Task#ITEM}.
   *
   * @param horizon more than 0; a week by default
   * @return the changed replay
   * @throws IllegalArgumentException if it is not positive
   */
  public Replay horizon(Duration horizon) {
    return with(changed -> changed.horizon = positive("horizon", horizon));
  }

  private static Duration positive(String name, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + " is " + value + ", expected more than 0");
    }
    return value;
  }

  /**
   * What is asked.
   *
   * @param tasks one or more; all by default
   * @return the changed replay
   * @throws IllegalArgumentException if there are none
   */
  public Replay tasks(Task... tasks) {
    if (tasks.length == 0) {
      throw new IllegalArgumentException("there are no tasks, expected 1 or more");
    }
    return with(changed -> changed.tasks = EnumSet.copyOf(List.of(tasks)));
  }

  /**
   * How many products a page shows.
   *
   * @param k at least 1; 12 by default, as in H&amp;M's competition
   * @return the changed replay
   * @throws IllegalArgumentException if it is less than 1
   */
  public Replay k(int k) {
    return with(changed -> changed.k = atLeastOne("k", k));
  }

  /**
   * How many of the products that a customer bought last make the customer's page.
   *
   * @param products at least 1; 10 by default
   * @return the changed replay
   * @throws IllegalArgumentException if it is less than 1
   */
  public Replay recent(int products) {
    return with(changed -> changed.recent = atLeastOne("recent", products));
  }

  /**
   * Asks about a share of the customers alone, drawn by their ids, where time is short. Candidates
   * are all products as ever.
   *
   * @param share more than 0 and at most 1, which is the default
   * @return the changed replay
   * @throws IllegalArgumentException if it is outside its range
   */
  public Replay customers(double share) {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "customers is " + share + ", expected more than 0 and at most 1");
    }
    return with(changed -> changed.share = share);
  }

  /**
   * How many threads answer questions and draw intervals. The result does not depend on it.
   *
   * @param threads at least 1, which is the default
   * @return the changed replay
   * @throws IllegalArgumentException if it is less than 1
   */
  public Replay threads(int threads) {
    return with(changed -> changed.threads = atLeastOne("threads", threads));
  }

  private static int atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", expected 1 or more");
    }
    return value;
  }

  /**
   * Decides what is drawn: resamples and permutations.
   *
   * @param seed any number
   * @return the changed replay
   */
  public Replay seed(long seed) {
    return with(changed -> changed.seed = seed);
  }

  /**
   * Keeps the pages of each setting and cut in files as soon as they are made, and takes them from
   * there where products, purchases before the cut, questions and setting are the same: a replay
   * that was interrupted goes on. A setting is known by its name and its {@link
   * Setting#description}, so let these tell what differs.
   *
   * @param folder made if it is missing
   * @return the changed replay
   */
  public Replay resumingIn(Path folder) {
    return with(changed -> changed.folder = folder);
  }

  /**
   * Tells how far it is.
   *
   * @param progress is told
   * @return the changed replay
   */
  public Replay progress(Progress progress) {
    return with(changed -> changed.progress = progress);
  }

  /** Which customers are asked about. */
  interface CustomerSample {
    boolean holds(String customer);
  }

  private boolean inSample(String customer) {
    // Spread as a hash should be, and the same on every JDK: String.hashCode is specified.
    long mixed = (customer.hashCode() * 0x9E37_79B9_7F4A_7C15L) >>> 11;
    return mixed * 0x1.0p-53 < set.share;
  }

  /**
   * Replays.
   *
   * @param settings what to compare, with different names; one or more
   * @return all figures
   * @throws IllegalArgumentException if there are no settings, or two have one name; if the cuts
   *     were never set, and nothing was bought before the last 7 days; or if a setting refuses
   *     products
   * @throws IllegalStateException if a setting shows what it must not: a product twice, one that
   *     had not been launched or has sold where only new ones were asked for, the product
   *     consulted, or more than k
   * @throws java.util.concurrent.CancellationException if the calling thread is interrupted
   * @throws IOException if {@link #resumingIn} names a folder that cannot be read or written
   */
  public EvaluationResult run(List<? extends Setting> settings) throws IOException {
    check(settings);
    set.cuts.forEach(this::checkWithin); // the first of a replay was never looked at
    if (set.folder != null) {
      Files.createDirectories(set.folder);
    }
    Map<Task, Scores> scores = new EnumMap<>(Task.class);
    for (Task task : set.tasks) {
      scores.put(task, new Scores(task, settings.size(), catalogue.size(), set.k));
    }
    var done = new AtomicLong();
    for (int c = 0; c < set.cuts.size(); c++) {
      Instant cut = set.cuts.get(c);
      Past past = past(history, cut);
      Map<Task, Questions> questions = new EnumMap<>(Task.class);
      long pages = 0;
      for (Task task : set.tasks) {
        Questions made = questions(past, task);
        questions.put(task, made);
        Objects.requireNonNull(scores.get(task)).begin(past, made);
        pages += made.pages().size();
      }
      // Cuts to come are taken to be as large as this one.
      long total = done.get() + pages * settings.size() * (set.cuts.size() - c);
      for (int s = 0; s < settings.size(); s++) {
        Setting setting = settings.get(s);
        String what = setting.name() + ", " + cut;
        set.progress.made(what, done.get(), total);
        var making = new PageMaking(setting, past, set.threads, set.folder);
        Map<Task, PageMaking.Pages> made =
            making.make(questions, () -> set.progress.made(what, done.incrementAndGet(), total));
        for (Task task : set.tasks) {
          Objects.requireNonNull(scores.get(task))
              .add(s, Objects.requireNonNull(made.get(task)), set.threads);
        }
      }
    }
    return new EvaluationResult(
        settings.stream().map(Setting::name).toList(),
        settings.stream().map(Setting::description).toList(),
        set.cuts,
        scores,
        Significance.seeded(set.seed).threads(set.threads));
  }

  /**
   * Looks for a leak: at the first cut, a setting that is made of the history answers all
   * questions, and so does one that is made of a history in which everything from the cut on has
   * been shuffled. What knows nothing of the future answers alike.
   *
   * @param making makes the setting of a history; a setting that uses nothing but the {@link Past}
   *     ignores it
   * @return the questions that were answered otherwise; empty if there is no leak
   * @throws IllegalArgumentException if the cuts were never set, and nothing was bought before the
   *     last 7 days
   */
  public List<Question> leaks(Function<PurchaseHistory, ? extends Setting> making) {
    Instant cut = set.cuts.get(0);
    checkWithin(cut);
    Past past = past(history, cut);
    PurchaseHistory otherwise = history.shuffledFrom(cut, set.seed);
    var leaks = new ArrayList<Question>();
    try (Setting.Answers answers = making.apply(history).open(past);
        Setting.Answers others = making.apply(otherwise).open(past(otherwise, cut))) {
      for (Task task : set.tasks) {
        for (Question question : questions(past, task).pages()) {
          if (!answers.answer(question).equals(others.answer(question))) {
            leaks.add(question);
          }
        }
      }
    }
    return leaks;
  }

  private Past past(PurchaseHistory of, Instant cut) {
    int[] inCatalogue = of.productIds().stream().mapToInt(catalogue::number).toArray();
    return new Past(of, catalogue, inCatalogue, cut);
  }

  private Questions questions(Past past, Task task) {
    return Questions.of(past, task, set.k, set.recent, set.window, set.horizon, this::inSample);
  }

  private static void check(List<? extends Setting> settings) {
    if (settings.isEmpty()) {
      throw new IllegalArgumentException("there are no settings, expected 1 or more");
    }
    var names = new HashSet<String>();
    for (Setting setting : settings) {
      if (!names.add(setting.name())) {
        throw new IllegalArgumentException(
            "two settings are called " + setting.name() + "; give each a name of its own");
      }
    }
  }

  /** Returns what is replayed. */
  @Override
  public String toString() {
    return "replay of " + history + ", cuts " + set.cuts;
  }
}

package io.lookalike.bench;

import io.lookalike.ProgressListener;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Measures indexes side by side. All are built first; then they take turns, a short one for each
 * setting of each index, over and over, in an order that begins elsewhere in each round: what else
 * the machine does meanwhile hits all alike. A turn is long enough to fill the caches anew. For one
 * thread.
 *
 * <pre>{@code
 * try (var race = new IndexRace(course)) {
 *   for (Contestant contestant : Contestants.find(System.err::println).values()) {
 *     race.enter(contestant);
 *   }
 *   List<IndexRace.Point> points = race.run(ProgressListener.NONE);
 * }
 * }</pre>
 */
public final class IndexRace implements Closeable {

  /**
   * What is searched for, and for how long.
   *
   * @param base what is searched, each of length 1
   * @param queries what is searched for, each of length 1
   * @param truth what the answers should be
   * @param k number of nearest that are wanted, at least 1
   * @param matching if not null, rows of the base to search among
   * @param threads number of threads that build and search at a time, at least 1
   * @param rounds number of turns of each setting that count, at least 1
   * @param turnNanos length of a turn
   */
  public record Course(
      List<float[]> base,
      List<float[]> queries,
      NearestTruth truth,
      int k,
      @Nullable BitSet matching,
      int threads,
      int rounds,
      long turnNanos) {}

  /**
   * One setting of one index, measured.
   *
   * @param index the contestant's name
   * @param setting such as {@code efSearch=24}; empty if it has none
   * @param recall mean share of the true neighbours that were found
   * @param queriesPerSecond the median of the rounds
   * @param spread the rounds' interquartile range, as a share of the median
   * @param p50Micros median of the single searches' latencies
   * @param p95Micros their 95th percentile
   * @param p99Micros their 99th percentile
   * @param buildSeconds how long the index took to build
   * @param bytes memory and files that it takes
   * @param queries number of different ones that were answered: all, unless the index is slow
   */
  public record Point(
      String index,
      String setting,
      double recall,
      double queriesPerSecond,
      double spread,
      double p50Micros,
      double p95Micros,
      double p99Micros,
      double buildSeconds,
      long bytes,
      int queries) {

    /** Above this share of the median, the rounds differ too much to conclude. */
    public static final double WIDE_SPREAD = .15;

    /**
     * Whether the rounds differ too much to compare this point with one close by.
     *
     * @return true if the spread is above {@link #WIDE_SPREAD}
     */
    public boolean noisy() {
      return spread > WIDE_SPREAD;
    }

    /**
     * The point as JSON and CSV have it.
     *
     * @return rounded values by the names of the components
     */
    public Map<String, Object> values() {
      var values = new LinkedHashMap<String, Object>();
      values.put("index", index);
      values.put("setting", setting);
      values.put("recall", rounded(recall, 5));
      values.put("queriesPerSecond", rounded(queriesPerSecond, 1));
      values.put("p50Micros", rounded(p50Micros, 1));
      values.put("p95Micros", rounded(p95Micros, 1));
      values.put("p99Micros", rounded(p99Micros, 1));
      values.put("buildSeconds", rounded(buildSeconds, 3));
      values.put("bytes", bytes);
      values.put("spread", rounded(spread, 3));
      values.put("queries", queries);
      return values;
    }

    private static double rounded(double value, int digits) {
      double scale = Math.pow(10, digits);
      return Math.round(value * scale) / scale;
    }
  }

  /** Rounds that do not count: the compiler is still at work. */
  private static final int WARM_UPS = 2;

  /** Each kind of index is built once of this number first, for the same reason. */
  private static final int WARM_UP_VECTORS = 2000;

  private final Course course;
  private final List<Runner> runners = new ArrayList<>();
  private final List<Contestant.Built> built = new ArrayList<>();
  private final ExecutorService threads;

  /**
   * Prepares a race.
   *
   * @param course what all run on
   */
  public IndexRace(Course course) {
    this.course = course;
    this.threads = Executors.newFixedThreadPool(course.threads);
  }

  /** One setting of one index, and how it has fared. */
  private static final class Runner {
    final Contestant.Built index;
    final String name;
    final String setting;
    final int value;
    final double buildSeconds;
    final long bytes;
    final List<Double> rates = new ArrayList<>();
    final List<long[]> nanos = new ArrayList<>();
    final int[][] answers;
    int next;

    Runner(
        Contestant contestant,
        Contestant.Built index,
        int value,
        double buildSeconds,
        long bytes,
        int queries) {
      this.index = index;
      this.name = contestant.name();
      this.setting = contestant.parameter().isEmpty() ? "" : contestant.parameter() + "=" + value;
      this.value = value;
      this.buildSeconds = buildSeconds;
      this.bytes = bytes;
      this.answers = new int[queries][];
    }
  }

  /**
   * Builds an index and enters all its settings.
   *
   * @param contestant the index
   * @return how long that took, in seconds
   * @throws IOException if it needs files and cannot write them
   * @throws IllegalArgumentException if several threads are to search what only one can
   */
  public double enter(Contestant contestant) throws IOException {
    if (course.threads > 1 && contestant.singleThreaded()) {
      throw new IllegalArgumentException(
          contestant.name() + " is searched by one thread, not by " + course.threads);
    }
    List<float[]> all = course.base;
    if (all.size() > 2 * WARM_UP_VECTORS) {
      var few =
          new Contestant.Task(all.subList(0, WARM_UP_VECTORS), course.matching, course.threads);
      try (Contestant.Built small = contestant.build(few)) {
        if (!(small instanceof Contestant.MeasuredApart)) {
          for (float[] query : course.queries) {
            small.search(query, course.k);
          }
        }
      }
    }
    long before = heap();
    long start = System.nanoTime();
    Contestant.Built index =
        contestant.build(new Contestant.Task(all, course.matching, course.threads));
    built.add(index);
    double seconds =
        index instanceof Contestant.MeasuredApart apart
            ? apart.buildSeconds()
            : (System.nanoTime() - start) / 1e9;
    long bytes = Math.max(0, heap() - before) + index.bytesOutsideHeap();
    for (int value : contestant.values(course.k)) {
      runners.add(new Runner(contestant, index, value, seconds, bytes, course.queries.size()));
    }
    return seconds;
  }

  private static long heap() {
    // Twice, since what the first finds unreachable may hold on to more until the second.
    System.gc();
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /**
   * Lets all that have been entered take their turns.
   *
   * @param progress is told of the turns
   * @return the points in the order in which they were entered
   * @throws IOException if an index cannot read its files, or the thread is interrupted
   */
  public List<Point> run(ProgressListener progress) throws IOException {
    int turns = (WARM_UPS + course.rounds) * runners.size();
    int done = 0;
    for (int round = 0; round < WARM_UPS + course.rounds; round++) {
      var order = new ArrayList<>(runners);
      Collections.rotate(order, -round * order.size() / course.rounds);
      for (Runner runner : order) {
        turn(runner, round >= WARM_UPS);
        progress.progress(++done, turns);
      }
    }
    return runners.stream().map(this::point).toList();
  }

  private void turn(Runner runner, boolean counts) throws IOException {
    runner.index.set(runner.value);
    int first = runner.next;
    if (runner.index instanceof Contestant.MeasuredApart apart) {
      turn(runner, apart, counts);
      return;
    }
    var next = new AtomicInteger();
    long start = System.nanoTime();
    List<long[]> nanos = new ArrayList<>();
    if (course.threads == 1) {
      nanos.add(answer(runner, first, next, start));
    } else {
      var running = new ArrayList<Future<long[]>>();
      for (int i = 0; i < course.threads; i++) {
        running.add(threads.submit(() -> answer(runner, first, next, start)));
      }
      for (Future<long[]> each : running) {
        nanos.add(result(each));
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    int answered = nanos.stream().mapToInt(each -> each.length).sum();
    runner.next = (first + answered) % course.queries.size();
    if (counts) {
      runner.rates.add(answered / seconds);
      runner.nanos.addAll(nanos);
    }
  }

  private void turn(Runner runner, Contestant.MeasuredApart apart, boolean counts)
      throws IOException {
    Contestant.MeasuredApart.Turn turn =
        apart.turn(course.queries, course.k, runner.next, course.turnNanos);
    runner.next = (runner.next + turn.nanos().length) % course.queries.size();
    for (int i = 0; i < runner.answers.length; i++) {
      int[] answer = turn.answers()[i];
      runner.answers[i] = answer == null ? runner.answers[i] : answer;
    }
    if (counts) {
      runner.rates.add(turn.nanos().length / (LongStream.of(turn.nanos()).sum() / 1e9));
      runner.nanos.add(turn.nanos());
    }
  }

  private static long[] result(Future<long[]> future) throws IOException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Answers queries, one after the other and from the start again, until time is up. */
  private long[] answer(Runner runner, int first, AtomicInteger next, long start)
      throws IOException {
    var nanos = new long[1024];
    int count = 0;
    long before = System.nanoTime();
    while (before - start < course.turnNanos || count == 0) {
      int query = (int) ((first + (long) next.getAndIncrement()) % course.queries.size());
      int[] answer = runner.index.search(course.queries.get(query), course.k);
      long after = System.nanoTime();
      if (count == nanos.length) {
        nanos = Arrays.copyOf(nanos, 2 * count);
      }
      nanos[count++] = after - before;
      before = after;
      runner.answers[query] = answer;
    }
    return Arrays.copyOf(nanos, count);
  }

  private Point point(Runner runner) {
    long[] nanos = runner.nanos.stream().flatMapToLong(LongStream::of).sorted().toArray();
    double[] rates = runner.rates.stream().mapToDouble(rate -> rate).sorted().toArray();
    double median = quantile(rates, .5);
    int answered = 0;
    long found = 0;
    long wanted = 0;
    for (int i = 0; i < runner.answers.length; i++) {
      int[] answer = runner.answers[i];
      if (answer != null) {
        answered++;
        wanted += course.truth.counts()[i];
        found += course.truth.found(i, course.queries.get(i), answer, course.base, course.matching);
      }
    }
    return new Point(
        runner.name,
        runner.setting,
        found / (double) wanted,
        median,
        (quantile(rates, .75) - quantile(rates, .25)) / median,
        micros(nanos, .5),
        micros(nanos, .95),
        micros(nanos, .99),
        runner.buildSeconds,
        runner.bytes,
        answered);
  }

  private static double micros(long[] sortedNanos, double share) {
    return sortedNanos[(int) Math.min(sortedNanos.length - 1, share * sortedNanos.length)] / 1e3;
  }

  /** Linear between the two values that are closest. */
  private static double quantile(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }

  /** Closes all indexes. */
  @Override
  public void close() throws IOException {
    threads.shutdown();
    for (Contestant.Built index : built) {
      index.close();
    }
  }
}

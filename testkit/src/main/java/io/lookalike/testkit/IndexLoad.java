package io.lookalike.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A shop's day in seconds: searches with and without filters beside threads that replace, add,
 * remove and relabel products. Every answer is checked while the others go on.
 *
 * <p>Products {@code s0} to {@code s1999} stay; some are replaced by one of a few vectors that each
 * has. Products {@code c0}, {@code c1} and so on come in that order and go in that order. Each that
 * stays has a stamp that only grows, so that what a filter may and must find at a moment is known
 * from what was written before and after it.
 */
final class IndexLoad {

  private static final int DIMENSION = 32;
  private static final int STAYING = 2000;
  private static final int REPLACED = 300;
  private static final int VERSIONS = 4;
  private static final int PRESENT = 200;
  private static final int RARE = 7;
  private static final int READERS = 2;
  private static final double TOLERANCE = 1e-5;

  private final NeighborIndex index;
  private final long seed;
  private final UnitVector[][] vectors = new UnitVector[STAYING][];

  /** The stamp that a product was about to get, and that it surely has. */
  private final AtomicIntegerArray stamping = new AtomicIntegerArray(STAYING);

  private final AtomicIntegerArray stamped = new AtomicIntegerArray(STAYING);

  private final AtomicInteger added = new AtomicInteger();
  private final AtomicInteger removing = new AtomicInteger();
  private final AtomicInteger removed = new AtomicInteger();
  private final AtomicLong answers = new AtomicLong();
  private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();

  /**
   * A load on an empty index.
   *
   * @param index of {@link #dimension()} dimensions
   * @param seed what everything at random is drawn from
   */
  IndexLoad(NeighborIndex index, long seed) {
    this.index = index;
    this.seed = seed;
    for (int i = 0; i < STAYING; i++) {
      vectors[i] = new UnitVector[i < REPLACED ? VERSIONS : 1];
      for (int v = 0; v < vectors[i].length; v++) {
        vectors[i][v] = vector(new Random(seed + 31L * i + v));
      }
    }
  }

  static int dimension() {
    return DIMENSION;
  }

  /**
   * Runs for a while, and leaves what stays and the last that came.
   *
   * @return how many answers were checked
   */
  long run(double seconds) throws InterruptedException {
    var first = new ArrayList<IndexItem>();
    for (int i = 0; i < STAYING; i++) {
      first.add(staying(i, 0));
    }
    index.upsertAll(first);
    long end = System.nanoTime() + (long) (seconds * 1e9);
    var threads = new ArrayList<Thread>();
    var random = new Random(seed);
    threads.add(thread(end, random.nextLong(), this::replace));
    threads.add(thread(end, random.nextLong(), this::comeAndGo));
    threads.add(thread(end, random.nextLong(), this::relabel));
    for (int i = 0; i < READERS; i++) {
      threads.add(thread(end, random.nextLong(), this::search));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    if (!failures.isEmpty()) {
      var all = new AssertionError("seed " + seed + ": " + failures.peek(), failures.poll());
      failures.forEach(all::addSuppressed);
      throw all;
    }
    checkWhatIsLeft();
    return answers.get();
  }

  private interface Step {
    void take(Random random);
  }

  private Thread thread(long end, long randomSeed, Step step) {
    var thread =
        new Thread(
            () -> {
              try {
                var random = new Random(randomSeed);
                do {
                  step.take(random);
                } while (failures.isEmpty() && System.nanoTime() < end);
              } catch (Throwable e) {
                failures.add(e);
              }
            });
    thread.setDaemon(true);
    return thread;
  }

  // ---- writers

  /** A vector of its own for some product: alone or among others, and the same stamp as before. */
  private void replace(Random random) {
    var batch = new ArrayList<IndexItem>();
    int count = random.nextInt(10) == 0 ? 20 : 1;
    for (int i = 0; i < count; i++) {
      batch.add(staying(random.nextInt(REPLACED), random.nextInt(VERSIONS)));
    }
    index.upsertAll(batch);
  }

  private void comeAndGo(Random random) {
    int next = added.get();
    index.upsert(coming(next));
    added.set(next + 1);
    int oldest = removed.get();
    if (next - oldest >= PRESENT) {
      removing.set(oldest + 1);
      assertThat(index.remove("c" + oldest)).as("c%d was there", oldest).isTrue();
      removed.set(oldest + 1);
      assertThat(index.vector("c" + oldest)).as("c%d is gone", oldest).isNull();
    }
  }

  /** Only of products that nobody replaces, so that nobody brings an old stamp back. */
  private void relabel(Random random) {
    int i = REPLACED + random.nextInt(STAYING - REPLACED);
    int stamp = stamped.get(i) + 1 + random.nextInt(3);
    stamping.set(i, stamp);
    assertThat(index.setAttributes("s" + i, attributes(i, stamp))).as("s%d is there", i).isTrue();
    stamped.set(i, stamp);
  }

  // ---- readers

  private void search(Random random) {
    Query query = Query.of(vector(random), 1 + random.nextInt(30));
    switch (random.nextInt(5)) {
      case 0 -> {
        Query rare = query.where(Filter.equal("rare", true));
        List<Neighbor> answer = checked(rare);
        assertThat(answer).as("all that are rare").hasSize(Math.min(query.k(), RARE));
        assertThat(answer)
            .as("only those that are rare")
            .allMatch(n -> isStaying(n) && isRare(number(n)));
      }
      case 1 -> {
        int part = random.nextInt(10);
        List<Neighbor> answer = checked(query.where(Filter.equal("part", part)));
        assertThat(answer).as("guaranteed k of part %d", part).hasSize(query.k());
        assertThat(answer)
            .as("only those of part %d", part)
            .allMatch(n -> isStaying(n) && number(n) % 10 == part);
      }
      case 2 -> {
        int least = stamped.get(REPLACED + random.nextInt(STAYING - REPLACED));
        int surely = 0;
        for (int i = 0; i < STAYING; i++) {
          surely += stamped.get(i) >= least ? 1 : 0;
        }
        List<Neighbor> answer = checked(query.where(Filter.atLeast("stamp", least)));
        assertThat(answer.size())
            .as("guaranteed k of stamps from %d on", least)
            .isGreaterThanOrEqualTo(Math.min(query.k(), surely));
        assertThat(answer)
            .as("only stamps from %d on", least)
            .allMatch(n -> isStaying(n) && stamping.get(number(n)) >= least);
      }
      case 3 -> {
        int self = random.nextInt(STAYING);
        Query others = query.excluding(Set.of("s" + self));
        assertThat(checked(others))
            .as("guaranteed k without s%d", self)
            .hasSize(query.k())
            .noneMatch(n -> n.id().equals("s" + self));
      }
      default -> assertThat(checked(query)).as("guaranteed k").hasSize(query.k());
    }
  }

  /** What must be true of every answer. */
  private List<Neighbor> checked(Query query) {
    int gone = removed.get();
    List<Neighbor> answer = index.search(query);
    int come = added.get() + 1; // the one that is being added may be there already
    assertThat(answer).hasSizeLessThanOrEqualTo(query.k());
    assertThat(answer).isSortedAccordingTo(Neighbor.CLOSEST_FIRST);
    var ids = new HashSet<String>();
    for (Neighbor n : answer) {
      assertThat(ids.add(n.id())).as("%s is there once", n.id()).isTrue();
      if (isStaying(n)) {
        boolean right = false;
        for (UnitVector version : vectors[number(n)]) {
          right |= Math.abs(version.cosine(query.vector()) - n.similarity()) <= TOLERANCE;
        }
        assertThat(right).as("%s has the similarity of one of its vectors", n).isTrue();
      } else {
        assertThat(number(n)).as("%s is not yet gone, and has come", n.id()).isBetween(gone, come);
        assertThat((double) n.similarity())
            .as("similarity of %s", n.id())
            .isCloseTo(coming(number(n)).vector().cosine(query.vector()), within(TOLERANCE));
      }
    }
    answers.incrementAndGet();
    return answer;
  }

  private void checkWhatIsLeft() {
    var expected = new HashSet<String>();
    for (int i = 0; i < STAYING; i++) {
      expected.add("s" + i);
    }
    for (int i = removed.get(); i < added.get(); i++) {
      expected.add("c" + i);
    }
    assertThat(new HashSet<>(index.ids())).as("seed %d, what is left", seed).isEqualTo(expected);
    assertThat(index.size()).as("seed %d", seed).isEqualTo(expected.size());
    assertThat(index.search(Query.of(vector(new Random(seed)), 10 * STAYING)))
        .as("seed %d, all that are left", seed)
        .hasSize(expected.size());
  }

  // ---- products

  private IndexItem staying(int i, int version) {
    return new IndexItem("s" + i, vectors[i][version], attributes(i, 0));
  }

  private IndexItem coming(int i) {
    UnitVector vector = vector(new Random(seed - 1 - i));
    return new IndexItem("c" + i, vector, Attributes.none().with("n", i));
  }

  private static Attributes attributes(int i, int stamp) {
    return Attributes.none().with("part", i % 10).with("rare", isRare(i)).with("stamp", stamp);
  }

  private static boolean isRare(int i) {
    return i % (STAYING / RARE) == 0 && i / (STAYING / RARE) < RARE;
  }

  private static boolean isStaying(Neighbor neighbor) {
    return neighbor.id().startsWith("s");
  }

  private static int number(Neighbor neighbor) {
    return Integer.parseInt(neighbor.id().substring(1));
  }

  private static UnitVector vector(Random random) {
    var values = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      values[i] = (float) (random.nextGaussian() / (1 + i / 4.0));
    }
    return UnitVector.of(values);
  }
}

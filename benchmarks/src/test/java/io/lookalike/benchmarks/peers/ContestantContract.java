package io.lookalike.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.bench.Contestant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What every contestant must do, on vectors in clusters, compared with all of them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class ContestantContract {

  private static final long SEED = 20250101;
  private static final int SIZE = 2_000;
  private static final int DIMENSION = 40;
  private static final int CLUSTERS = 25;
  private static final int QUERIES = 40;
  private static final int K = 10;

  private final Contestant contestant;
  private final List<float[]> vectors;
  private final List<float[]> queries;

  /** A contract of the contestant of that name, if {@link ServiceLoader} finds it. */
  protected ContestantContract(String name) {
    this.contestant =
        ServiceLoader.load(Contestant.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(found -> found.name().equals(name))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no contestant " + name));
    var random = new Random(SEED);
    List<float[]> all = clustered(random, SIZE + QUERIES, DIMENSION);
    this.vectors = all.subList(0, SIZE);
    this.queries = all.subList(SIZE, all.size());
  }

  /** The contestant. */
  protected final Contestant contestant() {
    return contestant;
  }

  /** The vectors to build of. */
  protected final List<float[]> vectors() {
    return vectors;
  }

  @Test
  void findsTheNearest() throws Exception {
    List<Integer> values = contestant.values(K);
    assertThat(values).isSorted().doesNotHaveDuplicates().allMatch(value -> value >= K);
    try (Contestant.Built built = contestant.build(new Contestant.Task(vectors, null, 1))) {
      built.set(values.get(0));
      double fastest = recall(built, null);
      built.set(values.get(values.size() - 1));
      assertThat(recall(built, null)).as("recall, seed %s", SEED).isBetween(.98, 1.);
      assertThat(fastest).as("recall of the fastest, seed %s", SEED).isBetween(.5, 1.);
      assertThat(built.bytesOutsideHeap()).isNotNegative();
    }
  }

  @Test
  void anyLengthAndFewerThanAreWanted() throws Exception {
    List<float[]> few = clustered(new Random(SEED), 6, 1_500);
    try (Contestant.Built built = contestant.build(new Contestant.Task(few, null, 1))) {
      built.set(contestant.values(K).get(0));
      assertThat(built.search(few.get(3), K)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
      assertThat(built.search(few.get(3), 1)).containsExactly(3);
    }
  }

  @Test
  void builtAndSearchedByTwoThreads() throws Exception {
    try (Contestant.Built built = contestant.build(new Contestant.Task(vectors, null, 2))) {
      List<Integer> values = contestant.values(K);
      built.set(values.get(values.size() - 1));
      var threads = Executors.newFixedThreadPool(2);
      try {
        List<Future<Double>> recalls =
            threads.invokeAll(List.of(() -> recall(built, null), () -> recall(built, null)));
        for (Future<Double> recall : recalls) {
          assertThat(recall.get()).as("recall, seed %s", SEED).isGreaterThan(.98);
        }
      } finally {
        threads.shutdown();
      }
    }
  }

  @Test
  void searchesAmongMatchesAloneOrRefuses() throws Exception {
    if (!contestant.filters()) {
      var task = new Contestant.Task(vectors, new BitSet(), 1);
      assertThatThrownBy(() -> contestant.build(task)).isInstanceOf(IllegalArgumentException.class);
      return;
    }
    for (int every : new int[] {2, 50}) {
      var random = new Random(SEED + every);
      var matching = new BitSet();
      IntStream.range(0, SIZE).filter(row -> random.nextInt(every) == 0).forEach(matching::set);
      try (Contestant.Built built = contestant.build(new Contestant.Task(vectors, matching, 1))) {
        List<Integer> values = contestant.values(K);
        built.set(values.get(values.size() - 1));
        assertThat(recall(built, matching))
            .as("recall among one in %s, seed %s", every, SEED)
            .isGreaterThan(.95);
      }
    }
  }

  /** The share of the true neighbours that are found; fails where an answer is none. */
  private double recall(Contestant.Built built, BitSet matching) throws Exception {
    int hits = 0;
    int wanted = 0;
    for (float[] query : queries) {
      Set<Integer> truth = new HashSet<>(nearest(query, matching));
      int[] found = built.search(query, K);
      assertThat(found).doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(K);
      for (int row : found) {
        assertThat(row).isBetween(0, SIZE - 1);
        assertThat(matching == null || matching.get(row)).as("row %s matches", row).isTrue();
        hits += truth.contains(row) ? 1 : 0;
      }
      wanted += truth.size();
    }
    return hits / (double) wanted;
  }

  private List<Integer> nearest(float[] query, BitSet matching) {
    var similarities = new double[SIZE];
    for (int row = 0; row < SIZE; row++) {
      for (int i = 0; i < query.length; i++) {
        similarities[row] += (double) query[i] * vectors.get(row)[i];
      }
    }
    return IntStream.range(0, SIZE)
        .filter(row -> matching == null || matching.get(row))
        .boxed()
        .sorted(Comparator.comparingDouble(row -> -similarities[row]))
        .limit(K)
        .toList();
  }

  private static List<float[]> clustered(Random random, int count, int dimension) {
    var centres = new float[CLUSTERS][dimension];
    for (float[] centre : centres) {
      for (int i = 0; i < dimension; i++) {
        centre[i] = (float) random.nextGaussian();
      }
    }
    var all = new ArrayList<float[]>();
    for (int row = 0; row < count; row++) {
      float[] vector = centres[random.nextInt(CLUSTERS)].clone();
      double sum = 0;
      for (int i = 0; i < dimension; i++) {
        vector[i] += (float) random.nextGaussian() / 2;
        sum += vector[i] * vector[i];
      }
      for (int i = 0; i < dimension; i++) {
        vector[i] /= (float) Math.sqrt(sum);
      }
      all.add(vector);
    }
    return all;
  }
}

package io.lookalike.index.hnsw;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Filters on a catalogue that is large enough for every way of searching with them. */
@Tag("once")
class FilteredSearchTest {
  private static final long SEED = 42;
  private static final int PRODUCTS = 30_000;
  private static final int DIMENSION = 64;
  private static final int QUERIES = 100;
  private static final int K = 5;
  private static final double[] SHARES = {.5, .2, .1, .03, .01, .001, .0001};

  private static HnswIndex index;
  private static List<UnitVector> queries;

  /** By query, the products from the nearest on. */
  private static int[][] orders;

  /** By attribute, each product's rank: below n for a share of n / PRODUCTS. */
  private static int[] scattered;

  private static int[] together;

  @BeforeAll
  static void build() {
    var random = new Random(SEED);
    List<UnitVector> vectors = vectors(random, PRODUCTS);
    queries = vectors(random, QUERIES);
    scattered = new int[PRODUCTS];
    Arrays.setAll(scattered, i -> random.nextInt(PRODUCTS));
    together = new int[PRODUCTS];
    int[] byNearness = order(vectors.get(0), vectors);
    for (int rank = 0; rank < PRODUCTS; rank++) {
      together[byNearness[rank]] = rank;
    }
    orders = new int[QUERIES][];
    for (int q = 0; q < QUERIES; q++) {
      orders[q] = order(queries.get(q), vectors);
    }
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < PRODUCTS; i++) {
      items.add(
          new IndexItem(
              "p" + i,
              vectors.get(i),
              Attributes.none().with("scattered", scattered[i]).with("together", together[i])));
    }
    index = (HnswIndex) HnswIndex.builder().threads(1).factory().create(DIMENSION);
    index.upsertAll(items);
  }

  @AfterAll
  static void close() {
    index.close();
  }

  /** Products whose coordinates extend less and less, as those of features do. */
  private static List<UnitVector> vectors(Random random, int count) {
    var vectors = new ArrayList<UnitVector>();
    for (int i = 0; i < count; i++) {
      var values = new float[DIMENSION];
      for (int j = 0; j < DIMENSION; j++) {
        values[j] = (float) (.2 + random.nextGaussian() / (j + 1));
      }
      vectors.add(UnitVector.of(values));
    }
    return vectors;
  }

  private static int[] order(UnitVector query, List<UnitVector> vectors) {
    var similarity = new float[PRODUCTS];
    query.cosines(vectors, similarity);
    return IntStream.range(0, PRODUCTS)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -similarity[i]))
        .mapToInt(i -> i)
        .toArray();
  }

  @Test
  void findsAsManyOfTheNearestAsWithoutFilter() {
    // Few to keep track of make a walk the cheapest, and one that is misled begins again, wider;
    // more make a walk hand over to the codes, or leave it to them from the beginning.
    for (int efSearch : new int[] {8, 20, 80}) {
      index.setEfSearch(efSearch);
      double unfiltered = recall(Filter.ALL, i -> true, PRODUCTS, "efSearch " + efSearch);
      for (double share : SHARES) {
        int rank = (int) (share * PRODUCTS);
        for (String attribute : List.of("scattered", "together")) {
          int[] ranks = attribute.equals("scattered") ? scattered : together;
          int matches = (int) Arrays.stream(ranks).filter(r -> r < rank).count();
          String what = "efSearch " + efSearch + ", " + share + " " + attribute + ", seed " + SEED;
          assertThat(recall(Filter.lessThan(attribute, rank), i -> ranks[i] < rank, matches, what))
              .as("recall with " + what)
              .isGreaterThanOrEqualTo(unfiltered - .02);
        }
      }
    }
  }

  private static double recall(Filter filter, IntPredicate matching, int matches, String what) {
    int found = 0;
    int sought = Math.min(K, matches);
    for (int q = 0; q < QUERIES; q++) {
      List<String> truth =
          Arrays.stream(orders[q]).filter(matching).limit(K).mapToObj(i -> "p" + i).toList();
      List<Neighbor> answer = index.search(Query.of(queries.get(q), K).where(filter));
      assertThat(answer).as("answer with " + what).hasSize(sought);
      for (Neighbor neighbor : answer) {
        found += truth.contains(neighbor.id()) ? 1 : 0;
      }
    }
    return sought == 0 ? 1 : found / (double) (sought * QUERIES);
  }

  @Test
  void defaultsGrowWithTheCatalogueAndSettingsStay() {
    assertThat(EfSearch.growing(80).of(1000)).isEqualTo(80);
    assertThat(EfSearch.growing(80).of(250_000)).isEqualTo(80);
    assertThat(EfSearch.growing(80).of(1_000_000)).isEqualTo(160);
    assertThat(EfSearch.growing(80).of(100_000_000)).isEqualTo(1600);
    assertThat(EfSearch.growing(4096).of(1_000_000)).isEqualTo(4096);
    assertThat(EfSearch.fixed(80).of(1_000_000)).isEqualTo(80);
  }
}

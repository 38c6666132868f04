package io.lookalike.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.lookalike.AuditReport;
import io.lookalike.Recommender;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.index.Hit;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.NeighborSearcher;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every index must do, as {@link NeighborIndex} and {@link NeighborSearcher} promise it.
 * Extend it in your index's tests:
 *
 * <pre>{@code
 * class MyIndexTest extends NeighborIndexConformance {
 *   @Override
 *   protected IndexFactory factory() {
 *     return MyIndex.factory();
 *   }
 * }
 * }</pre>
 *
 * <p>An approximate index overrides {@link #minimumRecall()}; nothing else becomes laxer for it.
 * One that can be saved overrides {@link #snapshots()}, one that tells its memory {@link
 * #memoryBytes}; what is not overridden is not tested.
 *
 * <p>The tests with the tag {@code load} run as many seconds as the system property {@code
 * lookalike.load.seconds} says, half a second if it is not set. Those with the tag {@code once} do
 * not depend on how similarities are rounded: whoever runs the kit again with other arithmetic may
 * leave them out.
 */
@SuppressWarnings("NullAway") // a test fails at a null that should not be there
@Timeout(120)
public abstract class NeighborIndexConformance {

  /** For files; empty at the beginning of each test. */
  @TempDir Path folder;

  private static final String[] CATEGORIES = {"dress", "shirt", "shoe", "hat", "sunglasses"};

  /** For subclasses. */
  protected NeighborIndexConformance() {}

  /**
   * The index under test.
   *
   * @return makes a new, empty index at every call
   */
  protected abstract IndexFactory factory();

  /**
   * How much an approximate index may miss.
   *
   * @return the least share of the true nearest neighbours that the answers to many queries must
   *     hold; 1 for an exact index, whose every answer is then compared
   */
  protected double minimumRecall() {
    return 1;
  }

  /**
   * How many of the products that long tests write one by one are written: for an index each of
   * whose writes is a call to another machine. What is checked of each stays the same.
   *
   * @return more than 0, and 1 unless overridden, which is all of them
   */
  protected double shareOfWrites() {
    return 1;
  }

  private int some(int writes) {
    return (int) Math.ceil(writes * shareOfWrites());
  }

  /** How an index is saved to a file and opened again. */
  protected interface Snapshots {

    /**
     * Saves an index.
     *
     * @param index made by {@link #factory()}, or opened
     * @param file replaced if it is there
     * @throws IOException if writing fails
     */
    void save(NeighborIndex index, Path file) throws IOException;

    /**
     * Opens a saved index.
     *
     * @param file what {@link #save} has written, or something else
     * @return the index
     * @throws IOException if the file is missing, foreign or damaged; the message names the file.
     *     An index that reads parts of the file later may throw an {@link UncheckedIOException}
     *     then
     */
    NeighborIndex open(Path file) throws IOException;
  }

  /**
   * How indexes are saved and opened, if they can be.
   *
   * @return empty, unless overridden
   */
  protected Optional<Snapshots> snapshots() {
    return Optional.empty();
  }

  /**
   * How much memory an index says it takes, if it says so.
   *
   * @param index made by {@link #factory()}
   * @return bytes; empty, unless overridden
   */
  protected OptionalLong memoryBytes(NeighborIndex index) {
    return OptionalLong.empty();
  }

  // The empty index, and its factory

  @Test
  void anEmptyIndexAnswersWithNothing() {
    try (NeighborIndex index = factory().create(3)) {
      assertThat(index.dimension()).isEqualTo(3);
      assertThat(index.size()).isZero();
      assertThat(index.ids()).isEmpty();
      assertThat(index.vector("a")).isNull();
      assertThat(index.remove("a")).isFalse();
      assertThat(index.setAttributes("a", Attributes.none())).isFalse();
      assertThat(index.search(Query.of(new float[] {1, 0, 0}, 5))).isEmpty();
      assertThat(index.searchAll(List.of())).isEmpty();
      assertThat(index.searchAll(List.of(Query.of(new float[] {1, 0, 0}, 5))))
          .isEqualTo(List.of(List.of()));
      index.upsertAll(List.of());
      assertThat(index.size()).isZero();
    }
  }

  @Test
  void anIndexThatWasEmptiedAnswersWithNothing() {
    try (NeighborIndex index = factory().create(3)) {
      Model model = fill(index, 40, 3, 1);
      for (String id : model.ids()) {
        assertThat(index.remove(id)).isTrue();
      }
      assertThat(index.size()).isZero();
      assertThat(index.ids()).isEmpty();
      assertThat(index.search(Query.of(new float[] {1, 0, 0}, 5))).isEmpty();
      index.upsert(IndexItem.of("again", new float[] {1, 2, 3}));
      assertThat(index.search(Query.of(new float[] {1, 0, 0}, 5)))
          .extracting(Neighbor::id)
          .containsExactly("again");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void aDimensionBelowOneIsRefused(int dimension) {
    assertThatThrownBy(() -> factory().create(dimension))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(String.valueOf(dimension));
  }

  @Test
  void onlyProductsAmongTheIdsAreFound() {
    int dimension = 12;
    try (NeighborIndex index = factory().create(dimension)) {
      Model model = fill(index, 400, dimension, 7);
      var recall = new Recall();
      List<String> ids = index.ids().stream().sorted().toList();
      for (int share : new int[] {200, 3, 1}) {
        Set<String> some = new HashSet<>();
        for (int i = 0; i < ids.size(); i += share) {
          some.add(ids.get(i));
        }
        some.add("nowhere");
        for (Query query : queries(10, 10, dimension, share)) {
          check(index.search(query.among(some)), query.among(some), model, recall);
        }
        assertThat(
                index.search(
                    Query.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2}, 5).among(Set.of())))
            .isEmpty();
      }
      recall.check();
    }
  }

  @Test
  void hitsBringWhatTheIndexHolds() {
    int dimension = 12;
    try (NeighborIndex index = factory().create(dimension)) {
      fill(index, 60, dimension, 7);
      Query query = queries(1, 10, dimension, 3).get(0);
      List<Neighbor> neighbors = index.search(query);
      List<Hit> hits = index.hits(query, true);
      assertThat(hits.stream().map(hit -> new Neighbor(hit.id(), hit.similarity())).toList())
          .isEqualTo(neighbors);
      for (Hit hit : hits) {
        IndexItem item = index.item(hit.id());
        assertThat(item).isNotNull();
        assertThat(item.vector()).isEqualTo(hit.vector()).isEqualTo(index.vector(hit.id()));
        assertThat(item.attributes()).isEqualTo(hit.attributes());
      }
      assertThat(index.hits(query, false)).allMatch(hit -> hit.vector() == null);
      assertThat(index.item("nowhere")).isNull();
      assertThat(index.items(List.of("nowhere", hits.get(1).id(), hits.get(0).id())).keySet())
          .containsExactly(hits.get(1).id(), hits.get(0).id());
      var visited = new ArrayList<String>();
      index.forEach(item -> visited.add(item.id()));
      assertThat(visited).containsExactlyInAnyOrderElementsOf(index.ids());
      var attributes = new TreeMap<String, Attributes>();
      index.forEachAttributes(attributes::put);
      assertThat(attributes.keySet()).containsExactlyInAnyOrderElementsOf(visited);
      assertThat(attributes).allSatisfy((id, a) -> assertThat(index.attributes(id)).isEqualTo(a));
    }
  }

  @Test
  void whatIsLinkedAgainStaysTheSame() {
    int dimension = 12;
    try (NeighborIndex index = factory().create(dimension)) {
      Model model = fill(index, 300, dimension, 11);
      List<String> ids = index.ids();
      index.relink(ids.subList(0, ids.size() / 2));
      index.relink(List.of("nobody", ids.get(0)));
      assertThat(index.ids()).containsExactlyInAnyOrderElementsOf(ids);
      var recall = new Recall();
      for (Query query : queries(20, 10, dimension, 3)) {
        check(index.search(query), query, model, recall);
      }
      recall.check();
    }
  }

  @Test
  void whatIsAuditedIsNotedOrNothingIs() {
    int dimension = 12;
    try (NeighborIndex index = factory().create(dimension)) {
      fill(index, 300, dimension, 14);
      List<String> before = index.unaudited();
      assertThat(index.ids()).containsAll(before);
      UnitVector other = UnitVector.of(new float[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
      before.forEach(id -> index.noteAudited(id, other));
      index.noteAudited("nobody", other);
      assertThat(index.unaudited())
          .as("their vectors are others")
          .containsExactlyInAnyOrderElementsOf(before);
      before.forEach(id -> index.noteAudited(id, Objects.requireNonNull(index.vector(id))));
      List<String> after = index.unaudited();
      assertThat(after).containsExactlyInAnyOrderElementsOf(after.isEmpty() ? after : before);
    }
  }

  @Test
  void whatIsConnectedStaysTheSame() {
    int dimension = 12;
    try (NeighborIndex index = factory().create(dimension)) {
      Model model = fill(index, 300, dimension, 12);
      List<String> ids = index.ids();
      for (String id : ids) {
        index.connect(id, ids.subList(0, 40));
      }
      index.connect("nobody", ids);
      index.connect(ids.get(0), List.of("nobody", ids.get(0)));
      assertThat(index.ids()).containsExactlyInAnyOrderElementsOf(ids);
      var recall = new Recall();
      for (Query query : queries(20, 10, dimension, 4)) {
        check(index.search(query), query, model, recall);
      }
      recall.check();
    }
  }

  @Test
  void aBuiltIndexIsAsOneThatWasFilled() {
    int dimension = 12;
    try (NeighborIndex filled = factory().create(dimension)) {
      Model model = fill(filled, 300, dimension, 7);
      var items = new ArrayList<IndexItem>();
      filled.forEach(items::add);
      try (NeighborIndex built = factory().build(dimension, items)) {
        assertThat(built.size()).isEqualTo(filled.size());
        built.optimize();
        var recall = new Recall();
        for (Query query : queries(20, 10, dimension, 3)) {
          check(built.search(query), query, model, recall);
        }
        recall.check();
      }
      var odd = new float[dimension + 1];
      odd[0] = 1;
      items.add(IndexItem.of("odd", odd));
      assertThatThrownBy(() -> factory().build(dimension, items))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("odd");
    }
  }

  // What a search returns

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 6, 13, 207, 784})
  void similaritiesAreCosinesInOrder(int dimension) {
    try (NeighborIndex index = factory().create(dimension)) {
      Model model = fill(index, 300, dimension, dimension);
      var recall = new Recall();
      for (Query query : queries(60, 10, dimension, dimension + 1)) {
        check(index.search(query), query, model, recall);
      }
      recall.check();
    }
  }

  @Test
  @Tag("once")
  void longVectorsInManyBlocksOfMemory() {
    int dimension = 4098;
    try (NeighborIndex index = factory().create(dimension)) {
      Model model = fill(index, 300, dimension, 5); // 4.9 MB
      var recall = new Recall();
      List<Query> queries = queries(10, 10, dimension, 6);
      for (Query query : queries) {
        check(index.search(query), query, model, recall);
      }
      List<List<Neighbor>> answers = index.searchAll(queries);
      for (int i = 0; i < answers.size(); i++) {
        check(answers.get(i), queries.get(i), model, recall);
      }
      recall.check();
    }
  }

  @Test
  void noneAreReturnedWhereNoneAreWanted() {
    try (NeighborIndex index = factory().create(4)) {
      fill(index, 30, 4, 1);
      Query none = queries(1, 0, 4, 2).get(0);
      assertThat(index.search(none)).isEmpty();
      assertThat(index.searchAll(List.of(none, none))).isEqualTo(List.of(List.of(), List.of()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {199, 200, 201, 100_000, Integer.MAX_VALUE})
  void allAreReturnedWhereMoreAreWantedThanThereAre(int k) {
    try (NeighborIndex index = factory().create(4)) {
      Model model = fill(index, 200, 4, 1);
      for (Query query : queries(3, k, 4, 2)) {
        assertThat(index.search(query)).hasSize(Math.min(k, 200));
        check(index.search(query), query, model, new Recall());
        check(index.searchAll(List.of(query)).get(0), query, model, new Recall());
      }
    }
  }

  @Test
  void equalSimilaritiesAreOrderedById() {
    try (NeighborIndex index = factory().create(5)) {
      var ids = IntStream.range(0, 90).mapToObj(i -> "p" + i).collect(Collectors.toList());
      Collections.shuffle(ids, new Random(3));
      float[] vector = {.1f, -.2f, .3f, .4f, -.5f};
      for (String id : ids) {
        index.upsert(IndexItem.of(id, vector));
      }
      ids.sort(null);
      Query query = Query.of(new float[] {3, 1, 4, 1, 5}, 90);
      assertThat(index.search(query)).extracting(Neighbor::id).containsExactlyElementsOf(ids);
      assertThat(index.search(query))
          .extracting(Neighbor::similarity)
          .containsOnly(index.search(query).get(0).similarity());
      if (minimumRecall() == 1) {
        List<Neighbor> few = index.search(Query.of(query.vector(), 7));
        assertThat(few).extracting(Neighbor::id).containsExactlyElementsOf(ids.subList(0, 7));
        assertThat(index.searchAll(Collections.nCopies(9, Query.of(query.vector(), 7))))
            .containsOnly(few);
      }
    }
  }

  @Test
  void idsAreOpaqueTexts() {
    List<String> ids =
        List.of(
            "1",
            "01",
            "001",
            "1 0",
            "1\u00A00",
            "1.0",
            "a",
            "A",
            "ä",
            "a\u0308",
            "0215303002",
            "215303002",
            "1e0",
            "null",
            "\u1F97F",
            "\uD83D\uDC57",
            "x\ny");
    try (NeighborIndex index = factory().create(3)) {
      var model = new Model();
      var random = new Random(17);
      for (String id : ids) {
        model.upsertInto(index, new IndexItem(id, vector(random, 3), Attributes.none()));
      }
      assertThat(index.size()).isEqualTo(ids.size());
      assertThat(index.ids()).containsExactlyInAnyOrderElementsOf(ids);
      Query all = Query.of(vector(random, 3), 100);
      check(index.search(all), all, model, new Recall());
      for (String id : ids) {
        assertThat(index.vector(id)).as(id).isEqualTo(model.items.get(id).vector());
      }
      index.remove("01");
      model.items.remove("01");
      check(index.search(all), all, model, new Recall());
    }
  }

  @Test
  void severalQueriesAreAnsweredAsEachAlone() {
    int dimension = 21;
    try (NeighborIndex index = factory().create(dimension)) {
      Model model = fill(index, 700, dimension, 8);
      var random = new Random(9);
      var queries = new ArrayList<Query>();
      for (int i = 0; i < 150; i++) {
        queries.add(randomQuery(random, model, dimension));
      }
      List<List<Neighbor>> answers = index.searchAll(queries);
      assertThat(answers).hasSize(queries.size());
      for (int i = 0; i < queries.size(); i++) {
        assertThat(answers.get(i)).as("query %d", i).isEqualTo(index.search(queries.get(i)));
      }
    }
  }

  @Test
  void aVectorComesBackBitByBit() {
    try (NeighborIndex index = factory().create(33)) {
      Model model = fill(index, 100, 33, 4);
      for (IndexItem item : model.items.values()) {
        assertThat(index.vector(item.id())).isEqualTo(item.vector());
      }
      assertThat(index.vector("none such")).isNull();
    }
  }

  // Filters and exclusions: guaranteed k

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 50, 500, 1000})
  void aFilteredSearchReturnsAllItCan(int matching) {
    int dimension = 16;
    int size = 1000;
    try (NeighborIndex index = factory().create(dimension)) {
      var model = new Model();
      var random = new Random(matching);
      var items = new ArrayList<IndexItem>();
      for (int i = 0; i < size; i++) {
        Attributes attributes = Attributes.none().with("in", i * 7 % size < matching).with("i", i);
        items.add(new IndexItem("p" + i, vector(random, dimension), attributes));
      }
      model.upsertAllInto(index, items);
      var recall = new Recall();
      for (int k : new int[] {1, 3, 10, 100, 2000}) {
        for (Query plain : queries(4, k, dimension, k)) {
          Query query = plain.where(Filter.equal("in", true));
          assertThat(index.search(query)).hasSize(Math.min(k, matching));
          check(index.search(query), query, model, recall);
          // Without those that it just found, as many as are left.
          Query others =
              query.excluding(
                  index.search(query).stream().map(Neighbor::id).collect(Collectors.toSet()));
          check(index.search(others), others, model, recall);
        }
      }
      recall.check();
    }
  }

  @Test
  void farMatchesAreFoundBehindManyNearerProducts() {
    try (NeighborIndex index = factory().create(8)) {
      var model = new Model();
      var random = new Random(12);
      float[] towards = {1, 0, 0, 0, 0, 0, 0, 0};
      var items = new ArrayList<IndexItem>();
      for (int i = 0; i < 800; i++) {
        float[] near = vector(random, 8).toArray();
        near[0] += i < 790 ? 5 : -5;
        Attributes attributes = Attributes.none().with("far", i >= 790);
        items.add(new IndexItem("p" + i, UnitVector.of(near), attributes));
      }
      model.upsertAllInto(index, items);
      Query query = Query.of(towards, 10).where(Filter.equal("far", true));
      assertThat(index.search(query)).hasSize(10);
      check(index.search(query), query, model, new Recall());
    }
  }

  @Test
  void excludedProductsAreLeftOutAndReplaced() {
    try (NeighborIndex index = factory().create(6)) {
      Model model = fill(index, 200, 6, 2);
      var recall = new Recall();
      for (String self : List.copyOf(model.ids()).subList(0, 40)) {
        UnitVector vector = model.items.get(self).vector();
        Query query = Query.of(vector, 10).excluding(Set.of(self));
        assertThat(index.search(query)).hasSize(10).extracting(Neighbor::id).doesNotContain(self);
        check(index.search(query), query, model, recall);
      }
      recall.check();
      Query everything = Query.of(vector(new Random(1), 6), 10).excluding(model.ids());
      assertThat(index.search(everything)).isEmpty();
      Query allButOne = everything.excluding(without(model.ids(), "p7"));
      assertThat(index.search(allButOne)).extracting(Neighbor::id).containsExactly("p7");
      Query strangers = everything.excluding(Set.of("no", "such", "products"));
      check(index.search(strangers), strangers, model, new Recall());
    }
  }

  /**
   * Whatever share of the products matches, and whether these lie together or anywhere: the answer
   * is complete, and recall as good as without a filter.
   */
  @Test
  @Tag("once")
  void recallHasNoCliffWhateverShareMatches() {
    long seed = 41;
    int size = 6000;
    int dimension = 24;
    var random = new Random(seed);
    var vectors = new ArrayList<UnitVector>();
    for (int i = 0; i < size; i++) {
      vectors.add(uneven(random, dimension));
    }
    // The clustered ones are those closest to some product.
    UnitVector centre = vectors.get(random.nextInt(size));
    vectors.sort(Comparator.comparingDouble(v -> -v.cosine(centre)));
    var scattered = new ArrayList<Integer>();
    for (int i = 0; i < size; i++) {
      scattered.add(i);
    }
    Collections.shuffle(scattered, random);
    try (NeighborIndex index = factory().create(dimension)) {
      var model = new Model();
      var items = new ArrayList<IndexItem>();
      for (int i = 0; i < size; i++) {
        Attributes attributes =
            Attributes.none()
                .with("clustered", Math.floorDiv(i * 1000, size))
                .with("scattered", Math.floorDiv(scattered.get(i) * 1000, size));
        items.add(new IndexItem("p" + i, vectors.get(i), attributes));
      }
      Collections.shuffle(items, random);
      model.upsertAllInto(index, items);
      var queries = new ArrayList<Query>();
      for (int i = 0; i < 100; i++) {
        queries.add(Query.of(uneven(random, dimension), 10));
      }
      var unfiltered = new Recall();
      var orders = new ArrayList<List<Scored>>();
      for (Query query : queries) {
        orders.add(model.matches(query));
        check(index.search(query), query, orders.get(orders.size() - 1), unfiltered);
      }
      for (String which : List.of("scattered", "clustered")) {
        for (int perMille : new int[] {500, 100, 10, 1}) {
          Filter filter = Filter.lessThan(which, perMille);
          Set<String> matching =
              items.stream()
                  .filter(item -> filter.matches(item.attributes()))
                  .map(IndexItem::id)
                  .collect(Collectors.toSet());
          var filtered = new Recall();
          for (int i = 0; i < queries.size(); i++) {
            Query query = queries.get(i).where(filter);
            List<Scored> matches =
                orders.get(i).stream().filter(scored -> matching.contains(scored.id)).toList();
            check(index.search(query), query, matches, filtered);
          }
          assertThat(filtered.share())
              .as(
                  "seed %d: recall where %s %% match, %s; without a filter %s",
                  seed, perMille / 10.0, which, unfiltered.share())
              .isGreaterThanOrEqualTo(unfiltered.share() - .01);
        }
      }
    }
  }

  // Changes

  @Test
  void aRemovedProductIsGone() {
    try (NeighborIndex index = factory().create(6)) {
      Model model = fill(index, 300, 6, 3);
      var random = new Random(4);
      var recall = new Recall();
      for (String id : List.copyOf(model.ids())) {
        if (random.nextInt(3) == 0) {
          continue;
        }
        Query query = Query.of(model.items.get(id).vector(), 3);
        assertThat(index.remove(id)).isTrue();
        assertThat(index.remove(id)).isFalse();
        model.items.remove(id);
        assertThat(index.vector(id)).isNull();
        assertThat(index.size()).isEqualTo(model.items.size());
        check(index.search(query), query, model, recall);
      }
      assertThat(index.ids()).containsExactlyInAnyOrderElementsOf(model.ids());
      recall.check();
    }
  }

  @Test
  void addingAgainReplacesVectorAndAttributes() {
    try (NeighborIndex index = factory().create(2)) {
      var old = Attributes.none().with("colour", "red").with("price", 10);
      index.upsert(new IndexItem("a", UnitVector.of(new float[] {1, 0}), old));
      index.upsert(IndexItem.of("b", new float[] {1, .1f}));
      var fresh = new IndexItem("a", UnitVector.of(new float[] {0, 2}), attributes("blue"));
      index.upsert(fresh);

      assertThat(index.size()).isEqualTo(2);
      assertThat(index.ids()).containsExactlyInAnyOrder("a", "b");
      assertThat(index.vector("a")).isEqualTo(fresh.vector());
      Query right = Query.of(new float[] {1, 0}, 5);
      assertThat(index.search(right)).extracting(Neighbor::id).containsExactly("b", "a");
      assertThat(index.search(right).get(1).similarity()).isZero();
      assertThat(index.search(right.where(Filter.equal("colour", "red")))).isEmpty();
      assertThat(index.search(right.where(Filter.lessThan("price", 99)))).isEmpty();
      assertThat(index.search(right.where(Filter.equal("colour", "blue")))).hasSize(1);

      index.remove("a");
      index.upsert(new IndexItem("a", UnitVector.of(new float[] {3, 0}), Attributes.none()));
      assertThat(index.search(right)).extracting(Neighbor::id).containsExactly("a", "b");
    }
  }

  @Test
  void ofOneIdTwiceInABatchTheLastCounts() {
    try (NeighborIndex index = factory().create(2)) {
      IndexItem last = IndexItem.of("a", new float[] {0, 1});
      index.upsertAll(
          List.of(
              IndexItem.of("a", new float[] {1, 0}),
              IndexItem.of("b", new float[] {1, 1}),
              IndexItem.of("a", new float[] {-1, 0}),
              last));
      assertThat(index.size()).isEqualTo(2);
      assertThat(index.vector("a")).isEqualTo(last.vector());
      assertThat(index.search(Query.of(new float[] {0, 1}, 9)))
          .extracting(Neighbor::id)
          .containsExactly("a", "b");
    }
  }

  @Test
  void attributesChangeInPlace() {
    try (NeighborIndex index = factory().create(4)) {
      Model model = fill(index, 50, 4, 6);
      Query red = Query.of(vector(new Random(7), 4), 50).where(Filter.equal("colour", "red"));
      assertThat(index.search(red)).isEmpty();
      assertThat(index.setAttributes("p3", attributes("red"))).isTrue();
      assertThat(index.setAttributes("p33", attributes("red"))).isTrue();
      assertThat(index.search(red)).extracting(Neighbor::id).containsExactlyInAnyOrder("p3", "p33");
      assertThat(index.vector("p3")).isEqualTo(model.items.get("p3").vector());
      assertThat(index.setAttributes("p3", Attributes.none())).isTrue();
      assertThat(index.search(red)).extracting(Neighbor::id).containsExactly("p33");
      assertThat(index.remove("p33")).isTrue();
      assertThat(index.setAttributes("p33", attributes("red"))).isFalse();
      assertThat(index.setAttributes("none such", attributes("red"))).isFalse();
      assertThat(index.search(red)).isEmpty();
      assertThat(index.size()).isEqualTo(49);
    }
  }

  // Bad input changes nothing

  @Test
  void aBatchWithAWrongDimensionIsRefusedWhole() {
    try (NeighborIndex index = factory().create(3)) {
      Model model = fill(index, 20, 3, 5);
      List<IndexItem> batch =
          List.of(
              IndexItem.of("new", new float[] {1, 2, 3}),
              IndexItem.of("p1", new float[] {1, 2, 3}),
              IndexItem.of("bad", new float[] {1, 2}),
              IndexItem.of("late", new float[] {1, 2, 3}));
      assertThatThrownBy(() -> index.upsertAll(batch))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("bad")
          .hasMessageContaining("2")
          .hasMessageContaining("3");
      assertThatThrownBy(() -> index.upsert(IndexItem.of("bad", new float[] {1, 2, 3, 4})))
          .isInstanceOf(IllegalArgumentException.class);
      checkAll(index, model, 3);
    }
  }

  @Test
  void anIdThatIsNullIsNamed() {
    try (NeighborIndex index = factory().create(4)) {
      fill(index, 3, 4, 5);
      var lookups =
          List.<ThrowingCallable>of(
              () -> index.item(null),
              () -> index.items(Arrays.asList("p1", null)),
              () -> index.attributes(null),
              () -> index.vector(null),
              () -> index.setAttributes(null, Attributes.none()),
              () -> index.remove(null));
      for (ThrowingCallable lookup : lookups) {
        assertThatThrownBy(lookup)
            .isInstanceOf(NullPointerException.class)
            .hasMessage("a product's id is null, expected a text");
      }
      assertThat(index.size()).isEqualTo(3);
    }
  }

  @Test
  void aVectorWithoutDirectionChangesNothing() {
    float[][] bad = {
      {0, 0, 0},
      {1, Float.NaN, 0},
      {Float.POSITIVE_INFINITY, 0, 0},
      {0, 0, Float.NEGATIVE_INFINITY},
      {},
      {-0f, 0, -0f}
    };
    try (NeighborIndex index = factory().create(3)) {
      Model model = fill(index, 20, 3, 5);
      for (float[] vector : bad) {
        assertThatThrownBy(() -> index.upsert(IndexItem.of("p1", vector)))
            .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> index.search(Query.of(vector, 3)))
            .isInstanceOf(IllegalArgumentException.class);
      }
      checkAll(index, model, 3);
    }
  }

  @Test
  void aQueryOfAnotherDimensionIsRefused() {
    try (NeighborIndex index = factory().create(3)) {
      fill(index, 20, 3, 5);
      Query good = Query.of(new float[] {1, 2, 3}, 5);
      for (int dimension : new int[] {1, 2, 4, 300}) {
        for (int k : new int[] {0, 5}) {
          Query bad = Query.of(vector(new Random(1), dimension), k);
          assertThatThrownBy(() -> index.search(bad))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining(String.valueOf(dimension))
              .hasMessageContaining("3");
          assertThatThrownBy(() -> index.searchAll(List.of(good, bad)))
              .isInstanceOf(IllegalArgumentException.class);
        }
      }
    }
  }

  @Test
  void aClosedIndexSaysSo() {
    NeighborIndex index = factory().create(3);
    fill(index, 20, 3, 5);
    index.close();
    index.close();
    Query query = Query.of(new float[] {1, 2, 3}, 5);
    List<Runnable> calls =
        List.of(
            () -> index.search(query),
            () -> index.search(Query.of(query.vector(), 0)),
            () -> index.searchAll(List.of(query)),
            () -> index.upsert(IndexItem.of("a", new float[] {1, 2, 3})),
            () -> index.upsertAll(List.of()),
            () -> index.setAttributes("p1", Attributes.none()),
            () -> index.remove("p1"),
            () -> index.vector("p1"),
            index::ids,
            index::size);
    for (int i = 0; i < calls.size(); i++) {
      assertThatThrownBy(calls.get(i)::run)
          .as("call %d", i)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
  }

  // Random histories against a model

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void anyHistoryLeavesWhatAMapWouldHold(long seed) {
    var random = new Random(seed);
    int dimension = 1 + random.nextInt(20);
    int idCount = 5 + random.nextInt(400);
    var recall = new Recall();
    try (NeighborIndex index = factory().create(dimension)) {
      var model = new Model();
      for (int step = 0; step < some(600); step++) {
        String id = "p" + random.nextInt(idCount);
        switch (random.nextInt(8)) {
          case 0, 1 -> model.upsertInto(index, randomItem(random, id, dimension));
          case 2 -> {
            var batch = new ArrayList<IndexItem>();
            for (int i = random.nextInt(40); i > 0; i--) {
              batch.add(randomItem(random, "p" + random.nextInt(idCount), dimension));
            }
            model.upsertAllInto(index, batch);
          }
          case 3, 4 ->
              assertThat(index.remove(id))
                  .as("seed %d, step %d", seed, step)
                  .isEqualTo(model.items.remove(id) != null);
          case 5 -> {
            Attributes attributes = randomAttributes(random);
            assertThat(index.setAttributes(id, attributes))
                .as("seed %d, step %d", seed, step)
                .isEqualTo(model.setAttributes(id, attributes));
          }
          default -> {
            Query query = randomQuery(random, model, dimension);
            try {
              check(index.search(query), query, model, recall);
            } catch (AssertionError e) {
              throw new AssertionError("seed " + seed + ", step " + step + ", " + query, e);
            }
          }
        }
        assertThat(index.size()).as("seed %d, step %d", seed, step).isEqualTo(model.items.size());
      }
      checkAll(index, model, dimension);
    }
    recall.check();
  }

  @Test
  void growthAndChurnLoseNothing() {
    int dimension = 12;
    try (NeighborIndex index = factory().create(dimension)) {
      var model = new Model();
      var random = new Random(31);
      for (int round = 0; round < 3; round++) {
        var batch = new ArrayList<IndexItem>();
        for (int i = 0; i < 1500; i++) {
          batch.add(randomItem(random, "p" + random.nextInt(2500), dimension));
        }
        model.upsertAllInto(index, batch);
        int removals = some(model.ids().size() / 4);
        for (String id : List.copyOf(model.ids())) {
          if (random.nextInt(4) == 0 && removals-- > 0) {
            assertThat(index.remove(id)).isTrue();
            model.items.remove(id);
          }
        }
        checkAll(index, model, dimension);
        var recall = new Recall();
        for (int i = 0; i < 25; i++) {
          Query query = randomQuery(random, model, dimension);
          check(index.search(query), query, model, recall);
        }
        recall.check();
      }
    }
  }

  /** Five times the catalogue is replaced, in many ways; recall is that of a fresh index. */
  @Test
  @Tag("once")
  void churnLosesNoRecall() {
    long seed = 70;
    int size = 1500;
    int dimension = 32;
    var random = new Random(seed);
    try (NeighborIndex churned = factory().create(dimension);
        NeighborIndex fresh = factory().create(dimension)) {
      var items = new ArrayList<IndexItem>();
      for (int i = 0; i < size; i++) {
        items.add(new IndexItem("p" + i, vector(random, dimension), Attributes.none()));
      }
      churned.upsertAll(items);
      int replaced = 0;
      for (int round = 0; replaced < some(5 * size); round++) {
        int count = Math.min(1 + random.nextInt(300), size);
        Collections.shuffle(items, random);
        List<IndexItem> some = items.subList(0, count);
        switch (round % 3) {
          case 0 -> { // Others in their place, one by one,
            for (int i = 0; i < count; i++) {
              assertThat(churned.remove(some.get(i).id())).isTrue();
              some.set(i, plain("r" + round + "-" + i, vector(random, dimension)));
              churned.upsert(some.get(i));
            }
          }
          case 1 -> { // other vectors of the same products, together,
            some.replaceAll(item -> plain(item.id(), vector(random, dimension)));
            churned.upsertAll(some);
          }
          default -> { // and first fewer products, then as many again.
            for (int i = 0; i < count; i++) {
              assertThat(churned.remove(some.get(i).id())).isTrue();
              some.set(i, plain("r" + round + "-" + i, vector(random, dimension)));
            }
            churned.upsertAll(some);
          }
        }
        replaced += count;
      }
      assertThat(churned.size()).isEqualTo(size);
      fresh.upsertAll(items);
      var after = new Recall();
      var before = new Recall();
      var model = new Model();
      items.forEach(item -> model.items.put(item.id(), item));
      for (Query query : queries(600, 10, dimension, seed)) {
        List<Scored> matches = model.matches(query);
        check(churned.search(query), query, matches, after);
        check(fresh.search(query), query, matches, before);
      }
      assertThat(after.share())
          .as("seed %d: recall after churn, of a fresh index %s", seed, before.share())
          .isGreaterThanOrEqualTo(before.share() - .005);
      OptionalLong bytes = memoryBytes(churned);
      if (bytes.isPresent()) {
        assertThat(bytes.getAsLong())
            .as("seed %d: memory after churn", seed)
            .isLessThanOrEqualTo(2 * memoryBytes(fresh).getAsLong());
      }
    }
  }

  // Readers beside writers

  /**
   * Some products stand still, some are replaced again and again, some come and go. Every answer
   * must hold all of the first two kinds exactly once, with the similarity of one of the vectors
   * that they have had, and of the third only what was not removed before the search.
   */
  @Test
  @Tag("once")
  void readersSeeEveryProductBeforeOrAfterAChange() throws Exception {
    int dimension = 48;
    int still = 150;
    int replaced = 20;
    int versions = 5;
    var seen = new AtomicInteger();
    try (NeighborIndex index = factory().create(dimension)) {
      var items = new ArrayList<IndexItem>();
      for (int i = 0; i < still; i++) {
        items.add(version("still" + i, 0, dimension));
      }
      for (int i = 0; i < replaced; i++) {
        items.add(version("replaced" + i, 0, dimension));
      }
      index.upsertAll(items);
      var added = new AtomicInteger();
      var removing = new AtomicInteger();
      var removed = new AtomicInteger();

      var race = new Race();
      race.writer(
          () -> {
            var random = new Random(1);
            for (int i = 0; i < some(1500); i++) {
              index.upsert(
                  version(
                      "replaced" + random.nextInt(replaced), random.nextInt(versions), dimension));
            }
          });
      race.writer(
          () -> {
            var random = new Random(2);
            for (int i = 0; i < some(60); i++) {
              var batch = new ArrayList<IndexItem>();
              for (int j = 0; j < 12; j++) {
                batch.add(
                    version(
                        "replaced" + random.nextInt(replaced),
                        random.nextInt(versions),
                        dimension));
              }
              index.upsertAll(batch);
            }
          });
      race.writer(
          () -> {
            for (int i = 0; i < some(900); i++) {
              index.upsert(version("coming" + i, i % versions, dimension));
              added.set(i + 1);
              if (i >= 30) {
                removing.set(i - 29);
                assertThat(index.remove("coming" + (i - 30))).isTrue();
                removed.set(i - 29);
              }
            }
          });
      for (int reader = 0; reader < 3; reader++) {
        int seed = reader;
        var random = new Random(seed);
        race.reader(
            () -> {
              boolean all = random.nextBoolean();
              int k = all ? 10_000 : 1 + random.nextInt(30);
              Query query = Query.of(vector(random, dimension), k);
              int removedBefore = removed.get();
              int addedBefore = added.get();
              List<Neighbor> answer =
                  random.nextBoolean()
                      ? index.search(query)
                      : index.searchAll(List.of(query, query)).get(1);
              int removedAfter = removing.get();

              assertThat(answer).isSortedAccordingTo(Neighbor.CLOSEST_FIRST);
              var ids = new HashSet<String>();
              for (Neighbor n : answer) {
                assertThat(ids.add(n.id())).as("%s is there once", n.id()).isTrue();
                assertThat(n).satisfies(m -> checkVersion(m, query, versions, dimension));
                if (n.id().startsWith("coming")) {
                  assertThat(Integer.parseInt(n.id().substring("coming".length())))
                      .as("was not removed before")
                      .isGreaterThanOrEqualTo(removedBefore);
                }
              }
              if (!all) {
                assertThat(answer).hasSize(k);
                return;
              }
              for (int i = 0; i < still; i++) {
                assertThat(ids).contains("still" + i);
              }
              for (int i = 0; i < replaced; i++) {
                assertThat(ids).contains("replaced" + i);
              }
              for (int i = removedAfter; i < addedBefore; i++) {
                assertThat(ids).contains("coming" + i);
              }
              seen.addAndGet(answer.size());
            });
      }
      race.run();
      assertThat(seen).hasPositiveValue();
      assertThat(index.size()).isEqualTo(still + replaced + 30);
    }
  }

  /** The writer gets its last product when the reader has read, so it must not be waited for. */
  @Test
  void nobodyWaitsForAWriteToEnd() throws Exception {
    int dimension = 6;
    try (NeighborIndex index = factory().create(dimension)) {
      Model model = fill(index, 60, dimension, 4);
      List<String> ids = index.ids();
      var begun = new CountDownLatch(1);
      var read = new CountDownLatch(1);
      var waitedFor = new AtomicBoolean();
      var batch =
          new AbstractList<IndexItem>() {
            @Override
            public IndexItem get(int i) {
              if (i == size() - 1) {
                begun.countDown();
                try {
                  waitedFor.compareAndSet(false, !read.await(20, TimeUnit.SECONDS));
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }
              return version("new" + i, 0, dimension);
            }

            @Override
            public int size() {
              return 5;
            }
          };
      var writer = new Thread(() -> index.upsertAll(batch), "writer");
      writer.start();
      try {
        begun.await();
        Query query = queries(1, 10, dimension, 5).get(0);
        check(index.search(query), query, model, new Recall());
        assertThat(index.hits(query, true)).hasSize(10);
        assertThat(index.item(ids.get(0))).isNotNull();
        assertThat(index.ids()).hasSize(60);
        assertThat(index.size()).isEqualTo(60);
      } finally {
        read.countDown();
        writer.join();
      }
      assertThat(waitedFor).as("a reader waited for a writer").isFalse();
      assertThat(index.size()).isEqualTo(65);
    }
  }

  @Test
  @Tag("once")
  void guaranteedKHoldsWhileAttributesAndProductsChange() throws Exception {
    int dimension = 16;
    try (NeighborIndex index = factory().create(dimension)) {
      var items = new ArrayList<IndexItem>();
      for (int i = 0; i < 400; i++) {
        Attributes attributes = Attributes.none().with("rare", i < 12).with("side", "left");
        items.add(new IndexItem("p" + i, versionVector("p" + i, 0, dimension), attributes));
      }
      index.upsertAll(items);
      var race = new Race();
      race.writer(
          () -> {
            var random = new Random(5);
            for (int i = 0; i < some(3000); i++) {
              int p = random.nextInt(400);
              Attributes attributes =
                  Attributes.none()
                      .with("rare", p < 12)
                      .with("side", random.nextBoolean() ? "left" : "right");
              assertThat(index.setAttributes("p" + p, attributes)).isTrue();
            }
          });
      race.writer(
          () -> {
            var random = new Random(6);
            for (int i = 0; i < some(600); i++) {
              String id = "extra" + random.nextInt(20);
              if (random.nextBoolean()) {
                index.upsert(new IndexItem(id, vector(random, dimension), attributes("extra")));
              } else {
                index.remove(id);
              }
            }
          });
      for (int reader = 0; reader < 2; reader++) {
        var random = new Random(reader);
        race.reader(
            () -> {
              Query query = Query.of(vector(random, dimension), 10);
              assertThat(index.search(query.where(Filter.equal("rare", true)))).hasSize(10);
              assertThat(index.search(query.where(Filter.in("side", "left", "right")))).hasSize(10);
              Query all = Query.of(query.vector(), 1000).where(Filter.in("side", "left", "right"));
              assertThat(index.searchAll(List.of(all, query)).get(0)).hasSize(400);
              assertThat(index.vector("p5")).isEqualTo(versionVector("p5", 0, dimension));
            });
      }
      race.run();
    }
  }

  @Test
  @Tag("once")
  void closingDuringSearchesEndsThemCleanly() throws Exception {
    for (int round = 0; round < 5; round++) {
      NeighborIndex index = factory().create(8);
      Model model = fill(index, 200, 8, round);
      var closed = new AtomicBoolean();
      var race = new Race();
      race.writer(
          () -> {
            closed.set(true);
            index.close();
          });
      for (int reader = 0; reader < 2; reader++) {
        var random = new Random(reader);
        race.reader(
            () -> {
              Query query = Query.of(vector(random, 8), 200);
              try {
                check(index.search(query), query, model, new Recall());
              } catch (IllegalStateException e) {
                assertThat(closed).isTrue();
              }
            });
      }
      race.run();
      assertThatThrownBy(index::size).isInstanceOf(IllegalStateException.class);
    }
  }

  /** Answers stay right under everything at once, for as long as the build says. */
  @Test
  @Tag("load")
  void everyAnswerIsRightUnderLoad() throws Exception {
    double seconds = Double.parseDouble(System.getProperty("lookalike.load.seconds", "0.5"));
    try (NeighborIndex index = factory().create(IndexLoad.dimension())) {
      assertThat(new IndexLoad(index, 51).run(seconds)).isPositive();
    }
  }

  // Files

  @Test
  void whatIsOpenedIsWhatWasSaved() throws IOException {
    Snapshots snapshots = snapshotsOrSkip();
    for (int size : new int[] {0, 1, 30, 1200}) {
      int dimension = 1 + size % 17;
      Path file = folder.resolve("saved-" + size);
      try (NeighborIndex index = factory().create(dimension)) {
        Model model = fill(index, size, dimension, size);
        for (int i = 0; i < size; i += 9) {
          index.remove("p" + i);
          model.items.remove("p" + i);
        }
        snapshots.save(index, file);
        byte[] saved = Files.readAllBytes(file);
        try (NeighborIndex opened = snapshots.open(file)) {
          assertThat(opened.dimension()).isEqualTo(dimension);
          checkAll(opened, model, dimension);
          assertThat(answers(opened)).isEqualTo(answers(index));
          // Both can be changed, and the file stays as it is.
          var item = new IndexItem("new", vector(new Random(3), dimension), attributes("new"));
          model.upsertInto(opened, item);
          if (size > 1) {
            assertThat(opened.remove("p1")).isTrue();
            model.items.remove("p1");
          }
          checkAll(opened, model, dimension);
          assertThat(Files.readAllBytes(file)).isEqualTo(saved);
          snapshots.save(opened, file); // over what it was opened from
          try (NeighborIndex again = snapshots.open(file)) {
            checkAll(again, model, dimension);
          }
          checkAll(opened, model, dimension);
        }
      }
    }
  }

  /** Every byte changed once: refused by name, or the same answers. */
  @Test
  @Tag("once")
  void aDamagedFileIsRefusedOrHarmless() throws IOException {
    Snapshots snapshots = snapshotsOrSkip();
    Path good = folder.resolve("good");
    List<List<Neighbor>> expected;
    try (NeighborIndex index = factory().create(2)) {
      fill(index, 11, 2, 61);
      snapshots.save(index, good);
      expected = answers(index);
    }
    byte[] bytes = Files.readAllBytes(good);
    Path bad = Files.copy(good, folder.resolve("bad"));
    int refused = 0;
    // In place: to write a file anew for each byte takes ten times as long on some file systems.
    try (FileChannel channel = FileChannel.open(bad, StandardOpenOption.WRITE)) {
      for (int at = 0; at < bytes.length; at++) {
        channel.write(ByteBuffer.wrap(new byte[] {(byte) (bytes[at] ^ 1 << at % 8)}), at);
        refused += isRefused(snapshots, bad, expected, "byte " + at) ? 1 : 0;
        channel.write(ByteBuffer.wrap(bytes, at, 1), at);
      }
    }
    assertThat(isRefused(snapshots, bad, expected, "none")).as("mended").isFalse();
    assertThat(refused).as("bytes whose damage is noticed").isPositive();
  }

  /** Cut off anywhere, or longer than it was: refused by name, or the same answers. */
  @Test
  @Tag("once")
  void aFileOfAnotherLengthIsRefusedOrHarmless() throws IOException {
    Snapshots snapshots = snapshotsOrSkip();
    Path good = folder.resolve("good");
    List<List<Neighbor>> expected;
    try (NeighborIndex index = factory().create(5)) {
      fill(index, 40, 5, 62);
      snapshots.save(index, good);
      expected = answers(index);
    }
    long whole = Files.size(good);
    Path bad = Files.copy(good, folder.resolve("bad"));
    for (int more : new int[] {1, 8, 4096}) {
      Files.write(bad, new byte[more], StandardOpenOption.APPEND);
      isRefused(snapshots, bad, expected, more + " bytes more");
    }
    try (FileChannel channel = FileChannel.open(bad, StandardOpenOption.WRITE)) {
      for (long length = whole - 1; length >= 0; length -= length % 64 < 3 ? 1 : 7) {
        channel.truncate(length);
        assertThat(isRefused(snapshots, bad, expected, length + " bytes"))
            .as("%d of %d bytes are refused", length, whole)
            .isTrue();
      }
    }
  }

  @Test
  @Tag("once")
  void whatIsNoSavedIndexIsRefused() throws IOException {
    Snapshots snapshots = snapshotsOrSkip();
    var noise = new byte[5000];
    new Random(63).nextBytes(noise);
    Path file = folder.resolve("foreign");
    for (byte[] foreign :
        List.of(
            new byte[0],
            new byte[10_000],
            noise,
            "id,vector\n1,0.5\n".repeat(50).getBytes(StandardCharsets.UTF_8),
            new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'})) {
      Files.write(file, foreign);
      assertThatThrownBy(() -> snapshots.open(file).close())
          .isInstanceOf(IOException.class)
          .hasMessageContaining(file.toString());
    }
    Path missing = folder.resolve("missing");
    assertThatThrownBy(() -> snapshots.open(missing).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(missing.toString());
    assertThatThrownBy(() -> snapshots.open(folder).close()).isInstanceOf(IOException.class);
  }

  @Test
  @Tag("once")
  void aFailedSaveLeavesWhatWasThere() throws IOException {
    Snapshots snapshots = snapshotsOrSkip();
    try (NeighborIndex index = factory().create(3)) {
      Model model = fill(index, 20, 3, 64);
      Path nowhere = folder.resolve("no such folder").resolve("file");
      assertThatThrownBy(() -> snapshots.save(index, nowhere)).isInstanceOf(IOException.class);
      assertThat(nowhere.getParent()).doesNotExist();
      assertThatThrownBy(() -> snapshots.save(index, folder)).isInstanceOf(IOException.class);
      try (Stream<Path> left = Files.list(folder)) {
        assertThat(left).as("nothing half-written").isEmpty();
      }
      checkAll(index, model, 3);
    }
  }

  private Snapshots snapshotsOrSkip() {
    Optional<Snapshots> snapshots = snapshots();
    assumeThat(snapshots).as("snapshots() is overridden").isPresent();
    return snapshots.orElseThrow();
  }

  /** Whether damage is noticed; if it is not, it must be harmless. */
  private static boolean isRefused(
      Snapshots snapshots, Path file, List<List<Neighbor>> expected, String damage) {
    try (NeighborIndex opened = snapshots.open(file)) {
      assertThat(answers(opened)).as(damage).isEqualTo(expected);
      opened.ids().forEach(opened::vector);
      return false;
    } catch (IOException | UncheckedIOException e) {
      assertThat(e).as(damage).hasMessageContaining(file.toString());
      return true;
    }
  }

  /** What an index holds says itself in these. */
  private static List<List<Neighbor>> answers(NeighborIndex index) {
    var answers = new ArrayList<List<Neighbor>>();
    for (int k : new int[] {1, 4, 10_000}) {
      for (Query query : queries(2, k, index.dimension(), 65)) {
        answers.add(index.search(query));
        answers.add(index.search(query.where(Filter.lessThan("price", 50))));
        answers.add(index.search(query.where(Filter.equal("sizes", "S"))));
        answers.add(index.search(query.where(Filter.equal("category", "dress"))));
      }
    }
    return answers;
  }

  // Memory

  /**
   * What it says is about what the heap grows by: the median of several indexes, since whatever
   * else a JVM comes to need, or does without, at one time hits one of them.
   */
  @Test
  @Tag("once")
  void memoryIsWhatTheHeapGrowsBy() {
    try (NeighborIndex empty = factory().create(3)) {
      assumeThat(memoryBytes(empty)).as("memoryBytes is overridden").isPresent();
    }
    filledWith(2000, 256).close(); // so that what is loaded once is loaded
    var indexes = new ArrayList<NeighborIndex>();
    try {
      var growths = new ArrayList<Long>();
      long before = usedHeap();
      for (int i = 0; i < 3; i++) {
        indexes.add(filledWith(2000, 256));
        long after = usedHeap();
        growths.add(after - before);
        before = after;
      }
      growths.sort(null);
      long grown = growths.get(1);
      assertThat(memoryBytes(indexes.get(0)).getAsLong())
          .as("memoryBytes, where the heap has grown by %s", growths)
          .isBetween(grown * 10 / 16, grown * 16 / 10);
    } finally {
      indexes.forEach(NeighborIndex::close);
    }
  }

  private NeighborIndex filledWith(int size, int dimension) {
    var random = new Random(66);
    NeighborIndex index = factory().create(dimension);
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < size; i++) {
      items.add(plain("p" + i, uneven(random, dimension)));
    }
    index.upsertAll(items);
    return index;
  }

  /** The least of some tries: what was garbage is seldom all gone at the first. */
  private static long usedHeap() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  // Products of several photos

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void productsOfSeveralPhotosAreEachFoundOnce(long seed) {
    int dimension = 16;
    var random = new Random(seed);
    Map<String, ProductImage> products = new TreeMap<>();
    try (Recommender shop =
        Recommender.builder().extractor(new Eye(dimension)).index(factory()).build()) {
      for (int round = 0; round < 4; round++) {
        changePhotos(shop, products, random);
        assertThat(shop.size()).as("seed %s", seed).isEqualTo(products.size());
        assertThat(shop.searcher().size()).as("seed %s", seed).isEqualTo(products.size());
        assertThat(shop.searcher().ids())
            .as("seed %s", seed)
            .containsExactlyInAnyOrderElementsOf(products.keySet());
        var recall = new Recall();
        for (int i = 0; i < 20; i++) {
          Filter filter =
              switch (i % 3) {
                case 0 -> Filter.ALL;
                case 1 -> Filter.lessThan("place", 50);
                default -> Filter.equal("place", random.nextInt(100));
              };
          Query query =
              Query.of(vector(random, dimension), 1 + random.nextInt(30))
                  .where(filter)
                  .excluding(Set.copyOf(List.of("p" + i, "p" + random.nextInt(400))));
          checkPhotos(seed, shop.searcher().search(query), query, products, recall);
        }
        recall.check();
      }
      AuditReport audit = shop.audit();
      assertThat(audit.healthy()).as("seed %s: %s", seed, audit).isTrue();
    }
  }

  /** Adds products of one to six photos, replaces some, removes some, and changes attributes. */
  private void changePhotos(Recommender shop, Map<String, ProductImage> products, Random random) {
    var batch = new ArrayList<ProductImage>();
    for (int i = 0; i < 200; i++) {
      String id = "p" + random.nextInt(400);
      var images = new ArrayList<ImageSource>();
      for (int photo = random.nextInt(6); photo >= 0; photo--) {
        String name = "photo " + random.nextInt();
        images.add(ImageSource.of(name, name.getBytes(StandardCharsets.UTF_8)));
      }
      batch.add(new ProductImage(Product.of(id).with("place", random.nextInt(100)), images));
    }
    assertThat(shop.addAll(batch).rejected()).isEmpty();
    batch.forEach(item -> products.put(item.product().id(), item));
    int writes = some(products.size() / 4);
    for (String id : List.copyOf(products.keySet())) {
      if (writes <= 0) {
        break;
      }
      if (random.nextInt(8) == 0) {
        assertThat(shop.remove(id)).isTrue();
        products.remove(id);
        writes--;
      } else if (random.nextInt(8) == 0) {
        Product product = Product.of(id).with("place", random.nextInt(100));
        assertThat(shop.update(product)).isTrue();
        products.put(id, new ProductImage(product, products.get(id).images()));
        writes--;
      }
    }
  }

  /** An approximate index may come upon another photo than the nearest. */
  private void checkPhotos(
      long seed,
      List<Neighbor> answer,
      Query query,
      Map<String, ProductImage> products,
      Recall recall) {
    var eye = new Eye(query.vector().dimension());
    Map<String, List<Double>> similarities = new TreeMap<>();
    for (ProductImage item : products.values()) {
      if (query.accepts(item.product().id(), item.product().attributes())) {
        similarities.put(
            item.product().id(),
            item.images().stream()
                .map(image -> cosine(query.vector(), UnitVector.of(eye.extract(image))))
                .sorted(Comparator.reverseOrder())
                .toList());
      }
    }
    List<Double> best =
        similarities.values().stream()
            .map(photos -> photos.get(0))
            .sorted(Comparator.reverseOrder())
            .toList();
    double tolerance = tolerance(query.vector().dimension());
    int expected = Math.min(query.k(), best.size());
    assertThat(answer).as("seed %s, guaranteed k", seed).hasSize(expected);
    assertThat(answer).as("seed %s", seed).isSortedAccordingTo(Neighbor.CLOSEST_FIRST);
    assertThat(answer).extracting(Neighbor::id).as("seed %s", seed).doesNotHaveDuplicates();
    for (int i = 0; i < expected; i++) {
      Neighbor neighbor = answer.get(i);
      assertThat(similarities).as("seed %s, matches", seed).containsKey(neighbor.id());
      List<Double> photos = similarities.get(neighbor.id());
      recall.sought++;
      recall.found += photos.get(0) >= best.get(expected - 1) - tolerance ? 1 : 0;
      assertThat(photos)
          .as("seed %s, similarity of a photo of %s", seed, neighbor)
          .anyMatch(photo -> Math.abs(photo - neighbor.similarity()) <= tolerance);
      if (minimumRecall() == 1) {
        assertThat((double) neighbor.similarity())
            .as("seed %s, similarity at rank %d", seed, i)
            .isCloseTo(best.get(i), within(tolerance));
      }
    }
  }

  /** Sees in a picture what its bytes make a random generator say. */
  private record Eye(int dimension) implements FeatureExtractor {
    @Override
    public String identity() {
      return "eye/1";
    }

    @Override
    public float[] extract(ImageSource image) {
      try (InputStream in = image.open()) {
        var random = new Random(new String(in.readAllBytes(), StandardCharsets.UTF_8).hashCode());
        var features = new float[dimension];
        for (int i = 0; i < dimension; i++) {
          features[i] = (float) random.nextGaussian();
        }
        return features;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {}
  }

  // What answers are compared with

  /** The products that an index should hold. */
  private static final class Model {
    final Map<String, IndexItem> items = new TreeMap<>();

    Set<String> ids() {
      return items.keySet();
    }

    void upsertInto(NeighborIndex index, IndexItem item) {
      index.upsert(item);
      items.put(item.id(), item);
    }

    void upsertAllInto(NeighborIndex index, List<IndexItem> batch) {
      index.upsertAll(batch);
      batch.forEach(item -> items.put(item.id(), item));
    }

    boolean setAttributes(String id, Attributes attributes) {
      return items.computeIfPresent(
              id, (same, item) -> new IndexItem(same, item.vector(), attributes))
          != null;
    }

    /** Everything that may be returned, by similarity. */
    List<Scored> matches(Query query) {
      var all = new ArrayList<Scored>();
      for (IndexItem item : items.values()) {
        if (!query.excluded().contains(item.id())
            && (query.among() == null || query.among().contains(item.id()))
            && query.filter().matches(item.attributes())) {
          all.add(new Scored(item.id(), cosine(query.vector(), item.vector())));
        }
      }
      all.sort((a, b) -> Double.compare(b.similarity, a.similarity));
      return all;
    }
  }

  private record Scored(String id, double similarity) {}

  /** Counts over many answers how many true nearest neighbours were found. */
  private final class Recall {
    private int found;
    private int sought;

    double share() {
      return sought == 0 ? 1 : (double) found / sought;
    }

    void check() {
      assertThat((double) found)
          .as("recall, %d of %d", found, sought)
          .isGreaterThanOrEqualTo(minimumRecall() * sought);
    }
  }

  /** All that must be true of one answer; its recall is counted, and for an exact index checked. */
  private void check(List<Neighbor> answer, Query query, Model model, Recall recall) {
    check(answer, query, model.matches(query), recall);
  }

  private void check(List<Neighbor> answer, Query query, List<Scored> matches, Recall recall) {
    int expected = Math.min(query.k(), matches.size());
    double tolerance = tolerance(query.vector().dimension());
    assertThat(answer).as("guaranteed k").hasSize(expected);
    assertThat(answer).isSortedAccordingTo(Neighbor.CLOSEST_FIRST);
    assertThat(answer).extracting(Neighbor::id).doesNotHaveDuplicates();
    Set<String> answered = answer.stream().map(Neighbor::id).collect(Collectors.toSet());
    var truth =
        matches.stream()
            .filter(scored -> answered.contains(scored.id))
            .collect(Collectors.toMap(Scored::id, Scored::similarity));
    double worst = expected == 0 ? 0 : matches.get(expected - 1).similarity;
    for (int i = 0; i < expected; i++) {
      Neighbor neighbor = answer.get(i);
      assertThat(truth).as("matches").containsKey(neighbor.id());
      assertThat((double) neighbor.similarity())
          .as("similarity of %s", neighbor.id())
          .isCloseTo(truth.get(neighbor.id()), within(tolerance));
      recall.sought++;
      if (truth.get(neighbor.id()) >= worst - tolerance) {
        recall.found++;
      }
      if (minimumRecall() == 1) {
        assertThat((double) neighbor.similarity())
            .as("similarity at rank %d", i)
            .isCloseTo(matches.get(i).similarity, within(tolerance));
      }
    }
  }

  /** The index holds what the model holds, and nothing else. */
  private void checkAll(NeighborIndex index, Model model, int dimension) {
    assertThat(index.size()).isEqualTo(model.items.size());
    assertThat(index.ids()).containsExactlyInAnyOrderElementsOf(model.ids());
    for (IndexItem item : model.items.values()) {
      assertThat(index.vector(item.id())).as(item.id()).isEqualTo(item.vector());
    }
    Query all = Query.of(vector(new Random(77), dimension), Integer.MAX_VALUE);
    check(index.search(all), all, model, new Recall());
    for (String category : CATEGORIES) {
      Query some = all.where(Filter.equal("category", category));
      check(index.search(some), some, model, new Recall());
    }
  }

  private static double tolerance(int dimension) {
    return 2e-6 + dimension * 3e-8;
  }

  private static double cosine(UnitVector a, UnitVector b) {
    float[] x = a.toArray();
    float[] y = b.toArray();
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (double) x[i] * y[i];
    }
    return sum;
  }

  // Random products and queries

  private static Model fill(NeighborIndex index, int size, int dimension, long seed) {
    var random = new Random(seed);
    var model = new Model();
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < size; i++) {
      items.add(randomItem(random, "p" + i, dimension));
    }
    model.upsertAllInto(index, items);
    return model;
  }

  private static List<Query> queries(int count, int k, int dimension, long seed) {
    var random = new Random(seed);
    return IntStream.range(0, count).mapToObj(i -> Query.of(vector(random, dimension), k)).toList();
  }

  private static UnitVector vector(Random random, int dimension) {
    var values = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return UnitVector.of(values);
  }

  /** As a real catalogue's, these do not fill all directions alike. */
  private static UnitVector uneven(Random random, int dimension) {
    var values = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      values[i] = (float) (random.nextGaussian() / (1 + i / 4.0));
    }
    return UnitVector.of(values);
  }

  private static IndexItem plain(String id, UnitVector vector) {
    return new IndexItem(id, vector, Attributes.none());
  }

  /** Now and then one of few vectors, so that there are ties. */
  private static IndexItem randomItem(Random random, String id, int dimension) {
    Random source = random.nextInt(5) == 0 ? new Random(random.nextInt(6)) : random;
    return new IndexItem(id, vector(source, dimension), randomAttributes(random));
  }

  private static Attributes randomAttributes(Random random) {
    Attributes attributes = Attributes.none();
    if (random.nextInt(10) > 0) {
      attributes = attributes.with("category", CATEGORIES[random.nextInt(CATEGORIES.length)]);
    }
    if (random.nextInt(10) > 0) {
      attributes = attributes.with("price", random.nextInt(100));
    }
    return random.nextInt(4) > 0
        ? attributes
        : attributes.with("sizes", random.nextBoolean() ? Set.of("S", "M") : Set.of("M", "L"));
  }

  private static Attributes attributes(String colour) {
    return Attributes.none().with("colour", colour);
  }

  private static Query randomQuery(Random random, Model model, int dimension) {
    int k = List.of(0, 1, 3, 10, 10, 50, 10_000).get(random.nextInt(7));
    Query query = Query.of(vector(random, dimension), k);
    query =
        switch (random.nextInt(8)) {
          case 0 -> query.where(Filter.equal("category", CATEGORIES[random.nextInt(5)]));
          case 1 -> query.where(Filter.lessThan("price", random.nextInt(110) - 5));
          case 2 ->
              query.where(
                  Filter.and(
                      Filter.equal("sizes", "S"),
                      Filter.not(Filter.in("category", "hat", "shoe")),
                      Filter.atLeast("price", random.nextInt(100))));
          case 3 ->
              query.where(Filter.or(Filter.equal("price", 7), Filter.equal("category", "hat")));
          case 4 -> query.where(Filter.equal("category", "no such"));
          default -> query;
        };
    if (random.nextInt(3) == 0) {
      var excluded = new HashSet<String>();
      for (String id : model.ids()) {
        if (random.nextInt(6) == 0) {
          excluded.add(id);
        }
      }
      query = query.excluding(excluded);
    }
    return query;
  }

  private static Set<String> without(Collection<String> ids, String one) {
    var rest = new HashSet<>(ids);
    rest.remove(one);
    return rest;
  }

  /** One of the vectors that a product has in turn: the same for the same id and version. */
  private static UnitVector versionVector(String id, int version, int dimension) {
    return vector(new Random(id.hashCode() * 31L + version), dimension);
  }

  private static IndexItem version(String id, int version, int dimension) {
    return new IndexItem(id, versionVector(id, version, dimension), Attributes.none());
  }

  /** The similarity is that of one version, whole: not of two vectors mixed. */
  private static void checkVersion(Neighbor neighbor, Query query, int versions, int dimension) {
    var possible = new ArrayList<Double>();
    for (int v = 0; v < versions; v++) {
      possible.add(cosine(query.vector(), versionVector(neighbor.id(), v, dimension)));
    }
    assertThat(possible)
        .as("%s is of one version", neighbor)
        .anyMatch(s -> Math.abs(s - neighbor.similarity()) <= tolerance(dimension));
  }

  private interface Task {
    void run() throws Exception;
  }

  /** Writers that run once, and readers that run again and again until the writers are done. */
  private static final class Race {
    private static final int LEAST_READS = 20;

    private final List<Task> writers = new ArrayList<>();
    private final List<Task> readers = new ArrayList<>();

    void writer(Task task) {
      writers.add(task);
    }

    void reader(Task task) {
      readers.add(task);
    }

    void run() throws InterruptedException {
      var failures = new ConcurrentLinkedQueue<Throwable>();
      var start = new CountDownLatch(1);
      var writing = new AtomicInteger(writers.size());
      var threads = new ArrayList<Thread>();
      for (Task writer : writers) {
        threads.add(
            thread(
                start,
                failures,
                () -> {
                  try {
                    writer.run();
                  } finally {
                    writing.decrementAndGet();
                  }
                }));
      }
      for (Task reader : readers) {
        threads.add(
            thread(
                start,
                failures,
                () -> {
                  for (int i = 0;
                      failures.isEmpty() && (i < LEAST_READS || writing.get() > 0);
                      i++) {
                    reader.run();
                  }
                }));
      }
      threads.forEach(Thread::start);
      start.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
      if (!failures.isEmpty()) {
        var all = new AssertionError("a thread failed: " + failures.peek(), failures.poll());
        failures.forEach(all::addSuppressed);
        throw all;
      }
    }

    private static Thread thread(CountDownLatch start, Collection<Throwable> failures, Task task) {
      var thread =
          new Thread(
              () -> {
                try {
                  start.await();
                  task.run();
                } catch (Throwable e) {
                  failures.add(e);
                }
              });
      thread.setDaemon(true);
      return thread;
    }
  }
}

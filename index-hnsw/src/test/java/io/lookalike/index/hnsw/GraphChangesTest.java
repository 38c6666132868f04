package io.lookalike.index.hnsw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a graph that is changed in unusual ways. */
@Tag("once")
class GraphChangesTest {

  private static final int DIMENSION = 24;

  private static float[] gaussian(Random random) {
    var vector = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      vector[i] = (float) (random.nextGaussian() / (1 + i / 8.0));
    }
    return vector;
  }

  private static List<IndexItem> items(String prefix, int count, long seed) {
    var random = new Random(seed);
    var items = new ArrayList<IndexItem>();
    for (int i = 0; i < count; i++) {
      items.add(IndexItem.of(prefix + i, gaussian(random)));
    }
    return items;
  }

  /** The share of the true ten nearest, of questions with some products' own vectors. */
  private static double recall(NeighborIndex index, List<IndexItem> all, List<IndexItem> asked) {
    int found = 0;
    int count = 0;
    for (int i = 0; i < asked.size(); i += Math.max(1, asked.size() / 100)) {
      UnitVector vector = asked.get(i).vector();
      Set<String> truth =
          all.stream()
              .map(item -> new Neighbor(item.id(), vector.cosine(item.vector())))
              .sorted(Neighbor.CLOSEST_FIRST)
              .limit(10)
              .map(Neighbor::id)
              .collect(Collectors.toSet());
      for (Neighbor neighbor : index.search(Query.of(vector, 10))) {
        found += truth.contains(neighbor.id()) ? 1 : 0;
      }
      count += 10;
    }
    return found / (double) count;
  }

  /** Memory that ends in the middle of an insertion, at any place. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void anInsertionThatFailsLeavesNothing(int threads) {
    var settings = new Settings(8, 40, EfSearch.fixed(40), 1, threads, 8);
    var random = new Random(1);
    var nodes = new ArrayList<Node>();
    for (int i = 0; i < 400; i++) {
      nodes.add(new Node(UnitVector.of(gaussian(random)), i));
    }
    var graph = new Graph(Quantizer.learn(nodes, DIMENSION, threads), 400, settings);
    graph.addAll(nodes.subList(0, 200));
    for (int attempt = 0; attempt < 20; attempt++) {
      int failing = random.nextInt(150);
      var some = new ArrayList<Node>();
      for (int i = 0; i < 150; i++) {
        UnitVector vector = UnitVector.of(gaussian(random));
        some.add(
            i == failing
                ? new Node(
                    row -> {
                      throw new OutOfMemoryError("for a test");
                    },
                    0,
                    i)
                : new Node(vector, i));
      }
      assertThatThrownBy(() -> graph.addAll(some)).hasMessage("for a test");
      assertThat(some).allMatch(Node::isGone);
      graph.repairIfWorthwhile();
      UnitVector query = UnitVector.of(gaussian(random));
      assertThat(graph.nearest(query, 40, 10).nodes()).doesNotContainAnyElementsOf(some);
    }
    graph.addAll(nodes.subList(200, 400));
    GraphArrays compact = graph.compact();
    var looks = new HashSet<Node>();
    for (int slot = 0; slot < compact.capacity; slot++) {
      Look look = compact.look(slot);
      for (int i = 0; look != null && i < look.count(); i++) {
        looks.add(look.get(i));
      }
    }
    assertThat(looks).containsExactlyInAnyOrderElementsOf(nodes);
    int found = 0;
    for (Node node : nodes) {
      found += graph.nearest(node.vector(), 40, 1).nodes().contains(node) ? 1 : 0;
    }
    assertThat(found).isGreaterThanOrEqualTo(396);
  }

  @Test
  void productsThatAreNearlyEqualHideNoOthers() {
    var random = new Random(3);
    List<IndexItem> others = items("p", 2000, 3);
    double alone;
    try (NeighborIndex index = HnswIndex.builder().threads(1).factory().build(DIMENSION, others)) {
      alone = recall(index, others, others);
    }
    for (float noise : new float[] {1e-5f, 1e-3f, 2e-2f}) {
      float[] placeholder = gaussian(random);
      var items = new ArrayList<IndexItem>();
      for (int i = 0; i < 667; i++) { // a quarter of all
        float[] near = placeholder.clone();
        for (int j = 0; j < DIMENSION; j++) {
          near[j] += noise * (float) random.nextGaussian();
        }
        items.add(IndexItem.of("none" + i, near));
      }
      List<IndexItem> alike = List.copyOf(items);
      items.addAll(others);
      var shuffled = new ArrayList<>(items);
      Collections.shuffle(shuffled, new Random(3));
      for (int way = 0; way < 3; way++) {
        int batch = way == 1 ? 100 : items.size();
        List<IndexItem> order = way == 2 ? shuffled : items;
        try (NeighborIndex index = HnswIndex.builder().threads(1).factory().create(DIMENSION)) {
          for (int i = 0; i < order.size(); i += batch) {
            index.upsertAll(order.subList(i, Math.min(order.size(), i + batch)));
          }
          assertThat(recall(index, items, others))
              .as(
                  "of the others, noise %s, %s a call, %s, alone %s, seed 3",
                  noise, batch, way == 2 ? "shuffled" : "first", alone)
              .isGreaterThanOrEqualTo(Math.max(.95, alone - .015));
          for (IndexItem item : alike.subList(0, 20)) {
            Neighbor nearest = index.search(Query.of(item.vector(), 1)).get(0);
            assertThat(nearest.similarity()).as("its own").isGreaterThanOrEqualTo(.999999f);
          }
          for (IndexItem item : alike) {
            index.remove(item.id());
          }
          assertThat(recall(index, others, others)).isGreaterThanOrEqualTo(alone - .015);
        }
      }
    }
  }

  /** Products that come kind by kind, each of which extends in directions of its own. */
  @Test
  void theWayOfFeedingDoesNotMatter() {
    int kinds = 6;
    int each = 400;
    int dimension = 96;
    var items = new ArrayList<IndexItem>();
    for (int kind = 0; kind < kinds; kind++) {
      var random = new Random(kind);
      for (int i = 0; i < each; i++) {
        var vector = new float[dimension];
        for (int j = 0; j < 16; j++) {
          vector[16 * kind + j] = (float) (1 + random.nextGaussian());
        }
        items.add(IndexItem.of(kind + "-" + i, vector));
      }
    }
    List<IndexItem> shuffled = new ArrayList<>(items);
    Collections.shuffle(shuffled, new Random(1));
    var builder = HnswIndex.builder().efSearch(24).threads(1);
    double once;
    try (NeighborIndex index = builder.factory().build(dimension, items)) {
      once = recall(index, items, items);
    }
    for (List<IndexItem> order : List.of(items, shuffled)) {
      for (int batch : new int[] {items.size(), 256, 1}) {
        try (NeighborIndex index = builder.factory().create(dimension)) {
          for (int i = 0; i < items.size(); i += batch) {
            index.upsertAll(order.subList(i, Math.min(items.size(), i + batch)));
          }
          assertThat(recall(index, items, items))
              .as("%s a call, at once %s", batch, once)
              .isGreaterThanOrEqualTo(once - .01);
          assertThat(index.optimize()).isTrue();
          assertThat(recall(index, items, items)).isGreaterThanOrEqualTo(once - .01);
        }
      }
    }
  }

  @Test
  void noSearchFindsAnIdTwiceBesideAWriter() throws Exception {
    // With equal hash codes, and more wanted than there are: every way of going through all.
    List<String> ids = List.of("AaAaAa", "AaAaBB", "AaBBAa", "AaBBBB", "BBAaAa", "BBAaBB");
    var vector = UnitVector.of(new float[] {1, 0});
    try (NeighborIndex index = HnswIndex.builder().leastNodes(2).factory().create(2)) {
      for (String id : ids) {
        index.upsert(new IndexItem(id, vector, Attributes.none().with("a", "b")));
      }
      var done = new AtomicBoolean();
      var writer =
          new Thread(
              () -> {
                var random = new Random(1);
                while (!done.get()) {
                  String id = ids.get(random.nextInt(ids.size()));
                  if (random.nextBoolean()) {
                    index.remove(id);
                  }
                  UnitVector other =
                      random.nextBoolean() ? vector : UnitVector.of(new float[] {1, .01f});
                  index.upsert(new IndexItem(id, other, Attributes.none().with("a", "b")));
                }
              });
      writer.start();
      try {
        Query all = Query.of(UnitVector.of(new float[] {1, .1f}), 20);
        for (int i = 0; i < 30_000; i++) {
          Query query = i % 2 == 0 ? all : all.where(Filter.equal("a", "b"));
          assertThat(index.search(query)).extracting(Neighbor::id).doesNotHaveDuplicates();
          assertThat(index.ids()).doesNotHaveDuplicates();
        }
      } finally {
        done.set(true);
        writer.join();
      }
    }
  }

  /**
   * A place in the graph is used again for another product while searches compare what was there.
   */
  @Test
  void whatIsFoundHasItsOwnSimilarityBesideAWriter() throws Exception {
    List<IndexItem> items = items("p", 4000, 9);
    Map<String, UnitVector> vectors =
        items.stream().collect(Collectors.toMap(IndexItem::id, IndexItem::vector));
    try (NeighborIndex index = HnswIndex.builder().threads(1).factory().create(DIMENSION)) {
      index.upsertAll(items.subList(0, 1200));
      var done = new AtomicBoolean();
      var writer =
          new Thread(
              () -> {
                for (int i = 0; !done.get(); i++) {
                  index.remove(items.get(i % items.size()).id());
                  index.upsert(items.get((i + 1200) % items.size()));
                }
              });
      writer.start();
      try {
        var random = new Random(4);
        for (int i = 0; i < 8_000; i++) {
          UnitVector query = UnitVector.of(gaussian(random));
          List<Neighbor> found = index.search(Query.of(query, 10));
          assertThat(found).as("search %s, seed 4", i).hasSize(10);
          for (Neighbor neighbor : found) {
            assertThat(neighbor.similarity())
                .as("search %s, %s, seed 4", i, neighbor.id())
                .isEqualTo(query.cosine(vectors.get(neighbor.id())));
          }
        }
      } finally {
        done.set(true);
        writer.join();
      }
    }
  }

  @Test
  void manyProductsWithOneVectorComeAndGoOneByOne() {
    UnitVector vector = UnitVector.of(gaussian(new Random(1)));
    var ids = new ArrayList<String>();
    for (int i = 0; i < 20_000; i++) {
      ids.add(String.format("p%05d", i * 7919 % 20_000));
    }
    try (NeighborIndex index = HnswIndex.factory().create(DIMENSION)) {
      index.upsertAll(items("other", 1500, 2));
      ids.forEach(id -> index.upsert(new IndexItem(id, vector, Attributes.none())));
      assertThat(index.search(Query.of(vector, 3)))
          .extracting(Neighbor::id)
          .containsExactly("p00000", "p00001", "p00002");
      assertThat(index.search(Query.of(vector, 20_000))).hasSize(20_000);
      for (String id : ids.subList(1, ids.size())) {
        assertThat(index.remove(id)).isTrue();
      }
      assertThat(index.search(Query.of(vector, 1)))
          .extracting(Neighbor::id)
          .containsExactly(ids.get(0));
    }
  }
}

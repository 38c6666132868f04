package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.NeighborIndex;
import io.lookalike.testkit.MemoryStore;
import io.lookalike.testkit.NaiveIndex;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Refits and first loads beside writers: nobody waits, nothing is lost or seen twice. */
class LongWorkTest {

  /** Builds an index, then waits until it may give it away. */
  private static final class Slow implements IndexFactory {
    final CountDownLatch built = new CountDownLatch(1);
    final CountDownLatch go = new CountDownLatch(1);
    volatile boolean slow;

    @Override
    public NeighborIndex create(int dimension) {
      return new NaiveIndex(dimension);
    }

    @Override
    public NeighborIndex build(int dimension, Iterable<IndexItem> items) {
      NeighborIndex index = IndexFactory.super.build(dimension, items);
      if (slow) {
        built.countDown();
        await(go);
      }
      return index;
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static float[] features(int i) {
    return new float[] {(float) Math.cos(i * .37), (float) Math.sin(i * .37)};
  }

  /** While the new index is being made, every kind of write returns; then all of them are in it. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void writesGoOnDuringARefit(boolean transformed) throws Exception {
    var slow = new Slow();
    FeatureTransform.Rule rule = transformed ? new DoublingRule() : FeatureTransform.Rule.NONE;
    try (Recommender shop =
        Recommender.builder()
            .dimension(2)
            .index(slow)
            .transform(rule)
            .variantsBy("design", VariantPolicy.KEEP)
            .build()) {
      writesGoOn(shop, slow, shop::refit, transformed ? 4 : 2);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void writesGoOnDuringAReindex(boolean stored) throws Exception {
    var slow = new Slow();
    var builder =
        Recommender.builder().dimension(2).index(slow).variantsBy("design", VariantPolicy.KEEP);
    var told = new ArrayList<Long>();
    try (Recommender shop = stored ? builder.store(new MemoryStore()).build() : builder.build()) {
      writesGoOn(shop, slow, () -> shop.reindex((done, total) -> told.add(done)), 2);
    }
    assertThat(told).hasSize(100).isSorted().endsWith(100L);
  }

  private static void writesGoOn(Recommender shop, Slow slow, Runnable longWork, int dimension)
      throws Exception {
    for (int i = 0; i < 100; i++) {
      shop.add(Product.of("p" + i).with("design", "d" + i % 10), features(i));
    }
    slow.slow = true;
    var refit = new Thread(longWork);
    refit.start();
    await(slow.built);
    shop.add(Product.of("new"), features(200));
    shop.add(Product.of("p1").with("replaced", true), features(300));
    assertThat(shop.update("p2", a -> a.with("price", 7))).isTrue();
    assertThat(shop.update(Product.of("p3").with("price", 8))).isTrue();
    assertThat(shop.remove("p4")).isTrue();
    shop.add(Product.of("p4").with("again", 1), features(4));
    assertThat(shop.remove("p5")).isTrue();
    shop.add(Product.of("unseen"));
    slow.go.countDown();
    refit.join();

    assertThat(shop.searcher().dimension()).isEqualTo(dimension);
    assertThat(shop.size()).isEqualTo(101);
    assertThat(shop.searcher().ids()).hasSize(100).doesNotHaveDuplicates().doesNotContain("p5");
    assertThat(shop.similarTo(features(200), 1).get(0).similarity()).isGreaterThan(.99999f);
    assertThat(shop.product("p1").orElseThrow().attributes().get("replaced")).isEqualTo(true);
    assertThat(shop.similarTo("p1", 100)).hasSize(99);
    assertThat(shop.product("p2").orElseThrow().attributes().get("price")).isEqualTo(7.0);
    assertThat(shop.product("p3").orElseThrow().attributes().get("price")).isEqualTo(8.0);
    assertThat(shop.product("p4").orElseThrow().attributes().get("again")).isEqualTo(1.0);
    assertThat(shop.product("p5")).isEmpty();
    assertThat(shop.product("unseen")).isPresent();
  }

  @Test
  void writesGoOnDuringAFirstLoad() throws Exception {
    var slow = new Slow();
    slow.slow = true;
    try (Recommender shop =
        Recommender.builder().dimension(2).index(slow).categoryBy("kind").build()) {
      var items = new ArrayList<ProductFeatures>();
      for (int i = 0; i < 50; i++) {
        items.add(new ProductFeatures(Product.of("p" + i).with("from", "load"), features(i)));
      }
      var report = new AddReport[1];
      var load = new Thread(() -> report[0] = shop.addAll(items));
      load.start();
      await(slow.built);
      shop.add(Product.of("p0").with("from", "writer"), features(70));
      shop.add(Product.of("other").with("from", "writer"), features(71));
      shop.add(Product.of("p1").with("from", "writer"));
      shop.add(Product.of("gone"), features(72));
      shop.remove("gone");
      slow.go.countDown();
      load.join();
      assertThat(report[0].added()).isEqualTo(50);
      assertThat(shop.size()).isEqualTo(51);
      assertThat(shop.product("p0").orElseThrow().attributes().get("from")).isEqualTo("writer");
      assertThat(shop.product("p2").orElseThrow().attributes().get("from")).isEqualTo("load");
      assertThat(shop.product("gone")).isEmpty();
      assertThat(shop.similarTo(features(71), 1).get(0).id()).isEqualTo("other");
    }
  }

  @Test
  void closingDoesNotWaitForARefit() throws Exception {
    var slow = new Slow();
    Recommender shop = Recommender.builder().dimension(2).index(slow).build();
    shop.add(Product.of("a"), features(1));
    slow.slow = true;
    var failure = new ConcurrentLinkedQueue<Throwable>();
    var refit = new Thread(shop::refit);
    refit.setUncaughtExceptionHandler((t, e) -> failure.add(e));
    refit.start();
    await(slow.built);
    shop.close();
    assertThatThrownBy(() -> shop.similarTo("a", 1)).hasMessage("this recommender has been closed");
    slow.go.countDown();
    refit.join();
    assertThat(failure)
        .singleElement()
        .satisfies(e -> assertThat(e).hasMessage("this recommender has been closed"));
  }

  /** It holds the lock for which long work waits at its end, so that both would wait for ever. */
  @Test
  void whatDecidesOnAChangeBeginsNoLongWork() {
    try (Recommender shop =
        Recommender.builder().dimension(2).index(NaiveIndex.factory()).build()) {
      shop.add(Product.of("a"), new float[] {1, 0});
      assertThatThrownBy(
              () ->
                  shop.update(
                      "a",
                      attributes -> {
                        shop.optimize();
                        return attributes;
                      }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("may not begin long work");
      assertThat(shop.update("a", attributes -> attributes.with("n", 1))).isTrue();
    }
  }

  @Test
  void anExplanationOutlivesRefits() {
    try (Recommender shop =
        Recommender.builder()
            .dimension(2)
            .index(NaiveIndex.factory())
            .transform(new DoublingRule())
            .build()) {
      for (int i = 0; i < 100; i++) {
        shop.add(Product.of("p" + i), features(i));
      }
      Explanation explanation = shop.explain(RecommendationRequest.like("p0").k(3));
      shop.refit();
      shop.remove("p99");
      Explanation.Verdict far = explanation.whyNot("p8");
      assertThat(far.stage()).isEqualTo(Explanation.Stage.CANDIDATES);
      assertThat(far.reason()).contains("its similarity is -0.");
      assertThat(explanation.whyNot("p99").stage()).isEqualTo(Explanation.Stage.CATALOGUE);
      shop.remove("p0");
      assertThat(explanation.whyNot("p8").reason()).contains("p0");
      shop.close();
      assertThatThrownBy(() -> explanation.whyNot("p8"))
          .hasMessage("this recommender has been closed");
    }
  }

  /**
   * Writers that own their products write stamps, and read each back at once, while refits follow
   * each other: no read is older than a write that has returned, and at the end all is there once.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void noWriteIsLostWhileRefitsFollowEachOther(long seed) throws Exception {
    int writers = 3;
    boolean transformed = seed % 2 == 0;
    var errors = new ConcurrentLinkedQueue<Throwable>();
    var done = new AtomicBoolean();
    Map<String, Double> last = new ConcurrentHashMap<>();
    try (Recommender shop =
        Recommender.builder()
            .dimension(2)
            .index(NaiveIndex.factory())
            .transform(transformed ? new DoublingRule() : FeatureTransform.Rule.NONE)
            .build()) {
      for (int i = 0; i < 500; i++) {
        shop.add(Product.of("fixed" + i), features(i));
      }
      var threads = new ArrayList<Thread>();
      for (int w = 0; w < writers; w++) {
        int writer = w;
        threads.add(
            new Thread(
                () -> {
                  var random = new Random(31 * seed + writer);
                  for (int step = 1; step <= 1500; step++) {
                    String id = "w" + writer + "-" + random.nextInt(40);
                    write(shop, last, id, step, random);
                  }
                }));
      }
      var refits =
          new Thread(
              () -> {
                while (!done.get()) {
                  shop.refit();
                }
              });
      threads.forEach(t -> t.setUncaughtExceptionHandler((thread, e) -> errors.add(e)));
      refits.setUncaughtExceptionHandler((thread, e) -> errors.add(e));
      refits.start();
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      done.set(true);
      refits.join();
      shop.refit();
      assertThat(errors).as("seed %s", seed).isEmpty();
      assertThat(shop.size()).as("seed %s", seed).isEqualTo(500 + last.size());
      assertThat(shop.searcher().ids()).as("seed %s", seed).doesNotHaveDuplicates();
      last.forEach(
          (id, stamp) ->
              assertThat(shop.product(id).orElseThrow().attributes().get("stamp"))
                  .as("seed %s, %s", seed, id)
                  .isEqualTo(stamp));
    }
  }

  private static void write(
      Recommender shop, Map<String, Double> last, String id, int step, Random random) {
    boolean there = last.containsKey(id);
    switch (there ? random.nextInt(4) : 0) {
      case 0 -> shop.add(Product.of(id).with("stamp", step), features(random.nextInt(1000)));
      case 1 -> assertThat(shop.update(id, a -> a.with("stamp", step))).isTrue();
      case 2 -> assertThat(shop.update(Product.of(id).with("stamp", step))).isTrue();
      default -> {
        assertThat(shop.remove(id)).isTrue();
        last.remove(id);
        assertThat(shop.product(id)).isEmpty();
        return;
      }
    }
    last.put(id, (double) step);
    assertThat(shop.product(id).orElseThrow().attributes().get("stamp")).isEqualTo((double) step);
  }

  /** Two writers, one of prices, one of stock: neither takes the other's value back. */
  @Test
  void updatesInPlaceLoseNothing() throws Exception {
    try (Recommender shop =
        Recommender.builder().dimension(2).index(NaiveIndex.factory()).build()) {
      shop.add(Product.of("p"), features(1));
      var threads = new ArrayList<Thread>();
      for (String name : List.of("price", "stock")) {
        threads.add(
            new Thread(
                () -> {
                  for (int i = 1; i <= 5_000; i++) {
                    int value = i;
                    shop.update("p", a -> a.with(name, value));
                  }
                }));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(shop.product("p").orElseThrow().attributes().asMap())
          .containsEntry("price", 5000.0)
          .containsEntry("stock", 5000.0);
      assertThatThrownBy(() -> shop.update("p", a -> null))
          .hasMessageContaining("the changed attributes");
      assertThat(shop.update("nobody", a -> a)).isFalse();
    }
  }

  @Test
  void aLogOfTheCallersIsLeftAlone() {
    var log = new PurchaseLog();
    var store = new MemoryStore();
    log.record(Purchase.of("a", Instant.EPOCH));
    try (Recommender shop =
        Recommender.builder()
            .dimension(2)
            .index(NaiveIndex.factory())
            .purchases(log)
            .store(store)
            .build()) {
      shop.add(Product.of("a"), features(1));
      shop.recordPurchase("a", Instant.EPOCH);
    }
    assertThat(log.count("a")).isEqualTo(2);
    try (Recommender opened =
        Recommender.builder()
            .dimension(2)
            .index(NaiveIndex.factory())
            .purchases(log)
            .store(store.reopened())
            .build()) {
      assertThat(opened.purchases()).isSameAs(log);
      assertThat(log.count("a")).isEqualTo(2);
    }
    try (Recommender alone =
        Recommender.builder()
            .dimension(2)
            .index(NaiveIndex.factory())
            .store(store.reopened())
            .build()) {
      assertThat(alone.size()).isEqualTo(1);
      assertThat(alone.purchases().total()).isZero();
    }
  }
}

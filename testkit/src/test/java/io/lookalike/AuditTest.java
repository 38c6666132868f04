package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.AuditReport.Count;
import io.lookalike.AuditReport.Finding;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import io.lookalike.testkit.ForwardingIndex;
import io.lookalike.testkit.ForwardingStore;
import io.lookalike.testkit.MemoryStore;
import io.lookalike.testkit.NaiveIndex;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An audit of catalogues that are whole, and of such that have lost something. */
@Timeout(120)
class AuditTest {

  private static final Instant DAY = Instant.parse("2024-05-01T12:00:00Z");
  private static final int DIMENSION = 6;

  /** An index that can be made to lie. */
  private static final class FaultyIndex extends ForwardingIndex {
    /** What searches do not find, until it is put in again. */
    final Set<String> hidden = ConcurrentHashMap.newKeySet();

    /** What cannot be made findable. */
    final Set<String> stubborn = ConcurrentHashMap.newKeySet();

    volatile boolean full;
    volatile boolean shortSighted;

    FaultyIndex() {
      super(new NaiveIndex(DIMENSION));
    }

    @Override
    public List<Neighbor> search(Query query) {
      var unseen = new HashSet<>(query.excluded());
      unseen.addAll(hidden);
      unseen.addAll(stubborn);
      int more = shortSighted && query.k() > 3 ? 1 : 0;
      var found =
          new ArrayList<>(
              super.search(new Query(query.vector(), query.k() + more, query.filter(), unseen)));
      if (more > 0 && found.size() > 3) {
        found.remove(3);
      }
      return found;
    }

    @Override
    public void upsertAll(List<IndexItem> items) {
      if (full && !items.isEmpty()) {
        throw new IllegalStateException("the index is full");
      }
      super.upsertAll(items);
      items.forEach(item -> hidden.remove(item.id()));
    }
  }

  private static float[] features(long seed) {
    var random = new Random(seed);
    var features = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      features[i] = (float) random.nextGaussian();
    }
    return features;
  }

  private static List<ProductFeatures> products(int count) {
    var products = new ArrayList<ProductFeatures>();
    for (int i = 0; i < count; i++) {
      products.add(new ProductFeatures(Product.of("p" + i).with("n", i), features(i)));
    }
    return products;
  }

  /** The last that was made. */
  private FaultyIndex index = new FaultyIndex();

  private RecommenderBuilder builder() {
    return Recommender.builder()
        .dimension(DIMENSION)
        .index(
            dimension -> {
              index = new FaultyIndex();
              return index;
            });
  }

  private Recommender filled(CatalogueStore store, int count) {
    Recommender shop = builder().store(store).build();
    fill(shop, count);
    return shop;
  }

  private static void fill(Recommender shop, int count) {
    products(count).forEach(each -> shop.add(each.product(), each.features()));
  }

  private static List<String> ids(AuditReport.Findings findings) {
    return findings.listed().stream().map(Finding::id).sorted().toList();
  }

  // ---- whole catalogues

  @Test
  void anEmptyCatalogueIsHealthy() {
    try (Recommender shop = builder().store(new MemoryStore()).build()) {
      AuditReport report = shop.audit();
      assertThat(report.healthy()).isTrue();
      assertThat(report.recall()).isEqualTo(1);
      assertThat(report.products()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aWholeCatalogueIsHealthy(boolean stored) {
    RecommenderBuilder builder =
        Recommender.builder()
            .dimension(DIMENSION)
            .index(NaiveIndex.factory())
            .transform(new DoublingRule());
    try (Recommender shop = (stored ? builder.store(new MemoryStore()) : builder).build()) {
      shop.addAll(products(400));
      shop.add(Product.of("bare").with("n", 1));
      shop.refit();
      shop.recordPurchases(
          List.of(new Purchase("p1", DAY, 3, "o1"), Purchase.of("p2", DAY), Purchase.of("x", DAY)));
      shop.purchases().record(Purchase.returned("x", DAY));
      AuditReport report = shop.audit();
      assertThat(report.healthy()).as("%s", report).isTrue();
      assertThat(report.products()).isEqualTo(401);
      assertThat(report.withLooks()).isEqualTo(400);
      assertThat(report.searched()).isEqualTo(400);
      assertThat(report.pages()).isEqualTo(400);
      assertThat(report.rightPages()).isEqualTo(400);
      assertThat(report.recall()).isEqualTo(1);
      assertThat(report.compared()).isEqualTo(stored ? 401 : 0);
      assertThat(report.counts())
          .isEqualTo(
              stored
                  ? List.of(
                      new Count("products", 401, 401),
                      new Count("products with features", 400, 400),
                      new Count("pieces sold", 4, 4))
                  : List.of());
      assertThat(report.toString()).startsWith("healthy: 401 products");
    }
  }

  @Test
  void manyEqualProductsAreFound() {
    try (Recommender shop = builder().build()) {
      for (int i = 0; i < 40; i++) {
        shop.add(Product.of("same" + i), features(1));
        shop.add(Product.of("near" + i), features(2 + i));
      }
      AuditReport report = shop.audit();
      assertThat(report.healthy()).as("%s", report).isTrue();
      assertThat(report.rightPages()).isEqualTo(80);
    }
  }

  @Test
  void asManyAsWereAskedForAreLookedAt() {
    try (Recommender shop = builder().build()) {
      fill(shop, 50);
      AuditReport report = shop.audit(20, 5);
      assertThat(report.searched()).isEqualTo(20);
      assertThat(report.pages()).isEqualTo(5);
      assertThatThrownBy(() -> shop.audit(-1, 5))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("products is -1, expected 0 or more");
      assertThatThrownBy(() -> shop.audit(1, -5)).hasMessage("pages is -5, expected 0 or more");
    }
  }

  // ---- an index that differs from its store

  @Test
  void whatTheIndexHasLostOrHasOtherwiseIsPutInAgain() {
    try (Recommender shop = filled(new MemoryStore(), 300)) {
      shop.add(Product.of("bare").with("n", 1));
      index.remove("p7");
      index.remove("p8");
      index.setAttributes("p9", Attributes.none().with("n", -9));
      index.upsert(
          new IndexItem("p10", UnitVector.of(features(999)), Attributes.none().with("n", 10)));
      index.upsert(IndexItem.of("foreign", features(998)));
      index.upsert(IndexItem.of("bare", features(997)));
      AuditReport report = shop.audit();
      assertThat(ids(report.different()))
          .containsExactly("bare", "foreign", "p10", "p7", "p8", "p9");
      assertThat(report.different().mended()).isEqualTo(6);
      assertThat(report.healthy()).as("%s", report).isTrue();
      assertThat(report.toString())
          .contains("different 6, of which mended 6")
          .contains("p7: it was not in the index (mended)")
          .contains("foreign: the store does not know it (mended)");
      assertThat(shop.size()).isEqualTo(301);
      assertThat(shop.product("foreign")).isEmpty();
      assertThat(shop.product("p9").orElseThrow().attributes().number("n")).hasValue(9);
      assertThat(shop.product("bare")).isPresent();
      assertThat(shop.similarTo(features(10), 1).get(0).id()).isEqualTo("p10");
      assertThat(shop.similarTo(features(8), 1).get(0).id()).isEqualTo("p8");
      assertThat(shop.audit().different().number()).isZero();
    }
  }

  @Test
  void whatCannotBePutInAgainIsTold() {
    try (Recommender shop = filled(new MemoryStore(), 30)) {
      index.remove("p7");
      index.full = true;
      AuditReport report = shop.audit();
      assertThat(report.healthy()).isFalse();
      assertThat(report.different().listed())
          .containsExactly(
              new Finding(
                  "p7",
                  "it was not in the index, and it cannot be mended: the index is full",
                  false));
      assertThat(report.counts())
          .contains(new Count("products", 30, 29), new Count("products with features", 30, 29));
      assertThat(report.toString())
          .startsWith("NOT healthy")
          .contains("products: 30 in the store, 29 in memory");
    }
  }

  @Test
  void manyFindingsAreCountedAndTheFirstAreListed() {
    try (Recommender shop = filled(new MemoryStore(), 300)) {
      index.ids().forEach(index::remove);
      AuditReport report = shop.audit();
      assertThat(report.different().number()).isEqualTo(300);
      assertThat(report.different().mended()).isEqualTo(300);
      assertThat(report.different().listed()).hasSize(AuditReport.LISTED);
      assertThat(report.toString()).contains("and 290 more");
      assertThat(report.healthy()).isTrue();
      assertThat(shop.size()).isEqualTo(300);
    }
  }

  // ---- searches

  @Test
  void whatSearchesDoNotFindIsLinkedAgain() {
    try (Recommender shop = builder().build()) {
      fill(shop, 200);
      index.hidden.addAll(Set.of("p3", "p77"));
      index.stubborn.add("p5");
      AuditReport report = shop.audit();
      assertThat(ids(report.unfindable())).containsExactly("p3", "p5", "p77");
      assertThat(report.unfindable().mended()).isEqualTo(2);
      assertThat(report.healthy()).isFalse();
      assertThat(report.toString()).contains("p3: a search for its own vector does not find it (");
      assertThat(shop.similarTo(features(3), 1).get(0).id()).isEqualTo("p3");
      index.stubborn.clear();
      assertThat(shop.audit().healthy()).isTrue();
    }
  }

  @Test
  void pagesThatMissSomeAreCounted() {
    try (Recommender shop = builder().build()) {
      fill(shop, 200);
      index.shortSighted = true;
      AuditReport report = shop.audit();
      assertThat(report.pages()).isEqualTo(200);
      assertThat(report.rightPages()).isZero();
      assertThat(report.recall()).isEqualTo(.9);
      assertThat(report.healthy()).isTrue();
    }
  }

  // ---- a store that is damaged

  @Test
  void damagedRowsAreToldAndTheirProductsStay() {
    Set<String> damaged = Set.of("p4", "p5", "p250");
    CatalogueStore store = damaged(new MemoryStore(), damaged);
    try (Recommender shop = filled(store, 300)) {
      index.remove("p6");
      AuditReport report = shop.audit();
      assertThat(report.healthy()).isFalse();
      assertThat(report.compared()).isEqualTo(297);
      assertThat(report.damaged().listed())
          .extracting(Finding::what)
          .containsExactlyInAnyOrder(
              "the row of p4 is damaged", "the row of p5 is damaged", "the row of p250 is damaged");
      assertThat(ids(report.different())).containsExactly("p6");
      assertThat(shop.size()).isEqualTo(300);
      assertThat(report.toString()).contains("damaged rows in the store: 3");
    }
  }

  @Test
  void aShopOpensThoughRowsOfFeaturesAreDamaged() {
    var store = new MemoryStore();
    filled(store, 300).close();
    CatalogueStore again = damaged(store.reopened(), Set.of("p4", "p250"));
    try (Recommender shop = builder().store(again).build()) {
      assertThat(shop.size()).isEqualTo(300);
      assertThat(shop.product("p4")).get().isEqualTo(Product.of("p4").with("n", 4));
      assertThat(shop.similarTo(features(4), 300))
          .hasSize(298)
          .extracting(Recommendation::id)
          .doesNotContain("p4", "p250");
      AuditReport report = shop.audit();
      assertThat(report.healthy()).isFalse();
      assertThat(report.damaged().listed()).hasSize(2);
      shop.add(Product.of("p4").with("n", 4), features(4));
      assertThat(shop.similarTo(features(4), 1).get(0).id()).isEqualTo("p4");
    }
  }

  /** A store that cannot tell the features of some products. */
  private static CatalogueStore damaged(CatalogueStore store, Set<String> damaged) {
    return new ForwardingStore(store) {
      @Override
      public StoreCursor<StoredProduct> products(int network, long after) throws StoreException {
        StoreCursor<StoredProduct> rows = super.products(network, after);
        return new StoreCursor<>() {
          @Override
          public long change() {
            return rows.change();
          }

          @Override
          public boolean hasNext() {
            return rows.hasNext();
          }

          @Override
          public StoredProduct next() {
            StoredProduct row = rows.next();
            if (network >= 0 && damaged.contains(row.id())) {
              throw new UncheckedIOException(
                  new StoreException("the row of " + row.id() + " is damaged"));
            }
            return row;
          }

          @Override
          public void close() {
            rows.close();
          }
        };
      }
    };
  }

  @Test
  void aStoreThatCannotBeReadToItsEndIsTold() {
    CatalogueStore store =
        new ForwardingStore(new MemoryStore()) {
          @Override
          public StoreCursor<StoredProduct> products(int network, long after)
              throws StoreException {
            StoreCursor<StoredProduct> rows = super.products(network, after);
            return new StoreCursor<>() {
              private int left = after == 0 ? 40 : Integer.MAX_VALUE;

              @Override
              public long change() {
                return rows.change();
              }

              @Override
              public boolean hasNext() {
                if (left == 0) {
                  throw new UncheckedIOException(new StoreException("the disk image is malformed"));
                }
                return rows.hasNext();
              }

              @Override
              public StoredProduct next() {
                left--;
                return rows.next();
              }

              @Override
              public void close() {
                rows.close();
              }
            };
          }
        };
    try (Recommender shop = filled(store, 100)) {
      AuditReport report = shop.audit();
      assertThat(report.healthy()).isFalse();
      assertThat(report.compared()).isEqualTo(40);
      assertThat(report.damaged().listed())
          .containsExactly(new Finding(null, "the disk image is malformed", false));
      assertThat(shop.size()).isEqualTo(100);
    }
  }

  @ParameterizedTest
  @CsvSource({"0,-2", "50,-2", "0,5", "50,5"})
  void salesThatTheLogDoesNotKnowAreTold(long delay, long more) {
    var told = new AtomicBoolean();
    CatalogueStore store =
        new ForwardingStore(new MemoryStore()) {
          @Override
          public StoreCursor<StoreChange> sales(long after) throws StoreException {
            if (told.get()) {
              super.write(
                  last ->
                      List.of(new StoreChange.Sold("p1", LocalDate.of(2024, 5, 2), more, null)));
            }
            return super.sales(after);
          }
        };
    RecommenderBuilder builder = builder().store(store);
    if (delay > 0) {
      builder.purchasesDurableWithin(Duration.ofMillis(delay));
    }
    try (Recommender shop = builder.build()) {
      fill(shop, 3);
      shop.recordPurchases(
          List.of(new Purchase("p1", DAY, 7, null), new Purchase("gone", DAY, 2, null)));
      shop.purchases().record(new Purchase("gone", DAY, -2, null));
      shop.purchases().record(new Purchase("gone", DAY, 1, null));
      assertThat(shop.audit().healthy()).isTrue();
      told.set(true);
      AuditReport report = shop.audit();
      told.set(false);
      assertThat(report.counts()).contains(new Count("pieces sold", 8 + more, 8));
      assertThat(report.healthy()).isFalse();
    }
  }

  @Test
  void aStoreOutOfReachIsThrown() {
    var away = new AtomicBoolean();
    CatalogueStore store =
        new ForwardingStore(new MemoryStore()) {
          @Override
          public StoreCursor<StoredProduct> products(int network, long after)
              throws StoreException {
            if (away.get()) {
              throw new StoreException("the store is out of reach");
            }
            return super.products(network, after);
          }
        };
    try (Recommender shop = filled(store, 10)) {
      away.set(true);
      assertThatThrownBy(shop::audit)
          .isInstanceOf(UncheckedIOException.class)
          .hasMessage("the store is out of reach");
      away.set(false);
      assertThat(shop.audit().healthy()).isTrue();
    }
  }

  // ---- beside others

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void whatIsWrittenMeanwhileIsNoFault(long seed) throws Exception {
    MemoryStore store = seed % 2 == 0 ? new MemoryStore() : MemoryStore.ofSeveral();
    RecommenderBuilder builder =
        Recommender.builder()
            .dimension(DIMENSION)
            .index(NaiveIndex.factory())
            .transform(seed > 2 ? new DoublingRule() : FeatureTransform.Rule.NONE)
            .store(store);
    if (seed % 3 == 0) {
      builder.purchasesDurableWithin(Duration.ofMillis(3));
    }
    try (Recommender shop = builder.build()) {
      shop.addAll(products(150));
      var errors = new ConcurrentLinkedQueue<Throwable>();
      var over = new AtomicBoolean();
      var threads = new ArrayList<Thread>();
      for (int t = 0; t < 3; t++) {
        var random = new Random(seed * 10 + t);
        threads.add(
            new Thread(
                () -> {
                  for (int step = 0; !over.get(); step++) {
                    write(shop, random, step);
                    LockSupport.parkNanos(20_000); // or the store in memory grows without end
                  }
                }));
      }
      threads.forEach(thread -> thread.setUncaughtExceptionHandler((x, e) -> errors.add(e)));
      threads.forEach(Thread::start);
      try {
        for (int i = 0; i < 6; i++) {
          AuditReport report = shop.audit();
          String at = "seed " + seed + ", audit " + i + "\n" + report;
          assertThat(report.healthy()).as(at).isTrue();
          assertThat(report.different().number()).as(at).isZero();
          assertThat(report.unfindable().number()).as(at).isZero();
          assertThat(report.rightPages()).as(at).isEqualTo(report.pages());
        }
      } finally {
        over.set(true);
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(errors).as("seed %s", seed).isEmpty();
      assertThat(shop.audit().healthy()).isTrue();
    }
  }

  private static void write(Recommender shop, Random random, int step) {
    String id = "p" + random.nextInt(180);
    switch (random.nextInt(8)) {
      case 0, 1 -> shop.add(Product.of(id).with("step", step), features(random.nextInt(2_000)));
      case 2 -> shop.remove(id);
      case 3, 4 -> shop.update(id, attributes -> attributes.with("step", step));
      case 5 -> shop.add(Product.of(id).with("bare", step));
      case 6 -> shop.recordPurchase(id, DAY);
      default -> {
        if (random.nextInt(100) == 0) {
          shop.refit();
        } else {
          shop.purchases().record(new Purchase(id, DAY, 2, "o" + random.nextInt(500)));
        }
      }
    }
  }

  @Test
  void anAuditBesideAFirstLoadFindsNothingWrong() throws Exception {
    try (Recommender shop =
        Recommender.builder()
            .dimension(DIMENSION)
            .index(NaiveIndex.factory())
            .store(new MemoryStore())
            .build()) {
      var started = new CountDownLatch(1);
      var load =
          new Thread(() -> shop.addAll(products(1_000), (done, total) -> started.countDown()));
      load.start();
      started.await();
      AuditReport report = shop.audit(100, 20);
      load.join();
      assertThat(report.healthy()).as("%s", report).isTrue();
      assertThat(report.different().number()).isZero();
    }
  }

  @Test
  void anInterruptEndsIt() throws Exception {
    var reached = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var slow =
        new ForwardingIndex(new NaiveIndex(DIMENSION)) {
          @Override
          public List<Neighbor> search(Query query) {
            reached.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            return super.search(query);
          }
        };
    try (Recommender shop =
        Recommender.builder().dimension(DIMENSION).index(dimension -> slow).build()) {
      fill(shop, 100);
      var thrown = new ConcurrentLinkedQueue<Object>();
      var auditing =
          new Thread(
              () -> {
                try {
                  thrown.add(shop.audit());
                } catch (CancellationException e) {
                  thrown.add(e.getMessage());
                  thrown.add(Thread.currentThread().isInterrupted());
                }
              });
      auditing.start();
      reached.await();
      auditing.interrupt();
      auditing.join();
      assertThat(thrown)
          .containsExactly("interrupted during an audit; what it has mended stays mended", true);
      goOn.countDown();
      assertThat(shop.audit().healthy()).isTrue();
    }
  }

  @Test
  void aClosedRecommenderIsNotAudited() {
    Recommender shop = builder().build();
    shop.close();
    assertThatThrownBy(shop::audit).hasMessage("this recommender has been closed");
  }
}

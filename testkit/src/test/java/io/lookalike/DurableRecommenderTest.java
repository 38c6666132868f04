package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.catalog.ProductImage;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.index.IndexItem;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import io.lookalike.store.StoredTransform;
import io.lookalike.testkit.ForwardingIndex;
import io.lookalike.testkit.ForwardingStore;
import io.lookalike.testkit.MemoryStore;
import io.lookalike.testkit.NaiveIndex;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A recommender whose catalogue is in a store: restarts, other processes, stores that fail. */
@Timeout(120)
class DurableRecommenderTest {

  private static final Instant DAY = Instant.parse("2024-05-01T12:00:00Z");

  private static RecommenderBuilder builder() {
    return Recommender.builder().dimension(2).index(NaiveIndex.factory());
  }

  private static float[] features(int i) {
    return new float[] {(float) Math.cos(i * .37), (float) Math.sin(i * .37)};
  }

  @Test
  void everythingIsThereAfterARestart() {
    var store = new MemoryStore();
    try (Recommender shop = builder().store(store).build()) {
      shop.addAll(
          List.of(
              new ProductFeatures(Product.of("a").with("n", 1), features(1)),
              new ProductFeatures(Product.of("b").with("n", 2), features(2)),
              new ProductFeatures(Product.of("c").with("n", 3), features(3))));
      shop.add(Product.of("d").with("n", 4), features(4));
      shop.add(Product.of("unseen"));
      assertThat(shop.update("a", attributes -> attributes.with("stock", 7))).isTrue();
      assertThat(shop.update(Product.of("b").with("n", 20))).isTrue();
      assertThat(shop.update(Product.of("nobody"))).isFalse();
      assertThat(shop.remove("c")).isTrue();
      assertThat(shop.remove("c")).isFalse();
      shop.recordPurchase("a", DAY);
      shop.recordPurchases(List.of(new Purchase("b", DAY, 3, "order-1"), Purchase.of("x", DAY)));
      shop.purchases().record(Purchase.returned("x", DAY));
    }
    try (Recommender shop = builder().store(store.reopened()).build()) {
      assertThat(shop.size()).isEqualTo(4);
      assertThat(shop.product("a").orElseThrow().attributes())
          .isEqualTo(Attributes.of(Map.of("n", 1, "stock", 7)));
      assertThat(shop.product("b").orElseThrow().attributes())
          .isEqualTo(Attributes.of(Map.of("n", 20)));
      assertThat(shop.product("c")).isEmpty();
      assertThat(shop.product("unseen")).isPresent();
      assertThat(shop.similarTo(features(4), 1).get(0).id()).isEqualTo("d");
      assertThat(shop.purchases().count("a")).isEqualTo(1);
      assertThat(shop.purchases().count("b")).isEqualTo(3);
      assertThat(shop.purchases().products()).isEqualTo(2);
      // Delivered again after the restart.
      assertThat(shop.purchases().record(new Purchase("b", DAY, 3, "order-1"))).isFalse();
      assertThat(shop.purchases().total()).isEqualTo(4);
    }
  }

  @Test
  void aProductGetsItsPhotoLaterAndLosesItWithItself() {
    var store = new MemoryStore();
    try (Recommender shop = builder().store(store).build()) {
      shop.add(Product.of("a"), features(1));
      shop.add(Product.of("b"));
      shop.add(Product.of("b").with("n", 1), features(2));
      shop.remove("a");
      shop.add(Product.of("a"));
    }
    try (Recommender shop = builder().store(store.reopened()).build()) {
      assertThat(shop.similarTo(features(1), 5))
          .extracting(Recommendation::id)
          .containsExactly("b");
      assertThat(shop.product("a")).isPresent();
      assertThat(shop.size()).isEqualTo(2);
    }
  }

  @Test
  void featuresOfAnotherNetworkAreRefused() {
    var store = new MemoryStore();
    builder().store(store).build().close();
    CatalogueStore again = store.reopened();
    assertThatThrownBy(
            () ->
                Recommender.builder().dimension(3).index(NaiveIndex.factory()).store(again).build())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("features from elsewhere of length 2")
        .hasMessageContaining("features from elsewhere of length 3");
    assertThatThrownBy(
            () ->
                Recommender.builder()
                    .extractor(new ColourExtractor("colour/7"))
                    .index(NaiveIndex.factory())
                    .store(again)
                    .build())
        .hasMessageContaining("features of colour/7");
    builder().store(again).build().close(); // it was left open
  }

  @Test
  void theTransformIsStoredAndAnotherRuleIsFittedAtOnce() {
    var store = new MemoryStore();
    List<Recommendation> before;
    try (Recommender shop = builder().transform(new DoublingRule()).store(store).build()) {
      for (int i = 0; i < 50; i++) {
        shop.add(Product.of("p" + i), features(i));
      }
      shop.refit();
      assertThat(shop.searcher().dimension()).isEqualTo(4);
      shop.add(Product.of("late"), features(70));
      before = shop.similarTo("p3", 20);
    }
    MemoryStore again = store.reopened();
    try (Recommender shop = builder().transform(new DoublingRule()).store(again).build()) {
      assertThat(shop.searcher().dimension()).isEqualTo(4);
      assertThat(shop.similarTo("p3", 20)).isEqualTo(before);
    }
    again = again.reopened();
    try (Recommender shop = builder().store(again).build()) { // no transform any more
      assertThat(shop.searcher().dimension()).isEqualTo(2);
      assertThat(shop.size()).isEqualTo(51);
    }
  }

  /** Else the next start would read an index by another transform than made it. */
  @Test
  void aRefitThatCannotBeStoredDoesNotServe() throws Exception {
    var inner = new MemoryStore();
    var store = new Failing(inner);
    String before;
    try (Recommender shop = builder().transform(new DoublingRule()).store(store).build()) {
      shop.add(Product.of("p0"), features(0));
      shop.refit();
      before = shop.transform().description();
      shop.add(Product.of("p1"), features(1));
      store.before = true;
      assertThatThrownBy(shop::refit).hasMessageContaining("the disk is full");
      store.before = false;
      assertThat(shop.transform().description()).isEqualTo(before);
      assertThat(shop.similarTo(features(1), 1).get(0).id()).isEqualTo("p1");
      shop.save();
    }
    try (Recommender shop =
        builder().transform(new DoublingRule()).store(inner.reopened()).build()) {
      assertThat(shop.transform().description()).isEqualTo(before);
      assertThat(shop.audit().healthy()).isTrue();
      shop.refit();
      assertThat(shop.transform().description()).isNotEqualTo(before);
    }
  }

  @Test
  void aTransformThatIsCutIsSaid() throws Exception {
    var store = new MemoryStore();
    try (Recommender shop = builder().transform(new DoublingRule()).store(store).build()) {
      shop.add(Product.of("p"), features(1));
      shop.refit();
    }
    MemoryStore cut = store.reopened();
    StoredTransform whole = cut.transform(1).orElseThrow();
    byte[] body = Arrays.copyOf(whole.body(), whole.body().length - 1);
    cut.write(
        last ->
            List.of(
                new StoreChange.Transformed(
                    new StoredTransform(
                        1, whole.version(), whole.rule(), whole.description(), body))));
    assertThatThrownBy(() -> builder().transform(new DoublingRule()).store(cut).build())
        .hasMessageContaining("(doubling, fitted on 1) is damaged: it ends too soon; restore");
  }

  @Test
  void picturesAreEmbeddedOnce() throws Exception {
    var store = new MemoryStore();
    var extractor = new CountingExtractor();
    byte[] red = png(255, 0, 0);
    byte[] blue = png(0, 0, 255);
    try (Recommender shop =
        Recommender.builder()
            .extractor(extractor)
            .index(NaiveIndex.factory())
            .store(store)
            .build()) {
      shop.addAll(
          List.of(
              new ProductImage(Product.of("a"), ImageSource.of("a.png", red)),
              new ProductImage(Product.of("b"), ImageSource.of("b.png", blue))));
      assertThat(extractor.extracted).hasValue(2);
    }
    extractor = new CountingExtractor();
    try (Recommender shop =
        Recommender.builder()
            .extractor(extractor)
            .index(NaiveIndex.factory())
            .store(store.reopened())
            .build()) {
      AddReport report =
          shop.addAll(
              List.of(
                  new ProductImage(Product.of("a").with("n", 1), ImageSource.of("a.png", red)),
                  new ProductImage(Product.of("twin"), ImageSource.of("other.png", blue)),
                  new ProductImage(Product.of("bad"), ImageSource.of("bad", new byte[] {1, 2}))));
      assertThat(report.added()).isEqualTo(2);
      assertThat(report.rejected()).hasSize(1);
      assertThat(extractor.extracted).hasValue(0);
      assertThat(shop.similarTo("b", 1).get(0).id()).isEqualTo("twin");
    }
  }

  private static byte[] png(int red, int green, int blue) throws IOException {
    try (InputStream in = ColourExtractor.picture("p", red, green, blue).open()) {
      return in.readAllBytes();
    }
  }

  private static final class CountingExtractor implements FeatureExtractor {
    final AtomicInteger extracted = new AtomicInteger();
    private final FeatureExtractor colours = new ColourExtractor("colour/1");

    @Override
    public String identity() {
      return colours.identity();
    }

    @Override
    public int dimension() {
      return colours.dimension();
    }

    @Override
    public float[] extract(ImageSource image) {
      float[] features = colours.extract(image);
      extracted.incrementAndGet();
      return features;
    }

    @Override
    public void close() {
      colours.close();
    }
  }

  @Test
  void sessionsAreKeptIfWanted() {
    var store = new MemoryStore();
    var anna = Customer.of("anna");
    var ben = Customer.of("ben");
    Instant now = Instant.now();
    try (Recommender shop =
        builder().sessions(Sessions.builder().build()).keepSessions().store(store).build()) {
      for (int i = 0; i < 5; i++) {
        shop.add(Product.of("p" + i), features(i));
      }
      shop.record(new Event(anna, Event.Kind.VIEWED, "p1", now));
      shop.record(new Event(ben, Event.Kind.BOUGHT, "p2", now, "o-1"));
      assertThat(shop.forget(ben)).isTrue();
      assertThat(shop.forget(ben)).isFalse();
    }
    try (Recommender shop =
        builder()
            .sessions(Sessions.builder().build())
            .keepSessions()
            .store(store.reopened())
            .build()) {
      assertThat(shop.sessions().size()).isEqualTo(1);
      assertThat(shop.recommend(RecommendationRequest.forCustomer(anna).k(2)).ids()).hasSize(2);
      assertThat(shop.purchases().count("p2")).isEqualTo(1);
    }
    assertThatThrownBy(() -> builder().keepSessions().store(new MemoryStore()).build())
        .hasMessageContaining("sessions was not set");
  }

  // ---- stores that fail

  /** A store that throws when told to: before it writes, or after. */
  private static final class Failing extends ForwardingStore {
    volatile boolean before;
    volatile boolean after;

    Failing(CatalogueStore store) {
      super(store);
    }

    @Override
    public long write(Batch batch) throws StoreException {
      if (before) {
        throw new StoreException("the disk is full");
      }
      long change = super.write(batch);
      if (after) {
        throw new StoreException("the connection broke");
      }
      return change;
    }
  }

  @Test
  void whatCannotBeStoredChangesNothing() {
    var store = new Failing(new MemoryStore());
    try (Recommender shop = builder().store(store).build()) {
      shop.add(Product.of("a").with("n", 1), features(1));
      shop.recordPurchase("a", DAY);
      store.before = true;
      assertThatThrownBy(() -> shop.add(Product.of("b"), features(2)))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("the disk is full");
      assertThatThrownBy(() -> shop.update("a", a -> a.with("n", 2)))
          .hasMessageContaining("the disk is full");
      assertThatThrownBy(() -> shop.remove("a")).hasMessageContaining("the disk is full");
      assertThatThrownBy(() -> shop.recordPurchase("a", DAY))
          .hasMessageContaining("the disk is full");
      assertThatThrownBy(() -> shop.recordPurchases(List.of(new Purchase("a", DAY, -1, "back"))))
          .hasMessageContaining("the disk is full");
      assertThat(shop.size()).isEqualTo(1);
      assertThat(shop.product("a").orElseThrow().attributes().number("n")).hasValue(1);
      assertThat(shop.purchases().count("a")).isEqualTo(1);
      store.before = false;
      // Not remembered as counted.
      shop.recordPurchases(List.of(new Purchase("a", DAY, 5, "back")));
      assertThat(shop.purchases().count("a")).isEqualTo(6);
      assertThat(shop.purchases().daily("a")).containsEntry(LocalDate.of(2024, 5, 1), 6L);
    }
  }

  @Test
  void anOutcomeThatIsNotKnownIsSaidAndThenFollowed() {
    var store = new Failing(new MemoryStore());
    try (Recommender shop = builder().store(store).build()) {
      store.after = true;
      assertThatThrownBy(() -> shop.add(Product.of("a"), features(1)))
          .hasMessageContaining("the connection broke")
          .hasMessageContaining("is not known");
      store.after = false;
      shop.add(Product.of("b"), features(2));
      assertThat(shop.size()).isEqualTo(2);
      assertThat(shop.similarTo(features(1), 1).get(0).id()).isEqualTo("a");
    }
  }

  /** What is decided by what memory holds would be written beside what the store holds. */
  @Test
  void aStoreThatWasPutBackMeanwhileIsSaidAndNotWritten() throws Exception {
    var lost = new AtomicInteger();
    var store = new MemoryStore();
    var putBack =
        new ForwardingStore(store) {
          @Override
          public long lastChange() throws StoreException {
            return super.lastChange() - lost.get();
          }

          @Override
          public long write(Batch batch) throws StoreException {
            return super.write(last -> batch.changes(last - lost.get()));
          }
        };
    try (Recommender shop =
        Recommender.builder().dimension(2).index(NaiveIndex.factory()).store(putBack).build()) {
      shop.add(Product.of("a"), new float[] {1, 0});
      shop.add(Product.of("b"), new float[] {0, 1});
      long before = store.lastChange();
      lost.set(1);
      assertThatThrownBy(() -> shop.update("b", b -> b.with("n", 1)))
          .hasMessageContaining("it was put back to an earlier state")
          .hasMessageContaining("open it again");
      assertThat(store.lastChange()).isEqualTo(before);
      assertThat(shop.similarTo(new float[] {1, 0}, 1).get(0).id()).isEqualTo("a");
    }
  }

  @Test
  void oneMistakeDoesNotSpoilTheOthers() {
    try (Recommender shop = builder().store(new MemoryStore()).build()) {
      shop.add(Product.of("a"), features(1));
      assertThatThrownBy(
              () ->
                  shop.update(
                      "a",
                      attributes -> {
                        throw new IllegalArgumentException("of the caller's");
                      }))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("of the caller's");
      assertThatThrownBy(() -> shop.update("a", attributes -> null))
          .hasMessageContaining("the changed attributes");
      assertThatThrownBy(
              () ->
                  shop.update(
                      "a",
                      attributes -> {
                        shop.remove("a");
                        return attributes;
                      }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("may not make another change");
      for (Consumer<Recommender> longWork :
          List.<Consumer<Recommender>>of(
              Recommender::optimize, Recommender::refit, Recommender::audit)) {
        assertThatThrownBy(
                () ->
                    shop.update(
                        "a",
                        attributes -> {
                          longWork.accept(shop);
                          return attributes;
                        }))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("nor begin long work");
      }
      assertThatThrownBy(() -> shop.recordPurchases(List.of(new Purchase("a", DAY, -1, null))))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(shop.size()).isEqualTo(1);
    }
  }

  @Test
  void purchasesMayBeDurableALittleLater() throws Exception {
    var inner = new MemoryStore();
    var store = new Failing(inner);
    try (Recommender shop =
        builder().store(store).purchasesDurableWithin(Duration.ofMillis(5)).build()) {
      store.before = true;
      for (int i = 0; i < 1_000; i++) {
        shop.recordPurchase("p" + i % 10, DAY);
      }
      assertThat(shop.purchases().total()).isEqualTo(1_000);
      assertThatThrownBy(() -> shop.recordPurchases(List.of(new Purchase("none", DAY, -1, null))))
          .isInstanceOf(IllegalArgumentException.class);
      Thread.sleep(20); // it fails, and is tried again
      store.before = false;
    }
    try (Recommender shop = builder().store(inner.reopened()).build()) {
      assertThat(shop.purchases().total()).isEqualTo(1_000);
    }
  }

  @Test
  void aWriterCanBeInterrupted() throws Exception {
    var entered = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    var store =
        new ForwardingStore(new MemoryStore()) {
          volatile boolean slow;

          @Override
          public long write(Batch batch) throws StoreException {
            if (slow) {
              entered.countDown();
              await(go);
            }
            return super.write(batch);
          }
        };
    try (Recommender shop = builder().store(store).build()) {
      shop.add(Product.of("a"), features(1));
      store.slow = true;
      var told = new ConcurrentLinkedQueue<String>();
      var writer =
          new Thread(
              () -> {
                try {
                  shop.add(Product.of("b"), features(2));
                } catch (RuntimeException e) {
                  told.add(e.getMessage() + Thread.currentThread().isInterrupted());
                }
              });
      writer.start();
      await(entered);
      assertThat(shop.similarTo("a", 5)).isEmpty(); // pages do not wait
      writer.interrupt();
      writer.join();
      assertThat(told).singleElement().asString().contains("is not known").endsWith("true");
      go.countDown();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatAnIndexCannotTakeIsStoredAndTakenLater() {
    var full = new AtomicBoolean();
    try (Recommender shop =
        Recommender.builder()
            .dimension(2)
            .index(d -> new FullIndex(new NaiveIndex(d), full))
            .store(new MemoryStore())
            .build()) {
      shop.add(Product.of("a"), features(1));
      full.set(true);
      assertThatThrownBy(() -> shop.add(Product.of("b"), features(2)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("are stored");
      shop.recordPurchase("a", DAY);
      full.set(false);
      shop.recordPurchase("a", DAY);
      assertThat(shop.product("b")).isPresent();
      assertThat(shop.purchases().count("a")).isEqualTo(2);
    }
  }

  private static final class FullIndex extends ForwardingIndex {
    private final AtomicBoolean full;

    FullIndex(NaiveIndex index, AtomicBoolean full) {
      super(index);
      this.full = full;
    }

    @Override
    public void upsertAll(List<IndexItem> items) {
      if (full.get() && !items.isEmpty()) {
        throw new IllegalStateException("no room");
      }
      super.upsertAll(items);
    }
  }

  // ---- another network

  /** Sees the same colours, in another order and with one number more. */
  private static final class OtherExtractor implements FeatureExtractor {
    final AtomicInteger extracted = new AtomicInteger();
    final AtomicBoolean closed = new AtomicBoolean();
    private final FeatureExtractor colours = new ColourExtractor("colour/1");
    volatile int failsAfter = Integer.MAX_VALUE;

    @Override
    public String identity() {
      return "other/1";
    }

    @Override
    public int dimension() {
      return 5;
    }

    @Override
    public float[] extract(ImageSource image) {
      if (extracted.get() >= failsAfter) {
        throw new IllegalStateException("killed");
      }
      float[] rgb = colours.extract(image);
      extracted.incrementAndGet();
      return new float[] {rgb[2], rgb[1], rgb[0], rgb[3], .5f};
    }

    @Override
    public void close() {
      closed.set(true);
    }
  }

  private static ImageSource photo(String id) {
    int n = Integer.parseInt(id.substring(1));
    try {
      return ImageSource.of(id + ".png", png(n * 37 % 256, n * 91 % 256, n * 53 % 256));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Recommender photos(FeatureExtractor extractor, CatalogueStore store) {
    return Recommender.builder()
        .extractor(extractor)
        .index(NaiveIndex.factory())
        .transform(new DoublingRule())
        .categoryBy("kind")
        .store(store)
        .build();
  }

  private static void addPhotos(Recommender shop, int from, int to) {
    var items = new ArrayList<ProductImage>();
    for (int i = from; i < to; i++) {
      items.add(new ProductImage(Product.of("p" + i).with("kind", "k" + i % 3), photo("p" + i)));
    }
    assertThat(shop.addAll(items).rejected()).isEmpty();
  }

  @Test
  void anotherNetworkIsPreparedBesideAndSwapped() {
    var store = new MemoryStore();
    var first = new ColourExtractor("colour/1");
    var other = new OtherExtractor();
    List<Recommendation> after;
    try (Recommender shop = photos(first, store)) {
      addPhotos(shop, 0, 200);
      shop.add(Product.of("unseen"));
      shop.add(Product.of("lost"), new ColourExtractor("colour/1").extract(photo("p7")));
      shop.recordPurchase("p1", DAY);
      List<Recommendation> before = shop.similarTo("p3", 20);
      try (Reembedding change =
          shop.reembed(
              other,
              product -> product.id().startsWith("p") ? List.of(photo(product.id())) : List.of(),
              ProgressListener.NONE)) {
        assertThat(change.report().embedded()).isEqualTo(200);
        assertThat(change.report().products()).isEqualTo(200);
        assertThat(change.report().missing())
            .extracting(AddReport.Rejected::id)
            .containsExactly("lost");
        assertThat(change.report().overlap()).isBetween(.5, 1.0);
        assertThat(change.report().dimensionAfter()).isEqualTo(10);
        assertThat(change.report().toString()).contains("colour/1", "other/1", "overlap");
        assertThat(shop.similarTo("p3", 20)).isEqualTo(before);
        // What is written between preparation and swap is there after it.
        shop.add(Product.of("p300").with("kind", "new"), photo("p300"));
        shop.update("p5", a -> a.with("price", 9));
        shop.remove("p6");
        shop.add(Product.of("p8").with("kind", "again"), photo("p9"));
        change.swap();
        assertThatThrownBy(change::swap).hasMessageContaining("before");
      }
      assertThat(first.closed).isTrue();
      assertThat(shop.searcher().dimension()).isEqualTo(10);
      assertThat(shop.size()).isEqualTo(202);
      assertThat(shop.product("p6")).isEmpty();
      assertThat(shop.product("p5").orElseThrow().attributes().number("price")).hasValue(9);
      assertThat(shop.product("lost")).isPresent();
      assertThat(shop.similarTo("p300", 3)).hasSize(3);
      assertThat(shop.recommend(RecommendationRequest.like("p9").k(1)).ids()).hasSize(1);
      assertThat(shop.purchases().count("p1")).isEqualTo(1);
      addPhotos(shop, 200, 202);
      after = shop.similarTo("p3", 20);
      assertThat(other.closed).isFalse();
    }
    assertThat(other.closed).isTrue();
    MemoryStore again = store.reopened();
    assertThatThrownBy(() -> photos(new ColourExtractor("colour/1"), again))
        .hasMessageContaining("features of other/1 of length 5")
        .hasMessageContaining("features of colour/1 of length 4");
    try (Recommender shop = photos(new OtherExtractor(), again)) {
      assertThat(shop.similarTo("p3", 20)).isEqualTo(after);
      assertThat(shop.size()).isEqualTo(204);
      // And back: only what came since has to be embedded.
      var back = new CountingExtractor();
      try (Reembedding change =
          shop.reembed(
              back,
              product -> product.id().startsWith("p") ? List.of(photo(product.id())) : List.of(),
              ProgressListener.NONE)) {
        assertThat(back.extracted).hasValue(3); // with that of p8, whose photo was replaced
        change.swap();
      }
      assertThat(shop.searcher().dimension()).isEqualTo(8);
      assertThat(shop.similarTo("p3", 5)).hasSize(5);
    }
  }

  @Test
  void aReembeddingThatWasKilledGoesOn() {
    var store = new MemoryStore();
    try (Recommender shop = photos(new ColourExtractor("colour/1"), store)) {
      addPhotos(shop, 0, 200);
      var dies = new OtherExtractor();
      dies.failsAfter = 100;
      assertThatThrownBy(
              () ->
                  shop.reembed(
                      dies, product -> List.of(photo(product.id())), ProgressListener.NONE))
          .hasMessageContaining("killed");
      assertThat(dies.closed).isFalse();
      assertThat(shop.similarTo("p3", 5)).hasSize(5);
      assertThatThrownBy(
              () ->
                  shop.reembed(
                      new ColourExtractor("colour/1"),
                      p -> List.of(photo(p.id())),
                      ProgressListener.NONE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("serves already");
    }
    try (Recommender shop = photos(new ColourExtractor("colour/1"), store.reopened())) {
      var other = new OtherExtractor();
      try (Reembedding change =
          shop.reembed(other, product -> List.of(photo(product.id())), ProgressListener.NONE)) {
        assertThat(other.extracted.get()).isBetween(100, 199);
        assertThat(change.report().products()).isEqualTo(200);
      }
      // Closed without a swap: nothing has changed.
      assertThat(shop.searcher().dimension()).isEqualTo(4);
      assertThat(other.closed).isFalse();
    }
  }

  @Test
  void pagesAndWritersGoOnThroughASwap() throws Exception {
    var store = new MemoryStore();
    var errors = new ConcurrentLinkedQueue<Throwable>();
    var done = new AtomicBoolean();
    try (Recommender shop = photos(new ColourExtractor("colour/1"), store)) {
      addPhotos(shop, 0, 300);
      var threads = new ArrayList<Thread>();
      for (int t = 0; t < 3; t++) {
        int writer = t;
        threads.add(
            new Thread(
                () -> {
                  for (int i = 0; !done.get(); i++) {
                    String id = "p" + (1000 + writer * 1000 + i % 50);
                    switch (i % 4) {
                      case 0 -> shop.add(Product.of(id).with("by", writer), photo(id));
                      case 1 -> assertThat(shop.similarTo(photo("p3"), 5)).hasSize(5);
                      case 2 -> assertThat(shop.similarTo("p3", 5)).hasSize(5);
                      default -> shop.update(id, a -> a.with("n", 1));
                    }
                  }
                }));
      }
      threads.forEach(thread -> thread.setUncaughtExceptionHandler((x, e) -> errors.add(e)));
      threads.forEach(Thread::start);
      for (FeatureExtractor next :
          List.of(new OtherExtractor(), new ColourExtractor("colour/1"), new OtherExtractor())) {
        try (Reembedding change =
            shop.reembed(next, product -> List.of(photo(product.id())), ProgressListener.NONE)) {
          change.swap();
        }
      }
      done.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(errors).isEmpty();
      // Nobody has lost their looks.
      assertThat(shop.searcher().size()).isEqualTo(shop.size());
    }
  }

  // ---- several processes

  @Test
  void severalProcessesSeeTheSame() throws Exception {
    MemoryStore store = MemoryStore.ofSeveral();
    try (Recommender one = builder().store(store).build();
        Recommender two = builder().store(store.beside()).build();
        Recommender three = builder().store(store.beside()).build()) {
      List<Recommender> all = List.of(one, two, three);
      var threads = new ArrayList<Thread>();
      var errors = new ConcurrentLinkedQueue<Throwable>();
      for (int t = 0; t < 3; t++) {
        int writer = t;
        threads.add(
            new Thread(
                () -> {
                  var random = new Random(writer);
                  Recommender shop = all.get(writer);
                  for (int i = 0; i < 200; i++) {
                    String id = "p" + random.nextInt(50);
                    switch (random.nextInt(4)) {
                      case 0 -> shop.add(Product.of(id).with("by", writer), features(i));
                      case 1 -> shop.update(id, a -> a.with("n", a.number("n").orElse(0) + 1));
                      case 2 -> shop.recordPurchase(id, DAY);
                      default -> shop.remove(id);
                    }
                  }
                  shop.add(Product.of("counter"));
                }));
      }
      one.add(Product.of("shared").with("n", 0));
      threads.forEach(thread -> thread.setUncaughtExceptionHandler((x, e) -> errors.add(e)));
      threads.forEach(Thread::start);
      for (Recommender shop : all) {
        for (int i = 0; i < 30; i++) {
          // Each process adds to what the others have made of it; none takes anything back.
          eventually(() -> shop.update("shared", a -> a.with("n", a.number("n").orElse(0) + 1)));
        }
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(errors).isEmpty();
      eventually(
          () ->
              content(one).equals(content(two))
                  && content(two).equals(content(three))
                  && sales(one).equals(sales(two))
                  && sales(two).equals(sales(three)));
      assertThat(two.product("shared").orElseThrow().attributes().number("n")).hasValue(90);
      for (int i = 0; i < 20; i++) {
        assertThat(two.similarTo(features(i), 20)).isEqualTo(one.similarTo(features(i), 20));
      }
    }
  }

  @Test
  void whoIsCutOffWhileFollowingCountsNothingTwice() throws Exception {
    MemoryStore store = MemoryStore.ofSeveral();
    var cuts = new AtomicBoolean();
    var cut =
        new ForwardingStore(store.beside()) {
          @Override
          public StoreCursor<StoreChange> sales(long after) throws StoreException {
            StoreCursor<StoreChange> rows = super.sales(after);
            return new StoreCursor<>() {
              private int read;

              @Override
              public long change() {
                return rows.change();
              }

              @Override
              public boolean hasNext() {
                if (read == 3 && cuts.compareAndSet(false, true)) {
                  throw new UncheckedIOException(new StoreException("cut off"));
                }
                return rows.hasNext();
              }

              @Override
              public StoreChange next() {
                read++;
                return rows.next();
              }

              @Override
              public void close() {
                rows.close();
              }
            };
          }
        };
    try (Recommender one = builder().store(store).build();
        Recommender two = builder().store(cut).build()) {
      var sold = new ArrayList<Purchase>();
      for (int i = 0; i < 5; i++) {
        sold.add(Purchase.of("p" + i, DAY));
      }
      one.recordPurchases(sold); // in one change
      eventually(() -> two.purchases().count("p4") == 1);
      assertThat(cuts).isTrue();
      for (int i = 0; i < 5; i++) {
        assertThat(two.purchases().count("p" + i)).as("p%s", i).isEqualTo(1);
      }
    }
  }

  @Test
  void whoHasLostTheStoreWhileReadingCountsNothingTwice() throws Exception {
    MemoryStore store = MemoryStore.ofSeveral();
    var loses = new AtomicBoolean();
    try (Recommender one = builder().store(store).build();
        Recommender two =
            builder()
                .store(
                    new ForwardingStore(store.beside()) {
                      @Override
                      public long write(Batch batch) throws StoreException {
                        if (loses.compareAndSet(true, false)) {
                          // As a server ends a transaction of which it has not heard for long.
                          long last = lastChange();
                          one.recordPurchase("p2", DAY);
                          batch.changes(last);
                          throw new StoreException("the connection broke");
                        }
                        return super.write(batch);
                      }
                    })
                .build()) {
      loses.set(true);
      one.recordPurchase("p1", DAY);
      eventually(() -> !loses.get() && two.purchases().count("p2") > 0);
      one.recordPurchase("p3", DAY);
      eventually(() -> two.purchases().count("p3") > 0);
      for (String id : List.of("p1", "p2", "p3")) {
        assertThat(two.purchases().count(id)).as(id).isEqualTo(1);
      }
    }
  }

  /** Whoever starts reads for long; others must not wait for that, and nothing counts twice. */
  @Test
  void othersWriteWhileAStartReads() throws Exception {
    MemoryStore store = MemoryStore.ofSeveral();
    var anna = Customer.of("anna");
    var ben = Customer.of("ben");
    var alone = new AtomicBoolean();
    var during = new AtomicInteger();
    try (Recommender one = keeping().store(store).build()) {
      for (int i = 0; i < 5; i++) {
        one.add(Product.of("p" + i), features(i));
        one.recordPurchases(List.of(new Purchase("p1", DAY, 1, "old-" + i)));
      }
      one.record(new Event(anna, Event.Kind.VIEWED, "p1", Instant.now()));
      one.record(new Event(ben, Event.Kind.BOUGHT, "p2", Instant.now(), "o-1"));
      var reading =
          new ForwardingStore(store.beside()) {
            @Override
            public long write(Batch batch) throws StoreException {
              return super.write(
                  last -> {
                    alone.set(true);
                    try {
                      return batch.changes(last);
                    } finally {
                      alone.set(false);
                    }
                  });
            }

            @Override
            public StoreCursor<StoredProduct> products(int network, long after)
                throws StoreException {
              StoreCursor<StoredProduct> rows = super.products(network, after);
              return during(after, rows, () -> one.remove("p4"));
            }

            @Override
            public StoreCursor<StoreChange> sales(long after) throws StoreException {
              StoreCursor<StoreChange> rows = super.sales(after);
              return during(
                  after,
                  rows,
                  () -> {
                    one.recordPurchases(List.of(new Purchase("p1", DAY, 1, "new")));
                    one.recordPurchase("p3", DAY);
                    one.update("p1", attributes -> attributes.with("red", true));
                  });
            }

            @Override
            public StoreCursor<StoreChange> events(long after) throws StoreException {
              StoreCursor<StoreChange> rows = super.events(after);
              return during(
                  after,
                  rows,
                  () -> {
                    one.record(new Event(anna, Event.Kind.VIEWED, "p3", Instant.now()));
                    one.forget(ben);
                  });
            }

            private <T> StoreCursor<T> during(long after, StoreCursor<T> rows, Runnable others) {
              if (after == 0) {
                assertThat(alone).as("all is read while others wait").isFalse();
                others.run();
                during.incrementAndGet();
              }
              return rows;
            }
          };
      try (Recommender two = keeping().store(reading).build()) {
        assertThat(during).hasValueGreaterThanOrEqualTo(3);
        assertThat(content(two)).isEqualTo(content(one));
        assertThat(sales(two)).isEqualTo(sales(one));
        assertThat(two.purchases().count("p1")).isEqualTo(6);
        two.recordPurchases(List.of(new Purchase("p1", DAY, 1, "new"))); // delivered again
        assertThat(two.purchases().count("p1")).isEqualTo(6);
        assertThat(two.sessions().size()).isEqualTo(1);
        assertThat(two.recommend(RecommendationRequest.forCustomer(anna).k(3)).ids())
            .isEqualTo(one.recommend(RecommendationRequest.forCustomer(anna).k(3)).ids())
            .isNotEmpty();
      }
    }
  }

  private static RecommenderBuilder keeping() {
    return builder().sessions(Sessions.builder().build()).keepSessions();
  }

  @Test
  void aRefitOfOneProcessIsFollowedByTheOthers() throws Exception {
    MemoryStore store = MemoryStore.ofSeveral();
    try (Recommender one = builder().transform(new DoublingRule()).store(store).build();
        Recommender two = builder().transform(new DoublingRule()).store(store.beside()).build()) {
      for (int i = 0; i < 30; i++) {
        one.add(Product.of("p" + i), features(i));
      }
      one.refit();
      eventually(() -> two.searcher().dimension() == 4 && two.size() == 30);
      assertThat(two.similarTo("p1", 10)).isEqualTo(one.similarTo("p1", 10));
    }
  }

  @Test
  void aNetworkThatAnotherProcessHasChangedIsSaidAndRefused() throws Exception {
    MemoryStore store = MemoryStore.ofSeveral();
    var log = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try (Recommender one = photos(new ColourExtractor("colour/1"), store);
        Recommender two = photos(new ColourExtractor("colour/1"), store.beside())) {
      addPhotos(one, 0, 30);
      eventually(() -> two.size() == 30);
      List<Recommendation> page = two.similarTo("p3", 5);
      try (Reembedding change =
          one.reembed(
              new OtherExtractor(),
              product -> List.of(photo(product.id())),
              ProgressListener.NONE)) {
        change.swap();
      }
      String both =
          "the store has features of other/1 of length 5 now, here serve features of colour/1 of"
              + " length 4; start this process with the store's network, or call reembed(...) with it";
      eventually(() -> log.toString(StandardCharsets.UTF_8).contains(both));
      // Pages and all that needs no network go on, and nothing is stored that others do not find.
      assertThat(two.similarTo("p3", 5)).isEqualTo(page);
      assertThat(two.update("p3", a -> a.with("stock", 1))).isTrue();
      two.recordPurchase("p3", DAY);
      assertThatThrownBy(() -> two.add(Product.of("p30"), photo("p30")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(both);
      assertThat(two.product("p30")).isEmpty();
      addPhotos(one, 30, 31);
      eventually(() -> two.product("p30").isPresent());
      assertThat(store.count(2)).isEqualTo(31);
      // The other process follows without embedding anything, and the way back stays open.
      var known = new OtherExtractor();
      try (Reembedding change =
          two.reembed(known, product -> List.of(photo(product.id())), ProgressListener.NONE)) {
        assertThat(known.extracted).hasValue(0);
        change.swap();
      }
      assertThat(store.count(1)).isEqualTo(30);
      addPhotos(two, 31, 32);
      eventually(() -> one.size() == 32);
      assertThat(two.similarTo("p3", 20)).isEqualTo(one.similarTo("p3", 20));
    } finally {
      System.setErr(before);
    }
    assertThat(log.toString(StandardCharsets.UTF_8)).containsOnlyOnce("Pages go on, but");
  }

  /** Commits when its writer has been told already that the connection broke. */
  private static final class Late extends ForwardingStore {
    final AtomicBoolean late = new AtomicBoolean();

    Late(CatalogueStore store) {
      super(store);
    }

    @Override
    public long write(Batch batch) throws StoreException {
      if (!late.compareAndSet(true, false)) {
        return super.write(batch);
      }
      var decided = new CountDownLatch(1);
      var commit =
          new Thread(
              () -> {
                try {
                  super.write(
                      last -> {
                        List<StoreChange> changes = batch.changes(last);
                        decided.countDown();
                        sleep(300);
                        return changes;
                      });
                } catch (StoreException e) {
                  throw new UncheckedIOException(e);
                }
              });
      commit.start();
      await(decided);
      throw new StoreException("the connection broke");
    }
  }

  private static void sleep(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aCommitThatArrivesLateIsNotTakenForNone() throws Exception {
    var store = new Late(MemoryStore.ofSeveral());
    try (Recommender shop = builder().store(store).build()) {
      shop.recordPurchase("a", DAY);
      store.late.set(true);
      assertThatThrownBy(() -> shop.recordPurchase("a", DAY))
          .hasMessageContaining("the connection broke")
          .hasMessageContaining("is not known");
      eventually(() -> shop.purchases().count("a") == 2);
    }
  }

  private static void eventually(BooleanSupplier condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("still not so").isLessThan(end);
      Thread.sleep(5);
    }
  }

  private static Map<String, Attributes> content(Recommender shop) {
    var content = new TreeMap<String, Attributes>();
    shop.products().forEach(product -> content.put(product.id(), product.attributes()));
    return content;
  }

  private static Map<String, Map<LocalDate, Long>> sales(Recommender shop) {
    var sales = new TreeMap<String, Map<LocalDate, Long>>();
    for (String id : new TreeSet<>(shop.purchases().soldIds())) {
      sales.put(id, shop.purchases().daily(id));
    }
    return sales;
  }

  // ---- beside writers

  @Test
  void aLoadBesideWritersStoresWhatIsFound() throws Exception {
    var store = new MemoryStore();
    Map<String, Attributes> found;
    try (Recommender shop = builder().store(store).build()) {
      var items = new ArrayList<ProductFeatures>();
      for (int i = 0; i < 3_000; i++) {
        items.add(new ProductFeatures(Product.of("p" + i).with("from", "load"), features(i)));
      }
      var started = new CountDownLatch(1);
      var load = new Thread(() -> shop.addAll(items, (done, total) -> started.countDown()));
      load.start();
      await(started);
      for (int i = 0; i < 3_000; i += 7) {
        shop.add(Product.of("p" + i).with("from", "writer"), features(i + 1));
        if (i % 21 == 0) {
          shop.remove("p" + i);
        }
      }
      load.join();
      found = content(shop);
    }
    try (Recommender shop = builder().store(store.reopened()).build()) {
      assertThat(content(shop)).isEqualTo(found);
    }
  }
}

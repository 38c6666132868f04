package io.lookalike.testkit;

import static io.lookalike.testkit.StoreHistory.DAY;
import static io.lookalike.testkit.StoreHistory.NOON;
import static io.lookalike.testkit.StoreHistory.all;
import static io.lookalike.testkit.StoreHistory.picture;
import static io.lookalike.testkit.StoreHistory.sums;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lookalike.catalog.Attributes;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.Looks;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreChange.Counted;
import io.lookalike.store.StoreChange.Did;
import io.lookalike.store.StoreChange.Embedded;
import io.lookalike.store.StoreChange.Erased;
import io.lookalike.store.StoreChange.Expired;
import io.lookalike.store.StoreChange.Forgotten;
import io.lookalike.store.StoreChange.NetworkDropped;
import io.lookalike.store.StoreChange.Put;
import io.lookalike.store.StoreChange.Remove;
import io.lookalike.store.StoreChange.Setting;
import io.lookalike.store.StoreChange.Sold;
import io.lookalike.store.StoreChange.Transformed;
import io.lookalike.store.StoreChange.Unsold;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import io.lookalike.store.StoredTransform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every store must do, as {@link CatalogueStore} promises it. Extend it in your store's tests:
 *
 * <pre>{@code
 * class MyStoreTest extends CatalogueStoreConformance {
 *   @Override
 *   protected CatalogueStore open(Path folder) throws StoreException {
 *     return MyStore.open(folder);
 *   }
 * }
 * }</pre>
 *
 * <p>A store into which several processes write overrides {@link #beside}, one that rounds features
 * {@link #rounding}, one whose rows can be damaged {@link #damage}; what is not overridden is not
 * tested.
 */
@SuppressWarnings("NullAway") // a test fails at a null that should not be there
@Timeout(180)
public abstract class CatalogueStoreConformance {

  /** What ids and other texts are made of, beside plain letters. */
  private static final List<String> TEXTS =
      List.of(
          "plain",
          "it's \"quoted\" \\ back\\0slash\\#",
          "a\u0000b",
          "x\u0000",
          "\uD83D\uDC57\uD83C\uDFFD dress",
          "na\u00EFve, nai\u0308ve",
          "\u5927\u8863",
          "tab\tline\nreturn\rend",
          "%_?*;--/*",
          "\uFFFF\uFEFFq",
          random(10_000, 1),
          "\uD83D\uDE00".repeat(5_000));

  private static final Looks RED = new Looks(1, new float[] {1, 0, 0}, picture(1));
  private static final Looks BLUE = new Looks(1, new float[] {0, 0, 1}, picture(2));

  /** Empty at the beginning of each test. */
  @TempDir Path folder;

  private CatalogueStore store;

  /** For subclasses. */
  protected CatalogueStoreConformance() {}

  /**
   * Opens the store under test.
   *
   * @param folder stands for the store: an empty one if the folder is new, or else what was written
   *     before; no other store of this folder is open
   * @return the store, to be closed by the test
   * @throws StoreException if it cannot be opened
   */
  protected abstract CatalogueStore open(Path folder) throws StoreException;

  /**
   * Opens a store a second time, as another process does, if it can be.
   *
   * @param folder whose store is open
   * @return empty, unless overridden
   * @throws StoreException if it cannot be opened
   */
  protected Optional<CatalogueStore> beside(Path folder) throws StoreException {
    return Optional.empty();
  }

  /**
   * How far features may be from those written.
   *
   * @return a share of the largest of a product's features; 0, and they must be the same bit by
   *     bit, unless overridden
   */
  protected double rounding() {
    return 0;
  }

  /**
   * Changes some bits of a product's stored features behind the store's back, if that can be done.
   *
   * @param folder whose store is closed
   * @param product whose features, of network 1
   * @return whether it was done; false, unless overridden
   * @throws Exception if it should have been
   */
  protected boolean damage(Path folder, String product) throws Exception {
    return false;
  }

  @BeforeEach
  void openEmpty() throws StoreException {
    store = open(folder);
  }

  @AfterEach
  void closeAgain() {
    store.close();
  }

  private void reopen() throws StoreException {
    store.close();
    store = open(folder);
  }

  private long write(StoreChange... changes) throws StoreException {
    return store.write(last -> List.of(changes));
  }

  private static Put put(String id, Looks looks) {
    return new Put(id, Attributes.none(), looks);
  }

  private static String random(int length, long seed) {
    var text = new StringBuilder();
    new Random(seed).ints(length, '!', 0x3000).forEach(c -> text.append((char) c));
    return text.toString();
  }

  private List<StoredProduct> products(int network, long after) throws StoreException {
    return all(store.products(network, after));
  }

  /** The product of this id among rows, or null. */
  private static StoredProduct of(List<StoredProduct> rows, String id) {
    List<StoredProduct> found = rows.stream().filter(row -> row.id().equals(id)).toList();
    assertThat(found).as("rows of %s", id).hasSizeLessThan(2);
    return found.isEmpty() ? null : found.get(0);
  }

  private static List<String> ids(List<StoredProduct> rows) {
    return rows.stream().map(StoredProduct::id).toList();
  }

  private void assertSame(String what, float[] expected, float[] actual) {
    if (expected == null || actual == null || rounding() == 0) {
      assertThat(actual).as(what).isEqualTo(expected);
      return;
    }
    assertThat(actual).as(what).hasSameSizeAs(expected);
    float largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      assertThat(Math.abs((double) expected[i] - actual[i]))
          .as("%s, value %d: %s, stored %s", what, i, expected[i], actual[i])
          .isLessThanOrEqualTo(rounding() * largest);
    }
  }

  private void assertSame(String what, Map<String, float[]> expected, Map<String, float[]> actual) {
    assertThat(actual.keySet()).as(what).isEqualTo(expected.keySet());
    expected.forEach((key, value) -> assertSame(what + " of " + key, value, actual.get(key)));
  }

  // ---- the store as a whole

  @Test
  void anEmptyStoreIsEmpty() throws StoreException {
    assertThat(store.lastChange()).isZero();
    assertThat(store.forgottenUpTo()).isZero();
    assertThat(products(1, 0)).isEmpty();
    assertThat(products(1, 5)).isEmpty();
    assertThat(store.count(0)).isZero();
    assertThat(store.count(1)).isZero();
    assertThat(all(store.sales(0))).isEmpty();
    assertThat(all(store.purchaseIds())).isEmpty();
    assertThat(all(store.events(0))).isEmpty();
    assertThat(store.manifest()).isEmpty();
    assertThat(store.transform(1)).isEmpty();
    assertThat(store.features(1, List.of("a"))).isEmpty();
    assertThat(store.features(1, List.of())).isEmpty();
    assertThat(store.pictures(1, List.of(picture(1)))).isEmpty();
    assertThat(store.pictures(1, List.of())).isEmpty();
  }

  @Test
  void itsIdTellsItFromAllOthers() throws StoreException {
    String id = store.id();
    assertThat(id).matches("[A-Za-z0-9-]{1,64}");
    write(put("a", RED));
    reopen();
    assertThat(store.id()).isEqualTo(id);
    try (CatalogueStore other = open(folder.resolve("other"))) {
      assertThat(other.id()).isNotEqualTo(id);
    }
  }

  @Test
  void itsFolderIsThere() {
    store.folder().ifPresent(path -> assertThat(path).isDirectory());
  }

  @Test
  void closesTwice() {
    store.close();
    store.close();
  }

  // ---- writing

  @Test
  void aWriteHasOneNumberMoreThanTheOneBefore() throws StoreException {
    assertThat(write(put("a", RED), put("b", BLUE))).isEqualTo(1);
    assertThat(store.lastChange()).isEqualTo(1);
    assertThat(write(new Sold("a", DAY, 1, null))).isEqualTo(2);
    assertThat(write(new Setting("n", "v"))).isEqualTo(3);
    assertThat(write(new Remove("unknown"))).isEqualTo(4);
    reopen();
    assertThat(store.lastChange()).isEqualTo(4);
    assertThat(write(new Remove("a"))).isEqualTo(5);
  }

  @Test
  void nothingToWriteIsNoChange() throws StoreException {
    assertThat(write()).isZero();
    write(put("a", RED));
    assertThat(write()).isEqualTo(1);
    assertThat(store.lastChange()).isEqualTo(1);
  }

  @Test
  void aBatchIsAskedOnceAndToldTheLastChange() throws StoreException {
    var told = new ArrayList<Long>();
    for (int i = 0; i < 3; i++) {
      store.write(
          last -> {
            told.add(last);
            return List.of(put("a", RED));
          });
    }
    assertThat(told).containsExactly(0L, 1L, 2L);
  }

  @Test
  void aBatchReadsWhatWasWrittenBefore() throws StoreException {
    write(new Put("a", Attributes.none().with("stock", 3), RED), new Sold("a", DAY, 2, "p1"));
    store.write(
        last -> {
          assertThat(store.lastChange()).isEqualTo(last);
          Attributes now = products(1, 0).get(0).attributes();
          assertThat(all(store.sales(0))).hasSize(1);
          assertThat(all(store.purchaseIds())).containsExactly("p1");
          assertThat(store.features(1, List.of("a"))).containsKey("a");
          assertThat(store.manifest()).isEmpty();
          return List.of(new Put("a", now.with("stock", 4), null));
        });
    assertThat(products(1, 0).get(0).attributes()).isEqualTo(Attributes.none().with("stock", 4));
  }

  @Test
  void whereTheBatchThrowsNothingIsWritten() throws StoreException {
    write(put("a", RED));
    var mine = new StoreException("not today");
    assertThatThrownBy(
            () ->
                store.write(
                    last -> {
                      throw mine;
                    }))
        .isSameAs(mine);
    var unchecked = new IllegalStateException("nor this");
    assertThatThrownBy(
            () ->
                store.write(
                    last -> {
                      throw unchecked;
                    }))
        .isSameAs(unchecked);
    assertThat(store.lastChange()).isEqualTo(1);
    assertThat(write(put("b", BLUE))).isEqualTo(2);
    assertThat(store.count(0)).isEqualTo(2);
  }

  @Test
  void changesOfOneWriteAreAppliedInTheirOrder() throws StoreException {
    write(put("kept", RED), put("again", RED));
    write(
        put("new", RED),
        new Remove("new"),
        put("gone", RED),
        put("gone", null),
        new Remove("gone"),
        new Remove("again"),
        new Put("again", Attributes.none().with("n", 1), null),
        new Embedded("again", new Looks(2, new float[] {2}, null)),
        new Put("kept", Attributes.none().with("n", 1), BLUE),
        new Put("kept", Attributes.none().with("n", 2), null),
        put("new", BLUE),
        new Embedded("nobody", RED),
        new Sold("kept", DAY, 5, null),
        new Unsold("kept"),
        new Sold("kept", DAY, 2, null),
        new Sold("kept", DAY, 1, null),
        new Setting("a", "1"),
        new Setting("a", null),
        new Setting("b", null),
        new Setting("b", "2"));
    for (int round = 0; round < 2; round++) {
      List<StoredProduct> rows = products(1, 0);
      assertThat(ids(rows)).containsExactlyInAnyOrder("kept", "again", "new");
      assertThat(of(rows, "kept").attributes()).isEqualTo(Attributes.none().with("n", 2));
      assertThat(of(rows, "kept").features()).isEqualTo(BLUE.features());
      assertThat(of(rows, "new").features()).isEqualTo(BLUE.features());
      assertThat(of(rows, "again").hasLooks()).isFalse();
      assertThat(store.features(2, List.of("again"))).containsKey("again");
      assertThat(store.count(1)).isEqualTo(2);
      assertThat(sums(all(store.sales(0)))).isEqualTo(Map.of("kept 2024-02-29", 3L));
      assertThat(store.manifest()).isEqualTo(Map.of("b", "2"));
      reopen();
    }
  }

  @Test
  void aDroppedNetworkTakesOnlyWhatWasThereBefore() throws StoreException {
    write(put("a", RED), put("b", BLUE), new Transformed(transform(1, 1)));
    write(
        put("c", RED),
        new NetworkDropped(1),
        new Embedded("a", BLUE),
        new Transformed(transform(1, 2)),
        new Embedded("b", new Looks(2, new float[] {7}, null)));
    assertThat(store.features(1, List.of("a", "b", "c"))).containsOnlyKeys("a");
    assertThat(store.count(1)).isEqualTo(1);
    assertThat(store.count(2)).isEqualTo(1);
    assertThat(store.count(0)).isEqualTo(3);
    assertThat(store.transform(1).orElseThrow().version()).isEqualTo(2);
    write(new NetworkDropped(1));
    assertThat(store.transform(1)).isEmpty();
    assertThat(store.count(1)).isZero();
    assertThat(store.pictures(1, List.of(picture(2)))).isEmpty();
  }

  @Test
  void writersTakeTurns() throws Exception {
    var numbers = new ConcurrentSkipListSet<Long>();
    var within = new AtomicInteger();
    var failure = new AtomicReference<Throwable>();
    Optional<CatalogueStore> second = beside(folder);
    List<CatalogueStore> stores = second.map(s -> List.of(store, s)).orElse(List.of(store));
    var threads = new ArrayList<Thread>();
    for (int t = 0; t < 4; t++) {
      CatalogueStore own = stores.get(t % stores.size());
      String id = "p" + t;
      threads.add(
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < 25; i++) {
                    numbers.add(
                        own.write(
                            last -> {
                              assertThat(within.incrementAndGet()).isEqualTo(1);
                              assertThat(own.lastChange()).isEqualTo(last);
                              within.decrementAndGet();
                              return List.of(put(id, RED), new Sold(id, DAY, 1, null));
                            }));
                  }
                } catch (Throwable e) {
                  failure.compareAndSet(null, e);
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failure.get()).isNull();
    assertThat(numbers).hasSize(100).first().isEqualTo(1L);
    assertThat(numbers.last()).isEqualTo(100);
    for (CatalogueStore each : stores) {
      assertThat(each.lastChange()).isEqualTo(100);
      assertThat(sums(all(each.sales(0))).values()).containsOnly(25L).hasSize(4);
    }
    second.ifPresent(CatalogueStore::close);
  }

  @Test
  void readersDoNotWaitForAWriter() throws Exception {
    write(put("a", RED));
    var inside = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    var writer =
        new Thread(
            () -> {
              try {
                store.write(
                    last -> {
                      inside.countDown();
                      await(go);
                      return List.of(put("b", BLUE));
                    });
              } catch (StoreException e) {
                throw new UncheckedIOException(e);
              }
            });
    writer.start();
    try {
      await(inside);
      assertThat(store.lastChange()).isEqualTo(1);
      assertThat(ids(products(1, 0))).containsExactly("a");
      assertThat(store.count(1)).isEqualTo(1);
    } finally {
      go.countDown();
      writer.join();
    }
    assertThat(ids(products(1, 0))).containsExactlyInAnyOrder("a", "b");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  // ---- products

  @Test
  void productsAreToldAfterAChange() throws StoreException {
    Attributes red = Attributes.none().with("color", "red");
    write(new Put("a", red, RED), put("b", BLUE), put("c", null)); // 1
    write(new Put("a", red.with("stock", 1), null)); // 2
    write(new Remove("b")); // 3
    write(put("c", RED)); // 4

    assertThat(ids(products(1, 0))).containsExactlyInAnyOrder("a", "c");
    StoredProduct a = of(products(1, 0), "a");
    assertThat(a.attributes()).isEqualTo(red.with("stock", 1));
    assertThat(a.features()).isEqualTo(RED.features());
    assertThat(a.hasLooks()).isTrue();

    assertThat(ids(products(1, 1))).containsExactlyInAnyOrder("a", "b", "c");
    a = of(products(1, 1), "a");
    assertThat(a.attributes()).isEqualTo(red.with("stock", 1));
    assertThat(a.features()).as("features known since change 1").isNull();
    assertThat(a.hasLooks()).isTrue();
    StoredProduct b = of(products(1, 1), "b");
    assertThat(b.attributes()).isNull();
    assertThat(b.features()).isNull();
    assertThat(b.hasLooks()).isFalse();

    assertThat(ids(products(1, 3))).containsExactly("c");
    assertThat(of(products(1, 3), "c").features()).isEqualTo(RED.features());
    assertThat(products(1, 4)).isEmpty();
    assertThat(of(products(2, 0), "a").hasLooks()).isFalse();
  }

  @Test
  void theirOrderStaysTheSame() throws StoreException {
    for (int i = 0; i < 50; i++) {
      write(put("p" + i * 7919 % 50, i % 3 == 0 ? null : RED));
    }
    List<String> order = ids(products(1, 0));
    assertThat(ids(products(1, 0))).isEqualTo(order);
    assertThat(ids(products(2, 0))).isEqualTo(order);
    reopen();
    assertThat(ids(products(1, 0))).isEqualTo(order).doesNotHaveDuplicates().hasSize(50);
  }

  @Test
  void productsWithoutFeaturesAreToldApart() throws StoreException {
    store.write(
        last ->
            List.of(
                new Put("seen", Attributes.none(), RED),
                new Put("unseen", Attributes.none().with("n", 1), null),
                new Put("gone", Attributes.none(), null),
                new Remove("gone")));
    assertThat(all(store.withoutLooks(1)))
        .extracting(StoredProduct::id, StoredProduct::attributes, StoredProduct::hasLooks)
        .containsExactly(tuple("unseen", Attributes.none().with("n", 1), false));
    assertThat(all(store.withoutLooks(2)))
        .extracting(StoredProduct::id)
        .containsExactlyInAnyOrder("seen", "unseen");
  }

  @Test
  void aProductThatIsRemovedAndComesBackHasNoFeatures() throws StoreException {
    write(put("a", RED), new Embedded("a", new Looks(2, new float[] {3}, picture(3))));
    write(new Remove("a"));
    assertThat(store.count(0)).isZero();
    assertThat(store.count(1)).isZero();
    assertThat(store.count(2)).isZero();
    assertThat(products(1, 0)).isEmpty();
    assertThat(store.features(1, List.of("a"))).isEmpty();
    write(new Embedded("a", RED));
    assertThat(store.features(1, List.of("a"))).isEmpty();
    write(put("a", null));
    assertThat(of(products(1, 0), "a").hasLooks()).isFalse();
    assertThat(of(products(1, 1), "a").attributes()).isNotNull();
    assertThat(ids(products(1, 1))).containsExactly("a");
    write(put("a", BLUE));
    reopen();
    assertThat(of(products(1, 0), "a").features()).isEqualTo(BLUE.features());
    assertThat(store.count(0)).isEqualTo(1);
  }

  @Test
  void featuresOfANetworkThatDoesNotServeAreNoChangeOfTheProduct() throws StoreException {
    write(put("a", RED), put("b", BLUE)); // 1
    assertThat(write(new Embedded("a", new Looks(2, new float[] {1, 2}, picture(1))))).isEqualTo(2);
    assertThat(products(1, 1)).isEmpty();
    assertThat(products(2, 1)).isEmpty();
    StoredProduct a = of(products(2, 0), "a");
    assertThat(a.features()).containsExactly(1, 2);
    assertThat(of(products(2, 0), "b").hasLooks()).isFalse();
    assertThat(of(products(1, 0), "a").features()).isEqualTo(RED.features());
    assertThat(store.count(2)).isEqualTo(1);
    write(put("a", null)); // 3
    assertThat(of(products(2, 1), "a").features()).containsExactly(1, 2);
    assertThat(of(products(2, 2), "a").features()).isNull();
    assertThat(of(products(2, 2), "a").hasLooks()).isTrue();
  }

  @Test
  void featuresAndPicturesAreFound() throws StoreException {
    write(
        put("a", RED),
        put("b", BLUE),
        put("c", new Looks(1, new float[] {1, 0, 0}, picture(1))),
        put("d", new Looks(1, new float[] {5, 5, 5}, null)),
        put("e", null),
        new Embedded("a", new Looks(2, new float[] {9}, picture(1))));
    assertSame(
        "features",
        Map.of("a", RED.features(), "d", new float[] {5, 5, 5}),
        store.features(1, List.of("a", "d", "e", "a", "nobody")));
    assertSame("features", Map.of("a", new float[] {9}), store.features(2, Set.of("a", "b")));
    assertSame(
        "pictures",
        Map.of(picture(1), RED.features(), picture(2), BLUE.features()),
        store.pictures(1, List.of(picture(1), picture(2), picture(3))));
    assertSame("pictures", Map.of(picture(1), new float[] {9}), store.pictures(2, ask(1, 2)));
    write(put("a", BLUE));
    assertSame("pictures", Map.of(picture(1), RED.features()), store.pictures(1, ask(1)));
  }

  private static List<String> ask(int... pictures) {
    return IntStream.of(pictures).mapToObj(StoreHistory::picture).toList();
  }

  @Test
  void aThousandAreAskedForAtOnce() throws StoreException {
    var changes = new ArrayList<StoreChange>();
    var ids = new ArrayList<String>();
    var pictures = new ArrayList<String>();
    for (int i = 0; i < 2_500; i++) {
      changes.add(put("p" + i, new Looks(1, new float[] {i + 1, 1}, picture(i))));
      if (i < 1_000) {
        ids.add("p" + i);
        pictures.add(picture(i));
      }
    }
    assertThat(store.write(last -> changes)).isEqualTo(1);
    assertThat(store.features(1, ids)).hasSize(1_000);
    assertThat(store.pictures(1, pictures)).hasSize(1_000);
    assertThat(products(1, 0)).hasSize(2_500);
    assertThat(store.count(1)).isEqualTo(2_500);
  }

  @Test
  void featuresAreKeptAsTheyAre() throws StoreException {
    var random = new Random(3);
    var written = new LinkedHashMap<String, float[]>();
    var changes = new ArrayList<StoreChange>();
    for (int dimension : new int[] {1, 2, 3, 512, 1_280, 4_096, 20_000}) {
      float[] features = new float[dimension];
      for (int i = 0; i < dimension; i++) {
        features[i] = (float) random.nextGaussian();
      }
      written.put("d" + dimension, features);
    }
    written.put(
        "odd",
        new float[] {
          Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE, -0f, 1e-30f, 65_520, 0.1f
        });
    written.put("tiny", new float[] {Float.MIN_VALUE, 3e-39f});
    written.forEach((id, features) -> changes.add(put(id, new Looks(1, features, null))));
    store.write(last -> changes);
    reopen();
    assertSame("features", written, store.features(1, written.keySet()));
    for (StoredProduct product : products(1, 0)) {
      assertSame(product.id(), written.get(product.id()), product.features());
    }
  }

  @Test
  void attributesOfEveryTypeAreExact() throws StoreException {
    var attributes = new LinkedHashMap<String, Attributes>();
    Number[] numbers = {
      0,
      -1,
      0.1,
      1e300,
      -1e-300,
      Double.MIN_VALUE,
      Double.MAX_VALUE,
      1L << 53,
      (1L << 53) + 1,
      -(1L << 53) - 1,
      Long.MAX_VALUE,
      Long.MIN_VALUE,
      0x1p63,
      1e19,
      1e21,
      123_456_789_012_345_678L,
      Math.PI
    };
    for (Number number : numbers) {
      attributes.put("number " + number, Attributes.none().with("n", number));
    }
    for (Instant instant :
        List.of(
            Instant.EPOCH, NOON, Instant.MIN, Instant.MAX, Instant.parse("1969-12-31T23:59:59Z"))) {
      attributes.put("instant " + instant, Attributes.none().with("t", instant));
    }
    attributes.put("flags", Attributes.none().with("yes", true).with("no", false));
    attributes.put("no texts", Attributes.none().with("s", Set.of()));
    attributes.put("texts", Attributes.none().with("s", Set.copyOf(TEXTS)).with("e", ""));
    attributes.put("like JSON", Attributes.none().with("j", "{\"instant\": \"1\"}").with("n", "1"));
    attributes.put("long name", Attributes.none().with(random(60_000, 4), "v"));
    attributes.put("long text", Attributes.none().with("l", random(100_000, 5)));
    var many = new TreeMap<String, Object>();
    for (int i = 0; i < 300; i++) {
      many.put("name" + i, i % 2 == 0 ? i : "value " + i);
    }
    attributes.put("many", Attributes.of(many));
    for (String text : TEXTS) {
      attributes.put("text " + text, Attributes.none().with("t", text).with("x" + text, 1));
    }
    var changes = new ArrayList<StoreChange>();
    attributes.forEach((id, value) -> changes.add(new Put(id, value, null)));
    store.write(last -> changes);
    reopen();
    var read = new HashMap<String, Attributes>();
    products(1, 0).forEach(product -> read.put(product.id(), product.attributes()));
    attributes.forEach((id, value) -> assertThat(read.get(id)).as(id).isEqualTo(value));
    assertThat(read).hasSameSizeAs(attributes);
  }

  @Test
  void textsMayHoldAnyCharacter() throws StoreException {
    Optional<CatalogueStore> second = beside(folder);
    for (String text : TEXTS) {
      write(
          put(text, RED),
          new Sold(text, DAY, 1, text),
          new Did(text, text, text, text, NOON, null),
          new Did(text, text, text, text, NOON, text),
          new Setting(text, text),
          new Transformed(new StoredTransform(1, 1, text, text, new byte[] {1})));
      assertThat(store.features(1, List.of(text))).containsOnlyKeys(text);
      assertThat(store.transform(1).orElseThrow().description()).isEqualTo(text);
    }
    for (int round = 0; round < 2; round++) {
      for (CatalogueStore each : second.map(s -> List.of(store, s)).orElse(List.of(store))) {
        assertThat(ids(all(each.products(1, 0)))).containsExactlyInAnyOrderElementsOf(TEXTS);
        assertThat(all(each.sales(0)))
            .extracting(change -> ((Sold) change).productId())
            .containsExactlyInAnyOrderElementsOf(TEXTS);
        assertThat(all(each.purchaseIds())).isEqualTo(TEXTS);
        assertThat(all(each.events(0))).hasSize(2 * TEXTS.size());
        assertThat(each.manifest()).hasSameSizeAs(TEXTS);
        for (String text : TEXTS) {
          assertThat(each.manifest()).containsEntry(text, text);
          assertThat(all(each.events(0)))
              .contains(
                  new Did(text, text, text, text, NOON, null),
                  new Did(text, text, text, text, NOON, text));
        }
      }
      if (second.isEmpty()) {
        reopen();
      }
    }
    for (String text : TEXTS) {
      write(new Forgotten(text, text), new Unsold(text), new Remove(text));
    }
    assertThat(all(store.events(0))).isEmpty();
    assertThat(sums(all(store.sales(0)))).isEmpty();
    assertThat(products(1, 0)).isEmpty();
    assertThat(ids(products(1, 1))).containsExactlyInAnyOrderElementsOf(TEXTS);
    second.ifPresent(CatalogueStore::close);
  }

  // ---- sales

  @Test
  void salesAddUp() throws StoreException {
    write(new Sold("a", DAY, 2, "p1"), new Sold("a", DAY, 3, "p2"), new Sold("b", DAY, 1, null));
    write(new Sold("a", DAY.plusDays(1), -1, "r1"), new Sold("c", DAY.minusYears(1), 7, null));
    assertThat(sums(all(store.sales(0))))
        .isEqualTo(
            Map.of(
                "a 2024-02-29", 5L, "a 2024-03-01", -1L, "b 2024-02-29", 1L, "c 2023-02-28", 7L));
    assertThat(all(store.sales(1)))
        .containsExactly(
            new Sold("a", DAY.plusDays(1), -1, "r1"), new Sold("c", DAY.minusYears(1), 7, null));
    write(new Unsold("a"), new Sold("a", DAY, 4, null));
    for (int round = 0; round < 2; round++) {
      assertThat(sums(all(store.sales(0))))
          .isEqualTo(Map.of("a 2024-02-29", 4L, "b 2024-02-29", 1L, "c 2023-02-28", 7L));
      assertThat(all(store.sales(2))).containsExactly(new Unsold("a"), new Sold("a", DAY, 4, null));
      assertThat(all(store.sales(3))).isEmpty();
      assertThat(all(store.purchaseIds())).containsExactly("p1", "p2", "r1");
      reopen();
    }
  }

  @Test
  void ofPurchasesThatWereCountedElsewhereTheIdsAloneAreKnown() throws StoreException {
    write(new Sold("a", DAY, 2, "p1"), new Counted("p2"), new Sold("a", DAY, 1, "p3"));
    write(new Counted("p4"));
    write(new Unsold("p2"), new Counted("p5"));
    for (int round = 0; round < 2; round++) {
      assertThat(all(store.purchaseIds())).containsExactly("p1", "p2", "p3", "p4", "p5");
      assertThat(sums(all(store.sales(0)))).isEqualTo(Map.of("a 2024-02-29", 3L));
      assertThat(all(store.sales(1))).containsExactly(new Unsold("p2"));
      reopen();
    }
  }

  @Test
  void salesOfAnyDayAndNumberAreKept() throws StoreException {
    var sales =
        List.<StoreChange>of(
            new Sold("a", LocalDate.MIN, 1, null),
            new Sold("a", LocalDate.of(-44, 3, 15), 2, null),
            new Sold("a", LocalDate.EPOCH, 3, null),
            new Sold("a", LocalDate.MAX, Long.MAX_VALUE / 2, null),
            new Sold("b", DAY, Long.MAX_VALUE, null),
            new Sold("b", DAY.plusDays(1), -Long.MAX_VALUE, null));
    store.write(last -> sales);
    write(put("x", null));
    assertThat(sums(all(store.sales(0)))).isEqualTo(sums(sales));
    write(new Sold("a", LocalDate.MIN, 1, null));
    assertThat(sums(all(store.sales(0)))).containsEntry("a " + LocalDate.MIN, 2L);
  }

  @Test
  void aProductsSalesStayWhenItIsRemoved() throws StoreException {
    write(put("a", RED), new Sold("a", DAY, 2, null));
    write(new Remove("a"));
    assertThat(sums(all(store.sales(0)))).isEqualTo(Map.of("a 2024-02-29", 2L));
  }

  @Test
  void returnsDoNotComeBeforeTheirSales() throws StoreException {
    write(new Sold("a", DAY, 5, null), new Sold("b", DAY, 1, null));
    write(new Sold("a", DAY.minusDays(3), -2, null), new Sold("a", DAY.plusDays(1), -1, null));
    long total = 0;
    for (StoreChange change : all(store.sales(0))) {
      Sold sold = (Sold) change;
      assertThat(sold.pieces()).isNotZero();
      total += sold.productId().equals("a") ? sold.pieces() : 0;
      assertThat(total).isNotNegative();
    }
    assertThat(total).isEqualTo(2);
    write(new Sold("b", DAY, -1, null));
    assertThat(sums(all(store.sales(0)))).doesNotContainKey("b 2024-02-29");
  }

  // ---- events

  @Test
  void eventsAreKeptOnce() throws StoreException {
    Did viewed = new Did("shop", "anna", "VIEWED", "a", NOON, null);
    Did bought = new Did("shop", "anna", "BOUGHT", "a", NOON, "e1");
    write(viewed, bought, viewed, bought);
    write(
        viewed,
        new Did("shop", "anna", "VIEWED", "b", NOON.plusSeconds(9), "e1"), // known by its id
        new Did("shop", "ben", "BOUGHT", "a", NOON, "e1"),
        new Did("other", "anna", "BOUGHT", "a", NOON, "e1"),
        new Did("shop", "anna", "VIEWED", "a", NOON.plusNanos(1), null));
    for (int round = 0; round < 2; round++) {
      assertThat(all(store.events(0)))
          .containsExactly(
              viewed,
              bought,
              new Did("shop", "ben", "BOUGHT", "a", NOON, "e1"),
              new Did("other", "anna", "BOUGHT", "a", NOON, "e1"),
              new Did("shop", "anna", "VIEWED", "a", NOON.plusNanos(1), null));
      assertThat(all(store.events(1))).hasSize(3);
      assertThat(all(store.events(2))).isEmpty();
      reopen();
    }
  }

  @Test
  void aCustomerIsErased() throws StoreException {
    Did annas = new Did("shop", "anna", "VIEWED", "a", NOON, null);
    Did other = new Did("other", "anna", "VIEWED", "a", NOON, null);
    write(annas, other);
    write(new Forgotten("shop", "anna"));
    assertThat(all(store.events(0))).containsExactly(other);
    Erased anna = Erased.of(store.id(), "shop", "anna");
    assertThat(all(store.events(1))).containsExactly(anna);
    write(annas, new Forgotten("shop", "anna"), annas);
    assertThat(all(store.events(0))).containsExactlyInAnyOrder(other, annas);
    assertThat(all(store.events(2))).containsExactly(anna, annas);
    assertThat(all(store.events(3))).isEmpty();
    write(new Forgotten("shop", "nobody"));
    assertThat(all(store.events(3))).containsExactly(Erased.of(store.id(), "shop", "nobody"));
  }

  @Test
  void oldEventsAreErased() throws StoreException {
    var kept = new ArrayList<StoreChange>();
    for (long nanos = -2; nanos <= 2; nanos++) {
      Did did = new Did("", "c", "VIEWED", "a", NOON.plusNanos(nanos), null);
      write(did);
      if (nanos >= 0) {
        kept.add(did);
      }
    }
    Did ancient = new Did("", "c", "VIEWED", "a", Instant.MIN, null);
    Did last = new Did("", "c", "VIEWED", "a", Instant.MAX, null);
    kept.add(last);
    write(ancient, last);
    Did bought = new Did("", "c", "BOUGHT", "a", NOON.minusNanos(1), null);
    write(bought);
    write(new Expired(NOON, false));
    kept.add(bought);
    assertThat(all(store.events(0))).as("purchases are kept apart").isEqualTo(kept);
    write(new Did("", "c", "BOUGHT", "a", NOON.minusNanos(2), null));
    write(new Expired(bought.time(), true));
    assertThat(all(store.events(0))).isEqualTo(kept);
    reopen();
    assertThat(all(store.events(0))).isEqualTo(kept);
    write(ancient);
    assertThat(all(store.events(0))).hasSize(kept.size() + 1);
  }

  // ---- manifest and transforms

  @Test
  void settingsAreSetAndRemoved() throws StoreException {
    write(new Setting("network", "1"), new Setting("network.1.dimension", "1280"));
    write(new Setting("network", "2"), new Setting("empty", ""), new Setting("nobody", null));
    reopen();
    assertThat(store.manifest())
        .isEqualTo(Map.of("network", "2", "network.1.dimension", "1280", "empty", ""));
    write(new Setting("network.1.dimension", null));
    assertThat(store.manifest()).isEqualTo(Map.of("network", "2", "empty", ""));
  }

  private static StoredTransform transform(int network, int version) {
    byte[] body = new byte[100_000];
    new Random(network * 31L + version).nextBytes(body);
    return new StoredTransform(network, version, "pca", "to " + version + " dimensions", body);
  }

  private static void assertSame(
      String what, Optional<StoredTransform> expected, Optional<StoredTransform> actual) {
    assertThat(actual.isPresent()).as(what).isEqualTo(expected.isPresent());
    if (expected.isPresent()) {
      StoredTransform read = actual.orElseThrow();
      StoredTransform wanted = expected.get();
      assertThat(Arrays.equals(read.body(), wanted.body())).as(what).isTrue();
      assertThat(read.network()).as(what).isEqualTo(wanted.network());
      assertThat(read.version()).as(what).isEqualTo(wanted.version());
      assertThat(read.rule()).as(what).isEqualTo(wanted.rule());
      assertThat(read.description()).as(what).isEqualTo(wanted.description());
    }
  }

  @Test
  void eachNetworkHasItsLastTransform() throws StoreException {
    write(new Transformed(transform(1, 1)), new Transformed(transform(2, 1)));
    write(new Transformed(transform(1, 2)));
    reopen();
    for (StoredTransform expected : List.of(transform(1, 2), transform(2, 1))) {
      assertSame("transform", Optional.of(expected), store.transform(expected.network()));
    }
    assertThat(store.transform(3)).isEmpty();
  }

  // ---- cursors

  @Test
  void aCursorSeesTheMomentWhenItWasMade() throws Exception {
    var changes = new ArrayList<StoreChange>();
    for (int i = 0; i < 1_500; i++) {
      changes.add(put("p" + i, new Looks(1, new float[] {1, i}, null)));
      changes.add(new Sold("p" + i, DAY, 1, "s" + i));
      changes.add(new Did("", "c" + i, "VIEWED", "p" + i, NOON, null));
    }
    store.write(last -> changes);
    try (StoreCursor<StoredProduct> products = store.products(1, 0);
        StoreCursor<StoreChange> sales = store.sales(0);
        StoreCursor<String> ids = store.purchaseIds();
        StoreCursor<StoreChange> events = store.events(0)) {
      assertThat(products.next().attributes()).isEqualTo(Attributes.none());
      long before = store.lastChange();
      var later = new ArrayList<StoreChange>();
      for (int i = 0; i < 1_500; i++) {
        later.add(i % 2 == 0 ? new Remove("p" + i) : put("p" + i, RED));
        later.add(new Sold("p" + i, DAY, 1, "t" + i));
        later.add(new Forgotten("", "c" + i));
      }
      store.write(last -> later);
      int told = 1;
      while (products.hasNext()) {
        StoredProduct product = products.next();
        assertThat(product.attributes()).as(product.id()).isNotNull();
        assertThat(product.features()).as(product.id()).hasSize(2);
        told++;
      }
      assertThat(told).isEqualTo(1_500);
      assertThat(all(sales)).hasSize(1_500).allMatch(sold -> ((Sold) sold).pieces() == 1);
      assertThat(all(ids)).hasSize(1_500);
      assertThat(all(events)).hasSize(1_500);
      for (StoreCursor<?> cursor : List.of(products, sales, ids, events)) {
        assertThat(cursor.change()).isEqualTo(before); // closed by now
      }
    }
    try (StoreCursor<StoreChange> none = store.sales(store.lastChange())) {
      assertThat(none.hasNext()).isFalse();
      assertThat(none.change()).isEqualTo(store.lastChange()).isGreaterThan(1);
    }
    assertThat(products(1, 0)).hasSize(750);
  }

  @Test
  void aCursorEndsAndIsClosedTwice() throws StoreException {
    write(put("a", RED), put("b", BLUE));
    StoreCursor<StoredProduct> cursor = store.products(1, 0);
    cursor.next();
    assertThat(cursor.hasNext()).isTrue();
    assertThat(cursor.hasNext()).isTrue();
    cursor.next();
    assertThat(cursor.hasNext()).isFalse();
    assertThatThrownBy(cursor::next).isInstanceOf(NoSuchElementException.class);
    cursor.close();
    cursor.close();
    for (int i = 0; i < 200; i++) { // closed half way: nothing is used up
      store.products(1, 0).close();
      try (StoreCursor<StoredProduct> half = store.products(1, 0)) {
        half.next();
      }
    }
    for (int i = 0; i < 200; i++) { // gone through to the end: closed by themselves
      store.products(1, 0).forEachRemaining(product -> assertThat(product.hasLooks()).isTrue());
    }
  }

  @Test
  void readersBesideAWriterSeeWholeWrites() throws Exception {
    int size = 20;
    var stop = new AtomicBoolean();
    var failure = new AtomicReference<Throwable>();
    write(whole(0, size));
    var readers = new ArrayList<Thread>();
    for (int t = 0; t < 2; t++) {
      readers.add(
          new Thread(
              () -> {
                try {
                  while (!stop.get()) {
                    List<StoredProduct> rows = products(1, 0);
                    assertThat(rows).hasSize(size);
                    assertThat(rows.stream().map(StoredProduct::attributes).distinct()).hasSize(1);
                    assertThat(rows.stream().map(row -> row.features()[0]).distinct()).hasSize(1);
                    long last = store.lastChange();
                    assertThat(store.lastChange()).isGreaterThanOrEqualTo(last);
                  }
                } catch (Throwable e) {
                  failure.compareAndSet(null, e);
                }
              }));
    }
    readers.forEach(Thread::start);
    for (int i = 1; i < 60; i++) {
      write(whole(i, size));
    }
    stop.set(true);
    for (Thread reader : readers) {
      reader.join();
    }
    assertThat(failure.get()).isNull();
  }

  private static StoreChange[] whole(int version, int size) {
    Attributes attributes = Attributes.none().with("version", version);
    Looks looks = new Looks(1, new float[] {version + 1, 1}, null);
    return IntStream.range(0, size)
        .mapToObj(i -> new Put("p" + i, attributes, looks))
        .toArray(StoreChange[]::new);
  }

  // ---- damage

  @Test
  void damagedFeaturesAreRefusedAndTheRestIsRead() throws Exception {
    float[] features = new float[600];
    Arrays.fill(features, 0.5f);
    write(
        put("a", new Looks(1, features, picture(1))),
        put("b", new Looks(1, features, picture(2))),
        put("c", RED));
    store.close();
    boolean damaged = damage(folder, "b");
    store = open(folder);
    assumeTrue(damaged, "this store's rows cannot be damaged");
    assertThatThrownBy(() -> store.features(1, List.of("a", "b")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("\"b\"")
        .hasMessageContaining("damaged");
    assertThat(store.pictures(1, ask(2))).as("is embedded again").isEmpty();
    assertThatThrownBy(() -> products(1, 0))
        .isInstanceOf(UncheckedIOException.class)
        .hasCauseInstanceOf(StoreException.class)
        .cause()
        .hasMessageContaining("\"b\"")
        .hasMessageContaining("damaged");
    var readable = new ArrayList<String>();
    try (StoreCursor<StoredProduct> rows = store.products(1, 0)) {
      while (rows.hasNext()) {
        try {
          readable.add(rows.next().id());
        } catch (UncheckedIOException e) {
          readable.add("damaged");
        }
      }
    }
    assertThat(readable).containsExactlyInAnyOrder("a", "damaged", "c");
    assertThat(store.features(1, List.of("a"))).containsOnlyKeys("a");
    write(put("b", RED)); // which mends it
    assertThat(products(1, 0)).hasSize(3);
  }

  // ---- several processes

  @Test
  void whatOneProcessWritesTheOthersRead() throws Exception {
    Optional<CatalogueStore> second = beside(folder);
    assumeTrue(second.isPresent(), "this store is of one process");
    try (CatalogueStore other = second.get()) {
      assertThat(other.id()).isEqualTo(store.id());
      assertThat(store.shared()).isTrue();
      assertThat(other.shared()).isTrue();
      var told = new CountDownLatch(1);
      other.onChange(told::countDown);
      assertThat(write(put("a", RED))).isEqualTo(1);
      assertThat(other.lastChange()).isEqualTo(1);
      assertThat(ids(all(other.products(1, 0)))).containsExactly("a");
      long mine = other.write(last -> List.of(put("b", BLUE)));
      assertThat(mine).isEqualTo(2);
      assertThat(ids(products(1, 1))).containsExactly("b");
    }
    assertThat(store.lastChange()).isEqualTo(2);
  }

  // ---- histories

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void historiesAreAsInMemory(long seed) throws Exception {
    var random = new Random(seed);
    var oracle = new MemoryStore();
    var live = new ArrayList<Set<String>>();
    live.add(Set.of());
    for (int step = 0; step < 40; step++) {
      List<StoreChange> changes = StoreHistory.changes(random, random.nextInt(12));
      assertThat(store.write(last -> changes))
          .as("seed %d, step %d", seed, step)
          .isEqualTo(oracle.write(last -> changes));
      if (!changes.isEmpty()) {
        live.add(new HashSet<>(ids(all(oracle.products(1, 0)))));
      }
      if (random.nextInt(8) == 0) {
        reopen();
      }
      if (random.nextInt(3) == 0) {
        compare("seed " + seed + ", step " + step, oracle, live, random.nextInt(live.size()));
      }
    }
    reopen();
    for (int after = 0; after < live.size(); after++) {
      compare("seed " + seed + ", at the end", oracle, live, after);
    }
  }

  private void compare(String what, MemoryStore oracle, List<Set<String>> live, int after)
      throws IOException {
    String when = what + ", after change " + after;
    assertThat(store.lastChange()).as(when).isEqualTo(oracle.lastChange());
    assertThat(store.manifest()).as(when).isEqualTo(oracle.manifest());
    assertThat(all(store.purchaseIds())).as(when).isEqualTo(all(oracle.purchaseIds()));
    Set<String> now = live.get(live.size() - 1);
    var everyId = IntStream.range(0, StoreHistory.PRODUCTS).mapToObj(i -> "p" + i).toList();
    for (int network = 1; network <= 2; network++) {
      assertSame(when, oracle.transform(network), store.transform(network));
      assertThat(store.count(network)).as(when).isEqualTo(oracle.count(network));
      assertSame(when, oracle.features(network, everyId), store.features(network, everyId));
      Map<String, float[]> pictures =
          store.pictures(network, ask(IntStream.range(0, StoreHistory.PICTURES).toArray()));
      for (String picture : oracle.pictures(network, pictures.keySet()).keySet()) {
        assertThat(pictures).as(when).containsKey(picture);
      }
      for (Map.Entry<String, float[]> found : pictures.entrySet()) {
        float[] expected = StoreHistory.features(Integer.parseInt(found.getKey(), 16), network);
        assertSame(when, expected, found.getValue());
      }
      compareProducts(
          when, all(oracle.products(network, after)), products(network, after), live, after);
    }
    if (after == 0) {
      assertThat(sums(all(store.sales(0)))).as(when).isEqualTo(sums(all(oracle.sales(0))));
    } else {
      assertThat(all(store.sales(after))).as(when).isEqualTo(all(oracle.sales(after)));
    }
    compareEvents(when, events(oracle, after), events(store, after));
    assertThat(store.count(0)).as(when).isEqualTo(now.size());
  }

  private void compareProducts(
      String when,
      List<StoredProduct> expected,
      List<StoredProduct> actual,
      List<Set<String>> live,
      int after) {
    assertThat(ids(actual)).as(when).doesNotHaveDuplicates();
    for (StoredProduct product : expected) {
      if (product.attributes() != null) {
        StoredProduct found = of(actual, product.id());
        assertThat(found).as("%s: %s", when, product.id()).isNotNull();
        assertThat(found.attributes()).as(when).isEqualTo(product.attributes());
        assertThat(found.hasLooks()).as(when).isEqualTo(product.hasLooks());
        assertSame(when + ": " + product.id(), product.features(), found.features());
      }
    }
    Set<String> now = live.get(live.size() - 1);
    Set<String> expectedThere = new TreeSet<>(ids(expected));
    expectedThere.retainAll(now);
    var removed = new TreeSet<String>();
    var there = new TreeSet<String>();
    for (StoredProduct product : actual) {
      (product.attributes() == null ? removed : there).add(product.id());
    }
    assertThat(there).as(when).isEqualTo(expectedThere);
    assertThat(Collections.disjoint(removed, now)).as("%s, %s removed", when, removed).isTrue();
    var known = new TreeSet<>(live.get(after));
    known.removeAll(now);
    assertThat(removed).as("%s, removed", when).containsAll(known);
    if (after == 0) {
      assertThat(removed).as(when).isEmpty();
    }
  }

  /** What a store tells, with the names of those that were erased. */
  private static List<StoreChange> events(CatalogueStore store, int after) throws StoreException {
    var names = new HashMap<StoreChange, StoreChange>();
    for (int i = 0; i < StoreHistory.CUSTOMERS; i++) {
      names.put(Erased.of(store.id(), "", "c" + i), new Forgotten("", "c" + i));
    }
    return all(store.events(after)).stream()
        .map(change -> names.getOrDefault(change, change))
        .toList();
  }

  private static void compareEvents(
      String when, List<StoreChange> expected, List<StoreChange> actual) {
    assertThat(actual.stream().filter(Did.class::isInstance).toList())
        .as(when)
        .isEqualTo(expected.stream().filter(Did.class::isInstance).toList());
    assertThat(actual.stream().filter(Forgotten.class::isInstance).distinct())
        .as(when)
        .containsExactlyInAnyOrderElementsOf(
            expected.stream().filter(Forgotten.class::isInstance).distinct().toList());
    for (int i = 0; i < actual.size(); i++) {
      if (actual.get(i) instanceof Did did) {
        assertThat(actual.subList(i, actual.size()))
            .as(when)
            .doesNotContain(new Forgotten(did.tenant(), did.customer()));
      }
    }
  }
}

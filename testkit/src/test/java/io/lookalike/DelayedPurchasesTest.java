package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Product;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import io.lookalike.testkit.ForwardingStore;
import io.lookalike.testkit.MemoryStore;
import io.lookalike.testkit.NaiveIndex;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Purchases that are durable a little later, where several processes record them meanwhile. */
@Timeout(120)
class DelayedPurchasesTest {

  private static final Instant DAY = Instant.parse("2024-05-01T12:00:00Z");

  /** A store that writes nothing while it is shut: who writes waits, or fails. */
  private static final class Gate extends ForwardingStore {
    private final Semaphore open = new Semaphore(1);
    volatile boolean failing;

    Gate(CatalogueStore store) {
      super(store);
    }

    @Override
    public long write(Batch batch) throws StoreException {
      open.acquireUninterruptibly();
      try {
        if (failing) {
          throw new StoreException("the disk is full");
        }
        return super.write(batch);
      } finally {
        open.release();
      }
    }
  }

  private final MemoryStore store = MemoryStore.ofSeveral();
  private final Gate one = new Gate(store);
  private final Gate two = new Gate(store.beside());

  private static Recommender open(CatalogueStore store) {
    return Recommender.builder()
        .dimension(2)
        .index(NaiveIndex.factory())
        .store(store)
        .purchasesDurableWithin(Duration.ofMillis(1))
        .build();
  }

  private void shut() {
    one.open.acquireUninterruptibly();
    two.open.acquireUninterruptibly();
  }

  private void reopen() {
    one.open.release();
    two.open.release();
  }

  private static void eventually(String what, BooleanSupplier condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("still not so: %s", what).isLessThan(end);
      Thread.sleep(5);
    }
  }

  private static Map<String, Map<LocalDate, Long>> sales(Recommender shop) {
    var sales = new TreeMap<String, Map<LocalDate, Long>>();
    for (String id : new TreeSet<>(shop.purchases().soldIds())) {
      sales.put(id, shop.purchases().daily(id));
    }
    return sales;
  }

  /** What a process finds that starts now. */
  private Map<String, Map<LocalDate, Long>> stored() {
    try (Recommender shop = open(store.beside())) {
      return sales(shop);
    }
  }

  private void assertBothFollow(String when, Recommender a, Recommender b) throws Exception {
    eventually(
        when,
        () -> {
          Map<String, Map<LocalDate, Long>> stored = stored();
          return sales(a).equals(stored) && sales(b).equals(stored);
        });
    for (Recommender shop : List.of(a, b)) {
      assertThat(shop.audit().healthy()).as(when).isTrue();
    }
  }

  @Test
  void onePieceThatComesBackToTwoProcessesComesBackOnce() throws Exception {
    try (Recommender a = open(one);
        Recommender b = open(two)) {
      a.recordPurchase("p", DAY);
      a.recordPurchase("kept", DAY);
      eventually("both know", () -> b.purchases().total() == 2);
      shut();
      a.purchases().record(Purchase.returned("p", DAY));
      b.recordPurchases(List.of(Purchase.returned("p", DAY), Purchase.of("other", DAY)));
      reopen();
      a.add(Product.of("x"), new float[] {1, 2});
      b.add(Product.of("y"), new float[] {1, 2});
      assertBothFollow("after the returns", a, b);
      assertThat(sales(a).keySet()).containsExactly("kept", "other");
      a.recordPurchase("p", DAY);
      b.recordPurchase("p", DAY);
      assertBothFollow("after new sales", a, b);
      assertThat(a.purchases().count("p")).isEqualTo(2);
    }
  }

  @Test
  void aReturnMayBeToldBeforeItsSale() throws Exception {
    try (Recommender a = open(one);
        Recommender b = open(two)) {
      a.recordPurchases(
          List.of(Purchase.returned("p", DAY), Purchase.of("q", DAY), Purchase.of("p", DAY)));
      a.recordPurchases(
          List.of(
              new Purchase("p", DAY, -2, null),
              Purchase.of("q", DAY),
              new Purchase("p", DAY.plusSeconds(90_000), 3, null)));
      a.recordPurchases(
          List.of(
              Purchase.returned("p", DAY),
              Purchase.of("q", DAY),
              new Purchase("p", DAY.plusSeconds(90_000), 2, null)));
      b.add(Product.of("y"));
      assertBothFollow("a return before its sale", a, b);
      assertThat(b.purchases().count("p")).isEqualTo(2);
    }
  }

  @Test
  void aReturnIsOfPiecesThatOthersSoldMeanwhile() throws Exception {
    try (Recommender a = open(one);
        Recommender b = open(two)) {
      a.recordPurchase("p", DAY);
      eventually("both know", () -> b.purchases().total() == 1);
      shut();
      a.recordPurchases(List.of(new Purchase("p", DAY.plusSeconds(90_000), 3, null)));
      b.purchases().record(Purchase.returned("p", DAY)); // by then, it has sold one piece
      reopen();
      a.add(Product.of("x"));
      b.add(Product.of("y"));
      assertBothFollow("after the return", a, b);
    }
  }

  @Test
  void aPurchaseThatIsDeliveredToTwoProcessesCountsOnce() throws Exception {
    try (Recommender a = open(one);
        Recommender b = open(two)) {
      shut();
      for (Recommender shop : List.of(a, b)) {
        shop.purchases().record(new Purchase("p", DAY, 2, "order-1/1"));
        shop.recordPurchases(
            List.of(new Purchase("p", DAY, 1, "order-1/2"), new Purchase("q", DAY, 1, null)));
      }
      b.purchases().record(new Purchase("r", DAY, 1, "order-1/3"));
      a.purchases().record(new Purchase("p", DAY, 1, "order-1/3")); // which of the two, time tells
      reopen();
      a.add(Product.of("x"));
      b.add(Product.of("y"));
      assertBothFollow("delivered twice", a, b);
      PurchaseLog log = a.purchases();
      assertThat(log.count("q")).isEqualTo(2);
      assertThat(log.count("p") + log.count("r")).isEqualTo(4);
      assertThat(b.purchases().record(new Purchase("r", DAY, 1, "order-1/3"))).isFalse();
    }
  }

  @Test
  void twoProcessesMayForgetTheSameDays() throws Exception {
    LocalDate first = LocalDate.of(2024, 5, 1);
    try (Recommender a = open(one);
        Recommender b = open(two)) {
      a.purchases().record("p", Map.of(first, 1L, first.plusDays(1), 2L, first.plusDays(2), 3L));
      eventually("both know", () -> b.purchases().total() == 6);
      shut();
      a.purchases().record("p", Map.of(first.plusDays(1), 4L));
      var threads = new ArrayList<Thread>();
      for (Recommender shop : List.of(a, b)) {
        var thread = new Thread(() -> shop.purchases().forgetDaysBefore(first.plusDays(3)));
        thread.start();
        threads.add(thread);
      }
      Thread.sleep(20);
      reopen();
      for (Thread thread : threads) {
        thread.join();
      }
      assertBothFollow("forgotten", a, b);
      a.purchases().forgetDaysBefore(first.plusDays(3));
      assertThat(a.purchases().daily("p")).isEqualTo(Map.of(first, 10L));
    }
  }

  @Test
  void whatDoesNotFitWithOthersIsLeftOut() throws Exception {
    try (Recommender a = open(one);
        Recommender b = open(two)) {
      shut();
      a.recordPurchases(List.of(new Purchase("p", DAY, Long.MAX_VALUE, null)));
      b.recordPurchases(List.of(new Purchase("q", DAY, Long.MAX_VALUE, null)));
      reopen();
      a.add(Product.of("x"));
      b.add(Product.of("y"));
      assertBothFollow("too much", a, b);
      assertThat(a.purchases().total()).isEqualTo(Long.MAX_VALUE);
    }
  }

  @Test
  void aSaleIsWrittenBeforeItsReturnThoughItFailedBefore() throws Exception {
    try (Recommender a = open(one);
        Recommender b = open(two)) {
      one.failing = true;
      for (int i = 0; i < 5; i++) {
        a.recordPurchase("p" + i, DAY);
        assertThatThrownBy(() -> a.add(Product.of("x"))).isInstanceOf(UncheckedIOException.class);
        a.purchases().record(Purchase.returned("p" + i, DAY));
      }
      a.recordPurchase("p", DAY);
      one.failing = false;
      eventually("written", () -> b.purchases().count("p") == 1);
      assertBothFollow("after failures", a, b);
      assertThat(sales(b).keySet()).containsExactly("p");
    }
  }

  @Test
  void aPurchaseThatIsNotTakenIsNotCounted() throws Exception {
    try (Recommender a = open(one);
        Recommender b = open(two)) {
      shut();
      a.recordPurchase("p", DAY);
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> a.recordPurchases(List.of(new Purchase("p", DAY, 3, "o"))))
          .isInstanceOf(CancellationException.class);
      assertThat(Thread.interrupted()).isTrue();
      a.recordPurchase("p", DAY);
      assertThat(a.purchases().count("p")).isEqualTo(2);
      reopen();
      assertBothFollow("after the interrupt", a, b);
      assertThat(a.purchases().record(new Purchase("p", DAY, 3, "o"))).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whateverTwoProcessesRecordTheyAgree(long seed) throws Exception {
    var random = new Random(seed);
    String when = "seed " + seed;
    try (Recommender a = open(one);
        Recommender b = open(two)) {
      for (int round = 0; round < 20; round++) {
        boolean together = random.nextInt(4) > 0;
        if (together) {
          shut();
        }
        for (int i = random.nextInt(12); i >= 0; i--) {
          Recommender shop = random.nextBoolean() ? a : b;
          try {
            if (random.nextInt(8) == 0) {
              shop.purchases().record("p" + random.nextInt(3), Map.of(day(random), 2L));
            } else {
              shop.recordPurchases(batch(random));
            }
          } catch (IllegalArgumentException e) {
            assertThat(e).as(when).hasMessageContaining("no more can come back");
          }
        }
        if (together) {
          reopen();
        }
        if (random.nextInt(3) == 0) {
          a.add(Product.of("x" + round));
        }
      }
      a.add(Product.of("x"));
      b.add(Product.of("y"));
      assertBothFollow(when, a, b);
    }
  }

  private static LocalDate day(Random random) {
    return LocalDate.ofInstant(DAY, ZoneOffset.UTC).plusDays(random.nextInt(3));
  }

  private static List<Purchase> batch(Random random) {
    var batch = new ArrayList<Purchase>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      int pieces = random.nextInt(3) == 0 ? -1 - random.nextInt(2) : 1 + random.nextInt(2);
      String id = random.nextBoolean() ? null : "o" + random.nextInt(60);
      Instant time = day(random).atStartOfDay(ZoneOffset.UTC).toInstant();
      batch.add(new Purchase("p" + random.nextInt(4), time, pieces, id));
    }
    return batch;
  }
}

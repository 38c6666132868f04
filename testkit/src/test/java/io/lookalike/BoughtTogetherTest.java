package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreException;
import io.lookalike.testkit.MemoryStore;
import io.lookalike.testkit.NaiveIndex;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pages that go by what is bought together. */
@Timeout(120)
class BoughtTogetherTest {

  private static final Instant DAY = Instant.now().minus(Duration.ofDays(2));

  private static final PopularityReranker TOGETHER =
      PopularityReranker.balanced().boughtTogether(0.5);

  private static RecommenderBuilder builder(CoPurchases counts) {
    return Recommender.builder().dimension(2).index(NaiveIndex.factory()).coPurchases(counts);
  }

  /** Ten reds, of which red0 is asked about, and as many blues, which look nothing like them. */
  private static Recommender filled(RecommenderBuilder builder) {
    Recommender shop = builder.build();
    for (int i = 0; i < 10; i++) {
      shop.add(Product.of("red" + i).with("color", "red"), new float[] {1, .01f * i});
      shop.add(Product.of("blue" + i).with("color", "blue"), new float[] {-.01f * i, 1});
    }
    shop.add(Product.of("unseen").with("color", "blue"));
    return shop;
  }

  private static void bought(Recommender shop, String customer, String... products) {
    for (String product : products) {
      shop.record(new Event(Customer.of(customer), Event.Kind.BOUGHT, product, DAY));
    }
  }

  private static RecommendationRequest like(String id) {
    return RecommendationRequest.like(id).k(4);
  }

  @Test
  void whatIsBoughtTogetherJoinsThePageThoughItDoesNotLookAlike() {
    try (Recommender shop = filled(builder(CoPurchases.builder().build()).reranker(TOGETHER))) {
      List<String> byLooks = shop.recommend(like("red0")).ids();
      assertThat(byLooks).allMatch(id -> id.startsWith("red"));
      bought(shop, "anna", "red0", "blue9", "unseen");
      assertThat(shop.recommend(like("red0").rankedBy(Reranker.bySimilarity())).ids())
          .as("once may be chance, and another order does not go by it")
          .doesNotContain("blue9");
      assertThat(shop.recommend(like("red0")).ids()).doesNotContain("blue9", "unseen");
      assertThat(shop.explain(like("red0")).whyNot("blue9").reason())
          .startsWith("its similarity is ")
          .endsWith(
              "; it was bought together with what was consulted once, and counts from twice on");
      assertThat(shop.explain(like("red0")).whyNot("blue7").reason())
          .endsWith("; it was never bought together with what was consulted");

      bought(shop, "ben", "red0", "blue9", "unseen");
      Explanation explained = shop.explain(like("red0"));
      assertThat(explained.page()).isEqualTo(shop.recommend(like("red0")));
      assertThat(explained.page().ids()).startsWith("unseen", "blue9").contains("red1");
      assertThat(explained.whyNot("blue9").reason())
          .isEqualTo("place 2 of the page, bought together 2 times with what was consulted");
      assertThat(explained.candidates())
          .filteredOn(step -> step.id().equals("blue9"))
          .singleElement()
          .matches(step -> step.boughtTogether() == 2)
          .matches(step -> step.similarity() < 0.1);

      assertThat(shop.recommend(like("red0").where(Filter.equal("color", "red"))).ids())
          .allMatch(id -> id.startsWith("red"));
      assertThat(shop.recommend(like("red0").excluding(List.of("blue9"))).ids())
          .doesNotContain("blue9");
      assertThat(shop.recommend(like("red0").onlyNearest(6)).ids())
          .as("no candidate is added where the nearest are all")
          .doesNotContain("blue9");
      assertThat(shop.recommend(like("blue9")).ids()).contains("red0", "unseen");
      assertThat(shop.recommend(like("red5").rankedBy(PopularityReranker.balanced())).ids())
          .as("of a cold product, looks decide")
          .isEqualTo(shop.recommend(like("red5")).ids());
      assertThat(shop.recommend(RecommendationRequest.like(new float[] {1, 0}).k(4)).ids())
          .doesNotContain("blue9");
      assertThat(shop.recommend(like("unseen")).ids()).contains("red0", "blue9");
      shop.remove("blue9");
      assertThat(shop.recommend(like("red0")).ids()).doesNotContain("blue9").contains("unseen");
    }
  }

  @Test
  void aReplayKnowsOnlyWhatCameBefore() {
    try (Recommender shop = filled(builder(CoPurchases.builder().build()).reranker(TOGETHER))) {
      bought(shop, "anna", "red0", "blue9");
      bought(shop, "ben", "red0", "blue9");
      Instant before = DAY.minusSeconds(1);
      RecommendationRequest then = like("red0").rankedBy(TOGETHER.at(InstantSource.fixed(before)));
      assertThat(shop.recommend(then).ids()).doesNotContain("blue9");
      assertThat(shop.recommend(like("red0").rankedBy(TOGETHER.at(InstantSource.fixed(DAY)))).ids())
          .contains("blue9");
    }
  }

  @Test
  void theWeightMovesItUpThePage() {
    try (Recommender shop = filled(builder(CoPurchases.builder().build()))) {
      bought(shop, "anna", "red0", "blue9", "red7");
      bought(shop, "ben", "red0", "blue9", "red7");
      int place = 21;
      for (double weight : new double[] {0, 0.1, 0.25, 0.5, 1}) {
        var request =
            like("red0").k(20).rankedBy(PopularityReranker.balanced().boughtTogether(weight));
        int now = shop.recommend(request).ids().indexOf("red7");
        assertThat(now).as("weight %s", weight).isLessThanOrEqualTo(place);
        place = now;
      }
      assertThat(place).isLessThan(2);
    }
  }

  /** Whatever else is in a shop: a page without co-purchases is the page without the signal. */
  @Test
  void withoutCoPurchasesNothingChanges() {
    for (long seed = 0; seed < 20; seed++) {
      var random = new Random(seed);
      try (Recommender shop = filled(builder(CoPurchases.builder().build()))) {
        for (int i = 0; i < 30; i++) {
          // Each buys one thing.
          bought(shop, "c" + i, "red" + random.nextInt(10));
        }
        var asked = RecommendationRequest.like("red" + random.nextInt(10)).k(6);
        assertThat(shop.recommend(asked.rankedBy(TOGETHER)))
            .as("seed %s", seed)
            .isEqualTo(shop.recommend(asked.rankedBy(PopularityReranker.balanced())));
      }
    }
  }

  @Test
  void aStoreKeepsItForAsLongAsIsWanted() throws StoreException {
    var store = new MemoryStore();
    List<String> page;
    try (Recommender shop =
        filled(
            builder(CoPurchases.builder().build())
                .reranker(TOGETHER)
                .sessions(Sessions.builder().build())
                .keepSessions()
                .keepCoPurchases(Duration.ofDays(30))
                .store(store))) {
      bought(shop, "anna", "red0", "blue9");
      bought(shop, "ben", "red0", "blue9");
      shop.record(new Event(Customer.of("anna"), Event.Kind.VIEWED, "red3", DAY));
      for (int i = 0; i < 1_001; i++) { // after so many, what is too old is erased
        shop.record(
            new Event(
                Customer.of("old"),
                Event.Kind.BOUGHT,
                "red9",
                DAY.minus(Duration.ofDays(40)).plusSeconds(i)));
      }
      page = shop.recommend(like("red0")).ids();
      assertThat(page).contains("blue9");
    }
    var counts = CoPurchases.builder().build();
    try (Recommender shop =
        builder(counts)
            .reranker(TOGETHER)
            .keepCoPurchases(Duration.ofDays(30))
            .store(store.reopened())
            .build()) {
      assertThat(counts.customers()).isBetween(2, 3);
      assertThat(counts.boughtWith("red0", Instant.now(), shop.purchases(), 10))
          .extracting(CoPurchases.Pair::productId, CoPurchases.Pair::times)
          .contains(tuple("blue9", 2));
      assertThat(shop.recommend(like("red0")).ids()).contains("blue9");
      bought(shop, "carl", "red0", "blue8"); // without sessions
      counts.recordAll(
          List.of(
              new Event(Customer.of("dora"), Event.Kind.BOUGHT, "red0", DAY),
              new Event(Customer.of("dora"), Event.Kind.BOUGHT, "blue8", DAY)));
      assertThat(shop.purchases().count("blue8")).as("a history is not sold again").isEqualTo(1);
      assertThat(shop.forget(Customer.of("anna"))).isTrue();
    }
    var again = CoPurchases.builder().build();
    try (Recommender shop =
        builder(again)
            .reranker(TOGETHER)
            .keepCoPurchases(Duration.ofDays(30))
            .store(store.reopened())
            .build()) {
      assertThat(again.boughtWith("red0", Instant.now(), shop.purchases(), 10))
          .extracting(CoPurchases.Pair::productId, CoPurchases.Pair::times)
          .contains(tuple("blue8", 2), tuple("blue9", 1));
    }
  }

  /** Whether it has just been recorded or is read from the store, it counts in the same places. */
  @Test
  void anOldPurchaseIsOfNoSessionNowOrAfterARestart() {
    var store = new MemoryStore();
    Instant lastMonth = Instant.now().minus(Duration.ofDays(40));
    var pages = new ArrayList<List<String>>();
    for (MemoryStore each : List.of(store, store)) {
      var counts = CoPurchases.builder().build();
      boolean first = pages.isEmpty();
      RecommenderBuilder builder =
          builder(counts)
              .sessions(Sessions.builder().build())
              .keepSessions()
              .keepCoPurchases(Duration.ofDays(365))
              .store(first ? each : each.reopened());
      try (Recommender shop = first ? filled(builder) : builder.build()) {
        if (first) {
          shop.record(new Event(Customer.of("anna"), Event.Kind.BOUGHT, "red1", lastMonth));
        }
        assertThat(shop.sessions().size()).isZero();
        assertThat(counts.customers()).isEqualTo(1);
        pages.add(shop.recommend(like("red0").inSessionOf(Customer.of("anna")).k(30)).ids());
      }
    }
    assertThat(pages.get(0)).contains("red1").isEqualTo(pages.get(1));
  }

  @Test
  void anotherProcessLearnsOfItAndWithoutTheWishNothingIsKept() throws Exception {
    var store = MemoryStore.ofSeveral();
    var here = CoPurchases.builder().build();
    var there = CoPurchases.builder().build();
    Duration month = Duration.ofDays(30);
    try (Recommender shop =
            filled(builder(here).keepCoPurchases(month).store(store).reranker(TOGETHER));
        Recommender other = builder(there).keepCoPurchases(month).store(store.beside()).build()) {
      bought(other, "anna", "red0", "blue9");
      bought(other, "ben", "red0", "blue9");
      long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (here.customers() < 2 && System.nanoTime() < until) {
        Thread.sleep(5);
      }
      bought(shop, "carl", "red1", "blue1"); // what was written before has been read by now
      assertThat(shop.recommend(like("red0")).ids()).contains("blue9");
    }
    var unkept = new MemoryStore();
    try (Recommender shop = filled(builder(CoPurchases.builder().build()).store(unkept))) {
      bought(shop, "anna", "red0", "blue9");
    }
    var events = new ArrayList<Object>();
    try (var cursor = unkept.reopened().events(0)) {
      cursor.forEachRemaining(events::add);
    }
    assertThat(events).isEmpty();
  }

  private static List<StoreChange.Did> events(MemoryStore store) throws StoreException {
    var events = new ArrayList<StoreChange.Did>();
    try (var cursor = store.beside().events(0)) {
      cursor.forEachRemaining(event -> events.add((StoreChange.Did) event));
    }
    return events;
  }

  private static RecommenderBuilder withSessions(InstantSource clock) {
    return Recommender.builder()
        .dimension(2)
        .index(NaiveIndex.factory())
        .sessions(Sessions.builder().clock(clock).build())
        .keepSessions();
  }

  @Test
  void aShopThatKeepsSessionsAloneErasesNoPurchasesThatAnotherKeeps() throws StoreException {
    var store = MemoryStore.ofSeveral();
    Instant now = Instant.now();
    try (Recommender shop =
            filled(
                builder(CoPurchases.builder().build())
                    .keepCoPurchases(Duration.ofDays(365))
                    .store(store));
        Recommender pages = withSessions(InstantSource.system()).store(store.beside()).build()) {
      for (int i = 0; i < 60; i++) {
        Instant before = now.minus(Duration.ofDays(i));
        shop.record(new Event(Customer.of("c" + i), Event.Kind.BOUGHT, "red" + i % 10, before));
      }
      for (int i = 0; i < 1_100; i++) {
        pages.record(new Event(Customer.of("anna"), Event.Kind.VIEWED, "red1", now.plusSeconds(i)));
      }
      assertThat(events(store)).filteredOn(did -> did.kind().equals("BOUGHT")).hasSize(60);
    }
    var counts = CoPurchases.builder().build();
    builder(counts).keepCoPurchases(Duration.ofDays(365)).store(store.beside()).build().close();
    assertThat(counts.customers()).isEqualTo(60);
  }

  @Test
  void whereNobodyKeepsThemPurchasesGoWithTheirSessions() throws StoreException {
    var store = MemoryStore.ofSeveral();
    Instant now = Instant.now();
    var anna = Customer.of("anna");
    try (Recommender shop = withSessions(InstantSource.fixed(now)).store(store).build()) {
      shop.record(new Event(anna, Event.Kind.BOUGHT, "red1", now));
      shop.record(new Event(anna, Event.Kind.VIEWED, "red1", now));
      assertThat(events(store)).hasSize(2);
    }
    Instant later = now.plus(Duration.ofDays(10));
    try (Recommender shop =
        withSessions(InstantSource.fixed(later)).store(store.beside()).build()) {
      shop.record(new Event(anna, Event.Kind.VIEWED, "red2", later));
      assertThat(events(store)).extracting(StoreChange.Did::productId).containsExactly("red2");
    }
  }

  @Test
  void whatIsOlderThanWhatIsKeptIsNotWritten() throws StoreException {
    Instant now = Instant.now();
    var old = new ArrayList<Event>();
    var mixed = new ArrayList<Event>();
    for (int i = 0; i < 1_500; i++) {
      boolean ancient = i % 3 == 0;
      Instant time = ancient ? Instant.parse("0001-01-01T00:00:00Z").plusSeconds(i) : now;
      var event = new Event(Customer.of("c" + i), Event.Kind.BOUGHT, "red" + i % 10, time);
      mixed.add(event);
      if (ancient) {
        old.add(event);
      }
    }
    for (List<Event> all : List.of(old, mixed)) {
      var store = MemoryStore.ofSeveral();
      var counts = CoPurchases.builder().build();
      try (Recommender shop =
          filled(builder(counts).keepCoPurchases(Duration.ofDays(30)).store(store))) {
        counts.recordAll(all);
        counts.record(old.get(0));
        assertThat(counts.customers()).isEqualTo(all.size() - old.size());
        assertThat(events(store)).hasSize(all.size() - old.size());
      }
    }
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatThrownBy(
            () ->
                Recommender.builder()
                    .dimension(2)
                    .index(NaiveIndex.factory())
                    .reranker(TOGETHER)
                    .build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "the reranker goes by what is bought together, and coPurchases was not set; call"
                + " coPurchases(CoPurchases.builder().build())");
    try (Recommender shop =
        filled(Recommender.builder().dimension(2).index(NaiveIndex.factory()))) {
      assertThatThrownBy(() -> shop.recommend(like("red0").rankedBy(TOGETHER)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("does not know who bought what; call coPurchases(");
    }
    assertThatThrownBy(() -> builder(CoPurchases.builder().build()).keepCoPurchases(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("keepCoPurchases is PT0S, expected a day to 100 years");
    assertThatThrownBy(
            () ->
                builder(CoPurchases.builder().build()).keepCoPurchases(Duration.ofDays(1)).build())
        .hasMessage("keepCoPurchases was called, but store was not set");
    assertThatThrownBy(() -> PopularityReranker.balanced().boughtTogether(1.5))
        .hasMessage("the weight of what is bought together is 1.5, expected 0 to 1");
  }
}

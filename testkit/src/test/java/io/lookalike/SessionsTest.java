package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.lookalike.catalog.Product;
import io.lookalike.testkit.NaiveIndex;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SessionsTest {

  private static final Instant START = Instant.parse("2024-05-01T12:00:00Z");
  private static final Customer ANNA = Customer.of("anna");
  private static final Customer BEN = Customer.of("ben");

  /** A clock that the test moves. */
  private static final class Clock implements InstantSource {
    volatile Instant now = START;

    @Override
    public Instant instant() {
      return now;
    }

    void pass(Duration time) {
      now = now.plus(time);
    }
  }

  private final Clock clock = new Clock();

  private Sessions.Builder builder() {
    return Sessions.builder().clock(clock);
  }

  /** Reds and blues, from which each session's preferences are easy to see. */
  private static Recommender shop(Sessions sessions) {
    Recommender shop =
        Recommender.builder().dimension(3).index(NaiveIndex.factory()).sessions(sessions).build();
    for (int i = 0; i < 5; i++) {
      shop.add(Product.of("red" + i), new float[] {1, .1f * i, 0});
      shop.add(Product.of("blue" + i), new float[] {0, .1f * i, 1});
    }
    return shop;
  }

  private void record(Recommender shop, Customer customer, Event.Kind kind, String product) {
    shop.record(new Event(customer, kind, product, clock.now));
  }

  private static List<String> page(Recommender shop, Customer customer) {
    return shop.recommend(RecommendationRequest.forCustomer(customer).k(4)).ids();
  }

  @Test
  void aCustomersPageFollowsWhatHeDoes() {
    Sessions sessions = builder().build();
    try (Recommender shop = shop(sessions)) {
      shop.recordPurchase("blue3", START);
      assertThat(page(shop, ANNA)).as("nothing is known").startsWith("blue3", "blue0");
      record(shop, ANNA, Event.Kind.VIEWED, "red0");
      assertThat(page(shop, ANNA)).containsExactly("red1", "red2", "red3", "red4");
      assertThat(page(shop, BEN)).startsWith("blue3");
      record(shop, ANNA, Event.Kind.DISMISSED, "red1");
      assertThat(page(shop, ANNA)).doesNotContain("red0", "red1");
      record(shop, ANNA, Event.Kind.ADDED, "blue0");
      record(shop, ANNA, Event.Kind.ADDED, "blue1");
      assertThat(page(shop, ANNA)).startsWith("blue2", "blue3", "blue4");
      assertThat(sessions.size()).isEqualTo(1);
      assertThat(sessions.forget(ANNA)).isTrue();
      assertThat(sessions.forget(ANNA)).isFalse();
      assertThat(page(shop, ANNA)).isEqualTo(page(shop, BEN));
    }
  }

  /** Only how the weights of a request's examples compare matters, not what they add up to. */
  @Test
  void besideASessionHugeAndTinyWeightsAreAsGoodAsOthers() {
    for (double share : new double[] {.5, 1_000}) {
      try (Recommender shop = shop(builder().share(share).build())) {
        record(shop, ANNA, Event.Kind.VIEWED, "blue4");
        for (Combination combination : Combination.values()) {
          List<Recommendation> expected = page(shop, 1, combination).recommendations();
          for (double weight : new double[] {1.5e308, 1e306, 1e-300, 4.9e-324}) {
            assertThat(page(shop, weight, combination).recommendations())
                .as("%s, examples weighing %s, share %s", combination, weight, share)
                .isEqualTo(expected);
          }
        }
      }
    }
  }

  private static RecommendationPage page(Recommender shop, double weight, Combination combination) {
    return shop.recommend(
        RecommendationRequest.like(Example.product("red0").weighing(weight))
            .alsoLike(Example.product("red4").weighing(weight))
            .combining(combination)
            .inSessionOf(ANNA)
            .rankedBy(Reranker.bySimilarity())
            .k(7));
  }

  @Test
  void aReplayShowsWhatSoldBestByThen() {
    try (Recommender shop = shop(builder().build())) {
      shop.recordPurchase("red3", START);
      for (int i = 0; i < 3; i++) {
        shop.recordPurchase("blue0", START.plus(Duration.ofDays(9)));
        shop.recordPurchase("red3", START.plus(Duration.ofDays(9)));
      }
      for (int i = 0; i < 1_000; i++) { // more than any page looks at
        shop.add(Product.of("later" + i), new float[] {0, 1, .01f * i});
        shop.purchases().record(new Purchase("later" + i, START.plus(Duration.ofDays(9)), 5));
      }
      RecommendationRequest then =
          RecommendationRequest.forCustomer(ANNA)
              .k(3)
              .rankedBy(PopularityReranker.balanced().at(clock));

      assertThat(shop.recommend(then).ids()).startsWith("red3");
      assertThat(shop.explain(then).candidates())
          .extracting(Explanation.Step::id, Explanation.Step::sales)
          .contains(tuple("red3", 1L), tuple("blue0", 0L));
    }
  }

  @Test
  void aPurchaseIsCountedAndNotShownAgain() {
    try (Recommender shop = shop(builder().build())) {
      record(shop, ANNA, Event.Kind.BOUGHT, "red2");
      record(shop, ANNA, Event.Kind.VIEWED, "red2");
      clock.pass(Duration.ofSeconds(1));
      record(shop, ANNA, Event.Kind.DISMISSED, "red2");
      clock.pass(Duration.ofSeconds(1));
      record(shop, ANNA, Event.Kind.VIEWED, "red2");
      assertThat(shop.purchases().count("red2")).isEqualTo(1);
      RecommendationRequest about = RecommendationRequest.like("red0").inSessionOf(ANNA);
      assertThat(shop.recommend(about).ids()).doesNotContain("red2").hasSize(8);
      assertThat(shop.explain(about).whyNot("red2"))
          .isEqualTo(
              new Explanation.Verdict(
                  Explanation.Stage.EXCLUSION, "the customer has dismissed or bought it"));
      assertThat(shop.explain(RecommendationRequest.forCustomer(ANNA)).whyNot("red2").stage())
          .isEqualTo(Explanation.Stage.QUERY);
    }
  }

  @Test
  void aDismissalHoldsUntilTheCustomerComesBackToTheProduct() {
    try (Recommender shop = shop(builder().build())) {
      record(shop, ANNA, Event.Kind.DISMISSED, "red1");
      RecommendationRequest about = RecommendationRequest.like("red0").inSessionOf(ANNA);
      assertThat(shop.recommend(about).ids()).doesNotContain("red1");
      clock.pass(Duration.ofSeconds(1));
      record(shop, ANNA, Event.Kind.CLICKED, "red1");
      assertThat(shop.recommend(about).ids()).startsWith("red1");
    }
  }

  @Test
  void whatWasDoneFades() {
    try (Recommender shop =
        shop(builder().halfLife(Duration.ofMinutes(1)).timeToLive(Duration.ofDays(1)).build())) {
      record(shop, ANNA, Event.Kind.ADDED, "red0");
      clock.pass(Duration.ofMinutes(10));
      record(shop, ANNA, Event.Kind.VIEWED, "blue0");
      assertThat(page(shop, ANNA)).containsExactly("blue1", "blue2", "blue3", "blue4");
      clock.pass(Duration.ofHours(10));
      RecommendationRequest about = RecommendationRequest.like("red1");
      assertThat(shop.recommend(about.inSessionOf(ANNA)).ids())
          .isEqualTo(shop.recommend(about).ids());
    }
  }

  @Test
  void sessionsEndAndAreBounded() {
    Sessions sessions = builder().maxSessions(3).timeToLive(Duration.ofMinutes(5)).build();
    try (Recommender shop = shop(sessions)) {
      for (int i = 0; i < 50; i++) {
        record(shop, Customer.of("c" + i), Event.Kind.VIEWED, "red0");
        assertThat(sessions.size()).isLessThanOrEqualTo(3);
      }
      clock.pass(Duration.ofMinutes(6));
      assertThat(sessions.size()).isZero();
    }
  }

  /** A purchase of last month counts as sold, and tells nothing of what is wanted now. */
  @Test
  void whatIsOlderThanAnySessionIsOfNone() {
    Sessions sessions = builder().timeToLive(Duration.ofHours(2)).build();
    try (Recommender shop = shop(sessions)) {
      for (Event.Kind kind : Event.Kind.values()) {
        shop.record(new Event(ANNA, kind, "red0", START.minus(Duration.ofHours(26)).minusNanos(1)));
      }
      assertThat(sessions.size()).isZero();
      assertThat(shop.purchases().count("red0")).isEqualTo(1);
      shop.record(new Event(ANNA, Event.Kind.VIEWED, "red0", START.minus(Duration.ofHours(26))));
      assertThat(sessions.size()).isEqualTo(1);
    }
  }

  @Test
  void ofASessionTheLatestEventsAreHeld() {
    try (Recommender shop = shop(builder().maxEvents(2).build())) {
      record(shop, ANNA, Event.Kind.DISMISSED, "red1");
      for (String id : List.of("red2", "red3")) {
        clock.pass(Duration.ofSeconds(1));
        record(shop, ANNA, Event.Kind.VIEWED, id);
      }
      assertThat(page(shop, ANNA)).contains("red1").doesNotContain("red2", "red3");
      // What comes too late for a full session is not taken in.
      shop.record(new Event(ANNA, Event.Kind.VIEWED, "blue1", START.minusSeconds(9)));
      assertThat(page(shop, ANNA)).contains("red1").doesNotContain("red2", "red3");
    }
  }

  @Test
  void productsThatAreGoneNoLongerCount() {
    try (Recommender shop = shop(builder().build())) {
      record(shop, ANNA, Event.Kind.ADDED, "red0");
      record(shop, ANNA, Event.Kind.VIEWED, "blue0");
      record(shop, ANNA, Event.Kind.VIEWED, "never heard of");
      shop.remove("red0");
      assertThat(page(shop, ANNA)).containsExactly("blue1", "blue2", "blue3", "blue4");
    }
  }

  @Test
  void tenantsShareNothing() {
    Sessions sessions = builder().build();
    try (Recommender here = shop(sessions);
        Recommender there = shop(sessions)) {
      record(here, new Customer("here", "1"), Event.Kind.VIEWED, "blue0");
      record(there, new Customer("there", "1"), Event.Kind.VIEWED, "red0");
      assertThat(page(here, new Customer("here", "1"))).startsWith("blue1");
      assertThat(page(there, new Customer("there", "1"))).startsWith("red1");
      sessions.forget(new Customer("here", "1"));
      assertThat(page(there, new Customer("there", "1"))).startsWith("red1");
    }
  }

  @Test
  void noEventIsLostWhilePagesAreMade() throws Exception {
    Sessions sessions = builder().maxEvents(10_000).build();
    try (Recommender shop = shop(sessions)) {
      var pool = Executors.newFixedThreadPool(4);
      try {
        var work = new ArrayList<Callable<Integer>>();
        for (int t = 0; t < 4; t++) {
          int thread = t;
          work.add(
              () -> {
                int pages = 0;
                for (int i = 0; i < 500; i++) {
                  Instant time = START.plusMillis(thread * 1000L + i);
                  shop.record(new Event(ANNA, Event.Kind.BOUGHT, "red" + i % 5, time));
                  shop.record(
                      new Event(ANNA, Event.Kind.DISMISSED, "gone" + thread + "-" + i, time));
                  if (i % 10 == 0) {
                    pages += shop.recommend(RecommendationRequest.forCustomer(ANNA)).ids().size();
                  }
                }
                return pages;
              });
        }
        for (Future<Integer> done : pool.invokeAll(work)) {
          assertThat(done.get()).isPositive();
        }
      } finally {
        pool.shutdown();
      }
      assertThat(shop.purchases().total()).isEqualTo(2000);
      assertThat(sessions.profile(ANNA).preferences()).hasSize(2005);
    }
  }

  @Test
  void badSettingsAreNamed() {
    assertThatThrownBy(() -> Sessions.builder().maxSessions(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxSessions is 0, expected 1 or more");
    assertThatThrownBy(() -> Sessions.builder().maxEvents(1).maxEvents(2))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("maxEvents was already set to 1, then came 2");
    assertThatThrownBy(() -> Sessions.builder().timeToLive(null))
        .hasMessage("timeToLive is null, expected a value");
    assertThatThrownBy(() -> Sessions.builder().halfLife(Duration.ZERO))
        .hasMessage("halfLife is PT0S, expected more than 0");
    assertThatThrownBy(() -> Sessions.builder().weight(Event.Kind.VIEWED, -1))
        .hasMessage("the weight of VIEWED is -1.0, expected a number from 0 to 1000000");
    assertThatThrownBy(
            () -> Sessions.builder().weight(Event.Kind.VIEWED, 3).weight(Event.Kind.VIEWED, 3))
        .hasMessage("the weight of VIEWED was already set to 3.0");
    assertThatThrownBy(() -> Sessions.builder().share(Double.NaN))
        .hasMessage("share is NaN, expected a number from 0 to 1000000");
    assertThatThrownBy(() -> Customer.of(" "))
        .hasMessage("a customer's id is blank, expected a text");
    assertThatThrownBy(() -> new Event(ANNA, Event.Kind.VIEWED, "", START))
        .hasMessage("an event's product id is blank, expected a text");
    assertThatThrownBy(() -> Example.product("a").weighing(0))
        .hasMessage("an example's weight is 0.0, expected a number above 0");
    try (Recommender shop =
        Recommender.builder().dimension(3).index(NaiveIndex.factory()).build()) {
      assertThatThrownBy(() -> record(shop, ANNA, Event.Kind.VIEWED, "red0"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("this recommender keeps no sessions; call sessions(");
      assertThatThrownBy(() -> page(shop, ANNA)).isInstanceOf(IllegalStateException.class);
    }
    try (Recommender shop = shop(builder().build())) {
      assertThatThrownBy(() -> record(shop, ANNA, Event.Kind.BOUGHT, " "))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> shop.record(new Event(ANNA, Event.Kind.BOUGHT, "red0", Instant.MAX)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(shop.sessions().size()).as("nothing was noted").isZero();
      assertThatThrownBy(
              () -> shop.recommend(RecommendationRequest.like("red0").alsoLike("nosuch")))
          .isInstanceOf(UnknownProductException.class);
    }
  }

  @Test
  void anEventDeliveredTwiceCountsOnce() {
    try (Recommender shop = shop(builder().build())) {
      Event bought = new Event(ANNA, Event.Kind.BOUGHT, "red2", START).withId("order-17/1");
      shop.record(bought);
      shop.record(bought);
      shop.purchases().record(Purchase.of("red2", START).withId("order-17/1"));
      assertThat(shop.purchases().count("red2")).isEqualTo(1);

      Event clicked = new Event(ANNA, Event.Kind.CLICKED, "red1", START).withId("click 1");
      Event dismissed = new Event(ANNA, Event.Kind.DISMISSED, "red1", START.plusSeconds(1));
      shop.record(clicked);
      shop.record(dismissed);
      shop.record(new Event(ANNA, Event.Kind.CLICKED, "red1", START.plusSeconds(2), "click 1"));
      assertThat(page(shop, ANNA)).as("a dismissal came last").doesNotContain("red1");
      assertThat(shop.sessions().profile(ANNA).hidden()).containsExactlyInAnyOrder("red1", "red2");
    }
  }

  @Test
  void aClockMayStandAtEitherEndOfTime() {
    for (Instant end : List.of(Instant.MIN, Instant.MAX)) {
      Sessions sessions =
          Sessions.builder()
              .clock(InstantSource.fixed(end))
              .halfLife(Duration.ofSeconds(Long.MAX_VALUE))
              .timeToLive(Duration.ofSeconds(Long.MAX_VALUE))
              .build();
      try (Recommender shop = shop(sessions)) {
        shop.record(new Event(ANNA, Event.Kind.VIEWED, "red0", START));
        assertThat(page(shop, ANNA)).hasSize(4).doesNotContain("red0");
      }
    }
  }

  @Test
  void printsInWords() {
    Sessions sessions = builder().build();
    assertThat(sessions)
        .hasToString(
            "sessions: 0 of at most 100000, each of 50 events, for PT2H; half-life PT30M, share 0.5,"
                + " weights {VIEWED=1.0, CLICKED=2.0, ADDED=4.0, BOUGHT=4.0, DISMISSED=4.0}");
    assertThat(new Event(ANNA, Event.Kind.VIEWED, "a", START))
        .hasToString("anna viewed a at 2024-05-01T12:00:00Z");
    assertThat(new Event(new Customer("shop", "1"), Event.Kind.BOUGHT, "a", START).withId("o/1"))
        .hasToString("shop/1 bought a at 2024-05-01T12:00:00Z (o/1)");
  }
}

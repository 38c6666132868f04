package io.lookalike.evaluation;

import io.lookalike.CoPurchases;
import io.lookalike.PopularityReranker;
import io.lookalike.features.CatalogueTransform;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * What settings should be compared with. Where a rule finds too few products, the best sellers of
 * the last days fill the page. Stateless and safe for use by several threads.
 */
public final class Baselines {

  /** How deep an order is looked at where two become one. */
  static final int DEPTH = 100;

  /** What sells well is what sold well in so many days, unless a method says otherwise. */
  static final int DAYS = 7;

  /** Where two orders become one: the constant of reciprocal rank fusion. */
  private static final double FUSION = 60;

  /**
   * A product has enough co-purchases if as many others as fill a page were bought with it twice.
   */
  private static final int ENOUGH = 2;

  private Baselines() {}

  /** Answers in numbers of the catalogue. */
  @FunctionalInterface
  private interface Rule {
    /** In order of preference, with or without what was consulted; may be too few. */
    List<Integer> order(Question question);
  }

  /** Makes a rule as of a cut. */
  @FunctionalInterface
  private interface Rules {
    Rule at(Past past, Sellers sellers);
  }

  private record Baseline(String name, String description, Rules rules) implements Setting {
    @Override
    public Answers open(Past past) {
      var sellers = new Sellers(past, DAYS);
      Rule rule = rules.at(past, sellers);
      return question -> page(question, past, rule.order(question), sellers);
    }

    @Override
    public String toString() {
      return name + " (" + description + ")";
    }
  }

  /** The first k that may be shown, and best sellers where these are too few. */
  private static List<String> page(
      Question question, Past past, List<Integer> order, Sellers sellers) {
    ReplayCatalogue catalogue = past.catalogue();
    int own = question.consulted() == null ? -1 : catalogue.number(question.consulted());
    var page = new ArrayList<String>(question.k());
    var seen = new HashSet<Integer>();
    for (List<Integer> from : List.of(order, sellers.order(question))) {
      for (int i = 0; i < from.size() && page.size() < question.k(); i++) {
        int product = from.get(i);
        if (product != own
            && catalogue.launchedBefore(product, past.at())
            && (!question.newOnly() || past.pieces(product) == 0)
            && seen.add(product)) {
          page.add(catalogue.product(product).id());
        }
      }
    }
    return page;
  }

  /** What sold best in some days first; of these, what sold best ever, then by id. */
  static Comparator<Integer> bestSellersFirst(Past past, int days) {
    long[] lately = past.piecesSince(past.at().minus(Duration.ofDays(days)));
    return Comparator.comparingLong((Integer p) -> -lately[p])
        .thenComparingLong(p -> -past.pieces(p))
        .thenComparing(p -> past.catalogue().product(p).id());
  }

  /** The launched products, best sellers of some days first, then all there are. */
  private static final class Sellers {
    private final Comparator<Integer> order;
    private final List<Integer> all;
    private final List<Integer> neverSold;

    Sellers(Past past, int days) {
      this.order = bestSellersFirst(past, days);
      this.all = sorted(IntStream.of(past.launched()));
      this.neverSold = all.stream().filter(p -> past.pieces(p) == 0).toList();
    }

    List<Integer> sorted(IntStream products) {
      return products.boxed().sorted(order).toList();
    }

    List<Integer> order(Question question) {
      return question.newOnly() ? neverSold : all;
    }
  }

  /**
   * Products by lot: the floor that everything should be above.
   *
   * @param seed decides the lots: the same seed and question have the same page
   * @return the setting
   */
  public static Setting random(long seed) {
    return new Baseline(
        "random",
        "by lot, seed " + seed,
        (past, sellers) ->
            question -> {
              List<Integer> all = sellers.order(question);
              var random =
                  new SplittableRandom(
                      seed
                          ^ (31L * Objects.hashCode(question.consulted())
                              + Objects.hashCode(question.customer())));
              return random
                  .ints(8L * question.k(), 0, Math.max(1, all.size()))
                  .filter(i -> i < all.size())
                  .mapToObj(all::get)
                  .toList();
            });
  }

  /**
   * What sold best.
   *
   * @param days number of days before the cut that count, at least 1
   * @return the setting
   * @throws IllegalArgumentException if it is less than 1
   */
  public static Setting popular(int days) {
    if (days < 1) {
      throw new IllegalArgumentException("days is " + days + ", expected 1 or more");
    }
    return new Baseline(
        "popular",
        "best sellers of " + days + " days",
        (past, sellers) -> new Sellers(past, days)::order);
  }

  /**
   * What sold best in the last 7 days in the category of what was consulted, or of what the
   * customer bought most of. The catalogue's {@link ReplayCatalogue.Builder#categoryBy} says what a
   * category is; without it this is {@link #popular}.
   *
   * @return the setting
   */
  public static Setting popularInCategory() {
    return new Baseline(
        "popular in category",
        "best sellers of 7 days, of the same category",
        (past, sellers) -> {
          ReplayCatalogue catalogue = past.catalogue();
          Map<Integer, List<Integer>> byCategory = new HashMap<>();
          for (boolean neverSold : new boolean[] {false, true}) {
            for (int product : neverSold ? sellers.neverSold : sellers.all) {
              byCategory
                  .computeIfAbsent(
                      2 * catalogue.category(product) + (neverSold ? 1 : 0), c -> new ArrayList<>())
                  .add(product);
            }
          }
          return question -> {
            int category = category(question, catalogue);
            int key = 2 * category + (question.newOnly() ? 1 : 0);
            return category < 0 ? List.of() : byCategory.getOrDefault(key, List.of());
          };
        });
  }

  /** The category of a question, of several the most frequent, of these the latest; -1 if none. */
  private static int category(Question question, ReplayCatalogue catalogue) {
    var counts = new HashMap<Integer, Integer>();
    int most = -1;
    for (String id : consulted(question)) {
      int category = catalogue.category(catalogue.number(id));
      if (category >= 0) {
        counts.merge(category, 1, Integer::sum);
        if (most < 0) {
          most = category;
        }
      }
    }
    for (String id : consulted(question)) {
      int category = catalogue.category(catalogue.number(id));
      if (category >= 0 && counts.getOrDefault(category, 0) > counts.getOrDefault(most, 0)) {
        most = category;
      }
    }
    return most;
  }

  /** The product consulted, or those bought before, latest first. */
  private static List<String> consulted(Question question) {
    return question.consulted() != null
        ? List.of(question.consulted())
        : question.history().stream().map(Question.Bought::productId).toList();
  }

  /**
   * What was bought together with the product consulted, or with what the customer bought before:
   * item-to-item collaborative filtering, by the rule of {@link CoPurchases}.
   *
   * @return the setting
   */
  public static Setting coPurchase() {
    return new Baseline(
        "co-purchase",
        "bought together, as the recommender counts it",
        (past, sellers) -> question -> together(question, past));
  }

  private static List<Integer> together(Question question, Past past) {
    var scores = new HashMap<Integer, Double>();
    double weight = 1;
    for (String id : consulted(question)) {
      List<CoPurchases.Pair> pairs = past.boughtWith(id);
      // Each purchase lends its own order: what sold little has small counts, not small meaning.
      double best = pairs.isEmpty() ? 1 : pairs.get(0).score();
      for (CoPurchases.Pair pair : pairs) {
        int other = past.catalogue().number(pair.productId());
        scores.merge(other, weight * pair.score() / best, Double::sum);
      }
      weight *= 0.8;
    }
    return byScore(scores);
  }

  private static List<Integer> byScore(Map<Integer, Double> scores) {
    return scores.entrySet().stream()
        .sorted(
            Map.Entry.<Integer, Double>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(DEPTH)
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * What the customer bought before, the latest first. On a product's page, the best sellers.
   *
   * @return the setting
   */
  public static Setting boughtAgain() {
    return new Baseline(
        "bought again",
        "the customer's own purchases, latest first",
        (past, sellers) ->
            question ->
                question.history().stream()
                    .map(bought -> past.catalogue().number(bought.productId()))
                    .toList());
  }

  /**
   * Co-purchases where there are enough, looks where there are not: the order of {@link
   * #coPurchase} and another setting's in reciprocal rank fusion, if as many products as fill the
   * page were bought at least twice with what was consulted; otherwise the other setting's alone.
   *
   * @param looks a setting that goes by looks
   * @return the setting
   */
  public static Setting looksAndCoPurchase(Setting looks) {
    return new LooksAndCoPurchase(Objects.requireNonNull(looks, "looks"));
  }

  private record LooksAndCoPurchase(Setting looks) implements Setting {
    @Override
    public String name() {
      return "looks + co-purchase";
    }

    @Override
    public String description() {
      return "co-purchases where there are enough, in reciprocal rank fusion with " + looks;
    }

    @Override
    public Answers open(Past past) {
      Answers byLooks = looks.open(past);
      var sellers = new Sellers(past, DAYS);
      ReplayCatalogue catalogue = past.catalogue();
      return new Answers() {
        @Override
        public List<String> answer(Question question) {
          List<CoPurchases.Pair> pairs =
              consulted(question).stream()
                  .flatMap(id -> past.boughtWith(id).stream())
                  .filter(pair -> pair.times() >= ENOUGH)
                  .toList();
          Set<String> different = new HashSet<>();
          pairs.forEach(pair -> different.add(pair.productId()));
          if (question.newOnly() || different.size() < question.k()) {
            return byLooks.answer(question);
          }
          var deeper =
              new Question(
                  question.consulted(),
                  question.customer(),
                  question.history(),
                  Math.min(DEPTH, 4 * question.k()),
                  false);
          var scores = new HashMap<Integer, Double>();
          addRanks(together(question, past), scores);
          addRanks(byLooks.answer(deeper).stream().map(catalogue::number).toList(), scores);
          return page(question, past, byScore(scores), sellers);
        }

        @Override
        public void close() {
          byLooks.close();
        }
      };
    }

    private static void addRanks(List<Integer> order, Map<Integer, Double> scores) {
      for (int i = 0; i < order.size(); i++) {
        scores.merge(order.get(i), 1 / (FUSION + i + 1), Double::sum);
      }
    }
  }

  /**
   * The method of Boukrouh, Tayalati and Azmani to the letter: the 10 nearest by looks, ordered by
   * purchases, what never sold left out. Its pages have 10 products at most.
   *
   * @param index what searches
   * @return the setting
   */
  public static Setting paper(IndexFactory index) {
    return RecommenderSetting.named("paper", index)
        .rankedBy(PopularityReranker.byPurchases())
        .shop("the 10 nearest", shop -> shop.onlyNearest(10));
  }

  /**
   * A shop as this library sets it up where nothing is asked for: a transform by the catalogue's
   * size, and {@link PopularityReranker#balanced()}.
   *
   * @param index what searches
   * @return the setting
   */
  public static Setting ours(IndexFactory index) {
    return ours(index, CatalogueTransform.byCatalogueSize());
  }

  /**
   * The same with a shop's own transform.
   *
   * @param index what searches
   * @param transform what is fitted at each cut
   * @return the setting
   */
  public static Setting ours(IndexFactory index, FeatureTransform.Rule transform) {
    return RecommenderSetting.named("our default", index)
        .transform(transform)
        .rankedBy(PopularityReranker.balanced());
  }

  /**
   * All of these.
   *
   * @param index what searches
   * @return random, popular, popular in category, bought again, co-purchase, the paper, our
   *     default, and our default with co-purchases
   */
  public static List<Setting> all(IndexFactory index) {
    return all(index, CatalogueTransform.byCatalogueSize());
  }

  /**
   * The same with a shop's own transform in our default.
   *
   * @param index what searches
   * @param transform what is fitted at each cut
   * @return as {@link #all(IndexFactory)}
   */
  public static List<Setting> all(IndexFactory index, FeatureTransform.Rule transform) {
    return Arrays.asList(
        random(1),
        popular(DAYS),
        popularInCategory(),
        boughtAgain(),
        coPurchase(),
        paper(index),
        ours(index, transform),
        looksAndCoPurchase(ours(index, transform)));
  }
}

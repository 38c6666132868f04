package io.lookalike;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Ranks look-alikes by how well they sell: a {@link Popularity}, blended with similarity, and a
 * rule for what nobody has bought yet. Immutable; each setter returns a changed copy.
 *
 * <pre>{@code
 * PopularityReranker.balanced()
 *     .by(Popularity.window(28).smoothed(7))
 *     .neverSold(NeverSold.explore(0.1, 42))
 * }</pre>
 */
public final class PopularityReranker implements Reranker {

  private static final double HALF_LIFE = 30;
  private static final double PRIOR_DAYS = 7;
  private static final double DISCOUNT = 0.5;

  /** The constant of reciprocal rank fusion. */
  private static final double FUSION = 60;

  private static final PopularityReranker BY_PURCHASES =
      new PopularityReranker(
          Popularity.purchases(),
          Blend.popularityFirst(),
          NeverSold.drop(),
          0,
          InstantSource.system());

  private static final PopularityReranker BALANCED =
      new PopularityReranker(
          Popularity.decay(HALF_LIFE).smoothed(PRIOR_DAYS),
          Blend.reciprocalRank(),
          NeverSold.propagate(DISCOUNT),
          0,
          InstantSource.system());

  private final Popularity popularity;
  private final Blend blend;
  private final NeverSold neverSold;

  /** What co-purchases weigh. */
  private final double together;

  private final InstantSource clock;

  private PopularityReranker(
      Popularity popularity,
      Blend blend,
      NeverSold neverSold,
      double together,
      InstantSource clock) {
    this.popularity = popularity;
    this.blend = blend;
    this.neverSold = neverSold;
    this.together = together;
    this.clock = clock;
  }

  /**
   * The paper's rule: most purchased first, never-sold products dropped, ties by similarity, then
   * by id. The score is the number of pieces sold.
   *
   * <p>Source: Boukrouh, Tayalati and Azmani, <i>Personalized Fashion Product Recommendations using
   * Transfer Learning and Nearest Neighbors Models</i>.
   *
   * @return the reranker
   */
  public static PopularityReranker byPurchases() {
    return BY_PURCHASES;
  }

  /**
   * The order for a shop that has not measured another to be better: recent daily sales (half-life
   * 30 days, smoothed by 7 days of the mean's), in reciprocal rank fusion with similarity; what
   * never sold is given half of its look-alikes' popularity. Before anything has sold, this is the
   * order by similarity. Reasons are in {@code docs/ranking.md}.
   *
   * @return the reranker
   */
  public static PopularityReranker balanced() {
    return BALANCED;
  }

  /**
   * Counts popularity otherwise.
   *
   * @param popularity such as {@code Popularity.window(28)}
   * @return the changed reranker
   */
  public PopularityReranker by(Popularity popularity) {
    return new PopularityReranker(
        Objects.requireNonNull(popularity, "popularity"), blend, neverSold, together, clock);
  }

  /**
   * Weighs popularity against similarity otherwise.
   *
   * @param blend such as {@code Blend.ranks(0.3)}
   * @return the changed reranker
   */
  public PopularityReranker blend(Blend blend) {
    return new PopularityReranker(
        popularity, Objects.requireNonNull(blend, "blend"), neverSold, together, clock);
  }

  /**
   * Treats what nobody has bought otherwise.
   *
   * @param neverSold such as {@code NeverSold.keep()}
   * @return the changed reranker
   */
  public PopularityReranker neverSold(NeverSold neverSold) {
    return new PopularityReranker(
        popularity, blend, Objects.requireNonNull(neverSold, "neverSold"), together, clock);
  }

  /**
   * Goes by what is bought together, too: products that customers bought at least twice with what
   * was consulted become candidates, though they may not look like it, and score (1 - w) / (60 + r)
   * + w / (60 + q), with r the rank in the order so far and q that by co-purchases; other
   * candidates score (1 - w) / (60 + r). A page about something that nothing was bought with twice
   * is the same as without. This is reciprocal rank fusion (Cormack, Clarke and B&uuml;ttcher,
   * SIGIR 2009). {@link CoPurchases} has the counts, up to {@linkplain #at the clock's} second;
   * {@link RecommenderBuilder#coPurchases} names them. Where {@link RecommenderBuilder#onlyNearest}
   * ends the search, no candidate is added.
   *
   * @param weight w, from 0, as without this, to 1
   * @return the changed reranker
   * @throws IllegalArgumentException if it is outside its range
   */
  public PopularityReranker boughtTogether(double weight) {
    if (!(weight >= 0 && weight <= 1)) {
      throw new IllegalArgumentException(
          "the weight of what is bought together is " + weight + ", expected 0 to 1");
    }
    return new PopularityReranker(popularity, blend, neverSold, weight, clock);
  }

  /**
   * What co-purchases weigh.
   *
   * @return from 0, where they do not matter, to 1
   */
  public double boughtTogether() {
    return together;
  }

  /** The clock's time. */
  Instant now() {
    return clock.instant();
  }

  /**
   * Takes the time from elsewhere than the system's clock, as a replay of past sales must. What was
   * bought on a later day (UTC) than that of the clock does not count: for no popularity, nor for
   * whether a product has ever sold. {@link Recommendation#sales()} tells the pieces up to that
   * day, {@link Candidate#sales()} and {@link PurchaseLog#soldIds()} all of them. So products that
   * first sold later are still among the candidates, where {@link #soldOnly} bounds the search, and
   * are treated here as never sold. What sells best, for a customer of whom nothing is known, is
   * counted up to that day; while the log knows of later sales, that takes a look at all products
   * after each purchase.
   *
   * @param clock tells the time. Where the popularity or the draws need to know the day, a time
   *     beyond the years of a {@link LocalDate} is an {@link IllegalArgumentException} of {@link
   *     #rerank}
   * @return the changed reranker
   */
  public PopularityReranker at(InstantSource clock) {
    return new PopularityReranker(
        popularity, blend, neverSold, together, Objects.requireNonNull(clock, "clock"));
  }

  @Override
  public List<Recommendation> rerank(List<Candidate> candidates, PurchaseLog purchases) {
    Instant now = clock.instant();
    List<Candidate> kept = upTo(now, candidates, purchases);
    if (neverSold.kind() == NeverSold.Kind.DROP) {
      kept = kept.stream().filter(c -> c.sales() > 0).toList();
    }
    double[] popularities = popularities(kept, purchases, now);
    var similarities = new float[popularities.length];
    for (int i = 0; i < similarities.length; i++) {
      similarities[i] = kept.get(i).similarity();
    }
    double[] scores = blend.scores(similarities, popularities);
    var ranked = new ArrayList<Recommendation>(scores.length);
    for (int i = 0; i < scores.length; i++) {
      ranked.add(kept.get(i).scored(scores[i]));
    }
    ranked.sort(Recommendation.BEST_FIRST);
    if (together > 0) {
      addCoPurchases(ranked, kept);
    }
    return neverSold.kind() == NeverSold.Kind.EXPLORE && !ranked.isEmpty()
        ? explored(ranked, day(now))
        : ranked;
  }

  /**
   * Whether what never sold is dropped, so that it need not be looked for.
   *
   * @return true with {@link NeverSold#drop()}
   */
  @Override
  public boolean soldOnly() {
    return neverSold.kind() == NeverSold.Kind.DROP;
  }

  /** Whether the order depends on how similar candidates are to each other. */
  boolean comparesCandidates() {
    return neverSold.kind() == NeverSold.Kind.PROPAGATE;
  }

  private LocalDate day(Instant now) {
    try {
      return LocalDate.ofInstant(now, ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "the reranker's clock, set by at(...), says "
              + now
              + ", which is no calendar day; expected a time from "
              + LocalDate.MIN
              + " to "
              + LocalDate.MAX,
          e);
    }
  }

  /** The candidates, each with the pieces that were sold of it up to the day. */
  private static List<Candidate> upTo(
      Instant now, List<Candidate> candidates, PurchaseLog purchases) {
    var then = new ArrayList<Candidate>(candidates.size());
    for (Candidate candidate : candidates) {
      then.add(candidate.withSales(sales(now, candidate, purchases)));
    }
    return then;
  }

  private static long sales(Instant now, Candidate candidate, PurchaseLog purchases) {
    long day = Math.floorDiv(now.getEpochSecond(), Duration.ofDays(1).toSeconds());
    return PieceCount.upTo(day, candidate, purchases);
  }

  /** The pieces that were sold of a candidate up to the clock's day. */
  long sales(Candidate candidate, PurchaseLog purchases) {
    return sales(clock.instant(), candidate, purchases);
  }

  /** What {@link #rerank} takes as popularity of each candidate. */
  double[] popularities(List<Candidate> candidates, PurchaseLog purchases) {
    Instant now = clock.instant();
    return popularities(upTo(now, candidates, purchases), purchases, now);
  }

  private double[] popularities(List<Candidate> candidates, PurchaseLog purchases, Instant now) {
    var popularities = new double[candidates.size()];
    if (popularities.length == 0) {
      return popularities;
    }
    ToDoubleFunction<Candidate> measure = measure(purchases, now);
    for (int i = 0; i < popularities.length; i++) {
      Candidate candidate = candidates.get(i);
      popularities[i] = candidate.sales() == 0 ? 0 : measure.applyAsDouble(candidate);
    }
    if (neverSold.kind() == NeverSold.Kind.PROPAGATE) {
      propagate(candidates, popularities);
    }
    return popularities;
  }

  private ToDoubleFunction<Candidate> measure(PurchaseLog purchases, Instant now) {
    if (popularity == PieceCount.ALL) {
      return Candidate::sales; // whatever the clock says: this needs no calendar
    }
    LocalDate today = day(now);
    return popularity instanceof WeightedSales weighted
        ? weighted.new Day(purchases, today)::of
        : candidate -> popularity.of(candidate, purchases, today);
  }

  /**
   * The weighted mean of item-based collaborative filtering (Sarwar, Karypis, Konstan and Riedl,
   * WWW 2001, section 3.2.1), with popularity in place of ratings.
   */
  private void propagate(List<Candidate> candidates, double[] popularities) {
    int[] lenders = lenders(candidates);
    for (int i = 0; i < popularities.length; i++) {
      if (candidates.get(i).sales() > 0) {
        continue;
      }
      double weights = 0;
      double sum = 0;
      for (int j : lenders) {
        double weight = Math.max(0, candidates.get(i).similarityTo(candidates.get(j)));
        weights += weight;
        sum += weight * popularities[j];
      }
      popularities[i] = weights == 0 ? 0 : neverSold.share() * (sum / weights);
    }
  }

  /** The places of the candidates that lend their popularity to those that never sold. */
  private static int[] lenders(List<Candidate> candidates) {
    return IntStream.range(0, candidates.size())
        .filter(i -> candidates.get(i).sales() > 0)
        .boxed()
        .sorted(
            Comparator.comparingDouble((Integer i) -> -candidates.get(i).similarity())
                .thenComparing(i -> candidates.get(i).product().id()))
        .limit(NeverSold.LENDERS)
        .sorted()
        .mapToInt(i -> i)
        .toArray();
  }

  /** Reciprocal rank fusion of an order and that by co-purchases, where there are any. */
  private void addCoPurchases(List<Recommendation> ranked, List<Candidate> candidates) {
    var strengths = new HashMap<String, Double>();
    for (Candidate candidate : candidates) {
      if (candidate.strengthTogether() > 0) {
        strengths.put(candidate.product().id(), candidate.strengthTogether());
      }
    }
    if (strengths.isEmpty()) {
      return;
    }
    double[] strongest = strengths.values().stream().mapToDouble(s -> -s).sorted().toArray();
    for (int i = 0; i < ranked.size(); i++) {
      Recommendation r = ranked.get(i);
      double score = (1 - together) / (FUSION + i + 1);
      Double strength = strengths.get(r.id());
      if (strength != null) {
        int rank = 0;
        while (strongest[rank] < -strength) { // equals share the better rank
          rank++;
        }
        score += together / (FUSION + rank + 1);
      }
      ranked.set(i, r.withScore(score));
    }
    ranked.sort(Recommendation.BEST_FIRST);
  }

  private List<Recommendation> explored(List<Recommendation> ranked, LocalDate today) {
    var sold = new ArrayList<Recommendation>();
    var newcomers = new ArrayList<Recommendation>();
    ranked.forEach(r -> (r.sales() > 0 ? sold : newcomers).add(r));
    // Lots are drawn in the order of the ids: how the candidates came in must not matter.
    newcomers.sort(Comparator.comparing(Recommendation::id));
    var random = new Random(neverSold.seed() * 31 + today.toEpochDay());
    Collections.shuffle(newcomers, random);
    var page = new ArrayList<Recommendation>(ranked.size());
    int s = 0;
    int n = 0;
    while (page.size() < ranked.size()) {
      boolean newcomer = random.nextDouble() < neverSold.share();
      boolean drawn = s == sold.size() || (newcomer && n < newcomers.size());
      page.add(drawn ? newcomers.get(n++) : sold.get(s++));
    }
    return page;
  }

  /** Returns the settings in words. */
  @Override
  public String toString() {
    return "by popularity ("
        + popularity
        + "), blend: "
        + blend
        + ", never sold: "
        + neverSold
        + (together == 0 ? "" : ", bought together: weight " + together);
  }
}

package io.lookalike;

import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.ToDoubleFunction;

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

  private static final PopularityReranker BY_PURCHASES =
      new PopularityReranker(
          Popularity.purchases(),
          Blend.popularityFirst(),
          NeverSold.drop(),
          InstantSource.system());

  private static final PopularityReranker BALANCED =
      new PopularityReranker(
          Popularity.decay(HALF_LIFE).smoothed(PRIOR_DAYS),
          Blend.reciprocalRank(),
          NeverSold.propagate(DISCOUNT),
          InstantSource.system());

  private final Popularity popularity;
  private final Blend blend;
  private final NeverSold neverSold;
  private final InstantSource clock;

  private PopularityReranker(
      Popularity popularity, Blend blend, NeverSold neverSold, InstantSource clock) {
    this.popularity = popularity;
    this.blend = blend;
    this.neverSold = neverSold;
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
        Objects.requireNonNull(popularity, "popularity"), blend, neverSold, clock);
  }

  /**
   * Weighs popularity against similarity otherwise.
   *
   * @param blend such as {@code Blend.ranks(0.3)}
   * @return the changed reranker
   */
  public PopularityReranker blend(Blend blend) {
    return new PopularityReranker(
        popularity, Objects.requireNonNull(blend, "blend"), neverSold, clock);
  }

  /**
   * Treats what nobody has bought otherwise.
   *
   * @param neverSold such as {@code NeverSold.keep()}
   * @return the changed reranker
   */
  public PopularityReranker neverSold(NeverSold neverSold) {
    return new PopularityReranker(
        popularity, blend, Objects.requireNonNull(neverSold, "neverSold"), clock);
  }

  /**
   * Takes the time from elsewhere than the system's clock, as a replay of past sales must. What was
   * bought on a later day (UTC) than that of the clock does not count, except in {@link
   * Popularity#purchases()}.
   *
   * @param clock tells the time
   * @return the changed reranker
   */
  public PopularityReranker at(InstantSource clock) {
    return new PopularityReranker(
        popularity, blend, neverSold, Objects.requireNonNull(clock, "clock"));
  }

  @Override
  public List<Recommendation> rerank(List<Candidate> candidates, PurchaseLog purchases) {
    LocalDate today = today();
    List<Candidate> kept =
        neverSold.kind() == NeverSold.Kind.DROP
            ? candidates.stream().filter(c -> c.sales() > 0).toList()
            : candidates;
    double[] popularities = popularities(kept, purchases, today);
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
    return neverSold.kind() == NeverSold.Kind.EXPLORE ? explored(ranked, today) : ranked;
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

  private LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }

  /** What {@link #rerank} takes as popularity of each candidate. */
  double[] popularities(List<Candidate> candidates, PurchaseLog purchases) {
    return popularities(candidates, purchases, today());
  }

  private double[] popularities(
      List<Candidate> candidates, PurchaseLog purchases, LocalDate today) {
    ToDoubleFunction<Candidate> measure =
        popularity instanceof WeightedSales weighted
            ? weighted.new Day(purchases, today)::of
            : candidate -> popularity.of(candidate, purchases, today);
    var popularities = new double[candidates.size()];
    for (int i = 0; i < popularities.length; i++) {
      Candidate candidate = candidates.get(i);
      popularities[i] = candidate.sales() == 0 ? 0 : measure.applyAsDouble(candidate);
    }
    if (neverSold.kind() == NeverSold.Kind.PROPAGATE) {
      double[] own = popularities.clone();
      for (int i = 0; i < own.length; i++) {
        if (candidates.get(i).sales() == 0) {
          popularities[i] = neverSold.share() * ofLookAlikes(candidates, own, i);
        }
      }
    }
    return popularities;
  }

  /**
   * The weighted mean of item-based collaborative filtering (Sarwar, Karypis, Konstan and Riedl,
   * WWW 2001, section 3.2.1), with popularity in place of ratings.
   */
  private static double ofLookAlikes(List<Candidate> candidates, double[] popularities, int i) {
    double weights = 0;
    double sum = 0;
    for (int j = 0; j < popularities.length; j++) {
      Candidate other = candidates.get(j);
      if (other.sales() > 0) {
        double weight = Math.max(0, candidates.get(i).similarityTo(other));
        weights += weight;
        sum += weight * popularities[j];
      }
    }
    return weights == 0 ? 0 : sum / weights;
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
}

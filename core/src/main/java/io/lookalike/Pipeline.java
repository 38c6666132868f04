package io.lookalike;

import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.index.Hit;
import io.lookalike.index.NeighborSearcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * From a resolved request to a page: candidates, then ranking, merchandising, variants, diversity.
 * {@link Explanation} tells what {@link #run} did in the same order.
 */
final class Pipeline {

  /** Number of searches that a page may take where variants of few groups crowd out all others. */
  private static final int MOST_GROUP_SEARCHES = 8;

  private final ResolvedRequest request;
  private final NeighborSearcher index;
  private final PurchaseLog purchases;
  private final CandidatePool pool;
  private final VariantStage variants;
  private final DiversityStage diversity;
  private final List<PageStage> stages;
  private final CandidateVectors vectors;
  private final boolean needsVectors;
  private final int k;

  /** The page, and what each stage left of the last round's candidates. */
  record Run(
      ResolvedRequest request, PageStage.Round round, List<Step> steps, RecommendationPage page) {

    /** A stage and what it left. */
    record Step(PageStage stage, List<Recommendation> left) {}

    /**
     * Which limit keeps a product off the page, however many more it may hold; null if none does.
     */
    Explanation.@Nullable Verdict whyFull(Product product) {
      return steps.isEmpty()
          ? null
          : ((DiversityStage) steps.get(steps.size() - 1).stage())
              .whyFull(product, page.recommendations(), round);
    }

    /** Why a product was not sought that the order would have dropped. */
    Explanation.Verdict whyPassedOver(Candidate candidate) {
      return ranking().why(candidate);
    }

    /** The pieces sold of a product, as far as the order knows. */
    long sales(Candidate candidate) {
      return steps.isEmpty() ? candidate.sales() : ranking().sales(candidate);
    }

    private RankingStage ranking() {
      return (RankingStage) steps.get(0).stage();
    }

    /** The ranking with pins, boosts and buries, before variants are collapsed. */
    List<Recommendation> ranked() {
      return steps.isEmpty() ? List.of() : steps.get(1).left();
    }
  }

  /** What a search has found, and whether there is no more to be had. */
  private record Found(List<Candidate> candidates, boolean all) {}

  Pipeline(ResolvedRequest request, NeighborSearcher index, PurchaseLog purchases) {
    this.request = request;
    this.index = index;
    this.purchases = purchases;
    this.k = request.request().k();
    PageSettings settings = request.settings();
    Set<String> pinned =
        request.pinned().stream()
            .map(p -> p.product().id())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    this.pool = settings.pool();
    this.variants = request.variants();
    this.diversity = new DiversityStage(settings.diversity(), k, pinned);
    this.stages =
        List.of(
            new RankingStage(settings.reranker(), purchases),
            new MerchandisingStage(settings.merchandising(), pinned),
            variants,
            diversity);
    this.vectors = new CandidateVectors(index);
    this.needsVectors =
        variants.needsVectors()
            || !settings.diversity().isNone()
            || (settings.reranker() instanceof PopularityReranker popularity
                && popularity.comparesCandidates());
  }

  /**
   * Answers the request. Where the page stays short, more candidates are sought, among what the
   * limits on the page still allow, until there are none or {@link CandidatePool#last} is reached.
   */
  Run run() {
    if (k == 0) {
      return new Run(request, PageStage.Round.of(List.of()), List.of(), RecommendationPage.EMPTY);
    }
    Map<String, Candidate> candidates = new LinkedHashMap<>();
    pinned().forEach(c -> candidates.put(c.product().id(), c));
    joining().forEach(c -> candidates.putIfAbsent(c.product().id(), c));
    Filter open = Filter.ALL;
    for (int wanted = pool.first(k); ; wanted = pool.deeper(wanted, k)) {
      Filter sought = open;
      Found found = nearest(wanted, request.eligible().and(sought));
      found.candidates.forEach(c -> candidates.putIfAbsent(c.product().id(), c));
      List<Candidate> nearest =
          candidates.values().stream().sorted(Candidate.CLOSEST_FIRST).toList();
      Run run = page(PageStage.Round.of(nearest));
      List<Recommendation> shown = run.page().recommendations();
      open = diversity.notFull(shown, run.round());
      if (shown.size() >= k
          || (found.all && open.equals(sought))
          || wanted >= pool.last(k)
          || Contradiction.between(request.eligible().filter(), open)) {
        return run;
      }
    }
  }

  /** The nearest of what may be shown, but is not sought, as the order would drop it. */
  List<Candidate> passedOver() {
    Eligibility sought = request.eligible();
    if (sought.among() == null || k == 0) {
      return List.of();
    }
    Eligibility all = new Eligibility(sought.filter(), sought.excluded(), null);
    return candidates(hits(pool.first(k), all)).stream()
        .filter(c -> !sought.among().contains(c.product().id()))
        .toList();
  }

  private Run page(PageStage.Round round) {
    var steps = new ArrayList<Run.Step>(stages.size());
    List<Recommendation> list =
        round.candidates().stream().map(c -> c.scored(c.similarity())).toList();
    for (PageStage stage : stages) {
      list = stage.apply(list, round);
      steps.add(new Run.Step(stage, list));
    }
    var page =
        new RecommendationPage(
            variants.counted(list, round, index, request.eligible()),
            diversity.intraListSimilarity(list, round));
    return new Run(request, round, steps, page);
  }

  private List<Candidate> pinned() {
    return request.pinned().stream()
        .map(pinned -> candidate(pinned.product(), pinned.photo()))
        .toList();
  }

  private List<Candidate> joining() {
    return request.joining().stream()
        .map(joining -> candidate(joining.product(), joining.photo()))
        .toList();
  }

  private Candidate candidate(Product product, ResolvedRequest.@Nullable Photo photo) {
    vectors.add(product.id(), photo == null ? null : photo.vector());
    return photo == null
        ? candidate(product, 0, 1)
        : candidate(product, request.objective().similarity(photo.vector()), photo.number());
  }

  /** Searches until so many entries of a page are found, or as far as may be looked. */
  private Found nearest(int entries, Eligibility eligible) {
    // Where variants collapse, one search for more is cheaper than a second.
    int more = Math.min(entries + entries / 2, Math.max(entries, pool.last(k)));
    int wanted = variants.collapses() && !pool.limited() ? more : entries;
    for (; ; wanted = pool.deeper(wanted, k)) {
      List<Hit> hits = hits(wanted, eligible);
      boolean all =
          pool.limited()
              || hits.size() < wanted
              || variants.endsBefore(hits.get(wanted - 1).similarity());
      List<Candidate> candidates = candidates(hits);
      if (all || variants.entries(candidates) >= entries) {
        List<Candidate> first = variants.first(candidates, entries);
        return new Found(first, all && first.size() == candidates.size());
      }
      if (wanted >= pool.last(k)) {
        return otherGroups(candidates, entries, eligible);
      }
    }
  }

  /** Goes on beside groups so large that no search of the depth allowed leads out of them. */
  private Found otherGroups(List<Candidate> candidates, int entries, Eligibility eligible) {
    var all = new ArrayList<>(candidates);
    for (int i = 0; i < MOST_GROUP_SEARCHES && variants.entries(all) < entries; i++) {
      Filter others = variants.others(all);
      List<Candidate> more =
          others == null ? List.of() : candidates(hits(entries, eligible.and(others)));
      if (more.isEmpty()) {
        return new Found(all, true);
      }
      all.addAll(more);
    }
    return new Found(variants.first(all, entries), true);
  }

  private List<Hit> hits(int wanted, Eligibility eligible) {
    return request.objective().nearest(index, wanted, eligible, needsVectors);
  }

  private List<Candidate> candidates(List<Hit> hits) {
    var found = new ArrayList<Candidate>(hits.size());
    for (Hit hit : hits) {
      var product = new Product(hit.id(), hit.attributes());
      if (variants.mayBeShown(product, hit.vector())) {
        vectors.add(hit.id(), hit.vector());
        // An index's rounding may pass either end.
        found.add(candidate(product, Math.max(-1, Math.min(1, hit.similarity())), hit.photo()));
      }
    }
    return found;
  }

  private Candidate candidate(Product product, float similarity, int photo) {
    String id = product.id();
    return new Candidate(
        product, similarity, purchases.count(id), request.together().of(id), vectors::of, photo);
  }

  /** Whether no product can match both of two filters, as far as that is plain to see. */
  private static final class Contradiction {
    private Contradiction() {}

    /** True only if no product can match both. */
    static boolean between(Filter wanted, Filter open) {
      if (open instanceof Filter.And and) {
        return and.filters().stream().anyMatch(each -> between(wanted, each));
      }
      return open instanceof Filter.Not not
          && not.filter() instanceof Filter.In full
          && implied(wanted, full);
    }

    private static boolean implied(Filter wanted, Filter.In full) {
      if (wanted instanceof Filter.And and) {
        return and.filters().stream().anyMatch(each -> implied(each, full));
      }
      if (wanted instanceof Filter.Equal equal) {
        return equal.attribute().equals(full.attribute()) && full.values().contains(equal.value());
      }
      return wanted instanceof Filter.In in
          && in.attribute().equals(full.attribute())
          && full.values().containsAll(in.values());
    }
  }
}

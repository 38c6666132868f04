package io.lookalike;

import io.lookalike.Explanation.Stage;
import io.lookalike.Explanation.Verdict;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.index.IndexItem;
import io.lookalike.math.UnitVector;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a request, the shop's settings and a session come to.
 *
 * @param request as it was asked
 * @param settings how this page is made
 * @param objective what it is after
 * @param eligible which products it may show
 * @param guards which values it may show
 * @param variants what the policy about variants does
 * @param pinned what comes first if it may be shown: own variants that were asked for, then pins
 * @param together what was bought together with the examples
 * @param joining those of these that are candidates however they look, the strongest first
 * @param consulted ids of the examples
 * @param hidden ids of what the customer has dismissed or bought
 */
record ResolvedRequest(
    RecommendationRequest request,
    PageSettings settings,
    Objective objective,
    Eligibility eligible,
    Guards guards,
    VariantStage variants,
    List<Pinned> pinned,
    BoughtTogether together,
    List<Joining> joining,
    Set<String> consulted,
    Set<String> hidden) {

  /**
   * A product that comes first.
   *
   * @param photo the photo that is nearest to the objective; null if nothing is known of its looks
   * @param why in words
   */
  record Pinned(Product product, @Nullable Photo photo, String why) {}

  /** One of a product's photos, and its number from 1. */
  record Photo(UnitVector vector, int number) {

    /** The one that is nearest to an objective; null if there is none. */
    static @Nullable Photo nearest(@Nullable List<IndexItem> photos, Objective objective) {
      Photo nearest = null;
      float similarity = Float.NEGATIVE_INFINITY;
      for (int i = 0; photos != null && i < photos.size(); i++) {
        UnitVector vector = photos.get(i).vector();
        if (objective.similarity(vector) > similarity) {
          similarity = objective.similarity(vector);
          nearest = new Photo(vector, i + 1);
        }
      }
      return nearest;
    }
  }

  /**
   * A product that is a candidate however it looks.
   *
   * @param photo the photo that is nearest to the objective; null if nothing is known of its looks
   */
  record Joining(Product product, @Nullable Photo photo) {}

  /** Why a product of the catalogue may not be shown; null if it may. */
  @Nullable Verdict whyIneligible(
      Product product, @Nullable UnitVector vector, PurchaseLog purchases) {
    String id = product.id();
    if (consulted.contains(id)) {
      return new Verdict(
          Stage.QUERY,
          request.liked().isEmpty()
              ? "it is one of the products that the session is about"
              : "it is the product that was consulted");
    }
    if (hidden.contains(id)) {
      return new Verdict(Stage.EXCLUSION, "the customer has dismissed or bought it");
    }
    if (request.excluded().contains(id)) {
      return new Verdict(Stage.EXCLUSION, "the request excludes it");
    }
    if (!request.filter().matches(product.attributes())) {
      return new Verdict(
          Stage.FILTER,
          failing(request.filter(), product.attributes())
              + " does not hold: its attributes are "
              + product.attributes());
    }
    Verdict guarded = guards.why(product.attributes());
    if (guarded != null) {
      return guarded;
    }
    if (!eligible.filter().matches(product.attributes()) || !variants.mayBeShown(product, vector)) {
      return new Verdict(Stage.VARIANTS, variants.whyRestricted());
    }
    if (eligible.among() != null && !eligible.among().contains(id)) {
      return new RankingStage(settings.reranker(), purchases)
          .why(new Candidate(product, 0, purchases.count(id)));
    }
    return null;
  }

  /** The part of a conjunction that a product fails; the filter must not match. */
  private static Filter failing(Filter filter, Attributes attributes) {
    if (filter instanceof Filter.And and) {
      for (Filter part : and.filters()) {
        if (!part.matches(attributes)) {
          return failing(part, attributes);
        }
      }
    }
    return filter;
  }
}

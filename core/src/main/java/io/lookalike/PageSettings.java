package io.lookalike;

import java.util.List;

/**
 * How a page is made: the shop's settings, or, by {@link RecommendationRequest#over}, a request's
 * over these.
 *
 * @param pool how many of the nearest products are ranked
 * @param variants what becomes of products of one design
 * @param reranker the order
 * @param merchandising what the shop's people want first, higher or last
 * @param diversity what keeps the page from repeating itself
 * @param sameAs attributes whose values a page must not mix
 */
record PageSettings(
    CandidatePool pool,
    VariantPolicy variants,
    Reranker reranker,
    Merchandising merchandising,
    Diversity diversity,
    List<String> sameAs) {}

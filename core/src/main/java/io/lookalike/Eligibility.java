package io.lookalike;

import io.lookalike.catalog.Filter;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which products a page may show, as far as an index can tell.
 *
 * @param filter the request's, and what the policy about variants adds
 * @param excluded ids of what was consulted, excluded by the request, dismissed or bought
 * @param among the only ids that may be shown, or null for all
 */
record Eligibility(Filter filter, Set<String> excluded, @Nullable Set<String> among) {

  Query query(UnitVector vector, int k) {
    return new Query(vector, k, filter, excluded, among);
  }

  /** The same with a further condition. */
  Eligibility and(Filter more) {
    if (more.equals(Filter.ALL)) {
      return this;
    }
    return new Eligibility(
        filter.equals(Filter.ALL) ? more : Filter.and(filter, more), excluded, among);
  }
}

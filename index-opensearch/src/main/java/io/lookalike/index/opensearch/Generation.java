package io.lookalike.index.opensearch;

import io.lookalike.index.LastingIndex.Origin;
import org.jspecify.annotations.Nullable;

/**
 * One index of a shop.
 *
 * @param quantized whether its graphs compare bytes
 * @param made whether it is in the cluster
 * @param filling what it is being filled with; null if that is not known, or has ended
 * @param marked what it was made of; null if it does not last yet
 * @param efSearch how many nearest searches have to keep track of, as was found by trying
 */
record Generation(
    String name,
    int dimension,
    boolean quantized,
    boolean made,
    @Nullable Origin filling,
    @Nullable Origin marked,
    int efSearch) {}

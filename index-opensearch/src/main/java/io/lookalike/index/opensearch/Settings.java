package io.lookalike.index.opensearch;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What indexes are made with.
 *
 * @param alias what the index that serves is called
 * @param shards of an index
 * @param replicas copies of a shard beside the first; -1 for one where there is a second node
 * @param efSearch how many nearest a search keeps track of in each part; null if that is to be
 *     tried
 * @param quantized whether graphs compare vectors of a byte a number
 * @param atOnce whether searches see a write when it returns
 */
record Settings(
    String alias,
    int shards,
    int replicas,
    int m,
    int efConstruction,
    @Nullable Integer efSearch,
    boolean quantized,
    Duration searchLimit,
    Duration writeLimit,
    boolean atOnce) {}

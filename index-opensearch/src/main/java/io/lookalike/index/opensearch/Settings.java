package io.lookalike.index.opensearch;

import java.time.Duration;

/**
 * What indexes are made with.
 *
 * @param alias what the index that serves is called
 * @param shards of an index
 * @param replicas copies of a shard beside the first; -1 for one where there is a second node
 * @param quantized whether graphs compare vectors of a byte a number
 * @param atOnce whether searches see a write when it returns
 */
record Settings(
    String alias,
    int shards,
    int replicas,
    int m,
    int efConstruction,
    int efSearch,
    boolean quantized,
    Duration searchLimit,
    Duration writeLimit,
    boolean atOnce) {}

/** Nearest products by cosine similarity, in a cluster of OpenSearch. */
@NullMarked
package io.lookalike.index.opensearch;

import org.jspecify.annotations.NullMarked;

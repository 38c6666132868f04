package io.lookalike.store;

import io.lookalike.catalog.Attributes;
import org.jspecify.annotations.Nullable;

/**
 * A product as a store tells it.
 *
 * @param id the product
 * @param attributes its attributes; null if it has been removed
 * @param features the features that were asked for and written after the change that was asked
 *     about; null if there are none
 * @param hasLooks whether the network asked about has features of it, also if they are older
 */
public record StoredProduct(
    String id, @Nullable Attributes attributes, float @Nullable [] features, boolean hasLooks) {}

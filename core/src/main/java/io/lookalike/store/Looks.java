package io.lookalike.store;

import org.jspecify.annotations.Nullable;

/**
 * What one network sees in a product's picture.
 *
 * @param network the number by which the store's manifest knows the network, at least 1
 * @param features as the extractor returned them, finite and not all zero; not to be changed
 * @param picture the SHA-256 of the encoded picture in lower-case hexadecimal digits; null if it is
 *     not known, such as where the features were made elsewhere
 */
public record Looks(int network, float[] features, @Nullable String picture) {}

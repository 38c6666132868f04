package io.lookalike.store;

/**
 * A transform that was fitted to the features of one network.
 *
 * @param network the network's number
 * @param version how many were fitted before it to this store, plus 1
 * @param rule the {@linkplain io.lookalike.features.FeatureTransform.Rule#name name} of its rule
 * @param description the transform in words
 * @param body what {@link io.lookalike.features.FeatureTransform#write} wrote; not to be changed
 */
public record StoredTransform(
    int network, int version, String rule, String description, byte[] body) {}

package io.lookalike.store;

import io.lookalike.features.FeatureTransform;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A transform that was fitted to the features of one network.
 *
 * @param network the network's number
 * @param version how many were fitted before it to this store, plus 1
 * @param rule the {@linkplain FeatureTransform.Rule#name name} of its rule
 * @param description the transform in words
 * @param body what {@link FeatureTransform#write} wrote; not to be changed
 */
public record StoredTransform(
    int network, int version, String rule, String description, byte[] body) {

  /**
   * A transform as a store keeps it.
   *
   * @param network the network's number
   * @param version one more than the version that it replaces, 1 if it is the first
   * @param rule what fitted it
   * @param fitted the transform
   * @return the same in bytes
   */
  public static StoredTransform of(
      int network, int version, FeatureTransform.Rule rule, FeatureTransform fitted) {
    var body = new ByteArrayOutputStream();
    try {
      fitted.write(new DataOutputStream(body));
    } catch (IOException e) { // which a transform may throw, but no array in memory
      throw new UncheckedIOException(e);
    }
    return new StoredTransform(
        network, version, rule.name(), fitted.description(), body.toByteArray());
  }
}

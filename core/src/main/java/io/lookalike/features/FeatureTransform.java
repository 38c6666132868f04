package io.lookalike.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Optional;

/**
 * A fixed map from an extractor's features to the vectors that are indexed, such as centring and
 * rotating onto a catalogue's principal axes. Instances are immutable and safe for use by several
 * threads.
 */
public interface FeatureTransform {

  /**
   * The length of the vectors that go in.
   *
   * @return at least 1
   */
  int inputDimension();

  /**
   * The length of the vectors that come out.
   *
   * @return at least 1
   */
  int outputDimension();

  /**
   * Transforms one vector.
   *
   * @param features {@link #inputDimension()} finite numbers; not changed
   * @return a new array of {@link #outputDimension()} finite numbers, not all zero, not normalised
   * @throws IllegalArgumentException if the length differs
   */
  float[] apply(float[] features);

  /**
   * In a line, what this transform is and what it was fitted on.
   *
   * @return a text without line breaks, for people and manifests
   */
  String description();

  /**
   * What was measured when this transform was chosen.
   *
   * @return the check; nothing where nothing was compared
   */
  default Optional<HeldOutCheck> check() {
    return Optional.empty();
  }

  /**
   * Writes this transform so that its rule's {@link Rule#read} can restore it bit by bit.
   *
   * @param out where to
   * @throws IOException if writing fails
   */
  void write(DataOutput out) throws IOException;

  /**
   * The transform that changes nothing.
   *
   * @param dimension the length of the vectors, at least 1
   * @return a transform whose output equals its input
   */
  static FeatureTransform identity(int dimension) {
    return new IdentityRule.Identity(dimension);
  }

  /** Fits a transform to a catalogue: how many dimensions, which exponent, or none at all. */
  interface Rule {

    /** No transform: the extractor's features are indexed as they are. */
    @SuppressWarnings("ClassInitializationDeadlock") // nothing else begins with IdentityRule
    Rule NONE = new IdentityRule();

    /**
     * Names the kind of transform that this rule makes; stored beside a written transform.
     *
     * @return a short, stable text
     */
    String name();

    /**
     * Fits a transform.
     *
     * @param features the catalogue's features, with the products' attributes; at least one row
     * @return the transform; the identity where the catalogue is too small to fit one
     */
    FeatureTransform fit(FeatureSet features);

    /**
     * Whether {@link #read} restores what another rule's transform has written, so that a catalogue
     * can be opened with this rule and is fitted by it from the next refit on.
     *
     * @param rule the other rule's {@link #name}
     * @return true for a rule's own name
     */
    default boolean reads(String rule) {
      return rule.equals(name());
    }

    /**
     * Restores a transform written by {@link FeatureTransform#write}.
     *
     * @param in positioned where the transform begins
     * @return an equal transform
     * @throws IOException if the data are not such a transform
     */
    FeatureTransform read(DataInput in) throws IOException;
  }
}

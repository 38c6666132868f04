package io.lookalike;

/**
 * A blend that can say what it is.
 *
 * @param name in words, with its settings
 * @param rule the blend
 */
record NamedBlend(String name, Blend rule) implements Blend {

  @Override
  public double[] scores(float[] similarities, double[] popularities) {
    return rule.scores(similarities, popularities);
  }

  /** Returns the name. */
  @Override
  public String toString() {
    return name;
  }
}

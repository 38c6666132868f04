package io.lookalike.math;

/** Chooses the implementation, once. */
final class VectorMathProvider {
  static final VectorMath ACTIVE = new ScalarVectorMath();

  private VectorMathProvider() {}
}

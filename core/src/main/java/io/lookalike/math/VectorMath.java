package io.lookalike.math;

/**
 * The arithmetic that everything else is built on, with one implementation by the {@code
 * jdk.incubator.vector} module (SIMD) and one in plain Java (scalar). All methods are pure, and
 * safe for use by several threads.
 *
 * <p>The first use of {@link #active()} chooses: SIMD where the module is there, which needs the
 * flag {@code --add-modules jdk.incubator.vector}, else scalar with one line in the log. The system
 * property {@code lookalike.simd} overrides: {@code auto} (the default), {@code scalar}, or {@code
 * require}, which fails where SIMD is missing.
 */
public interface VectorMath {

  /**
   * The implementation in use.
   *
   * @return always the same one
   * @throws IllegalStateException if {@code lookalike.simd} is {@code require} and the module is
   *     missing, or if the property has another value than those above
   */
  static VectorMath active() {
    return VectorMathProvider.ACTIVE;
  }

  /**
   * Which implementation this is.
   *
   * @return {@code scalar}, or {@code simd-} and the vector width in bits, such as {@code simd-512}
   */
  String name();

  /**
   * The dot product of two stretches.
   *
   * @param a holds the first
   * @param aOffset where it begins
   * @param b holds the second
   * @param bOffset where it begins
   * @param length of each, at least 0
   * @return the sum of the products, accumulated in several partial sums of float
   * @throws IndexOutOfBoundsException if a stretch leaves its array
   */
  float dot(float[] a, int aOffset, float[] b, int bOffset, int length);
}

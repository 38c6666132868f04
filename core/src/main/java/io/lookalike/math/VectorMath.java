package io.lookalike.math;

import java.util.Optional;

/**
 * The arithmetic that everything else is built on, with one implementation by the {@code
 * jdk.incubator.vector} module (SIMD) and one in plain Java (scalar). All methods are pure, and
 * safe for use by several threads.
 *
 * <p>The first use of {@link #active()} chooses: SIMD where the module is there, which needs the
 * flag {@code --add-modules jdk.incubator.vector}, else scalar with one line in the log. Scalar
 * also serves a JVM without its optimising compiler ({@code -Xint}, {@code
 * -XX:TieredStopAtLevel=1}), where SIMD would be slower than plain Java. The system property {@code
 * lookalike.simd} overrides: {@code auto} (the default), {@code scalar}, or {@code require}, which
 * fails where SIMD cannot be had.
 *
 * <p>In a new JVM plain Java computes {@link #dot} and the products of one query, to the same bits,
 * until the compiler has made machine code of SIMD. From the 64th call of a method on, a daemon
 * thread calls it until that is so or 5 s have passed, one method after the other; then it ends.
 *
 * <p><b>Rounding</b>: every sum is accumulated in float in at least four partial sums, so that its
 * error is at most {@code (length / 4 + 32) * 2^-24} times the sum of the products' magnitudes.
 * {@link #dot} gives the same bits for the same numbers, wherever they lie in their arrays; {@link
 * #dots} may round differently from it, and differently for each pair.
 */
public sealed interface VectorMath permits ScalarVectorMath, SimdVectorMath {

  /**
   * The implementation in use.
   *
   * @return always the same one
   * @throws IllegalStateException if {@code lookalike.simd} is {@code require} and SIMD cannot be
   *     had, or if the property has another value than those above
   */
  static VectorMath active() {
    return VectorMathProvider.active();
  }

  /**
   * What stands against SIMD in this JVM, and what to do about it.
   *
   * @return in one line; empty if nothing does
   */
  static Optional<String> obstacle() {
    return Optional.ofNullable(VectorMathProvider.obstacle());
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
   * @return the sum of the products; the same bits when {@code a} and {@code b} change places
   * @throws IndexOutOfBoundsException if a stretch leaves its array
   */
  float dot(float[] a, int aOffset, float[] b, int bOffset, int length);

  /**
   * The dot products of several queries with several rows, each number loaded as few times as the
   * registers allow: the kernel of exact search, and of a matrix times a vector.
   *
   * @param queries holds the queries
   * @param queryOffsets where each query begins; may repeat and be in any order
   * @param queryCount number of the offsets that count, at least 0
   * @param rows holds the rows
   * @param rowOffsets where each row begins; may repeat and be in any order
   * @param rowCount number of the offsets that count, at least 0
   * @param length of every query and row, at least 0
   * @param target receives the product of query {@code q} and row {@code r} at {@code q * rowCount
   *     + r}
   * @throws IndexOutOfBoundsException if a query, a row or the products leave their array; {@code
   *     target} is as it was
   */
  void dots(
      float[] queries,
      int[] queryOffsets,
      int queryCount,
      float[] rows,
      int[] rowOffsets,
      int rowCount,
      int length,
      float[] target);

  /**
   * The dot products of one query with several rows, each in an array of its own, wherever those
   * may be: memory delivers four at a time.
   *
   * @param query the query, which is as long as every row
   * @param rows hold the rows from their first element
   * @param count number of the rows that count, at least 0
   * @param target receives the products, each with the same bits as {@link #dot} gives it
   * @throws IndexOutOfBoundsException if a row is shorter than the query, or there are fewer rows
   *     or targets than {@code count}
   */
  void dots(float[] query, float[][] rows, int count, float[] target);

  /**
   * The Euclidean norm of a stretch.
   *
   * @param a holds it
   * @param offset where it begins
   * @param length of the stretch, at least 0
   * @return the root of the sum of the squares; infinite where that sum is more than a float holds
   * @throws IndexOutOfBoundsException if the stretch leaves its array
   */
  default float norm(float[] a, int offset, int length) {
    return (float) Math.sqrt(dot(a, offset, a, offset, length));
  }
}

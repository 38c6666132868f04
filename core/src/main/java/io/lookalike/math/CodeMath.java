package io.lookalike.math;

/**
 * Arithmetic on vectors kept as 8-bit codes in blocks of {@value #BLOCK}, for those who write an
 * index. In a block the codes of one coordinate lie side by side, {@value #BLOCK} bytes for each
 * coordinate, so that one query's weight meets many products at once (the layout of Kuffo et al.,
 * <i>PDX: A Data Layout for Vector Similarity Search</i>, SIGMOD 2025).
 *
 * <p>Chosen together with {@link VectorMath}. All methods are pure but for the arrays named as
 * targets, and safe for use by several threads.
 */
public sealed interface CodeMath permits ScalarCodeMath, SimdCodeMath {

  /** Products in a block. */
  int BLOCK = 64;

  /**
   * The implementation that goes with {@link VectorMath#active()}.
   *
   * @return always the same one
   * @throws IllegalStateException as {@link VectorMath#active()} does
   */
  static CodeMath active() {
    return VectorMathProvider.activeCodes();
  }

  /**
   * Adds each product's weighted coordinates: {@code sums[i] += weights[weightOffset + j] *
   * codes[offset + j * BLOCK + i]} for all {@code i < BLOCK} and {@code j < coordinates}.
   *
   * @param codes holds the block
   * @param offset where its first coordinate begins
   * @param coordinates their number, at least 0
   * @param weights one for each coordinate
   * @param weightOffset where they begin
   * @param sums {@value #BLOCK} numbers, changed
   * @throws IndexOutOfBoundsException if a stretch leaves its array
   */
  void addWeighted(
      byte[] codes, int offset, int coordinates, float[] weights, int weightOffset, float[] sums);

  /**
   * The same for some of the coordinates, where all other weights are 0: {@code sums[i] +=
   * weights[which[n]] * codes[offset + which[n] * BLOCK + i]} for all {@code i < BLOCK} and {@code
   * n < count}.
   *
   * @param codes holds the block
   * @param offset where its first coordinate begins
   * @param weights one for each coordinate
   * @param which coordinates, in ascending order
   * @param count their number, at least 0
   * @param sums {@value #BLOCK} numbers, changed
   * @throws IndexOutOfBoundsException if a stretch leaves its array
   */
  void addWeighted(byte[] codes, int offset, float[] weights, int[] which, int count, float[] sums);

  /**
   * The same for coordinates that are not coded.
   *
   * @param values holds the block
   * @param offset where its first coordinate begins
   * @param coordinates their number, at least 0
   * @param weights one for each coordinate
   * @param weightOffset where they begin
   * @param sums {@value #BLOCK} numbers, changed
   * @throws IndexOutOfBoundsException if a stretch leaves its array
   */
  void addWeighted(
      float[] values, int offset, int coordinates, float[] weights, int weightOffset, float[] sums);

  /**
   * Which products of a block reach a bar: bit {@code i} tells whether {@code sums[i] + factor *
   * values[offset + i] >= bar}.
   *
   * @param sums {@value #BLOCK} numbers
   * @param factor what the values are multiplied with
   * @param values one for each product
   * @param offset where they begin
   * @param bar the least that counts
   * @return a set of {@value #BLOCK} bits
   * @throws IndexOutOfBoundsException if a stretch leaves its array
   */
  long atLeast(float[] sums, float factor, float[] values, int offset, float bar);

  /**
   * The weighted sum of one product's codes, where those lie side by side. The same bits at every
   * call, whether or not the compiler has been at work.
   *
   * @param codes holds them
   * @param offset where they begin
   * @param weights one for each code
   * @param weightOffset where they begin
   * @param length number of coordinates, at least 0
   * @return the sum of the products
   * @throws IndexOutOfBoundsException if a stretch leaves its array
   */
  float dot(byte[] codes, int offset, float[] weights, int weightOffset, int length);

  /**
   * The dot product of two stretches of codes, the second of which has been widened. It is summed
   * in parts of 16 bits, which hold it exactly where the product of the two norms is at most 32,767
   * (by Cauchy and Schwarz, for every part); beyond, the result is undefined.
   *
   * @param codes holds the first
   * @param offset where it begins
   * @param widened the second, from its first element
   * @param length of both, at least 0
   * @return the sum of the products
   * @throws IndexOutOfBoundsException if a stretch leaves its array
   */
  int dot(byte[] codes, int offset, short[] widened, int length);

  /**
   * The dot products of several stretches of codes with one that has been widened, each as {@link
   * #dot(byte[], int, short[], int)} gives it; quicker than one by one.
   *
   * @param codes holds all of them, one after the other, each of this length
   * @param offset where the first one begins
   * @param rows which ones: row {@code r} begins at {@code offset + r * length}
   * @param count number of rows, at least 0
   * @param widened the other one, from its first element
   * @param length of each, at least 0
   * @param products receives one for each row
   * @throws IndexOutOfBoundsException if a stretch leaves its array
   */
  void dots(
      byte[] codes, int offset, int[] rows, int count, short[] widened, int length, int[] products);
}

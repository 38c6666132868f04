package io.lookalike.math;

import io.lookalike.internal.VectorValues;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A vector of length 1: the one place where vectors are checked and normalised. The dot product of
 * two is their cosine similarity. Immutable.
 */
public final class UnitVector {

  static {
    VectorValues.provide(vector -> vector.values);
  }

  private final float[] values;

  private UnitVector(float[] values) {
    this.values = values;
  }

  /**
   * Normalises a vector.
   *
   * @param vector finite numbers, not all zero; copied
   * @return the vector divided by its Euclidean norm
   * @throws IllegalArgumentException if the vector is empty, all zero, or holds NaN or an infinity
   */
  public static UnitVector of(float[] vector) {
    if (vector.length == 0) {
      throw new IllegalArgumentException("the vector is empty, expected at least 1 number");
    }
    // In double, neither the largest nor the smallest float's square leaves the range.
    double sum = 0;
    for (int i = 0; i < vector.length; i++) {
      float v = vector[i];
      if (!Float.isFinite(v)) {
        throw new IllegalArgumentException(
            "element " + i + " of the vector is " + v + ", expected a finite number");
      }
      sum += (double) v * v;
    }
    if (sum == 0) {
      throw new IllegalArgumentException(
          "all " + vector.length + " elements of the vector are 0, which has no direction");
    }
    double scale = 1 / Math.sqrt(sum);
    var unit = new float[vector.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (vector[i] * scale);
    }
    return new UnitVector(unit);
  }

  /**
   * Wraps numbers that an index has kept of a unit vector, so that they come back bit by bit.
   *
   * @param values of Euclidean norm 1 to within 1e-3; not copied, and not to be changed afterwards
   * @return the vector
   * @throws IllegalArgumentException if the norm is not 1
   */
  public static UnitVector ofNormalized(float[] values) {
    float norm = VectorMath.active().norm(values, 0, values.length);
    if (!(Math.abs(norm - 1) < 1e-3)) {
      throw new IllegalArgumentException("the vector's norm is " + norm + ", expected 1");
    }
    return new UnitVector(values);
  }

  /**
   * Number of elements.
   *
   * @return at least 1
   */
  public int dimension() {
    return values.length;
  }

  /**
   * The elements.
   *
   * @return a copy
   */
  public float[] toArray() {
    return values.clone();
  }

  /**
   * Copies the elements.
   *
   * @param target receives {@link #dimension()} numbers
   * @param offset where in {@code target} they begin
   * @throws IndexOutOfBoundsException if there is no room
   */
  public void copyTo(float[] target, int offset) {
    System.arraycopy(values, 0, target, offset, values.length);
  }

  /**
   * The cosine similarity to another vector.
   *
   * @param other of the same dimension
   * @return the dot product, from -1 to 1 but for rounding
   * @throws IllegalArgumentException if the dimensions differ
   */
  public float cosine(UnitVector other) {
    if (other.values.length != values.length) {
      throw new IllegalArgumentException(
          "the vectors have " + values.length + " and " + other.values.length + " dimensions");
    }
    return VectorMath.active().dot(values, 0, other.values, 0, values.length);
  }

  /**
   * Computes the cosine similarities to several vectors, quicker than one by one where these are
   * scattered in memory.
   *
   * @param others of the same dimension
   * @param target receives a number for each, with the same bits as {@link #cosine} gives it
   * @throws IllegalArgumentException if a dimension differs
   * @throws IndexOutOfBoundsException if the target is shorter than the list
   */
  public void cosines(List<UnitVector> others, float[] target) {
    var rows = new float[others.size()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = others.get(i).values;
      if (rows[i].length != values.length) {
        throw new IllegalArgumentException(
            "the vectors have " + values.length + " and " + rows[i].length + " dimensions");
      }
    }
    VectorMath.active().dots(values, rows, rows.length, target);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof UnitVector that && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  /** Returns the dimension and the first few elements. */
  @Override
  public String toString() {
    float[] first = Arrays.copyOf(values, Math.min(4, values.length));
    return "UnitVector[" + values.length + "]" + Arrays.toString(first);
  }
}

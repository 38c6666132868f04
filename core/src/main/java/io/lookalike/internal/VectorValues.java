package io.lookalike.internal;

import io.lookalike.math.UnitVector;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of unit vectors themselves, for an index that compares scattered ones: to go through
 * the vectors would make the processor wait for each twice.
 */
public final class VectorValues {

  private static volatile @Nullable Function<UnitVector, float[]> access;

  private VectorValues() {}

  /**
   * Called once, by vectors' own class.
   *
   * @param access to a vector's numbers
   */
  public static void provide(Function<UnitVector, float[]> access) {
    VectorValues.access = access;
  }

  /**
   * A vector's numbers.
   *
   * @param vector any
   * @return not a copy, and not to be changed
   */
  public static float[] of(UnitVector vector) {
    return Objects.requireNonNull(access).apply(vector); // where there is a vector, its class is
  }
}

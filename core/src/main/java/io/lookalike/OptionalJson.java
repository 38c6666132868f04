package io.lookalike;

import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Numbers that may be missing, for JSON, where they are a number or null. Jackson 2 by itself
 * refuses {@link OptionalDouble}, so the records that hold one write themselves without.
 */
final class OptionalJson {

  private OptionalJson() {}

  static @Nullable Double written(OptionalDouble value) {
    return value.isPresent() ? (Double) value.getAsDouble() : null;
  }

  static OptionalDouble read(@Nullable Double value) {
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}

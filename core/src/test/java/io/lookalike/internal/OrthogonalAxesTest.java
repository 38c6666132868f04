package io.lookalike.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lookalike.math.VectorMath;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OrthogonalAxesTest {

  private static final OrthogonalAxes.Loop ONE_BY_ONE =
      (tasks, task) -> IntStream.range(0, tasks).forEach(task);

  private static void assertOrthonormal(float[] axes, int count, int dimension) {
    for (int a = 0; a < count; a++) {
      for (int b = 0; b <= a; b++) {
        assertThat(VectorMath.active().dot(axes, a * dimension, axes, b * dimension, dimension))
            .as("axes %s and %s", a, b)
            .isCloseTo(a == b ? 1 : 0, within(1e-5f));
      }
    }
  }

  @Test
  void findsTheAxesOfTheGreatestExtentInTheirOrder() {
    int rows = 500;
    int dimension = 20;
    var random = new Random(7);
    var sample = new float[rows * dimension];
    for (int i = 0; i < sample.length; i++) {
      sample[i] = (float) (random.nextGaussian() * Math.pow(.5, i % dimension));
    }
    float[] axes = OrthogonalAxes.of(sample, rows, dimension, 4, 8, ONE_BY_ONE);
    assertOrthonormal(axes, 4, dimension);
    for (int a = 0; a < 4; a++) {
      assertThat(Math.abs(axes[a * dimension + a])).as("axis %s, seed 7", a).isGreaterThan(.98f);
    }
    float[] inParallel =
        OrthogonalAxes.of(
            sample,
            rows,
            dimension,
            4,
            8,
            (tasks, task) -> IntStream.range(0, tasks).parallel().forEach(task));
    assertThat(inParallel).isEqualTo(axes);
  }

  @Test
  void aSampleThatDoesNotExtendSoFarHasOrthonormalAxesAllTheSame() {
    float[] line = new float[30 * 8];
    for (int i = 0; i < 30; i++) {
      line[i * 8 + 3] = i;
    }
    float[] axes = OrthogonalAxes.of(line, 30, 8, 5, 4, ONE_BY_ONE);
    assertOrthonormal(axes, 5, 8);
    assertThat(Math.abs(axes[3])).isCloseTo(1, within(1e-6f));
  }
}

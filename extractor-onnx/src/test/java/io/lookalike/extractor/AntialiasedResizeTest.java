package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AntialiasedResizeTest {

  static Stream<Long> seeds() {
    return Stream.iterate(1L, s -> s + 1).limit(30);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void isTheTriangleFilterInDoublePrecisionRoundedAfterEachDirection(long seed) {
    Random random = new Random(seed);
    Pixels in = noise(random, side(random), side(random), 1);
    int width = 1 + random.nextInt(200);
    int height = 1 + random.nextInt(200);

    int[] actual = resize(in, width, height);

    int[] expected = inDoublePrecision(in, width, height);
    int different = 0;
    int most = 0;
    for (int i = 0; i < expected.length; i++) {
      most = Math.max(most, Math.abs(actual[i] - expected[i]));
      different += actual[i] == expected[i] ? 0 : 1;
    }
    // Where a sum lies halfway, which simple ratios make common, it may be rounded either way.
    // Without the rounding between the directions, one value in eight would differ.
    assertThat(most).as("largest difference, seed %d", seed).isLessThan(2);
    assertThat(different).as("seed %d", seed).isLessThanOrEqualTo(1 + expected.length / 20);
  }

  @Test
  void keepsEveryPixelWhereTheSizeStays() {
    Pixels in = noise(new Random(3), 37, 23, 1);

    int[] out = resize(in, 37, 23);

    for (int p = 0; p < 37 * 23; p++) {
      for (int c = 0; c < 3; c++) {
        assertThat(out[c * 37 * 23 + p]).isEqualTo(in.rgb()[3 * p + c] & 0xff);
      }
    }
  }

  @Test
  void aLargePlainPictureStaysPlain() {
    byte[] white = new byte[3 * 20_000];
    Arrays.fill(white, (byte) 255);

    assertThat(resize(new Pixels(white, 20_000, 1, 1), 32, 32)).containsOnly(255);
    assertThat(resize(new Pixels(white, 1, 20_000, 1), 32, 32)).containsOnly(255);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void turnsThePictureUprightForEveryOrientation(int orientation) {
    Random random = new Random(orientation);
    Pixels stored = noise(random, 50, 31, orientation);
    int width = stored.sideways() ? 31 : 50;
    int height = stored.sideways() ? 50 : 31;
    byte[] upright = new byte[stored.rgb().length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        // Exif 2.32, 4.6.4: which side of the upright picture the stored row 0 and column 0 are.
        int row =
            switch (orientation) {
              case 1, 2 -> y;
              case 3, 4 -> height - 1 - y;
              case 5, 8 -> x;
              default -> width - 1 - x;
            };
        int column =
            switch (orientation) {
              case 1, 4 -> x;
              case 2, 3 -> width - 1 - x;
              case 5, 6 -> y;
              default -> height - 1 - y;
            };
        for (int c = 0; c < 3; c++) {
          upright[3 * (y * width + x) + c] = stored.rgb()[3 * (row * 50 + column) + c];
        }
      }
    }

    int[] same = resize(stored, width, height);

    assertThat(same).isEqualTo(resize(new Pixels(upright, width, height, 1), width, height));
  }

  private static int side(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> 1 + random.nextInt(3);
      case 1 -> 1 + random.nextInt(2000);
      default -> 1 + random.nextInt(300);
    };
  }

  private static Pixels noise(Random random, int width, int height, int orientation) {
    byte[] rgb = new byte[3 * width * height];
    random.nextBytes(rgb);
    return new Pixels(rgb, width, height, orientation);
  }

  private static int[] resize(Pixels in, int width, int height) {
    FloatBuffer out = FloatBuffer.allocate(3 * width * height);
    AntialiasedResize.write(in, width, height, Preprocessing.EFFICIENTNET_LITE, out);
    int[] samples = new int[out.capacity()];
    int fractions = 0;
    for (int i = 0; i < samples.length; i++) {
      float sample = out.get(i) * 128 + 127;
      samples[i] = Math.round(sample);
      fractions += sample == samples[i] ? 0 : 1;
    }
    assertThat(fractions).as("samples that are not whole").isZero();
    return samples;
  }

  private static int[] inDoublePrecision(Pixels in, int width, int height) {
    int[] out = new int[3 * width * height];
    for (int c = 0; c < 3; c++) {
      double[][] across = new double[in.height()][width];
      for (int y = 0; y < in.height(); y++) {
        double[] row = new double[in.width()];
        for (int x = 0; x < in.width(); x++) {
          row[x] = in.rgb()[3 * (y * in.width() + x) + c] & 0xff;
        }
        across[y] = resample(row, width);
      }
      for (int x = 0; x < width; x++) {
        double[] column = new double[in.height()];
        for (int y = 0; y < in.height(); y++) {
          column[y] = across[y][x];
        }
        double[] down = resample(column, height);
        for (int y = 0; y < height; y++) {
          out[(c * height + y) * width + x] = (int) down[y];
        }
      }
    }
    return out;
  }

  /** The weighted mean under a triangle around each output pixel's centre, rounded. */
  private static double[] resample(double[] in, int length) {
    double[] out = new double[length];
    double scale = (double) in.length / length;
    double support = Math.max(1, scale);
    for (int o = 0; o < length; o++) {
      double sum = 0;
      double weights = 0;
      for (int i = 0; i < in.length; i++) {
        double weight = 1 - Math.abs(i + 0.5 - (o + 0.5) * scale) / support;
        if (weight > 0) {
          sum += weight * in[i];
          weights += weight;
        }
      }
      out[o] = Math.floor(sum / weights + 0.5);
    }
    return out;
  }
}

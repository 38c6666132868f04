package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreprocessingTest {

  @Test
  void thePaperDividesBy255() {
    for (int sample = 0; sample < 256; sample++) {
      assertThat(pixel(Preprocessing.PAPER, sample, 0, 255)).containsExactly(sample / 255f, 0, 1);
    }
  }

  @Test
  void caffeTakesBlueFirstAndItsMeanAway() {
    assertThat(pixel(Preprocessing.CAFFE, 255, 0, 10))
        .containsExactly(10 - 103.939f, -116.779f, 255 - 123.68f);
  }

  @Test
  void torchvisionStandardisesEveryColour() {
    assertThat(pixel(Preprocessing.TORCHVISION, 255, 0, 51))
        .containsExactly(
            (float) ((1 - 0.485) / 0.229),
            (float) (-0.456 / 0.224),
            (float) ((0.2 - 0.406) / 0.225));
  }

  @Test
  void theBuiltInNetworksIsExact() {
    for (int sample = 0; sample < 256; sample++) {
      assertThat(pixel(Preprocessing.EFFICIENTNET_LITE, sample, 127, 255))
          .containsExactly((sample - 127) / 128f, 0, 1);
    }
  }

  @Test
  void meansAndDeviationsAreInTheOrderOfTheColours() {
    Preprocessing preprocessing =
        Preprocessing.of(
            Preprocessing.Order.BGR,
            new double[] {1, 0, 0},
            new double[] {1, 0.5, 1},
            Preprocessing.Resampling.BILINEAR);
    assertThat(pixel(preprocessing, 0, 255, 255)).containsExactly(0, 2, 0);
    assertThat(preprocessing).hasToString("bgr:1.0,0.0,0.0:1.0,0.5,1.0");
  }

  /** What Pillow 13 gives for a row of pixels that hold their own index. */
  @Test
  void nearestTakesThePixelsThatPillowTakes() {
    assertThat(nearest(7, 4)).containsExactly(0, 2, 4, 6);
    assertThat(nearest(4, 7)).containsExactly(0, 0, 1, 1, 2, 3, 3);
    assertThat(nearest(10, 4)).containsExactly(1, 3, 6, 8);
    assertThat(nearest(3, 8)).containsExactly(0, 0, 0, 1, 1, 2, 2, 2);
    assertThat(nearest(1, 3)).containsExactly(0, 0, 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "paper",
        "paper-bilinear",
        "caffe",
        "torchvision",
        "clip",
        "efficientnet-lite",
        "rgb:0.5,0.5,0.5:0.5,0.5,0.5",
        "bgr:0.0,0.1,-1.0:1.0,2.0,3.0:nearest"
      })
  void readsWhatItWrites(String text) {
    assertThat(Preprocessing.parse(text)).hasToString(text);
    assertThat(Preprocessing.parse(text)).isEqualTo(Preprocessing.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Paper",
        "rgb",
        "rgb:0,0,0",
        "grb:0,0,0:1,1,1",
        "rgb:0,0:1,1,1",
        "rgb:0,0,0:1,1,0",
        "rgb:0,0,NaN:1,1,1",
        "rgb:0,0,zero:1,1,1",
        "rgb:0,0,0:1,1,1:cubic",
        "rgb:0,0,0:1,1,1,"
      })
  void refusesAnythingElse(String text) {
    assertThatThrownBy(() -> Preprocessing.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }

  private static float[] pixel(Preprocessing preprocessing, int red, int green, int blue) {
    byte[] rgb = {(byte) red, (byte) green, (byte) blue};
    return written(new Pixels(rgb, 1, 1, 1), 1, preprocessing, 3);
  }

  private static int[] nearest(int from, int to) {
    byte[] rgb = new byte[3 * from];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i / 3);
    }
    float[] row = written(new Pixels(rgb, from, 1, 1), to, Preprocessing.PAPER, to);
    int[] indexes = new int[to];
    for (int i = 0; i < to; i++) {
      indexes[i] = Math.round(255 * row[i]);
    }
    return indexes;
  }

  private static float[] written(Pixels pixels, int width, Preprocessing how, int count) {
    FloatBuffer out = FloatBuffer.allocate(3 * width);
    AntialiasedResize.write(pixels, width, 1, how, out);
    float[] first = new float[count];
    out.get(0, first);
    return first;
  }
}

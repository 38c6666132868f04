package io.lookalike.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/**
 * As many pictures as are asked for, made of a few: each is one of Fashion-MNIST's, mirrored or
 * not, turned by up to 10 degrees, stretched by up to a tenth and moved by up to two pixels (as
 * Loosli, Canu and Bottou made eight million digits of MNIST's, <i>Training Invariant Support
 * Vector Machines using Selective Sampling</i>, 2007). Every row is made from its number when it is
 * asked for. Safe for use by several threads.
 */
final class PictureData {

  private static final int SIDE = 28;
  private static final double MOST_TURN = Math.toRadians(10);
  private static final double MOST_STRETCH = .1;
  private static final double MOST_MOVE = 2;

  private final List<float[]> pictures;
  private final List<float[]> others;

  /**
   * Pictures.
   *
   * @param folder holds Fashion-MNIST's {@code train-images-idx3-ubyte.gz} and {@code
   *     t10k-images-idx3-ubyte.gz}
   */
  PictureData(Path folder) throws IOException {
    pictures = IdxFile.read(folder.resolve("train-images-idx3-ubyte.gz"));
    others = IdxFile.read(folder.resolve("t10k-images-idx3-ubyte.gz"));
  }

  /** The picture of a number; those below 0 are made of other originals than those above. */
  float[] row(long number) {
    var random = new SplittableRandom(number);
    List<float[]> originals = number < 0 ? others : pictures;
    float[] original = originals.get(random.nextInt(originals.size()));
    double turn = random.nextDouble(-MOST_TURN, MOST_TURN);
    double across = random.nextDouble(1 - MOST_STRETCH, 1 + MOST_STRETCH);
    double along = random.nextDouble(1 - MOST_STRETCH, 1 + MOST_STRETCH);
    double right = random.nextDouble(-MOST_MOVE, MOST_MOVE);
    double down = random.nextDouble(-MOST_MOVE, MOST_MOVE);
    double mirror = random.nextBoolean() ? 1 : -1;
    double middle = (SIDE - 1) / 2.0;
    var row = new float[SIDE * SIDE];
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        double u = (x - middle - right) * mirror * across;
        double v = (y - middle - down) * along;
        row[y * SIDE + x] =
            pixel(
                original,
                middle + u * Math.cos(turn) - v * Math.sin(turn),
                middle + u * Math.sin(turn) + v * Math.cos(turn));
      }
    }
    return row;
  }

  /** Linear between the four pixels around a place; black outside. */
  private static float pixel(float[] picture, double x, double y) {
    int left = (int) Math.floor(x);
    int top = (int) Math.floor(y);
    double right = x - left;
    double below = y - top;
    return (float)
        ((1 - below) * ((1 - right) * at(picture, left, top) + right * at(picture, left + 1, top))
            + below
                * ((1 - right) * at(picture, left, top + 1)
                    + right * at(picture, left + 1, top + 1)));
  }

  private static float at(float[] picture, int x, int y) {
    return x < 0 || y < 0 || x >= SIDE || y >= SIDE ? 0 : picture[y * SIDE + x];
  }
}

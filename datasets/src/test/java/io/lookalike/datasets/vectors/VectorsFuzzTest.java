package io.lookalike.datasets.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged files of vectors: they are read or refused, whatever is in them. {@code
 * lookalike.fuzz.seconds} says how long each kind is tried, {@code lookalike.fuzz.seed} from which
 * seed on.
 */
@Tag("fuzz")
class VectorsFuzzTest {

  /** What a length or a size is changed to. */
  private static final long[] SIZES = {
    0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 40
  };

  @TempDir Path folder;

  private interface Trial {
    void run(Random random) throws IOException;
  }

  private static void tryFor(Trial trial) {
    double seconds = Double.parseDouble(System.getProperty("lookalike.fuzz.seconds", "1"));
    long end = System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    long seed = Long.getLong("lookalike.fuzz.seed", 1);
    do {
      try {
        trial.run(new Random(seed));
      } catch (IOException | RuntimeException | Error e) {
        throw new AssertionError("seed " + seed, e);
      }
      seed++;
    } while (System.nanoTime() < end);
  }

  @Test
  void damagedNumPyFilesAreReadOrRefused() throws IOException {
    byte[] head =
        "\u0093NUMPY\1\0\u0046\0{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }        \n"
            .getBytes(StandardCharsets.ISO_8859_1);
    byte[] good = ByteBuffer.allocate(head.length + 24).put(head).array();
    good[good.length - 1] = 64;
    byte[] goodIds = "id\na\n\"b,1\"\nc\n".getBytes(StandardCharsets.UTF_8);
    Path npy = folder.resolve("f.npy");
    Path ids = folder.resolve("f.ids.csv");
    tryFor(
        random -> {
          boolean damageIds = random.nextBoolean();
          Files.write(npy, damageIds ? good : damaged(good, random));
          Files.write(ids, damageIds ? damaged(goodIds, random) : goodIds);
          try (NpyMatrix matrix = NpyMatrix.open(npy)) {
            List<String> read = RowIds.read(npy, matrix.size());
            assertThat(read).hasSize(matrix.size());
            matrix.copyRow(matrix.size() - 1, new float[matrix.dimension()], 0);
          } catch (VectorFileException e) {
            assertThat(e.getMessage()).startsWith(folder.toString());
          }
        });
  }

  @Test
  void damagedHdf5FilesAreReadOrRefused() throws IOException {
    Path file = folder.resolve("f.hdf5");
    try (WritableHdfFile hdf = HdfFile.write(file)) {
      hdf.putDataset("train", new float[][] {{1, 0, 2}, {0, 1, 0}, {3, 1, 1}});
      hdf.putDataset("test", new double[][] {{1, 0, 2}});
      hdf.putDataset("neighbors", new int[][] {{0, 2}});
      hdf.putAttribute("distance", "angular");
    }
    byte[] good = Files.readAllBytes(file);
    byte[] newer = good.clone();
    newer[8] = 4; // its superblock's version
    Files.write(file, newer);
    assertThatThrownBy(() -> VectorFile.of(file).vectors("train"))
        .isInstanceOf(VectorFileException.class)
        .hasMessageStartingWith(file + " holds what cannot be read here: Superblock version");
    tryFor(
        random -> {
          Files.write(file, damaged(good, random));
          try {
            VectorFile vectors = VectorFile.of(file);
            vectors.distance();
            vectors.vectors("train").close();
            vectors.vectors("test").close();
            vectors.nearest();
          } catch (VectorFileException e) {
            assertThat(e.getMessage()).startsWith(file.toString());
          }
        });
  }

  private static byte[] damaged(byte[] good, Random random) {
    byte[] bytes = good.clone();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> {
          long size = SIZES[random.nextInt(SIZES.length)];
          byte[] eight =
              ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(size).array();
          int length = Math.min(1 << random.nextInt(4), bytes.length - at);
          System.arraycopy(eight, 0, bytes, at, length);
        }
        default -> bytes = Arrays.copyOf(bytes, Math.max(1, at + random.nextInt(20)));
      }
    }
    return bytes;
  }
}

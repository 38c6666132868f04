package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpyTest {

  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({"1,<f4", "1,>f4", "1,<f8", "1,>f8", "2,<f4", "3,<f8"})
  void everyKindOfMatrixIsRead(int version, String type) throws IOException {
    var random = new Random(7);
    int rows = 5;
    int columns = 13;
    int bytes = type.charAt(2) - '0';
    ByteBuffer data =
        ByteBuffer.allocate(rows * columns * bytes)
            .order(type.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    var expected = new float[rows][columns];
    for (float[] row : expected) {
      for (int i = 0; i < columns; i++) {
        row[i] = (float) random.nextGaussian();
        if (bytes == 4) {
          data.putFloat(row[i]);
        } else {
          data.putDouble(row[i]);
        }
      }
    }
    Path file =
        Cli.npy(temp.resolve("f.npy"), version, type, "False", rows + ", " + columns, data.array());
    try (NpyMatrix matrix = NpyMatrix.open(file)) {
      assertThat(matrix.size()).isEqualTo(rows);
      assertThat(matrix.dimension()).isEqualTo(columns);
      for (int i = rows - 1; i >= 0; i--) {
        assertThat(matrix.row(i)).isEqualTo(expected[i]);
      }
    }
  }

  @Test
  void theHeadWrittenIsNumPysOwn() throws IOException {
    byte[] head = NpyHeader.write(1_100, 1_280).array();
    assertThat(head).hasSize(128).startsWith(0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0);
    String text = new String(head, 10, 118, java.nio.charset.StandardCharsets.US_ASCII);
    assertThat(text)
        .startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (1100, 1280), }  ")
        .endsWith(" \n");
    assertThat(NpyHeader.write(Integer.MAX_VALUE, Integer.MAX_VALUE).array()).hasSize(128);
  }

  /** Whatever is changed in a head: a matrix of the same bytes, or a message; nothing else. */
  @Test
  void aDamagedHeadIsAMessage() throws IOException {
    Path file = Cli.npy(temp.resolve("f.npy"), new float[] {1, 2, 3}, new float[] {4, 5, 6});
    byte[] good = Files.readAllBytes(file);
    int refused = 0;
    for (int i = 0; i < good.length - 24; i++) {
      for (int value : new int[] {0, ' ', '9', 'x', 0xFF}) {
        byte[] bad = good.clone();
        bad[i] = (byte) value;
        Files.write(file, bad);
        try (NpyMatrix matrix = NpyMatrix.open(file)) {
          assertThat(matrix.size() * matrix.dimension()).as("byte %s: %s", i, value).isEqualTo(6);
        } catch (UserErrorException e) {
          assertThat(e).hasMessageStartingWith(file.toString());
          refused++;
        }
      }
    }
    assertThat(refused).isGreaterThan(150);
    for (int length = 0; length < good.length; length++) {
      Files.write(file, Arrays.copyOf(good, length));
      assertThatThrownBy(() -> NpyMatrix.open(file))
          .as("cut to %s bytes", length)
          .isInstanceOf(UserErrorException.class);
    }
  }
}

package io.lookalike.datasets.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
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
        npy(temp.resolve("f.npy"), version, type, "False", rows + ", " + columns, data.array());
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
    String text = new String(head, 10, 118, StandardCharsets.US_ASCII);
    assertThat(text)
        .startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (1100, 1280), }  ")
        .endsWith(" \n");
    assertThat(NpyHeader.write(Integer.MAX_VALUE, Integer.MAX_VALUE).array()).hasSize(128);
  }

  /** Whatever is changed in a head: a matrix of the same bytes, or a message; nothing else. */
  @Test
  void aDamagedHeadIsAMessage() throws IOException {
    Path file = npy(temp.resolve("f.npy"), 1, "<f4", "False", "2, 3", new byte[24]);
    byte[] good = Files.readAllBytes(file);
    int refused = 0;
    for (int i = 0; i < good.length - 24; i++) {
      for (int value : new int[] {0, ' ', '9', 'x', 0xFF}) {
        byte[] bad = good.clone();
        bad[i] = (byte) value;
        Files.write(file, bad);
        try (NpyMatrix matrix = NpyMatrix.open(file)) {
          assertThat(matrix.size() * matrix.dimension()).as("byte %s: %s", i, value).isEqualTo(6);
        } catch (VectorFileException e) {
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
          .isInstanceOf(VectorFileException.class);
    }
  }

  /** As an application adds its products: row by row, from the file. */
  @Test
  void whatIsWrittenRowByRowIsReadRowByRow() throws IOException {
    Path file = temp.resolve("f.npy");
    float[][] rows = {{1, 2}, {3, 4}, {5, 6}};
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      var writer = new NpyWriter(channel, 2);
      for (float[] row : rows) {
        writer.write(row);
      }
      assertThatThrownBy(() -> writer.write(new float[3]))
          .hasMessage("row 3 has 3 numbers, expected 2");
      writer.finish();
    }
    try (Vectors vectors = VectorFile.of(file).vectors()) {
      assertThat(vectors.size()).isEqualTo(3);
      assertThat(vectors.dimension()).isEqualTo(2);
      assertThat(vectors).containsExactly(rows);
      assertThatThrownBy(() -> vectors.row(3)).isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThat(RowIds.read(file, 3)).containsExactly("0", "1", "2");
    Files.writeString(RowIds.beside(file), "id\na\nb\nc\n");
    assertThat(RowIds.read(file, 3)).containsExactly("a", "b", "c");
    Files.write(RowIds.beside(file), "id\na\n\u00E9\nc\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> RowIds.read(file, 3))
        .hasMessageContaining(
            ":3: the id is \"\uFFFD\", where U+FFFD stands for a character that was lost");
    Files.writeString(RowIds.beside(file), "id\na\na\nc\n");
    assertThat(RowIds.readPhotos(file, 3)).containsExactly("a", "a", "c");
    assertThatThrownBy(() -> RowIds.read(file, 3)).hasMessageContaining("the id a occurs twice");
    Files.writeString(RowIds.beside(file), "id\na\nb\na\n");
    assertThatThrownBy(() -> RowIds.readPhotos(file, 3))
        .hasMessageContaining("the id a occurs twice");
  }

  /** Two vectors of each format that has no NumPy head. */
  @Test
  void everyFormatGivesRows() throws IOException {
    byte[] fvecs = {
      2, 0, 0, 0, 0, 0, -128, 63, 0, 0, 0, 64, 2, 0, 0, 0, 0, 0, 64, 64, 0, 0, -128, 64
    };
    byte[] bvecs = {2, 0, 0, 0, 1, 2, 2, 0, 0, 0, 3, 4};
    byte[] idx = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4};
    for (Path file :
        List.of(
            Files.write(temp.resolve("a.fvecs"), fvecs),
            Files.write(temp.resolve("a.bvecs"), bvecs),
            Files.write(temp.resolve("a-idx2-ubyte"), idx))) {
      try (Vectors vectors = VectorFile.of(file).vectors()) {
        assertThat(vectors).as("%s", file).containsExactly(new float[] {1, 2}, new float[] {3, 4});
      }
    }
    byte[] ivecs = {1, 0, 0, 0, 7, 0, 0, 0};
    Path nearest = Files.write(temp.resolve("a.ivecs"), ivecs);
    assertThat(VectorFile.of(nearest).nearest()).containsExactly(new int[] {7});
    assertThatThrownBy(() -> VectorFile.of(nearest).vectors())
        .isInstanceOf(VectorFileException.class)
        .hasMessageContaining("expected vectors");
  }

  private static Path npy(
      Path file, int version, String descr, String fortran, String shape, byte[] data)
      throws IOException {
    String text =
        "{'descr': '"
            + descr
            + "', 'fortran_order': "
            + fortran
            + ", 'shape': ("
            + shape
            + "), }\n";
    var bytes = new ByteArrayOutputStream();
    bytes.write(0x93);
    bytes.writeBytes("NUMPY".getBytes(StandardCharsets.US_ASCII));
    bytes.write(version);
    bytes.write(0);
    bytes.write(text.length() & 0xFF);
    bytes.write(text.length() >> 8);
    if (version > 1) {
      bytes.write(0);
      bytes.write(0);
    }
    bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(data);
    return Files.write(file, bytes.toByteArray());
  }
}

package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointTest {
  @TempDir private Path folder;

  @Test
  void anHdf5FileOfALaterFormIsNotCalledDamaged() throws IOException {
    for (int version : new int[] {4, 255}) {
      byte[] hdf5 = Pictures.fixture("small-vgg.h5");
      hdf5[8] = (byte) version;
      Path file = Files.write(folder.resolve("weights.h5"), hdf5);
      assertThatThrownBy(() -> Checkpoint.open(file))
          .isInstanceOf(ModelFileException.class)
          .hasMessage(
              file
                  + ": an HDF5 file whose superblock is of version "
                  + version
                  + ", which is not read; expected 0 to 3: save it again with h5py's"
                  + " libver=\"earliest\", or as safetensors");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[2] | [9223372036854775799, 9223372036854775807] | 2^63 bytes",
        "[2] | [9223372036854770000, 9223372036854770008] | truncated: the tensor x, F32 2, ends at byte",
        "[2] | [0.5, 8.5] | damaged at x",
        "[2] | [8, 0] | damaged at x",
        "[2] | [-8, 0] | damaged at x",
        "[2.0] | [0, 8] | damaged at x",
        "[18446744073709551618] | [0, 8] | damaged at x",
        "[2147483647, 2147483647, 2147483647] | [0, 8] | 2^63 bytes"
      })
  void offsetsAndShapesOfSafetensorsAreCheckedExactly(String shape, String offsets, String says)
      throws IOException {
    byte[] json =
        ("{\"x\":{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}")
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer content = ByteBuffer.allocate(16 + json.length).order(ByteOrder.LITTLE_ENDIAN);
    content.putLong(json.length).put(json);
    Path file = Files.write(folder.resolve("weights.safetensors"), content.array());
    assertThatThrownBy(
            () -> {
              try (Checkpoint checkpoint = Checkpoint.open(file)) {
                checkpoint.float32("x", 2);
              }
            })
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining(says);
  }
}

package io.lookalike.benchmarks;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Fashion-MNIST's pictures, as they are published: an IDX file of bytes, compressed by gzip. */
final class IdxFile {

  /** Unsigned bytes in three dimensions. */
  private static final int PICTURES = 0x803;

  private IdxFile() {}

  /** Returns each picture's pixels, from 0 to 255, row by row. */
  static List<float[]> read(Path file) throws IOException {
    try (var in =
        new DataInputStream(
            new BufferedInputStream(new GZIPInputStream(Files.newInputStream(file))))) {
      if (in.readInt() != PICTURES) {
        throw new IOException(file + " is no IDX file of pictures");
      }
      int count = in.readInt();
      int size = in.readInt() * in.readInt();
      var rows = new ArrayList<float[]>(count);
      for (int i = 0; i < count; i++) {
        byte[] pixels = in.readNBytes(size);
        var row = new float[size];
        for (int j = 0; j < size; j++) {
          row[j] = pixels[j] & 0xff;
        }
        rows.add(row);
      }
      return rows;
    }
  }
}

package io.lookalike.index.bruteforce;

import io.lookalike.internal.SectionFormat;
import io.lookalike.internal.SectionReader;
import io.lookalike.internal.SectionWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Reads and writes {@link NeighborTable}s; {@code docs/format.md} has the format. */
final class TableFile {

  private static final String ID_ENDS = "id ends";
  private static final String IDS = "ids";
  private static final String FINGERPRINTS = "fingerprints";
  private static final String NEIGHBORS = "neighbours";
  private static final String SIMILARITIES = "similarities";

  private static final SectionFormat FORMAT =
      new SectionFormat(
          "neighbour table",
          "LLNTBL01",
          1,
          128,
          32,
          40,
          List.of(ID_ENDS, IDS, FINGERPRINTS, NEIGHBORS, SIMILARITIES));

  // Where the header has the table's own fields.
  private static final int K_AT = 16;
  private static final int PRODUCTS_AT = 20;
  private static final int LENGTH_AT = 24;
  private static final int DIMENSION_AT = 28;

  private TableFile() {}

  static void save(TableContent table, Path file) throws IOException {
    byte[][] ids = new byte[table.ids().length][];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = table.ids()[i].getBytes(StandardCharsets.UTF_8);
    }
    SectionWriter.save(file, FORMAT, out -> write(table, ids, out));
  }

  private static void write(TableContent table, byte[][] ids, SectionWriter out)
      throws IOException {
    ByteBuffer header = out.header();
    header.putInt(K_AT, table.k()).putInt(PRODUCTS_AT, ids.length);
    header.putInt(LENGTH_AT, table.length()).putInt(DIMENSION_AT, table.dimension());
    out.section(ID_ENDS, () -> writeIdEnds(ids, out));
    out.section(
        IDS,
        () -> {
          for (byte[] id : ids) {
            out.bytes(id);
          }
        });
    out.section(
        FINGERPRINTS,
        () -> {
          for (int i = 0; i < ids.length; i++) {
            out.room(Long.BYTES).putLong(table.fingerprints().get(i));
          }
        });
    int entries = ids.length * table.length();
    out.section(
        NEIGHBORS,
        () -> {
          for (int i = 0; i < entries; i++) {
            out.room(Integer.BYTES).putInt(table.neighbors().get(i));
          }
        });
    out.section(
        SIMILARITIES,
        () -> {
          for (int i = 0; i < entries; i++) {
            out.room(Float.BYTES).putFloat(table.similarities().get(i));
          }
        });
  }

  private static void writeIdEnds(byte[][] ids, SectionWriter out) throws IOException {
    long end = 0;
    for (byte[] id : ids) {
      end += id.length;
      if (end > Integer.MAX_VALUE - Long.BYTES) {
        throw new IOException("the ids take more than 2 GiB, which a table's file cannot hold");
      }
      out.room(Integer.BYTES).putInt((int) end);
    }
  }

  static TableContent open(Path file) throws IOException {
    try (SectionReader in = SectionReader.open(file, FORMAT)) {
      return read(in);
    }
  }

  private static TableContent read(SectionReader in) throws IOException {
    int k = in.header().getInt(K_AT);
    int products = in.header().getInt(PRODUCTS_AT);
    int length = in.header().getInt(LENGTH_AT);
    int dimension = in.header().getInt(DIMENSION_AT);
    in.check(
        k >= 1
            && products >= 0
            && dimension >= 1
            && length == TableContent.length(k, products)
            && (long) products * length <= Integer.MAX_VALUE / Float.BYTES,
        "header");
    long entries = 4L * products * length;
    ByteBuffer ends = in.section(ID_ENDS, 4L * products);
    ByteBuffer texts = in.section(IDS, products == 0 ? 0 : ends.getInt(4 * products - 4));
    ByteBuffer fingerprints = in.section(FINGERPRINTS, 8L * products);
    ByteBuffer neighbors = in.section(NEIGHBORS, entries);
    ByteBuffer similarities = in.section(SIMILARITIES, entries);
    for (int i = 0; i < products * length; i++) {
      int neighbor = neighbors.getInt(4 * i);
      in.check(neighbor >= 0 && neighbor < products, NEIGHBORS);
    }
    return new TableContent(
        k,
        dimension,
        ids(in, ends, texts, products),
        fingerprints.asLongBuffer(),
        neighbors.asIntBuffer(),
        similarities.asFloatBuffer());
  }

  private static String[] ids(SectionReader in, ByteBuffer ends, ByteBuffer texts, int products)
      throws IOException {
    var ids = new String[products];
    int begin = 0;
    for (int i = 0; i < products; i++) {
      int end = ends.getInt(4 * i);
      in.check(begin <= end && end <= texts.capacity(), ID_ENDS);
      ids[i] = StandardCharsets.UTF_8.decode(texts.slice(begin, end - begin)).toString();
      in.check(i == 0 || ids[i - 1].compareTo(ids[i]) < 0, IDS);
      begin = end;
    }
    return ids;
  }
}

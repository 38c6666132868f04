package io.lookalike.index.bruteforce;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/** Reads and writes {@link NeighborTable}s; {@code docs/format.md} has the format. */
final class TableFile {

  private static final long MAGIC = 0x31304C42544E4C4CL; // "LLNTBL01"
  private static final int VERSION = 1;
  private static final int HEADER = 128;
  private static final int ALIGNMENT = 8;
  private static final int CHUNK = 1 << 16;

  private enum Section {
    ID_ENDS("id ends", 40),
    IDS("ids", 56),
    FINGERPRINTS("fingerprints", 72),
    NEIGHBORS("neighbours", 88),
    SIMILARITIES("similarities", 104);

    final String title;

    /** Where the header has its length and checksum. */
    final int entryAt;

    Section(String title, int entryAt) {
      this.title = title;
      this.entryAt = entryAt;
    }
  }

  private TableFile() {}

  // ---- writing

  private interface Content {
    void to(Output out) throws IOException;
  }

  /** Writes little-endian numbers and sums up their checksum. */
  private static final class Output {
    final FileChannel channel;
    final ByteBuffer buffer = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    final CRC32C checksum = new CRC32C();
    long written;

    Output(FileChannel channel) {
      this.channel = channel;
    }

    ByteBuffer room(int bytes) throws IOException {
      if (buffer.remaining() < bytes) {
        flush();
      }
      return buffer;
    }

    void flush() throws IOException {
      buffer.flip();
      checksum.update(buffer.duplicate());
      written += buffer.remaining();
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      buffer.clear();
    }
  }

  static void save(TableContent table, Path file) throws IOException {
    byte[][] ids = new byte[table.ids().length][];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = utf8(table.ids()[i]);
    }
    Path absolute = file.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder == null || Files.isDirectory(absolute)) {
      throw new IOException(file + " is a folder; name a file to save to");
    }
    if (!Files.isDirectory(folder)) {
      throw new IOException("there is no folder " + folder + " to save to; create it first");
    }
    try {
      // Not made of the file's name, which may be as long as a name can be.
      Path part = Files.createTempFile(folder, ".lookalike-", ".part");
      try {
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
          write(table, ids, channel);
          channel.force(true);
        }
        Files.move(
            part, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      // The file system's own names the part, and nobody knows that file.
      String reason = e instanceof FileSystemException named ? named.getReason() : e.getMessage();
      throw new IOException(
          "cannot save to "
              + file
              + ": "
              + (reason == null ? e.getClass().getSimpleName() : reason),
          e);
    }
  }

  private static byte[] utf8(String id) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(id));
      var array = new byte[bytes.remaining()];
      bytes.get(array);
      return array;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "the id \"" + id + "\" is no valid text and cannot be saved", e);
    }
  }

  private static void write(TableContent table, byte[][] ids, FileChannel channel)
      throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    channel.position(HEADER);
    var out = new Output(channel);
    section(Section.ID_ENDS, header, out, o -> writeIdEnds(ids, o));
    section(Section.IDS, header, out, o -> writeIds(ids, o));
    section(
        Section.FINGERPRINTS,
        header,
        out,
        o -> {
          for (int i = 0; i < ids.length; i++) {
            o.room(Long.BYTES).putLong(table.fingerprints().get(i));
          }
        });
    int entries = ids.length * table.length();
    section(
        Section.NEIGHBORS,
        header,
        out,
        o -> {
          for (int i = 0; i < entries; i++) {
            o.room(Integer.BYTES).putInt(table.neighbors().get(i));
          }
        });
    section(
        Section.SIMILARITIES,
        header,
        out,
        o -> {
          for (int i = 0; i < entries; i++) {
            o.room(Float.BYTES).putFloat(table.similarities().get(i));
          }
        });
    header.putLong(0, MAGIC).putInt(8, VERSION).putInt(12, HEADER);
    header.putInt(16, table.k()).putInt(20, ids.length);
    header.putInt(24, table.length()).putInt(28, table.dimension());
    header.putLong(32, HEADER + out.written);
    header.putInt(HEADER - Integer.BYTES, crc(header.slice(0, HEADER - Integer.BYTES)));
    channel.position(0);
    while (header.hasRemaining()) {
      channel.write(header);
    }
  }

  /** Writes a section, padded with zeros, and its entry in the header. */
  private static void section(Section section, ByteBuffer header, Output out, Content content)
      throws IOException {
    out.checksum.reset();
    long begin = out.written;
    content.to(out);
    out.flush();
    long bytes = out.written - begin;
    out.room(ALIGNMENT).put(new byte[(int) (padded(bytes) - bytes)]);
    out.flush();
    int at = section.entryAt;
    header.putLong(at, bytes);
    header.putInt(at + Long.BYTES, (int) out.checksum.getValue());
  }

  private static void writeIdEnds(byte[][] ids, Output out) throws IOException {
    long end = 0;
    for (byte[] id : ids) {
      end += id.length;
      if (end > Integer.MAX_VALUE - ALIGNMENT) {
        throw new IOException("the ids take more than 2 GiB, which a table's file cannot hold");
      }
      out.room(Integer.BYTES).putInt((int) end);
    }
  }

  private static void writeIds(byte[][] ids, Output out) throws IOException {
    for (byte[] id : ids) {
      for (int from = 0; from < id.length; from += CHUNK) {
        int n = Math.min(CHUNK, id.length - from);
        out.room(n).put(id, from, n);
      }
    }
  }

  private static long padded(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private static int crc(ByteBuffer bytes) {
    var checksum = new CRC32C();
    checksum.update(bytes);
    return (int) checksum.getValue();
  }

  // ---- reading

  static TableContent open(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file + " is a folder; name a file that holds a table");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new Input(file, channel).read();
    }
  }

  /** One file that is being opened. */
  private static final class Input {
    private final Path file;
    private final FileChannel channel;
    private final ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    private long position = HEADER;

    Input(Path file, FileChannel channel) {
      this.file = file;
      this.channel = channel;
    }

    TableContent read() throws IOException {
      readHeader();
      int k = header.getInt(16);
      int products = header.getInt(20);
      int length = header.getInt(24);
      int dimension = header.getInt(28);
      check(
          k >= 1
              && products >= 0
              && dimension >= 1
              && length == TableContent.length(k, products)
              && (long) products * length <= Integer.MAX_VALUE / Float.BYTES,
          "header");
      long entries = 4L * products * length;
      ByteBuffer ends = section(Section.ID_ENDS, 4L * products);
      ByteBuffer texts = section(Section.IDS, products == 0 ? 0 : ends.getInt(4 * products - 4));
      ByteBuffer fingerprints = section(Section.FINGERPRINTS, 8L * products);
      ByteBuffer neighbors = section(Section.NEIGHBORS, entries);
      ByteBuffer similarities = section(Section.SIMILARITIES, entries);
      for (int i = 0; i < products * length; i++) {
        int neighbor = neighbors.getInt(4 * i);
        check(neighbor >= 0 && neighbor < products, Section.NEIGHBORS.title);
      }
      return new TableContent(
          k,
          dimension,
          ids(ends, texts, products),
          fingerprints.asLongBuffer(),
          neighbors.asIntBuffer(),
          similarities.asFloatBuffer());
    }

    private void readHeader() throws IOException {
      while (header.hasRemaining() && channel.read(header) >= 0) {
        // until all is there
      }
      int there = header.position();
      header.rewind();
      if (there < Long.BYTES || header.getLong(0) != MAGIC) {
        throw new IOException(
            file + " is no neighbour table: it does not begin with LLNTBL01; name another file");
      }
      if (there < HEADER) {
        throw new IOException(damage("header") + ": it ends after " + there + " bytes");
      }
      if (header.getInt(8) > VERSION && sumIsRight()) {
        throw new IOException(
            file
                + " has version "
                + header.getInt(8)
                + " of the format, expected at most "
                + VERSION
                + "; use a newer Lookalike");
      }
      check(sumIsRight() && header.getInt(8) == VERSION && header.getInt(12) == HEADER, "header");
      if (channel.size() != header.getLong(32)) {
        throw new IOException(
            file
                + " is damaged: it has "
                + channel.size()
                + " bytes, its header tells of "
                + header.getLong(32)
                + "; save it again");
      }
    }

    private boolean sumIsRight() {
      return header.getInt(HEADER - Integer.BYTES) == crc(header.slice(0, HEADER - Integer.BYTES));
    }

    private ByteBuffer section(Section section, long bytes) throws IOException {
      int at = section.entryAt;
      long padded = padded(bytes);
      check(
          bytes >= 0
              && header.getLong(at) == bytes
              && padded <= Integer.MAX_VALUE
              && position + padded <= channel.size(),
          "header");
      MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, position, padded);
      position += padded;
      check(crc(mapped.duplicate()) == header.getInt(at + Long.BYTES), section.title);
      return mapped.slice(0, (int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private String[] ids(ByteBuffer ends, ByteBuffer texts, int products) throws IOException {
      var ids = new String[products];
      int begin = 0;
      for (int i = 0; i < products; i++) {
        int end = ends.getInt(4 * i);
        check(begin <= end && end <= texts.capacity(), Section.ID_ENDS.title);
        ids[i] = StandardCharsets.UTF_8.decode(texts.slice(begin, end - begin)).toString();
        check(i == 0 || ids[i - 1].compareTo(ids[i]) < 0, Section.IDS.title);
        begin = end;
      }
      return ids;
    }

    private void check(boolean good, String part) throws IOException {
      if (!good) {
        throw new IOException(damage(part) + "; save it again");
      }
    }

    private String damage(String part) {
      return file + " is damaged (" + part + ")";
    }
  }
}

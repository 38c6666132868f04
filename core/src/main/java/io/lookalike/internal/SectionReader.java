package io.lookalike.internal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Reads a file of a {@link SectionFormat}, by mapping it. A section is checked as a whole before a
 * byte of it is handed out. For one thread.
 */
public final class SectionReader implements Closeable {

  /** What a damaged file's owner is told to do. */
  private static final String REMEDY = "restore it from a copy, or build it again";

  /** A mapping has less than 2 GiB. A multiple of 8. */
  private static final int LARGEST_PIECE = 1 << 30;

  private final Path file;
  private final FileChannel channel;
  private final SectionFormat format;
  private final ByteBuffer header;
  private final int pieceBytes;

  private SectionReader(Path file, FileChannel channel, SectionFormat format, int pieceBytes)
      throws IOException {
    this.file = file;
    this.channel = channel;
    this.format = format;
    this.pieceBytes = pieceBytes;
    this.header = ByteBuffer.allocate(format.headerBytes()).order(ByteOrder.LITTLE_ENDIAN);
    readHeader();
  }

  /**
   * Opens a file and checks its header and its length.
   *
   * @param file the file
   * @param format its format
   * @return the file, to be read and closed; what was mapped outlasts that
   * @throws IOException if it cannot be read, is another kind of file, of a newer version, or
   *     damaged; the message names the file and what is wrong
   */
  public static SectionReader open(Path file, SectionFormat format) throws IOException {
    return open(file, format, LARGEST_PIECE);
  }

  /** With small pieces, for tests. */
  static SectionReader open(Path file, SectionFormat format, int pieceBytes) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file + " is a folder; name a file that holds a " + format.what());
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new SectionReader(file, channel, format, pieceBytes);
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  private void readHeader() throws IOException {
    while (header.hasRemaining() && channel.read(header) >= 0) {
      // until all is there
    }
    int there = header.position();
    header.rewind();
    ByteBuffer magic = StandardCharsets.US_ASCII.encode(format.magic());
    if (there < Long.BYTES || !header.slice(0, Long.BYTES).equals(magic)) {
      throw new IOException(
          String.format(
              "%s is no %s: it does not begin with %s; name another file",
              file, format.what(), format.magic()));
    }
    if (there < format.headerBytes()) {
      throw new IOException(
          file + " is damaged (header): it ends after " + there + " bytes; " + REMEDY);
    }
    int version = header.getInt(SectionFormat.VERSION_AT);
    boolean sumIsRight = header.getInt(format.checksumAt()) == format.crcOfHeader(header);
    if (version > format.version() && sumIsRight) {
      throw new IOException(
          String.format(
              "%s has version %s of the format, expected at most %s; use a newer Lookalike",
              file, version, format.version()));
    }
    if (version > 0 && version < format.version() && sumIsRight) {
      throw new IOException(
          String.format(
              "%s has version %s of the format, expected %s; %s",
              file, version, format.version(), REMEDY));
    }
    check(
        sumIsRight
            && version == format.version()
            && header.getInt(SectionFormat.HEADER_BYTES_AT) == format.headerBytes(),
        "header");
    long length = header.getLong(format.lengthAt());
    if (channel.size() != length) {
      throw new IOException(
          String.format(
              "%s is damaged: it has %s bytes, its header tells of %s; %s",
              file, channel.size(), length, REMEDY));
    }
    long end = format.headerBytes();
    for (int i = 0; i < format.sections().size(); i++) {
      long bytes = header.getLong(format.entryAt(i));
      check(bytes >= 0 && bytes <= length - end, "header");
      end += SectionFormat.padded(bytes);
    }
    check(end == length, "header");
  }

  /**
   * Returns the header, which is whole and right.
   *
   * @return all of it, little-endian
   */
  public ByteBuffer header() {
    return header;
  }

  /**
   * Returns the file, for what is to be mapped by others.
   *
   * @return the channel, open until this reader is closed
   */
  public FileChannel channel() {
    return channel;
  }

  /**
   * How long a section is.
   *
   * @param title which
   * @return bytes, without the zeros at its end
   */
  public long length(String title) {
    return header.getLong(format.entryAt(number(title)));
  }

  /**
   * Maps a section in one piece.
   *
   * @param title which
   * @param bytes how long it must be, less than 2 GiB
   * @return its bytes, without the zeros at its end; little-endian
   * @throws IOException if it is damaged or has another length
   */
  public ByteBuffer section(String title, long bytes) throws IOException {
    check(bytes <= Integer.MAX_VALUE - SectionFormat.ALIGNMENT, "header");
    return mapped(title, bytes, Integer.MAX_VALUE).get(0);
  }

  /**
   * Maps a section of any length.
   *
   * @param title which
   * @param bytes how long it must be
   * @return its bytes, without the zeros at its end; little-endian, in pieces whose lengths are
   *     multiples of 8 but for the last
   * @throws IOException if it is damaged or has another length
   */
  public List<ByteBuffer> pieces(String title, long bytes) throws IOException {
    return mapped(title, bytes, pieceBytes);
  }

  private List<ByteBuffer> mapped(String title, long bytes, int most) throws IOException {
    check(bytes >= 0 && length(title) == bytes, "header");
    long begin = begin(title);
    long padded = SectionFormat.padded(bytes);
    var checksum = new CRC32C();
    var pieces = new ArrayList<ByteBuffer>();
    long at = 0;
    do {
      long n = Math.min(most, padded - at);
      ByteBuffer piece = channel.map(FileChannel.MapMode.READ_ONLY, begin + at, n);
      checksum.update(piece.duplicate());
      int content = (int) (Math.min(bytes, at + n) - at);
      pieces.add(piece.slice(0, content).order(ByteOrder.LITTLE_ENDIAN));
      at += n;
    } while (at < padded);
    int expected = header.getInt(format.entryAt(number(title)) + Long.BYTES);
    check((int) checksum.getValue() == expected, title);
    return pieces;
  }

  /**
   * Reads a section of bytes.
   *
   * @param title which
   * @param target what it must fill
   * @throws IOException if it is damaged or has another length
   */
  public void read(String title, byte[] target) throws IOException {
    read(title, target, 0);
  }

  /**
   * Reads a section of bytes.
   *
   * @param title which
   * @param target what it must fill
   * @param from where in it, to its end
   * @throws IOException if it is damaged or has another length
   */
  public void read(String title, byte[] target, int from) throws IOException {
    int at = from;
    for (ByteBuffer piece : pieces(title, target.length - from)) {
      int n = piece.remaining();
      piece.get(target, at, n);
      at += n;
    }
  }

  /**
   * Reads a section of integers of 32 bits.
   *
   * @param title which
   * @param target what it must fill
   * @throws IOException if it is damaged or has another length
   */
  public void read(String title, int[] target) throws IOException {
    int at = 0;
    for (ByteBuffer piece : pieces(title, (long) target.length * Integer.BYTES)) {
      int n = piece.remaining() / Integer.BYTES;
      piece.asIntBuffer().get(target, at, n);
      at += n;
    }
  }

  /**
   * Reads a section of numbers of 32 bits.
   *
   * @param title which
   * @param target what it must fill
   * @throws IOException if it is damaged or has another length
   */
  public void read(String title, float[] target) throws IOException {
    int at = 0;
    for (ByteBuffer piece : pieces(title, (long) target.length * Float.BYTES)) {
      int n = piece.remaining() / Float.BYTES;
      piece.asFloatBuffer().get(target, at, n);
      at += n;
    }
  }

  /**
   * Finds a section whose parts have checksums of their own, and leaves it unread but for the zeros
   * at its end.
   *
   * @param title which
   * @param bytes how long it must be
   * @return where it begins in the file
   * @throws IOException if it has another length, or something else than zeros at its end
   */
  public long beginOfParts(String title, long bytes) throws IOException {
    check(
        length(title) == bytes && header.getInt(format.entryAt(number(title)) + Long.BYTES) == 0,
        "header");
    long begin = begin(title);
    var zeros = ByteBuffer.allocate((int) (SectionFormat.padded(bytes) - bytes));
    while (zeros.hasRemaining() && channel.read(zeros, begin + bytes + zeros.position()) > 0) {
      // until all are there
    }
    for (byte zero : zeros.array()) {
      check(zero == 0, title);
    }
    return begin;
  }

  private long begin(String title) {
    long begin = format.headerBytes();
    for (int i = 0; i < number(title); i++) {
      begin += SectionFormat.padded(header.getLong(format.entryAt(i)));
    }
    return begin;
  }

  private int number(String title) {
    int number = format.sections().indexOf(title);
    if (number < 0) {
      throw new IllegalArgumentException("a " + format.what() + " has no section " + title);
    }
    return number;
  }

  /**
   * Refuses the file where something is wrong.
   *
   * @param good whether all is right
   * @param part what is wrong if not, a section's title or "header"
   * @throws IOException if not; the message names the file and the part
   */
  public void check(boolean good, String part) throws IOException {
    if (!good) {
      throw damaged(file, part);
    }
  }

  /**
   * Says that a file is damaged.
   *
   * @param file the file
   * @param part where
   * @return an exception that names both and says what to do
   */
  public static IOException damaged(Path file, String part) {
    return new IOException(file + " is damaged (" + part + "); " + REMEDY);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

package io.lookalike.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/** Writes a file of a {@link SectionFormat}. For one thread. */
public final class SectionWriter {

  private static final int CHUNK = 1 << 16;

  private final SectionFormat format;
  private final FileChannel channel;
  private final ByteBuffer header;
  private final ByteBuffer buffer = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C checksum = new CRC32C();
  private long written;
  private int sections;

  private SectionWriter(SectionFormat format, FileChannel channel) throws IOException {
    this.format = format;
    this.channel = channel;
    this.header = ByteBuffer.allocate(format.headerBytes()).order(ByteOrder.LITTLE_ENDIAN);
    channel.position(format.headerBytes());
  }

  /** What writes something. */
  @FunctionalInterface
  public interface Body {

    /**
     * Writes.
     *
     * @throws IOException if it cannot be written
     */
    void write() throws IOException;
  }

  /** What writes a file. */
  @FunctionalInterface
  public interface Content {

    /**
     * Writes all sections, in their order, and the format's own fields of the header.
     *
     * @param out where to
     * @throws IOException if it cannot be written; the message need not name the file
     */
    void writeTo(SectionWriter out) throws IOException;
  }

  /**
   * Writes a file; one that is there is replaced, or stays if anything fails.
   *
   * @param file its place
   * @param format its format
   * @param content writes it
   * @throws IOException if it cannot be written; the message names the file and the reason
   */
  public static void save(Path file, SectionFormat format, Content content) throws IOException {
    AtomicFile.write(
        file,
        channel -> {
          var out = new SectionWriter(format, channel);
          content.writeTo(out);
          out.finish();
        });
  }

  /**
   * Returns the header, for the format's own fields.
   *
   * @return all of it; what is not the format's own will be overwritten
   */
  public ByteBuffer header() {
    return header;
  }

  /**
   * Writes the next section.
   *
   * @param title which it is
   * @param body writes it, without the zeros at its end
   * @throws IOException if it cannot be written
   */
  public void section(String title, Body body) throws IOException {
    section(title, body, true);
  }

  /**
   * Writes the next section, whose parts have checksums elsewhere: it will have none as a whole.
   *
   * @param title which it is
   * @param body writes it, without the zeros at its end
   * @throws IOException if it cannot be written
   */
  public void sectionOfParts(String title, Body body) throws IOException {
    section(title, body, false);
  }

  private void section(String title, Body body, boolean summed) throws IOException {
    String expected = sections < format.sections().size() ? format.sections().get(sections) : "";
    if (!title.equals(expected)) {
      throw new IllegalStateException("section " + title + " came instead of " + expected);
    }
    checksum.reset();
    long begin = written;
    body.write();
    flush();
    long bytes = written - begin;
    room(SectionFormat.ALIGNMENT).put(new byte[(int) (SectionFormat.padded(bytes) - bytes)]);
    flush();
    int at = format.entryAt(sections++);
    header.putLong(at, bytes);
    header.putInt(at + Long.BYTES, summed ? (int) checksum.getValue() : 0);
  }

  private void finish() throws IOException {
    if (sections < format.sections().size()) {
      throw new IllegalStateException("there is no section " + format.sections().get(sections));
    }
    header.put(0, format.magic().getBytes(StandardCharsets.US_ASCII));
    header.putInt(SectionFormat.VERSION_AT, format.version());
    header.putInt(SectionFormat.HEADER_BYTES_AT, format.headerBytes());
    header.putLong(format.lengthAt(), format.headerBytes() + written);
    header.putInt(format.checksumAt(), format.crcOfHeader(header));
    channel.position(0);
    header.clear();
    while (header.hasRemaining()) {
      channel.write(header);
    }
  }

  /**
   * Makes room for a few bytes.
   *
   * @param bytes their number, at most 65,536
   * @return a little-endian buffer to put them into
   * @throws IOException if what was put before cannot be written
   */
  public ByteBuffer room(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
    return buffer;
  }

  private void flush() throws IOException {
    buffer.flip();
    checksum.update(buffer.duplicate());
    written += buffer.remaining();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  /**
   * Writes bytes.
   *
   * @param values all of them, as many as there may be
   * @throws IOException if they cannot be written
   */
  public void bytes(byte[] values) throws IOException {
    bytes(values, 0);
  }

  /**
   * Writes bytes.
   *
   * @param values all of them and others before, as many as there may be
   * @param from where they begin
   * @throws IOException if they cannot be written
   */
  public void bytes(byte[] values, int from) throws IOException {
    for (int at = from; at < values.length; at += CHUNK) {
      int n = Math.min(CHUNK, values.length - at);
      room(n).put(values, at, n);
    }
  }

  /**
   * Writes integers of 32 bits.
   *
   * @param values all of them
   * @throws IOException if they cannot be written
   */
  public void ints(int[] values) throws IOException {
    for (int value : values) {
      room(Integer.BYTES).putInt(value);
    }
  }

  /**
   * Writes numbers of 32 bits.
   *
   * @param values all of them
   * @throws IOException if they cannot be written
   */
  public void floats(float[] values) throws IOException {
    for (float value : values) {
      room(Float.BYTES).putFloat(value);
    }
  }
}

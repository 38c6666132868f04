package io.lookalike.datasets.vectors;

import io.lookalike.internal.FullReads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The head of a NumPy {@code .npy} file that holds a matrix of floating-point numbers, row by row.
 *
 * <p>Source: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays"; format versions
 * 1.0 to 3.0.
 *
 * @param type {@code <f4}, {@code >f4}, {@code <f8} or {@code >f8}
 * @param rows at least 1
 * @param columns at least 1
 * @param length of the head, in bytes: where the numbers begin
 */
record NpyHeader(String type, long rows, int columns, long length) {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** Fixed, so that the number of rows can be written when it is known, after the rows. */
  private static final int WRITTEN_LENGTH = 128;

  private static final int MAX_TEXT = 1 << 16;

  private static final Pattern TYPE = Pattern.compile("'descr'\\s*:\\s*('([^']*)'|\\[.*?\\])");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d\\s,L]*)\\)");

  /** Returns the number of bytes that a number takes. */
  int numberBytes() {
    return type.charAt(2) - '0';
  }

  ByteOrder byteOrder() {
    return type.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  /** Returns a head of format version 1.0 for little-endian float32, always of one length. */
  static ByteBuffer write(long rows, int columns) {
    String text =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + rows + ", " + columns + "), }";
    ByteBuffer head = ByteBuffer.allocate(WRITTEN_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.fill(head.array(), (byte) ' ');
    head.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (WRITTEN_LENGTH - 10));
    head.put(text.getBytes(StandardCharsets.US_ASCII));
    head.put(WRITTEN_LENGTH - 1, (byte) '\n');
    return head.rewind();
  }

  /**
   * Reads and checks a head.
   *
   * @throws VectorFileException if the file is no such file, naming what came instead
   */
  static NpyHeader read(Path file, FileChannel channel) throws IOException {
    byte[] start = bytes(channel, 0, (int) Math.min(12, channel.size()));
    if (start.length < 12 || !Arrays.equals(start, 0, 6, MAGIC, 0, 6)) {
      throw new VectorFileException(
          file
              + " is no NumPy file: it begins with "
              + (start.length == 0
                  ? "nothing"
                  : HexFormat.ofDelimiter(" ").formatHex(start, 0, Math.min(6, start.length)))
              + ", expected 93 4e 55 4d 50 59; write one with lookalike embed or numpy.save");
    }
    int version = start[6];
    if (version < 1 || version > 3) {
      throw new VectorFileException(
          file + " has NumPy format version " + version + "." + start[7] + ", expected 1 to 3");
    }
    ByteBuffer sizes = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
    int textStart = version == 1 ? 10 : 12;
    long textLength = version == 1 ? sizes.getShort(8) & 0xFFFF : sizes.getInt(8) & 0xFFFFFFFFL;
    if (textLength > MAX_TEXT || textStart + textLength > channel.size()) {
      throw damaged(file, "its head claims to be " + textLength + " bytes long", null);
    }
    String text = new String(bytes(channel, textStart, (int) textLength), StandardCharsets.UTF_8);
    NpyHeader header = parse(file, text, textStart + textLength);
    checkSize(file, header, channel.size());
    return header;
  }

  private static NpyHeader parse(Path file, String text, long length) {
    Matcher type = TYPE.matcher(text);
    Matcher order = ORDER.matcher(text);
    Matcher shape = SHAPE.matcher(text);
    if (!type.find() || !order.find() || !shape.find()) {
      throw damaged(file, "its head has no descr, fortran_order or shape: " + text.strip(), null);
    }
    String descr = type.group(2) == null ? type.group(1) : type.group(2);
    if (!descr.matches("[<>]f[48]")) {
      throw new VectorFileException(
          file
              + ": the numbers are of type "
              + descr
              + ", expected <f4 or <f8; convert with a.astype('float32') before numpy.save");
    }
    if (order.group(1).equals("True")) {
      throw new VectorFileException(
          file
              + " is in Fortran order, expected C order; convert with numpy.ascontiguousarray(a)"
              + " before numpy.save");
    }
    String[] sizes = shape.group(1).replaceAll("[\\sL]|,\\s*$", "").split(",", -1);
    try {
      if (sizes.length == 2 && Long.parseLong(sizes[0]) > 0 && Integer.parseInt(sizes[1]) > 0) {
        return new NpyHeader(descr, Long.parseLong(sizes[0]), Integer.parseInt(sizes[1]), length);
      }
    } catch (NumberFormatException e) {
      throw damaged(file, "its shape is (" + shape.group(1) + ")", e);
    }
    throw new VectorFileException(
        file
            + " has the shape ("
            + shape.group(1)
            + "), expected (rows, features), both 1 or more");
  }

  private static void checkSize(Path file, NpyHeader header, long found) {
    long expected;
    try {
      expected =
          Math.addExact(
              header.length,
              Math.multiplyExact(
                  Math.multiplyExact(header.rows, (long) header.columns),
                  (long) header.numberBytes()));
    } catch (ArithmeticException e) {
      throw damaged(file, "its shape is " + header.rows + " x " + header.columns, e);
    }
    if (found != expected) {
      throw damaged(
          file,
          "it has "
              + found
              + " bytes, but "
              + header.rows
              + " x "
              + header.columns
              + " numbers of type "
              + header.type
              + " need "
              + expected,
          null);
    }
  }

  private static VectorFileException damaged(Path file, String how, @Nullable Throwable cause) {
    return new VectorFileException(file + " is damaged: " + how + "; write it again", cause);
  }

  private static byte[] bytes(FileChannel channel, long position, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    FullReads.readFully(channel, position, buffer);
    return buffer.array();
  }
}

package io.lookalike.internal;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A kind of file that consists of a header and sections, one after the other, each filled up with
 * zeros to a multiple of 8 bytes. Little-endian. The header begins with a magic word of 8 bytes,
 * the version (i32) and the header's length (i32); ends with a CRC-32C (i32) of all before it; and
 * has in between the format's own fields, the length of the file (i64), and for each section its
 * length without the zeros (i64), its CRC-32C with them (i32; 0 if its parts have checksums of
 * their own) and 0 (i32).
 *
 * @param what such a file is, as messages call it: "neighbour table"
 * @param magic the first 8 bytes, in ASCII
 * @param version the version of the format, 1 or more
 * @param headerBytes the header's length, a multiple of 8
 * @param lengthAt where the header has the length of the file
 * @param entriesAt where the header has the entries of the sections
 * @param sections what the sections are called, in their order
 */
public record SectionFormat(
    String what,
    String magic,
    int version,
    int headerBytes,
    int lengthAt,
    int entriesAt,
    List<String> sections) {

  public static final int ALIGNMENT = 8;
  static final int ENTRY_BYTES = 16;
  static final int VERSION_AT = 8;
  static final int HEADER_BYTES_AT = 12;

  /**
   * Checks that all has its place.
   *
   * @throws IllegalArgumentException if something has none
   */
  public SectionFormat {
    sections = List.copyOf(sections);
    if (magic.length() != Long.BYTES
        || headerBytes % ALIGNMENT != 0
        || lengthAt < HEADER_BYTES_AT + Integer.BYTES
        || entriesAt + sections.size() * ENTRY_BYTES > headerBytes - Integer.BYTES) {
      throw new IllegalArgumentException("the header's fields have no place in it");
    }
  }

  int entryAt(int section) {
    return entriesAt + section * ENTRY_BYTES;
  }

  int checksumAt() {
    return headerBytes - Integer.BYTES;
  }

  static long padded(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  static int crc(ByteBuffer bytes) {
    var checksum = new CRC32C();
    checksum.update(bytes);
    return (int) checksum.getValue();
  }

  /** The checksum of a header of this format. */
  int crcOfHeader(ByteBuffer header) {
    return crc(header.slice(0, checksumAt()));
  }
}

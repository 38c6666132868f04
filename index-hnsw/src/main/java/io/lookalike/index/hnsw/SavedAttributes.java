package io.lookalike.index.hnsw;

import io.lookalike.catalog.Attributes;
import io.lookalike.internal.AttributesCodec;
import io.lookalike.internal.SectionReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The attributes in a mapped file, decoded one product at a time. Safe for use by several threads.
 */
final class SavedAttributes {
  private final Path file;
  private final String section;
  private final ByteBuffer bytes;
  private final int[] ends;
  private final AttributesCodec.Decoder decoder = new AttributesCodec.Decoder();

  /**
   * Attributes whose bytes are those that were saved.
   *
   * @param section what messages call the bytes
   * @param ends where each product's end, ascending
   */
  SavedAttributes(Path file, String section, ByteBuffer bytes, int[] ends) {
    this.file = file;
    this.section = section;
    this.bytes = bytes;
    this.ends = ends;
  }

  /** What the product had that was saved as this one of all. */
  Attributes get(int product) {
    int begin = product == 0 ? 0 : ends[product - 1];
    ByteBuffer each = bytes.slice(begin, ends[product] - begin);
    try {
      Attributes attributes = decoder.decode(each);
      if (!each.hasRemaining()) {
        return attributes;
      }
      throw new IllegalArgumentException("the attributes go on after their end");
    } catch (IllegalArgumentException e) {
      var damaged = SectionReader.damaged(file, section);
      damaged.initCause(e);
      throw new UncheckedIOException(damaged);
    }
  }
}

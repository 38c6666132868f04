package io.lookalike;

import io.lookalike.catalog.Ids;
import io.lookalike.internal.SectionFormat;
import io.lookalike.internal.SectionReader;
import io.lookalike.internal.SectionWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Reads and writes {@link PurchaseLog}s; {@code docs/format.md} has the format. */
final class PurchaseFile {

  private static final String PRODUCTS = "products";
  private static final String DAYS = "days";
  private static final String IDS = "ids";

  private static final SectionFormat FORMAT =
      new SectionFormat("purchase log", "LLSALES1", 1, 96, 24, 32, List.of(PRODUCTS, DAYS, IDS));

  // Where the header has the log's own fields.
  private static final int PRODUCTS_AT = 16;
  private static final int IDS_AT = 20;

  /** As {@link SectionReader#section} takes it. */
  private static final long MOST = Integer.MAX_VALUE - SectionFormat.ALIGNMENT;

  private static final int DAY_BYTES = 2 * Long.BYTES;

  /**
   * What a log holds at one moment.
   *
   * @param products ids of products, each with its days
   * @param ids of purchases, the oldest first
   */
  record Content(List<Map.Entry<String, Days>> products, List<String> ids) {}

  private PurchaseFile() {}

  static void save(Content content, Path file) throws IOException {
    save(content, file, MOST);
  }

  /** Sections that are read in one piece may have so many bytes. */
  static void save(Content content, Path file, long most) throws IOException {
    SectionWriter.save(
        file,
        FORMAT,
        out -> {
          out.header().putInt(PRODUCTS_AT, content.products.size());
          out.header().putInt(IDS_AT, content.ids.size());
          out.section(
              PRODUCTS,
              () -> {
                long left = most;
                for (Map.Entry<String, Days> product : content.products) {
                  left = writeText(product.getKey(), out, PRODUCTS, left - Integer.BYTES);
                  out.room(Integer.BYTES).putInt(product.getValue().size());
                }
              });
          out.section(
              DAYS,
              () -> {
                for (Map.Entry<String, Days> product : content.products) {
                  Days days = product.getValue();
                  for (int i = 0; i < days.size(); i++) {
                    out.room(DAY_BYTES).putLong(days.days()[i]).putLong(days.count(i));
                  }
                }
              });
          out.section(
              IDS,
              () -> {
                long left = most;
                for (String id : content.ids) {
                  left = writeText(id, out, IDS, left);
                }
              });
        });
  }

  /** Returns how much room is left. */
  private static long writeText(String text, SectionWriter out, String section, long room)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    long left = room - Integer.BYTES - bytes.length;
    if (left < 0) {
      throw new IOException(
          "its "
              + section
              + " take more than 2 GiB, which such a file cannot hold; keep the purchases in a"
              + " store");
    }
    out.room(Integer.BYTES).putInt(bytes.length);
    out.bytes(bytes);
    return left;
  }

  static Content read(Path file) throws IOException {
    try (SectionReader in = SectionReader.open(file, FORMAT)) {
      int products = in.header().getInt(PRODUCTS_AT);
      int ids = in.header().getInt(IDS_AT);
      in.check(products >= 0 && ids >= 0, "header");
      return new Content(readProducts(in, products), readIds(in, ids));
    }
  }

  private static List<Map.Entry<String, Days>> readProducts(SectionReader in, int n)
      throws IOException {
    ByteBuffer from = in.section(PRODUCTS, in.length(PRODUCTS));
    Iterator<ByteBuffer> pieces = in.pieces(DAYS, in.length(DAYS)).iterator();
    ByteBuffer daily = pieces.next();
    long left = in.length(DAYS) / DAY_BYTES;
    var products = new ArrayList<Map.Entry<String, Days>>();
    for (int i = 0; i < n; i++) {
      String id = readText(in, from, PRODUCTS);
      in.check(from.remaining() >= Integer.BYTES, PRODUCTS);
      int size = from.getInt();
      in.check(size > 0 && size <= left, PRODUCTS);
      left -= size;
      var days = new long[size];
      var counts = new long[size];
      for (int d = 0; d < size; d++) {
        if (!daily.hasRemaining()) {
          daily = pieces.next();
        }
        days[d] = daily.getLong();
        counts[d] = daily.getLong();
        in.check(
            counts[d] != 0
                && (d == 0 ? days[d] >= LocalDate.MIN.toEpochDay() : days[d] > days[d - 1])
                && days[d] <= LocalDate.MAX.toEpochDay(),
            DAYS);
      }
      products.add(Map.entry(id, new Days(days, counts, size)));
    }
    in.check(left == 0 && !from.hasRemaining(), PRODUCTS);
    return products;
  }

  private static List<String> readIds(SectionReader in, int n) throws IOException {
    ByteBuffer from = in.section(IDS, in.length(IDS));
    var ids = new ArrayList<String>();
    for (int i = 0; i < n; i++) {
      ids.add(readText(in, from, IDS));
    }
    in.check(!from.hasRemaining(), IDS);
    return ids;
  }

  private static String readText(SectionReader in, ByteBuffer from, String section)
      throws IOException {
    in.check(from.remaining() >= Integer.BYTES, section);
    int length = from.getInt();
    in.check(length > 0 && length <= from.remaining(), section);
    String text = StandardCharsets.UTF_8.decode(from.slice(from.position(), length)).toString();
    from.position(from.position() + length);
    in.check(Ids.problem(text) == null, section);
    return text;
  }

  /** Says that a file, though its checksums are right, holds what no log does. */
  static IOException damaged(Path file, RuntimeException reason) {
    IOException damaged = SectionReader.damaged(file, DAYS);
    damaged.initCause(reason);
    return damaged;
  }
}

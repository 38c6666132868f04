package io.lookalike.datasets;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.lookalike.ProgressListener;
import io.lookalike.catalog.Ids;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A UTF-8 CSV file (RFC 4180) with a header, read row by row. A row that cannot be parsed costs
 * itself alone: reading goes on at the line after the one where it began.
 */
final class CsvTable implements Closeable {

  /** A quote left open swallows this much at most before it is noticed. */
  private static final int MAX_VALUE_CHARS = 1 << 20;

  private static final int ROWS_PER_PROGRESS = 1_000;

  private final Path file;
  private final Findings findings;
  private final CountingStream bytes;
  private final RewindableReader text;
  private final RowHandler handler = new RowHandler();
  private Iterator<CsvRow> rows;
  private List<String> columns = List.of();

  private CsvTable(Path file, Findings findings, CountingStream bytes) throws IOException {
    this.file = file;
    this.findings = findings;
    this.bytes = bytes;
    this.text =
        new RewindableReader(
            new InputStreamReader(
                withoutByteOrderMark(file, bytes),
                StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .replaceWith(String.valueOf(CsvRow.UNDECODABLE))));
    this.rows = parse();
  }

  /**
   * Opens a file and reads its header. An empty file is reported and gives a table without columns
   * and rows.
   *
   * @throws DatasetException if there is no such file, if its header cannot be read or lacks a
   *     required column
   */
  static CsvTable open(Path file, List<String> required, Findings findings) throws IOException {
    if (!Files.exists(file)) {
      throw new DatasetException(file, 0, "there is no such file");
    }
    if (!Files.isRegularFile(file)) {
      throw new DatasetException(file, 0, "is not a regular file, expected a CSV file");
    }
    var bytes = new CountingStream(Files.newInputStream(file));
    try {
      var table = new CsvTable(file, findings, bytes);
      table.readHeader(required);
      return table;
    } catch (IOException | RuntimeException e) {
      bytes.close();
      throw e;
    }
  }

  /** Returns the header's names in order; none if the file is empty. */
  List<String> columns() {
    return columns;
  }

  /**
   * Hands over every good row, and reports the bad ones. A row is no longer valid when the next is
   * handed over.
   *
   * @param listener told of bytes after every {@value #ROWS_PER_PROGRESS} rows and at the end
   */
  void forEach(ProgressListener listener, Consumer<CsvRow> sink) throws IOException {
    long size = Files.size(file);
    long count = 0;
    for (CsvRow row = next(); row != null; row = next()) {
      sink.accept(row);
      if (++count % ROWS_PER_PROGRESS == 0) {
        listener.progress(Math.min(bytes.count, size), size);
      }
    }
    listener.progress(size, size);
  }

  /**
   * Returns the next good row, having reported the bad ones before it, or null at the end. The row
   * returned before is no longer valid.
   */
  @Nullable CsvRow next() throws IOException {
    while (true) {
      CsvRow row;
      try {
        row = nextOrThrow();
      } catch (CsvParseException e) {
        long line = handler.line();
        findings.skip(line, malformed(e));
        resumeAt(line + 1);
        continue;
      }
      if (row == null) {
        return null;
      }
      String defect = defect(row);
      if (defect == null) {
        return row;
      }
      findings.skip(row.line(), defect);
    }
  }

  @Override
  public void close() throws IOException {
    text.close();
  }

  private @Nullable CsvRow nextOrThrow() throws IOException {
    try {
      if (!rows.hasNext()) {
        return null;
      }
      CsvRow row = rows.next();
      text.keepFrom(row.line());
      return row;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private Iterator<CsvRow> parse() {
    return CsvReader.builder()
        .allowUnclosedQuote(false)
        .maxBufferSize(MAX_VALUE_CHARS)
        .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
        .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
        .build(handler, text)
        .iterator();
  }

  private void resumeAt(long line) throws IOException {
    text.rewindTo(line);
    handler.linesBefore = line - 1;
    rows = parse();
  }

  private void readHeader(List<String> required) throws IOException {
    CsvRow header;
    try {
      header = nextOrThrow();
    } catch (CsvParseException e) {
      throw new DatasetException(file, handler.line(), "the header is " + malformed(e));
    }
    if (header == null) {
      findings.skip(0, "the file is empty, expected a first line with " + columnsNamed(required));
      return;
    }
    List<String> names = header.values();
    String found =
        "found " + columnsNamed(names) + "; expected " + columnsNamed(required) + " among them";
    if (header.undecodable() >= 0) {
      throw new DatasetException(
          file, header.line(), "the header holds bytes that are not UTF-8; save the file as UTF-8");
    }
    if (!names.containsAll(required)) {
      boolean otherSeparator = names.size() == 1 && names.get(0).matches(".*[;\t|].*");
      throw new DatasetException(
          file, header.line(), found + (otherSeparator ? ", with commas between them" : ""));
    }
    var seen = new HashSet<String>();
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).isEmpty()) {
        throw new DatasetException(
            file, header.line(), "column " + (i + 1) + " has no name; name it or remove it");
      }
      if (!seen.add(names.get(i))) {
        throw new DatasetException(
            file,
            header.line(),
            "there are two columns \"" + Ids.shown(names.get(i)) + "\"; rename one or remove it");
      }
    }
    columns = names;
  }

  private @Nullable String defect(CsvRow row) {
    int found = row.size();
    if (found != columns.size()) {
      return "found "
          + found
          + (found == 1 ? " value" : " values")
          + ", expected "
          + columns.size()
          + " ("
          + String.join(", ", columns)
          + ")";
    }
    if (row.undecodable() >= 0) {
      return columns.get(row.undecodable())
          + " holds bytes that are not UTF-8; save the file as UTF-8";
    }
    return null;
  }

  private static String malformed(CsvParseException e) {
    String why = String.valueOf(e.getMessage()).replaceFirst(" \\(record starting at line .*", "");
    return "malformed: "
        + why.substring(0, 1).toLowerCase(Locale.ROOT)
        + why.substring(1)
        + " (a quote inside a quoted value is written twice)";
  }

  private static String columnsNamed(List<String> names) {
    return (names.size() == 1 ? "column " : "columns ") + Ids.shown(String.join(", ", names));
  }

  private static InputStream withoutByteOrderMark(Path file, InputStream in) throws IOException {
    var stream = new PushbackInputStream(in, 3);
    byte[] start = stream.readNBytes(3);
    boolean utf8 =
        start.length == 3
            && start[0] == (byte) 0xEF
            && start[1] == (byte) 0xBB
            && start[2] == (byte) 0xBF;
    if (utf8) {
      return stream;
    }
    if (Arrays.equals(start, new byte[] {'P', 'K', 3})
        || Arrays.equals(start, new byte[] {0x1f, (byte) 0x8b, 8})) {
      throw new DatasetException(
          file, 0, "is a " + (start[0] == 'P' ? "ZIP" : "gzip") + " archive; unpack it first");
    }
    if (start.length >= 2 && (start[0] & 0xFF) + (start[1] & 0xFF) == 0xFF + 0xFE) {
      throw new DatasetException(file, 0, "is UTF-16 text; save the file as UTF-8");
    }
    stream.unread(start);
    return stream;
  }

  /** Counts the bytes that have been read, for progress. */
  private static final class CountingStream extends FilterInputStream {
    long count;

    CountingStream(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count += b < 0 ? 0 : 1;
      return b;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int n = super.read(target, offset, length);
      count += Math.max(0, n);
      return n;
    }
  }
}

package io.lookalike.datasets;

import java.io.IOException;
import java.io.Reader;
import java.util.Arrays;

/**
 * Remembers the text from the row last parsed onwards, so that the lines swallowed by a malformed
 * row can be read again. Lines end with LF, CR or CRLF, wherever they are.
 */
final class RewindableReader extends Reader {
  private final Reader source;
  private char[] kept = new char[1 << 14];
  private int end;
  private int position;

  /** The line at which {@link #kept} begins. */
  private long firstLine = 1;

  private long neededLine = 1;

  RewindableReader(Reader source) {
    this.source = source;
  }

  /** Promises that no line before this one will be asked for again. */
  void keepFrom(long line) {
    neededLine = line;
  }

  /** Goes back to where a line begins, or to the end of the text if it has fewer lines. */
  void rewindTo(long line) throws IOException {
    int start = startOf(line);
    while (start < 0 && fill()) {
      start = startOf(line);
    }
    position = start < 0 ? end : start;
    discard(position, line);
  }

  @Override
  public int read(char[] target, int offset, int length) throws IOException {
    if (position == end) {
      int start = startOf(neededLine);
      if (start > 0) {
        discard(start, neededLine);
      }
      if (!fill()) {
        return -1;
      }
    }
    int n = Math.min(length, end - position);
    System.arraycopy(kept, position, target, offset, n);
    position += n;
    return n;
  }

  @Override
  public void close() throws IOException {
    source.close();
  }

  private boolean fill() throws IOException {
    if (end == kept.length) {
      kept = Arrays.copyOf(kept, 2 * end);
    }
    int n = source.read(kept, end, kept.length - end);
    end += Math.max(0, n);
    return n > 0;
  }

  private void discard(int count, long line) {
    System.arraycopy(kept, count, kept, 0, end - count);
    end -= count;
    position -= count;
    firstLine = line;
  }

  /** Where in the kept text a line begins, or -1 if that is not known yet. */
  private int startOf(long line) {
    long at = firstLine;
    int i = 0;
    while (at < line) {
      // One comparison for nearly all characters: every row passes through here.
      while (i < end && (kept[i] > '\r' || (kept[i] != '\n' && kept[i] != '\r'))) {
        i++;
      }
      // After a CR at the end of what is there, an LF may still follow.
      if (i == end || (kept[i] == '\r' && i + 1 == end)) {
        return -1;
      }
      i += kept[i] == '\r' && kept[i + 1] == '\n' ? 2 : 1;
      at++;
    }
    return i;
  }
}

package io.lookalike.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Stdout. Where it is a pipe whose reader has gone, as {@code head} goes when it has enough, the
 * rest is for nobody, and that is no error.
 */
final class PipedOutput extends OutputStream {

  private static final int TYPE = 0170000;
  private static final int FIFO = 0010000;
  private static final int SOCKET = 0140000;

  private final OutputStream out;
  private final boolean pipe;
  private boolean readerGone;

  PipedOutput(OutputStream out, boolean pipe) {
    this.out = out;
    this.pipe = pipe;
  }

  /** Whether this process's stdout is a pipe or a socket; false where that cannot be told. */
  static boolean isStdoutPipe() {
    try {
      int type = (Integer) Files.getAttribute(Path.of("/dev/fd/1"), "unix:mode") & TYPE;
      return type == FIFO || type == SOCKET;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return false;
    }
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (readerGone) {
      return;
    }
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      if (!pipe) {
        throw e;
      }
      readerGone = true;
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}

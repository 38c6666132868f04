package io.lookalike.internal;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Reads that get all they ask for. */
public final class FullReads {

  private FullReads() {}

  /**
   * Fills a buffer from a place in a file, and rewinds it.
   *
   * @param channel the file, whose own position stays
   * @param position where the bytes begin
   * @param buffer filled from its beginning
   * @throws EOFException if the file ends before
   * @throws IOException if the file cannot be read
   */
  public static void readFully(FileChannel channel, long position, ByteBuffer buffer)
      throws IOException {
    while (buffer.hasRemaining()) {
      int n = channel.read(buffer, position + buffer.position());
      if (n < 0) {
        throw new EOFException("the file ended while it was read");
      }
    }
    buffer.rewind();
  }
}

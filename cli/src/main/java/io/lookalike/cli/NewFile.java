package io.lookalike.cli;

import io.lookalike.internal.AtomicFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A file that is there only when it is complete: an {@link AtomicFile} of which nothing is left
 * when the program is interrupted either.
 */
final class NewFile implements Closeable {

  private final AtomicFile file;
  private final ExitHook onExit;

  private NewFile(AtomicFile file) {
    this.file = file;
    this.onExit = new ExitHook(file::discard);
  }

  /**
   * Begins a file.
   *
   * @param target its place; a file that is there will be replaced
   * @throws UserErrorException if no file can be written there
   */
  static NewFile at(Path target) {
    try {
      return new NewFile(AtomicFile.at(target));
    } catch (IOException e) {
      throw new UserErrorException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Begins a file that must not take the place of what is read.
   *
   * @param inputs what the same command reads
   * @throws UserErrorException if it is one of these, or no file can be written there
   */
  static NewFile at(Path target, Inputs inputs) throws IOException {
    inputs.check(target);
    return at(target);
  }

  /** Returns where to write; not to be closed. */
  FileChannel channel() {
    return file.channel();
  }

  /** Writes a text in UTF-8. */
  void write(String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    while (bytes.hasRemaining()) {
      file.channel().write(bytes);
    }
  }

  /** Puts the finished file in its place. */
  void commit() throws IOException {
    file.commit();
  }

  /** Deletes what was written unless it was committed. */
  @Override
  public void close() throws IOException {
    file.close();
    onExit.close();
  }
}

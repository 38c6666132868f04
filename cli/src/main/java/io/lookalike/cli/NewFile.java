package io.lookalike.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.UUID;

/**
 * A file that is there only when it is complete: it is written beside its place and then renamed
 * into it. Whatever ends the program before leaves nothing behind, and what was there untouched.
 */
final class NewFile implements Closeable {

  private final Path target;
  private final Path part;
  private final FileChannel channel;
  private final Thread onExit = new Thread(this::deletePart);

  private NewFile(Path target, Path part) throws IOException {
    this.target = target;
    this.part = part;
    this.channel = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    Runtime.getRuntime().addShutdownHook(onExit);
  }

  /**
   * Begins a file.
   *
   * @param target its place; a file that is there will be replaced
   * @throws UserErrorException if no file can be written there
   */
  static NewFile at(Path target) {
    Path absolute = target.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder == null || Files.isDirectory(absolute)) {
      throw new UserErrorException(target + " is a folder; name a file to write to");
    }
    if (!Files.isDirectory(folder)) {
      throw new UserErrorException(
          "cannot write " + target + ": there is no folder " + folder + "; create it first");
    }
    // Not made of the target's name, which may be as long as a name can be.
    Path part = folder.resolve(".lookalike-" + UUID.randomUUID());
    try {
      checkName(absolute);
      return new NewFile(absolute, part);
    } catch (IOException e) {
      throw new UserErrorException("cannot write " + target + ": " + Errors.reason(e), e);
    }
  }

  /** Finds out now, and not after the work, that the system has no file of such a name. */
  private static void checkName(Path target) throws IOException {
    try {
      Files.readAttributes(target, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      return; // as is to be expected of a new file
    }
  }

  /**
   * Begins a file that must not take the place of what is read.
   *
   * @param input what the same command reads
   * @throws UserErrorException if the two are one, or no file can be written there
   */
  static NewFile at(Path target, Path input) throws IOException {
    if (Files.exists(target) && Files.exists(input) && Files.isSameFile(target, input)) {
      throw new UserErrorException(
          "cannot write " + target + ": it is what is to be read; name another file");
    }
    return at(target);
  }

  /** Returns where to write; not to be closed. */
  FileChannel channel() {
    return channel;
  }

  /** Writes a text in UTF-8. */
  void write(String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Puts the finished file in its place. */
  void commit() throws IOException {
    channel.force(true);
    channel.close();
    try {
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (FileSystemException e) { // which names the part, and nobody knows that file
      throw new IOException("cannot write " + target + ": " + Errors.reason(e), e);
    }
  }

  /** Deletes what was written unless it was committed. */
  @Override
  public void close() throws IOException {
    channel.close();
    deletePart();
    try {
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException e) {
      return; // The program is ending and runs the hook by itself.
    }
  }

  private void deletePart() {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

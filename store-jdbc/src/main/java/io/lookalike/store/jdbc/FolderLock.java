package io.lookalike.store.jdbc;

import io.lookalike.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a folder to one store of one process. The lock is the operating system's, so it ends with
 * the process, however that ends; the file beside it stays and says which process has, or had it.
 */
final class FolderLock implements AutoCloseable {

  static final String FILE = "lookalike.lock";

  /** Behind the text, so that others can read that where locks keep readers out. */
  private static final long AT = 1_000;

  /** Those that this process has locked, as the operating system would let it in again. */
  private static final Set<Path> MINE = new HashSet<>();

  private final Path folder;
  private final FileChannel channel;

  private FolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Locks a folder, which is made if it is not there.
   *
   * @throws StoreException if another store has it, or it cannot be made or written
   */
  static FolderLock of(Path path) throws StoreException {
    Path folder;
    try {
      if (!Files.isDirectory(path)) {
        Files.createDirectory(path);
      }
      folder = path.toRealPath();
    } catch (FileAlreadyExistsException e) {
      throw new StoreException(path + " is a file, expected a folder for the store", e);
    } catch (IOException e) {
      throw new StoreException(
          path + " cannot be made: " + e + "; its parent must be there and writable", e);
    }
    synchronized (MINE) {
      if (!MINE.add(folder)) {
        throw new StoreException(
            folder
                + " is in use by this process (process "
                + ProcessHandle.current().pid()
                + "); close the store that has it open, or share that one");
      }
    }
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              folder.resolve(FILE),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock(AT, 1, false);
      if (lock == null) {
        throw new StoreException(
            folder
                + " is in use by process "
                + holder(channel)
                + "; stop that process, or give this one another folder");
      }
      byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(pid), 0);
      return new FolderLock(folder, channel);
    } catch (IOException e) {
      close(folder, channel);
      throw e instanceof StoreException mine
          ? mine
          : new StoreException(
              folder + " cannot be written: " + e + "; a store needs a folder of its own to write",
              e);
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(20);
    channel.read(text, 0);
    return new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).strip();
  }

  /** The folder, without symbolic links. */
  Path folder() {
    return folder;
  }

  @Override
  public void close() {
    close(folder, channel);
  }

  private static void close(Path folder, @Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // The lock is gone with the channel all the same.
    } finally {
      synchronized (MINE) {
        MINE.remove(folder);
      }
    }
  }
}

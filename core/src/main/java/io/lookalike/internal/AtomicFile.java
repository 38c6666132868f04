package io.lookalike.internal;

import java.io.Closeable;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that is replaced whole or not at all, whatever happens meanwhile: it is written beside its
 * place, forced to the disk, renamed, and the folder is forced, so that it outlasts a power cut.
 *
 * <p>It has the permissions, and where the system allows it the owner and the group, of the file
 * that it replaces; a new one those that the system gives new files. A symbolic link is followed:
 * what it leads to is replaced. Until {@link #commit} an existing file stays as it is; {@link
 * #close} without it leaves nothing behind. For one thread at a time, {@link #discard} excepted.
 */
public final class AtomicFile implements Closeable {

  private static final Logger LOG = LoggerFactory.getLogger(AtomicFile.class);

  private static final String PREFIX = ".lookalike-";
  private static final String SUFFIX = ".part";
  private static final boolean WINDOWS = File.separatorChar == '\\';
  private static final int MOST_LINKS = 40;

  /** As the caller named it. */
  private final Path named;

  /** Where it lies, links followed. */
  private final Path target;

  private final Path part;
  private final FileChannel channel;

  private AtomicFile(Path named, Path target, Path part, FileChannel channel) {
    this.named = named;
    this.target = target;
    this.part = part;
    this.channel = channel;
  }

  /** What writes a file. */
  @FunctionalInterface
  public interface Content {

    /**
     * Writes.
     *
     * @param channel where to; not to be closed
     * @throws IOException if it cannot be written; the message need not name the file
     */
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Writes a whole file.
   *
   * @param file its place; a file that is there is replaced, or stays if anything fails
   * @param content writes it
   * @throws IOException if it cannot be written; the message names the file and the reason
   */
  public static void write(Path file, Content content) throws IOException {
    try (AtomicFile fresh = at(file)) {
      try {
        content.writeTo(fresh.channel);
      } catch (IOException e) {
        throw cannotWrite(file, e);
      }
      fresh.commit();
    }
  }

  /**
   * Writes a whole file.
   *
   * @param file its place; a file that is there is replaced, or stays if anything fails
   * @param bytes its content
   * @throws IOException if it cannot be written; the message names the file and the reason
   */
  public static void write(Path file, ByteBuffer bytes) throws IOException {
    write(
        file,
        channel -> {
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }

  /**
   * Begins a file. Whatever can be known now to stand against it is told now.
   *
   * @param file its place; a file that is there will be replaced
   * @return the file, to be written, committed and closed
   * @throws IOException if no file can be written there; the message names it and says why
   */
  public static AtomicFile at(Path file) throws IOException {
    try {
      Path target = followed(file.toAbsolutePath());
      Path folder = target.getParent();
      if (folder == null || Files.isDirectory(target)) {
        throw new IOException(file + " is a folder; name a file to write to");
      }
      if (!Files.isDirectory(folder)) {
        throw new IOException(
            "cannot write " + file + ": there is no folder " + folder + "; create it first");
      }
      BasicFileAttributes existing = existing(target);
      if (existing != null && !existing.isRegularFile()) {
        throw new IOException(
            "cannot write " + file + ": it is a device or the like; name a file to write to");
      }
      return begin(file, target, folder, existing != null);
    } catch (FileSystemException e) {
      throw cannotWrite(file, e);
    }
  }

  private static AtomicFile begin(Path file, Path target, Path folder, boolean exists)
      throws IOException {
    // Not made of the file's name, which may be as long as a name can be.
    Path part = folder.resolve(PREFIX + UUID.randomUUID() + SUFFIX);
    PosixFileAttributes model = null;
    if (exists) {
      PosixFileAttributeView view =
          Files.getFileAttributeView(target, PosixFileAttributeView.class);
      model = view == null ? null : view.readAttributes();
    }
    var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    // From the first moment no more open than the other, whatever the umask says.
    FileChannel channel =
        model == null
            ? FileChannel.open(part, options)
            : FileChannel.open(
                part, options, PosixFilePermissions.asFileAttribute(model.permissions()));
    var fresh = new AtomicFile(file, target, part, channel);
    if (model != null) {
      try {
        fresh.resemble(model);
      } catch (IOException | RuntimeException | Error e) {
        fresh.close();
        throw e;
      }
    }
    return fresh;
  }

  private void resemble(PosixFileAttributes model) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(part, PosixFileAttributeView.class);
    PosixFileAttributes own = view.readAttributes();
    try {
      if (!own.group().equals(model.group())) {
        view.setGroup(model.group());
      }
      if (!own.owner().equals(model.owner())) {
        view.setOwner(model.owner());
      }
    } catch (FileSystemException e) {
      LOG.debug("{} will belong to this user: only root may give files away", named, e);
    }
    view.setPermissions(model.permissions());
  }

  /** Where a link leads to, which need not be there yet. */
  private static Path followed(Path file) throws IOException {
    Path target = file;
    for (int links = 0; Files.isSymbolicLink(target); links++) {
      if (links == MOST_LINKS) {
        throw new FileSystemException(file.toString(), null, "its links lead in a circle");
      }
      target = target.resolveSibling(Files.readSymbolicLink(target));
    }
    return target;
  }

  /** Finds out now, and not after the work, that the system has no file of such a name. */
  private static @Nullable BasicFileAttributes existing(Path target) throws IOException {
    try {
      return Files.readAttributes(target, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /**
   * Returns where to write.
   *
   * @return the channel, at its beginning; not to be closed
   */
  public FileChannel channel() {
    return channel;
  }

  /**
   * Puts the finished file in its place.
   *
   * @throws IOException if that fails; the message names the file and the reason
   */
  public void commit() throws IOException {
    try {
      channel.force(true);
      channel.close();
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      force(target.getParent());
    } catch (IOException e) { // which names the part, and nobody knows that file
      throw cannotWrite(named, e);
    }
  }

  /**
   * Makes the names in a folder outlast the machine, where the system lets folders be opened.
   *
   * @param folder the folder
   * @throws IOException if the system cannot do it
   */
  public static void force(@Nullable Path folder) throws IOException {
    if (WINDOWS || folder == null) {
      return;
    }
    try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
      names.force(true);
    }
  }

  /**
   * Whether a file is one that was being written when its program was killed, or still is.
   *
   * @param name the file's name, without its folder
   * @return true if it is not yet in its place
   */
  public static boolean isPart(String name) {
    return name.startsWith(PREFIX) && name.endsWith(SUFFIX);
  }

  /**
   * Deletes what was written unless it was committed, and may be called by any thread, as by one
   * that ends the program.
   *
   * @throws IOException if that fails
   */
  public void discard() throws IOException {
    Files.deleteIfExists(part);
  }

  /**
   * Ends the file: what was not committed is deleted.
   *
   * @throws IOException if that fails
   */
  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      discard();
    }
  }

  private static IOException cannotWrite(Path file, IOException e) {
    return new IOException("cannot write " + file + ": " + reason(e), e);
  }

  /**
   * What the system says, without a file that it names.
   *
   * @param e what it threw
   * @return the reason, in words
   */
  public static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "there is no such file";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof EOFException) {
      return "it ends too soon";
    }
    String reason = e instanceof FileSystemException named ? named.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason;
  }
}

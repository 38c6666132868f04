package io.lookalike;

import io.lookalike.internal.AtomicFile;
import io.lookalike.internal.Utf8;
import io.lookalike.store.StoreException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder with {@code manifest.properties} and the data files that it names, each with its length
 * and CRC-32C. Every save writes data files under a new generation number and then renames the
 * manifest into place, which is the one moment at which the folder's state changes.
 */
final class StoreFolder {

  private static final Logger LOG = LoggerFactory.getLogger(StoreFolder.class);

  private static final String MANIFEST = "manifest.properties";
  private static final String FORMAT = "lookalike-store-3";
  private static final String LOCK = ".lock";

  interface Writer {
    void write(DataOutputStream out) throws IOException;
  }

  interface Reader<T> {
    T read(DataInputStream in) throws IOException;
  }

  private final Path folder;
  private final long generation;
  private final Map<String, String> manifest;

  private StoreFolder(Path folder, long generation, Map<String, String> manifest) {
    this.folder = folder;
    this.generation = generation;
    this.manifest = manifest;
  }

  // ---- writing

  /** Writes the data files of a new state. */
  interface Saver {
    void save(StoreFolder fresh) throws IOException;
  }

  /**
   * Replaces the state of a folder.
   *
   * @param folder made if it is missing
   * @throws StoreException if it is being written, or holds something else
   */
  static void save(Path folder, Saver saver) throws IOException {
    create(folder);
    // Closing the channel releases the lock.
    try (FileChannel lockFile =
        FileChannel.open(
            folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      lock(lockFile, folder);
      long generation = 1 + generation(folder);
      var manifest = new TreeMap<String, String>();
      manifest.put("format", FORMAT);
      manifest.put("generation", Long.toString(generation));
      saver.save(new StoreFolder(folder, generation, manifest));
      writeManifest(folder, manifest);
      deleteOthers(folder, manifest);
    }
  }

  /** Sets a line of the manifest. */
  void put(String key, String value) {
    manifest.put(key, value);
  }

  /** Where a data file of this state is to be written by somebody else. */
  Path fresh(String kind) {
    return folder.resolve(kind + "-" + generation + ".bin");
  }

  /** Takes note of a small data file that somebody else has written. */
  void writtenAndChecked(String kind) throws IOException {
    written(kind);
    manifest.put(kind + ".crc32c", Long.toHexString(checksum(fresh(kind))));
  }

  /** Takes note of a data file that somebody else has written, and that checks itself. */
  void written(String kind) throws IOException {
    Path file = fresh(kind);
    manifest.put(kind + ".file", file.getFileName().toString());
    manifest.put(kind + ".bytes", Long.toString(Files.size(file)));
  }

  private static void create(Path folder) throws IOException {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new StoreException(folder + " is a file; name a folder to save to");
    }
    Files.createDirectories(folder);
    if (Files.exists(folder.resolve(MANIFEST))) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (!file.endsWith(LOCK) && !isOurs(file.getFileName().toString())) {
          throw new StoreException(
              folder
                  + " holds other files ("
                  + file.getFileName()
                  + ") and no catalogue; name an"
                  + " empty or a new folder to save to");
        }
      }
    }
  }

  private static boolean isOurs(String name) {
    return AtomicFile.isPart(name)
        || name.matches("(products|features|transform|purchases|changes|index)-\\d+\\.bin");
  }

  private static void lock(FileChannel file, Path folder) throws IOException {
    FileLock lock;
    try {
      lock = file.tryLock();
    } catch (OverlappingFileLockException e) {
      throw new StoreException(folder + " is being written by another thread; try again", e);
    }
    if (lock == null) {
      throw new StoreException(folder + " is being written by another process; try again");
    }
  }

  private static long generation(Path folder) throws IOException {
    if (!Files.exists(folder.resolve(MANIFEST))) {
      return 0;
    }
    return number(folder, readManifest(folder), "generation");
  }

  /** Writes a data file. */
  void write(String kind, Writer writer) throws IOException {
    var checksum = new CRC32C();
    try (FileChannel channel =
            FileChannel.open(
                fresh(kind),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        OutputStream stream = new CheckedOutputStream(Channels.newOutputStream(channel), checksum);
        var out = new DataOutputStream(new BufferedOutputStream(stream, 1 << 16))) {
      writer.write(out);
      out.flush();
      channel.force(true);
    }
    written(kind);
    manifest.put(kind + ".crc32c", Long.toHexString(checksum.getValue()));
  }

  private static void writeManifest(Path folder, Map<String, String> manifest) throws IOException {
    var text = new StringBuilder("# A Lookalike catalogue. Do not edit: opening checks it.\n");
    manifest.forEach(
        (key, value) -> text.append(key).append('=').append(escaped(value)).append('\n'));
    AtomicFile.force(folder); // the data files must be there before the manifest that names them
    AtomicFile.write(folder.resolve(MANIFEST), StandardCharsets.UTF_8.encode(text.toString()));
  }

  /** A value as {@link Properties#load} reads it back, whatever it is. */
  private static String escaped(String value) {
    var text = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        case '\f' -> text.append("\\f");
        case ' ' -> text.append(i == 0 ? "\\ " : " "); // else it would be taken for an indent
        default -> text.append(Character.isSurrogate(c) ? String.format("\\u%04x", (int) c) : c);
      }
    }
    return text.toString();
  }

  /** What cannot be deleted stays until the next save: this one has succeeded. */
  private static void deleteOthers(Path folder, Map<String, String> manifest) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (isOurs(name) && !manifest.containsValue(name)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      LOG.warn(
          "Saved to {}, but files of an earlier save cannot be deleted: {}", folder, e.toString());
    }
  }

  static void writeText(DataOutputStream out, String text) throws IOException {
    byte[] bytes = Utf8.encode(text);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  // ---- reading

  /** Reads the data files of a state. */
  interface Opener<T> {
    T open(StoreFolder saved) throws IOException;
  }

  /** Reads the state of a folder. */
  static <T> T open(Path folder, Opener<T> opener) throws IOException {
    // A save that ends while we read deletes the files of the state before; then begin again.
    while (true) {
      long generation = generation(folder);
      try {
        return opener.open(new StoreFolder(folder, generation, readManifest(folder)));
      } catch (NoSuchFileException e) {
        if (generation(folder) == generation) {
          throw new StoreException(
              folder + ": the file " + e.getFile() + " is missing; restore it, or index again", e);
        }
      }
    }
  }

  static boolean exists(Path folder) {
    return Files.isRegularFile(folder.resolve(MANIFEST));
  }

  static StoreInfo info(Path folder) throws IOException {
    Map<String, String> manifest = readManifest(folder);
    long dimension = number(folder, manifest, "dimension");
    if (dimension < 1 || dimension > Integer.MAX_VALUE) {
      throw new StoreException(
          folder.resolve(MANIFEST)
              + " is damaged: dimension is "
              + dimension
              + ", expected 1 or more; index again");
    }
    return new StoreInfo(
        text(folder, manifest, "extractor"),
        (int) dimension,
        text(folder, manifest, "transform.rule"));
  }

  private static Map<String, String> readManifest(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new StoreException(folder + " is no folder; index a catalogue into it first");
    }
    var read = new Properties();
    try {
      read.load(new StringReader(Files.readString(folder.resolve(MANIFEST))));
    } catch (NoSuchFileException e) {
      throw new StoreException(
          folder + " holds no catalogue (there is no " + MANIFEST + " in it); index one first", e);
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new StoreException(folder.resolve(MANIFEST) + " is damaged: " + e.getMessage(), e);
    }
    String format = read.getProperty("format", "none");
    if (!format.equals(FORMAT)) {
      throw new StoreException(
          folder.resolve(MANIFEST)
              + ": the format is "
              + format
              + ", expected "
              + FORMAT
              + "; index again with this version");
    }
    var manifest = new TreeMap<String, String>();
    read.stringPropertyNames().forEach(key -> manifest.put(key, read.getProperty(key)));
    return manifest;
  }

  /** Checks a line of the manifest. */
  void check(String key, String expected, String howToOpen) throws StoreException {
    String found = text(key);
    if (!found.equals(expected)) {
      throw new StoreException(
          folder
              + " was made with "
              + key
              + " "
              + shown(found)
              + ", but is opened with "
              + shown(expected)
              + "; "
              + howToOpen);
    }
  }

  private static String shown(String value) {
    return value.isEmpty() ? "none" : value;
  }

  private static String text(Path folder, Map<String, String> manifest, String key)
      throws StoreException {
    String value = manifest.get(key);
    if (value == null) {
      throw new StoreException(
          folder.resolve(MANIFEST) + " is damaged: it has no " + key + "; index again");
    }
    return value;
  }

  private static long number(Path folder, Map<String, String> manifest, String key)
      throws StoreException {
    String value = text(folder, manifest, key);
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new StoreException(
          folder.resolve(MANIFEST)
              + " is damaged: "
              + key
              + " is "
              + value
              + ", expected a number; index again",
          e);
    }
  }

  StoreException damagedManifest(String how) {
    return new StoreException(folder.resolve(MANIFEST) + " is damaged: " + how + "; index again");
  }

  /** A line of the manifest. */
  String text(String key) throws StoreException {
    return text(folder, manifest, key);
  }

  /** A line of the manifest that is a number. */
  long number(String key) throws StoreException {
    return number(folder, manifest, key);
  }

  /** Whether the manifest names a data file. */
  boolean has(String kind) {
    return manifest.containsKey(kind + ".file");
  }

  /** A data file, which is as long as the manifest says. */
  Path file(String kind) throws IOException {
    String name = text(kind + ".file");
    if (!isOurs(name)) {
      throw new StoreException(
          folder.resolve(MANIFEST) + " is damaged: " + kind + ".file is " + name);
    }
    Path file = folder.resolve(name);
    long bytes = number(kind + ".bytes");
    if (Files.size(file) != bytes) {
      throw damaged(file, "it has " + Files.size(file) + " bytes, expected " + bytes, null);
    }
    return file;
  }

  /** A data file, checked as a whole before a byte of it is believed. */
  Path checkedFile(String kind) throws IOException {
    Path file = file(kind);
    String found = Long.toHexString(checksum(file));
    String expected = text(kind + ".crc32c");
    if (!found.equals(expected)) {
      throw damaged(file, "its CRC-32C is " + found + ", expected " + expected, null);
    }
    return file;
  }

  /** Reads a data file; a bit flipped in a length cannot allocate gigabytes. */
  <T> T read(String kind, Reader<T> reader) throws IOException {
    Path file = checkedFile(kind);
    try (var in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
      T content = reader.read(in);
      if (in.read() >= 0) {
        throw damaged(file, "it goes on after its end", null);
      }
      return content;
    } catch (EOFException | IllegalArgumentException e) {
      throw damaged(file, String.valueOf(e.getMessage()), e);
    }
  }

  private static long checksum(Path file) throws IOException {
    var checksum = new CRC32C();
    try (InputStream in = new CheckedInputStream(Files.newInputStream(file), checksum)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return checksum.getValue();
  }

  static StoreException damaged(Path file, String how, @Nullable Throwable cause) {
    return new StoreException(
        file + " is damaged: " + how + "; restore the folder from a copy, or index again", cause);
  }

  static String readText(DataInputStream in) throws IOException {
    return Utf8.decode(ByteBuffer.wrap(readBytes(in)));
  }

  static byte[] readBytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("it ends too early");
    }
    return bytes;
  }
}

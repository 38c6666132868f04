package io.lookalike.cli;

import io.lookalike.catalog.ImageSource;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.internal.FullReads;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * An extractor that keeps in a file what another one makes, and takes from there what it has made
 * before: a run that was killed goes on where it ended. Features are found again by the SHA-256 of
 * the picture's bytes; the file's name holds a hash of the extractor's identity, so that two
 * networks never share one.
 *
 * <p>The file is a header (a mark, the identity, the dimension) and records of equal length: hash,
 * little-endian floats, CRC-32C. A record is written whole or does not count: what is left of one
 * at the end is cut off, and one whose sum is wrong is made again.
 */
final class FeatureCache implements FeatureExtractor {

  private static final byte[] MARK = "LKFEAT1\n".getBytes(StandardCharsets.US_ASCII);
  private static final int HASH_BYTES = 32;
  private static final int READ_BYTES = 1 << 16;

  private final FeatureExtractor extractor;
  private final FileChannel file;
  private final int headerBytes;
  private final int recordBytes;

  /** Where the record of a picture is, by the picture's hash. */
  private final Map<ByteBuffer, Long> records = new ConcurrentHashMap<>();

  private final AtomicInteger made = new AtomicInteger();
  private long end;

  private FeatureCache(FeatureExtractor extractor, FileChannel file, byte[] header)
      throws IOException {
    this.extractor = extractor;
    this.file = file;
    this.headerBytes = header.length;
    this.recordBytes = HASH_BYTES + extractor.dimension() * Float.BYTES + Integer.BYTES;
    if (file.size() < headerBytes) { // new, or killed at once
      file.truncate(0);
      write(ByteBuffer.wrap(header), 0);
    }
    long count = (file.size() - headerBytes) / recordBytes;
    end = headerBytes + count * recordBytes;
    file.truncate(end);
    for (long at = headerBytes; at < end; at += recordBytes) {
      ByteBuffer hash = ByteBuffer.allocate(HASH_BYTES);
      FullReads.readFully(file, at, hash);
      records.put(hash, at);
    }
  }

  /**
   * Opens the cache of an extractor, or begins one.
   *
   * @param folder where the file is or will be
   * @param extractor makes what the file does not have; closed with the cache
   * @throws UserErrorException if another run has the file open, or if it is damaged
   */
  static FeatureCache open(Path folder, FeatureExtractor extractor) throws IOException {
    byte[] header = header(extractor);
    Path path =
        folder.resolve(
            "features-"
                + HexFormat.of().formatHex(sha256().digest(header)).substring(0, 12)
                + ".cache");
    FileChannel file =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (lock(file) == null) {
        throw new UserErrorException(
            path + " is in use by another run; wait for it, or name another --cache");
      }
      if (!beginsWith(file, header)) {
        throw new UserErrorException(
            path + " is damaged: it does not begin with the network's name; delete it");
      }
      return new FeatureCache(extractor, file, header);
    } catch (IOException | RuntimeException e) {
      file.close();
      extractor.close();
      throw e;
    }
  }

  private static @Nullable FileLock lock(FileChannel file) throws IOException {
    try {
      return file.tryLock();
    } catch (OverlappingFileLockException e) { // another run in this very JVM
      return null;
    }
  }

  private static byte[] header(FeatureExtractor extractor) {
    byte[] identity = extractor.identity().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(MARK.length + 2 * Integer.BYTES + identity.length)
        .put(MARK)
        .putInt(extractor.dimension())
        .putInt(identity.length)
        .put(identity)
        .array();
  }

  /** Whether the file begins with the header, as far as the file goes. */
  private static boolean beginsWith(FileChannel file, byte[] header) throws IOException {
    ByteBuffer found = ByteBuffer.allocate((int) Math.min(file.size(), header.length));
    FullReads.readFully(file, 0, found);
    return found.equals(ByteBuffer.wrap(header, 0, found.capacity()));
  }

  /** Number of pictures that went through the network. */
  int made() {
    return made.get();
  }

  @Override
  public String identity() {
    return extractor.identity();
  }

  @Override
  public int dimension() {
    return extractor.dimension();
  }

  @Override
  public int concurrency() {
    return extractor.concurrency();
  }

  @Override
  public float[] extract(ImageSource image) {
    ByteBuffer hash;
    try (InputStream in = image.open()) {
      hash = hash(in);
    } catch (IOException e) {
      return extractor.extract(image); // which says what is wrong with it
    }
    try {
      float[] features = read(hash);
      if (features != null) {
        return features;
      }
      features = extractor.extract(image);
      made.incrementAndGet();
      append(hash, features);
      return features;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ByteBuffer hash(InputStream in) throws IOException {
    MessageDigest digest = sha256();
    byte[] bytes = new byte[READ_BYTES];
    for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
      digest.update(bytes, 0, n);
    }
    return ByteBuffer.wrap(digest.digest());
  }

  private float @Nullable [] read(ByteBuffer hash) throws IOException {
    Long at = records.get(hash);
    if (at == null) {
      return null;
    }
    ByteBuffer bytes = record();
    FullReads.readFully(file, at, bytes);
    if (crc(bytes) != bytes.getInt(recordBytes - Integer.BYTES)) {
      return null;
    }
    var features = new float[dimension()];
    bytes.position(HASH_BYTES);
    bytes.asFloatBuffer().get(features);
    return features;
  }

  private void append(ByteBuffer hash, float[] features) throws IOException {
    ByteBuffer bytes = record();
    bytes.put(hash.duplicate());
    bytes.asFloatBuffer().put(features);
    bytes.putInt(recordBytes - Integer.BYTES, crc(bytes));
    bytes.clear();
    synchronized (this) {
      write(bytes, end);
      records.put(hash, end);
      end += recordBytes;
    }
  }

  private ByteBuffer record() {
    return ByteBuffer.allocate(recordBytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private int crc(ByteBuffer bytes) {
    var crc = new CRC32C();
    crc.update(bytes.duplicate().clear().limit(recordBytes - Integer.BYTES));
    return (int) crc.getValue();
  }

  private void write(ByteBuffer bytes, long at) throws IOException {
    long position = at;
    while (bytes.hasRemaining()) {
      position += file.write(bytes, position);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Closes the file and the extractor. */
  @Override
  public void close() {
    extractor.close();
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

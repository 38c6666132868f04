package io.lookalike.index.hnsw;

import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The vectors of an index that keeps them in files of its own, which are mapped to be read. They
 * are written as any file is: where the disk is full that throws, while writing to a mapping would
 * end in a fault.
 *
 * <p>A row is used again when its node is not only out of the graph, but out of reach of every
 * search, which is what the garbage collector tells. So readers need no lock.
 *
 * <p>One thread at a time changes it, any number read.
 */
final class VectorFiles implements StoredVectors {

  private static final long FIRST_PIECE_BYTES = 1L << 20;
  private static final long MOST_PIECE_BYTES = 1L << 30;

  /** A vector has to fit into a file. */
  static final int MOST_DIMENSIONS = (int) (MOST_PIECE_BYTES / Float.BYTES);

  private final Path folder;
  private final int dimension;
  private final ByteBuffer row;

  /** Each twice as large as the one before, up to the largest. */
  private volatile Piece[] pieces = {};

  private int used;
  private final Deque<Integer> free = new ArrayDeque<>();
  private final Set<Discarded> discarded = new HashSet<>();
  private final ReferenceQueue<Node> unreachable = new ReferenceQueue<>();

  /**
   * A file.
   *
   * @param name null if it has none any more
   */
  private record Piece(
      int first, int rows, RandomAccessFile file, FloatBuffer floats, @Nullable Path name) {}

  /** A node that may still be read by a search. */
  private static final class Discarded extends PhantomReference<Node> {
    private final int row;

    Discarded(Node node, ReferenceQueue<Node> unreachable) {
      super(node, unreachable);
      row = node.row();
    }
  }

  VectorFiles(Path folder, int dimension) {
    this.folder = folder;
    this.dimension = dimension;
    row = ByteBuffer.allocate(Float.BYTES * dimension);
    row.order(ByteOrder.nativeOrder());
  }

  /**
   * Writes a vector.
   *
   * @return a node of it
   * @throws UncheckedIOException if that fails; nothing has changed then
   */
  Node add(UnitVector vector, long fingerprint) {
    try {
      int place = place();
      try {
        write(place, vector);
      } catch (IOException e) {
        free.push(place);
        throw e;
      }
      return new Node(this, place, fingerprint);
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException(
              "vectors cannot be kept in "
                  + folder
                  + " ("
                  + e
                  + "); make room there, or name another folder",
              e));
    }
  }

  /** Says that a node is not needed any more but by searches that have already met it. */
  void discard(Node node) {
    discarded.add(new Discarded(node, unreachable));
  }

  @Override
  public UnitVector read(int row) {
    Piece[] all = pieces;
    int i = all.length - 1;
    while (all[i].first > row) {
      i--;
    }
    var values = new float[dimension];
    all[i].floats.get((row - all[i].first) * dimension, values);
    return UnitVector.ofNormalized(values);
  }

  /** How long the files are. */
  long bytes() {
    long rows = 0;
    for (Piece piece : pieces) {
      rows += piece.rows;
    }
    return rows * row.capacity();
  }

  /** Closes the files. What still reads them can go on; their space is free when nobody does. */
  void close() {
    for (Piece piece : pieces) {
      try {
        piece.file.close();
        if (piece.name != null) {
          Files.deleteIfExists(piece.name);
        }
      } catch (IOException e) {
        // Windows deletes no file that is mapped, and when that ends nobody can say.
        if (piece.name != null) {
          piece.name.toFile().deleteOnExit();
        }
      }
    }
  }

  private int place() throws IOException {
    for (Reference<?> next = unreachable.poll(); next != null; next = unreachable.poll()) {
      if (next instanceof Discarded gone && discarded.remove(gone)) {
        free.push(gone.row);
      }
    }
    if (!free.isEmpty()) {
      return free.pop();
    }
    Piece[] all = pieces;
    Piece last = all.length == 0 ? null : all[all.length - 1];
    int capacity = last == null ? 0 : last.first + last.rows;
    if (used == capacity) {
      long bytes = Math.min(MOST_PIECE_BYTES, FIRST_PIECE_BYTES << Math.min(all.length, 10));
      Piece[] more = Arrays.copyOf(all, all.length + 1);
      more[all.length] = open(capacity, (int) Math.max(1, bytes / row.capacity()));
      pieces = more;
    }
    return used++;
  }

  private void write(int place, UnitVector vector) throws IOException {
    Piece[] all = pieces;
    int i = all.length - 1;
    while (all[i].first > place) {
      i--;
    }
    row.asFloatBuffer().put(vector.toArray());
    RandomAccessFile file = all[i].file;
    file.seek((long) (place - all[i].first) * row.capacity());
    file.write(row.array());
  }

  /** Makes a file; again if the thread is interrupted meanwhile, which closes it. */
  private Piece open(int first, int rows) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        interrupted |= Thread.interrupted();
        try {
          return open(first, rows, Files.createTempFile(folder, "lookalike-", ".vectors"));
        } catch (ClosedByInterruptException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Piece open(int first, int rows, Path path) throws IOException {
    var file = new RandomAccessFile(path.toFile(), "rw");
    try {
      long bytes = (long) rows * row.capacity();
      file.setLength(bytes);
      FloatBuffer floats =
          file.getChannel()
              .map(MapMode.READ_ONLY, 0, bytes)
              .order(ByteOrder.nativeOrder())
              .asFloatBuffer();
      return new Piece(first, rows, file, floats, nameless(path) ? null : path);
    } catch (IOException e) {
      file.close();
      Files.deleteIfExists(path);
      throw e;
    }
  }

  /** Deletes a file that is in use, so that a process that is killed leaves nothing behind. */
  private static boolean nameless(Path path) {
    try {
      return Files.deleteIfExists(path);
    } catch (IOException e) {
      return false; // Windows
    }
  }
}

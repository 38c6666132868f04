package io.lookalike.benchmarks.peers;

import com.spotify.voyager.jni.Index;
import io.lookalike.bench.Contestant;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Spotify's Voyager: HNSW in C++, called through JNI. */
public final class Voyager implements Contestant {

  /** As Voyager itself has it, and the other peers: at most 32 links in the lowest layer. */
  private static final int M = 16;

  /** Voyager's default. */
  private static final int EF_CONSTRUCTION = 200;

  private static final int SEED = 1;

  /** For {@link java.util.ServiceLoader}. */
  public Voyager() {}

  @Override
  public String name() {
    return "voyager";
  }

  @Override
  public String parameter() {
    return "ef";
  }

  @Override
  public List<Integer> values(int k) {
    return IntStream.of(10, 16, 24, 32, 48, 64, 96, 128, 192, 256)
        .mapToObj(value -> (value * k + 9) / 10)
        .toList();
  }

  @Override
  public boolean filters() {
    return false;
  }

  @Override
  public Built build(Task task) throws IOException {
    if (task.matching() != null) {
      throw new IllegalArgumentException("Voyager cannot search among matching vectors alone");
    }
    float[][] vectors = task.vectors().toArray(float[][]::new);
    var index =
        new Index(
            Index.SpaceType.Cosine,
            vectors[0].length,
            M,
            EF_CONSTRUCTION,
            SEED,
            vectors.length,
            Index.StorageDataType.Float32);
    try {
      index.addItems(vectors, LongStream.range(0, vectors.length).toArray(), task.threads());
      var size = new Count();
      index.saveIndex(size);
      return new Graph(index, vectors.length, size.bytes);
    } catch (RuntimeException e) {
      index.close();
      throw e;
    }
  }

  /** Voyager's queries may run beside each other. */
  private static final class Graph implements Built {

    private final Index index;
    private final int size;
    private final long bytes;
    private volatile int ef = 1;

    Graph(Index index, int size, long bytes) {
      this.index = index;
      this.size = size;
      this.bytes = bytes;
    }

    @Override
    public void set(int value) {
      ef = value;
    }

    @Override
    public int[] search(float[] query, int k) {
      // Voyager refuses to look for more than there are, and for more than ef.
      int wanted = Math.min(k, size);
      long[] rows = index.query(query, wanted, Math.max(ef, wanted)).getLabels();
      var found = new int[rows.length];
      for (int i = 0; i < found.length; i++) {
        found[i] = Math.toIntExact(rows[i]);
      }
      return found;
    }

    /** Its size if saved: Voyager saves its memory as it is. */
    @Override
    public long bytesOutsideHeap() {
      return bytes;
    }

    @Override
    public void close() throws IOException {
      index.close();
    }
  }

  /** Counts what is written to it. */
  private static final class Count extends OutputStream {

    private long bytes;

    @Override
    public void write(int b) {
      bytes++;
    }

    @Override
    public void write(byte[] b, int offset, int length) {
      bytes += length;
    }
  }
}

package io.lookalike;

import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The features that a store keeps. Where all are wanted, they are copied to a file that is mapped
 * and gone afterwards, so that they take no heap.
 */
record StoreShelf(CatalogueStore store, int network, int dimension) implements FeatureShelf {

  private static final Logger LOG = LoggerFactory.getLogger(StoreShelf.class);

  /** The largest piece of a file that is mapped at once, in bytes. */
  private static final long PIECE = 1L << 30;

  /** Rows that are written together. */
  private static final int TOGETHER = 256;

  @Override
  public void put(String id, FeatureRow row) {} // the store has it already

  @Override
  public void remove(String id) {}

  @Override
  public @Nullable FeatureRow get(String id) {
    try {
      float[] features = store.features(network, List.of(id)).get(id);
      return features == null ? null : FeatureRow.of(features);
    } catch (StoreException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Rows all() {
    try {
      Path folder = store.folder().orElse(null);
      Path file =
          folder == null
              ? Files.createTempFile("lookalike-features-", ".part")
              : Files.createTempFile(folder, ".lookalike-features-", ".part");
      try {
        return new Rows(rows(file), () -> {});
      } finally {
        delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is mapped stays readable; where a system will not delete it now, it does at the end. */
  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.debug("{} is deleted at the end", file, e);
      file.toFile().deleteOnExit();
    }
  }

  private Map<String, FeatureRow> rows(Path file) throws IOException {
    var copied = new ArrayList<Copied>();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      copy(channel, copied);
      var byId = new HashMap<String, FeatureRow>(copied.size() * 2);
      long start = 0;
      for (int next = 0; next < copied.size(); ) {
        // As many products as a piece has room for, and one at least.
        int first = next;
        long length = 0;
        do {
          length += copied.get(next++).bytes();
        } while (next < copied.size() && length + copied.get(next).bytes() <= PIECE);
        FloatBuffer piece =
            channel
                .map(FileChannel.MapMode.READ_ONLY, start, length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        int at = 0;
        for (Copied row : copied.subList(first, next)) {
          byId.put(row.id, new FeatureRow.Mapped(piece, at, row.length));
          at += row.length;
        }
        start += length;
      }
      return byId;
    }
  }

  /** A product whose features are in the file, after those of the one before it. */
  private record Copied(String id, int length) {
    long bytes() {
      return (long) length * Float.BYTES;
    }
  }

  private void copy(FileChannel channel, List<Copied> copied) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(TOGETHER * dimension * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (StoreCursor<StoredProduct> products = store.products(network, 0)) {
      while (products.hasNext()) {
        StoredProduct product = products.next();
        float[] features = product.features();
        if (features != null) {
          copied.add(new Copied(product.id(), features.length));
          for (float feature : features) {
            if (!bytes.hasRemaining()) {
              write(bytes, channel);
            }
            bytes.putFloat(feature);
          }
        }
      }
      write(bytes, channel);
    } catch (UncheckedIOException e) {
      throw DurableCatalogue.unwrapped(e);
    }
  }

  private static void write(ByteBuffer bytes, FileChannel channel) throws IOException {
    bytes.flip();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    bytes.clear();
  }
}

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
    long rowBytes = (long) dimension * Float.BYTES;
    int pieceRows = (int) Math.max(1, PIECE / rowBytes);
    var ids = new ArrayList<String>();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      copy(channel, ids);
      var byId = new HashMap<String, FeatureRow>(ids.size() * 2);
      FloatBuffer piece = FloatBuffer.allocate(0);
      for (int row = 0; row < ids.size(); row++) {
        if (row % pieceRows == 0) {
          long length = Math.min(pieceRows, ids.size() - row) * rowBytes;
          piece =
              channel
                  .map(FileChannel.MapMode.READ_ONLY, row * rowBytes, length)
                  .order(ByteOrder.LITTLE_ENDIAN)
                  .asFloatBuffer();
        }
        byId.put(
            ids.get(row), new FeatureRow.Mapped(piece, row % pieceRows * dimension, dimension));
      }
      return byId;
    }
  }

  private void copy(FileChannel channel, List<String> ids) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(TOGETHER * dimension * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (StoreCursor<StoredProduct> products = store.products(network, 0)) {
      while (products.hasNext()) {
        StoredProduct product = products.next();
        float[] features = product.features();
        if (features != null) {
          ids.add(product.id());
          for (float feature : features) {
            bytes.putFloat(feature);
          }
        }
        if (!bytes.hasRemaining() || !products.hasNext()) {
          bytes.flip();
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
          bytes.clear();
        }
      }
    } catch (UncheckedIOException e) {
      throw DurableCatalogue.unwrapped(e);
    }
  }
}

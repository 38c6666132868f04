package io.lookalike.cli;

import io.lookalike.ImageSource;
import io.lookalike.SnapshotInfo;
import io.lookalike.features.FeatureExtractor;
import java.nio.file.Path;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The extractor that a store was made with, loaded when the first picture comes: a question about a
 * product of the store needs none.
 */
final class StoredExtractor implements FeatureExtractor {

  private final Path store;
  private final SnapshotInfo info;
  private @Nullable FeatureExtractor loaded;

  StoredExtractor(Path store, SnapshotInfo info) {
    this.store = store;
    this.info = info;
  }

  @Override
  public String identity() {
    return info.extractor();
  }

  @Override
  public int dimension() {
    return info.dimension();
  }

  @Override
  public float[] extract(ImageSource image) {
    return loaded().extract(image);
  }

  private synchronized FeatureExtractor loaded() {
    if (loaded == null) {
      loaded = load();
    }
    return loaded;
  }

  private FeatureExtractor load() {
    var offered = new StringJoiner(", ");
    for (ExtractorChoice choice : ExtractorChoice.values()) {
      FeatureExtractor candidate = choice.load();
      if (candidate.identity().equals(identity())) {
        return candidate;
      }
      candidate.close();
      offered.add(choice + " (" + candidate.identity() + ")");
    }
    throw new UserErrorException(
        store
            + " was made with the extractor "
            + identity()
            + ", but there are only "
            + offered
            + "; ask with a product's id, or index again");
  }

  @Override
  public synchronized void close() {
    if (loaded != null) {
      loaded.close();
    }
  }
}

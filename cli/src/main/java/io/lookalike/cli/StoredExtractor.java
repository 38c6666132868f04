package io.lookalike.cli;

import io.lookalike.StoreInfo;
import io.lookalike.catalog.ImageSource;
import io.lookalike.extractor.EfficientNetLite;
import io.lookalike.features.FeatureExtractor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The extractor that a store was made with, loaded when the first picture comes: a question about a
 * product of the store needs none.
 */
final class StoredExtractor implements FeatureExtractor {

  private final StorePlace store;
  private final StoreInfo info;
  private final ExtractorOptions options;
  private @Nullable FeatureExtractor loaded;

  StoredExtractor(StorePlace store, StoreInfo info, ExtractorOptions options) {
    this.store = store;
    this.info = info;
    this.options = options;
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
  public int concurrency() {
    return loaded().concurrency();
  }

  @Override
  public float[] extract(ImageSource image) {
    return loaded().extract(image);
  }

  @Override
  public void extractAll(List<ImageSource> images, Sink sink) {
    loaded().extractAll(images, sink);
  }

  /** Loads the network now, if it has to be named and is not. */
  void check() {
    if (options.any() || !isBuiltIn()) {
      loaded();
    }
  }

  private boolean isBuiltIn() {
    return identity().startsWith("efficientnet-lite0");
  }

  private synchronized FeatureExtractor loaded() {
    if (loaded == null) {
      loaded = load();
    }
    return loaded;
  }

  private FeatureExtractor load() {
    if (options.any()) {
      return checked(options.open());
    }
    if (identity().isEmpty()) {
      throw new UserErrorException(
          store
              + " was made of features from elsewhere, so it takes no pictures; ask with a"
              + " product's id");
    }
    if (!isBuiltIn()) {
      throw new UserErrorException(
          store
              + " was made with the extractor "
              + identity()
              + "; name it again with --extractor and its options, or ask with a product's id");
    }
    return checked(
        identity().endsWith("224") ? EfficientNetLite.fast() : EfficientNetLite.builtIn());
  }

  private FeatureExtractor checked(FeatureExtractor extractor) {
    if (extractor.identity().equals(identity())) {
      return extractor;
    }
    extractor.close();
    throw new UserErrorException(
        store
            + " was made with the extractor "
            + identity()
            + ", this is "
            + extractor.identity()
            + "; name the former, or index into another store");
  }

  @Override
  public synchronized void close() {
    if (loaded != null) {
      loaded.close();
    }
  }
}

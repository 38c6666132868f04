package io.lookalike.features;

import io.lookalike.catalog.ImageSource;
import java.util.List;

/** An extractor that is closed elsewhere. */
record SharedExtractor(FeatureExtractor extractor) implements FeatureExtractor {
  @Override
  public String identity() {
    return extractor.identity();
  }

  @Override
  public int dimension() {
    return extractor.dimension();
  }

  @Override
  public float[] extract(ImageSource image) {
    return extractor.extract(image);
  }

  @Override
  public int concurrency() {
    return extractor.concurrency();
  }

  @Override
  public void extractAll(List<ImageSource> images, Sink sink) {
    extractor.extractAll(images, sink);
  }

  @Override
  public void close() {
    // whoever lent it closes it
  }
}

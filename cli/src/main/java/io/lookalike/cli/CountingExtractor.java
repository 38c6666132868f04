package io.lookalike.cli;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.features.FeatureExtractor;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the pictures that go through a network: those known to a store do not. */
final class CountingExtractor implements FeatureExtractor {

  private final FeatureExtractor extractor;
  private final AtomicLong made = new AtomicLong();

  CountingExtractor(FeatureExtractor extractor) {
    this.extractor = extractor;
  }

  /** Number of pictures that went through the network. */
  long made() {
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
    float[] features = extractor.extract(image);
    made.incrementAndGet();
    return features;
  }

  @Override
  public void extractAll(List<ImageSource> images, Sink sink) {
    extractor.extractAll(
        images,
        new Sink() {
          @Override
          public void extracted(int index, float[] features) {
            made.incrementAndGet();
            sink.extracted(index, features);
          }

          @Override
          public void unreadable(int index, UnreadableImageException reason) {
            sink.unreadable(index, reason);
          }
        });
  }

  @Override
  public void close() {
    extractor.close();
  }
}

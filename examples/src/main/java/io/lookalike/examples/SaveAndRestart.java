package io.lookalike.examples;

import io.lookalike.PopularityReranker;
import io.lookalike.Recommender;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.index.hnsw.HnswIndex;
import java.io.IOException;
import java.nio.file.Path;

/** A shop that is there again after a restart. */
public final class SaveAndRestart {

  private SaveAndRestart() {}

  /**
   * Opens the shop that is there, or begins one.
   *
   * @param extractor given away
   * @param folder the store; none, or an empty folder, at the first start
   * @return the shop
   * @throws java.io.UncheckedIOException if the store is damaged, in use or cannot be read
   */
  public static Recommender start(FeatureExtractor extractor, Path folder) {
    // snippet: save and restart
    Recommender shop =
        Recommender.builder()
            .extractor(extractor)
            .index(HnswIndex.factory())
            .reranker(PopularityReranker.byPurchases())
            .store(folder) // what a call has changed is durable when it returns
            .build();
    // end
    return shop;
  }

  /**
   * Closes the shop. Its index is saved, so that the next start opens it instead of building it;
   * everything else is in the store already.
   *
   * @param shop from {@link #start}
   * @throws IOException if the index cannot be saved; the next start builds it then
   */
  public static void stop(Recommender shop) throws IOException {
    // snippet: save and restart
    shop.save(); // the index, so that the next start need not build it
    shop.close();
    // end
  }
}

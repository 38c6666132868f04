package io.lookalike.examples;

import io.lookalike.PopularityReranker;
import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.StoreInfo;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.index.hnsw.HnswIndex;
import java.io.IOException;
import java.nio.file.Path;

/** A shop that is there again after a restart. */
public final class SaveAndRestart {

  private SaveAndRestart() {}

  /**
   * Opens the shop that was saved, or begins one.
   *
   * @param extractor given away
   * @param store the folder; none, or an empty one, at the first start
   * @return the shop
   * @throws IOException if the store is damaged or cannot be read
   */
  public static Recommender start(FeatureExtractor extractor, Path store) throws IOException {
    // snippet: save and restart
    RecommenderBuilder settings =
        Recommender.builder()
            .extractor(extractor)
            .index(HnswIndex.factory())
            .reranker(PopularityReranker.byPurchases());
    Recommender shop = StoreInfo.exists(store) ? settings.open(store) : settings.build();
    // end
    return shop;
  }

  /**
   * Saves and closes the shop.
   *
   * @param shop from {@link #start}
   * @param store where to
   * @throws IOException if it cannot be saved; what was saved before is untouched
   */
  public static void stop(Recommender shop, Path store) throws IOException {
    // snippet: save and restart
    shop.save(store); // at any time, beside pages and changes
    shop.close();
    // end
  }
}

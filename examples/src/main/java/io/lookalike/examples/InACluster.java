package io.lookalike.examples;

import io.lookalike.Recommender;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.index.opensearch.OpenSearchIndex;
import io.lookalike.store.CatalogueStore;

/** A shop whose index is in a cluster. */
public final class InACluster {

  private InACluster() {}

  /**
   * Opens a shop; its index is found in the cluster, or filled there.
   *
   * @param extractor given away
   * @param store has the products, and is given away
   * @param password of the cluster's user
   * @return the shop
   * @throws java.io.UncheckedIOException if store or cluster cannot be reached
   */
  public static Recommender start(
      FeatureExtractor extractor, CatalogueStore store, String password) {
    // snippet: in a cluster
    Recommender shop =
        Recommender.builder()
            .extractor(extractor)
            .store(store)
            .index(
                OpenSearchIndex.builder()
                    .url("https://search-1:9200", "https://search-2:9200", "https://search-3:9200")
                    .index("shop")
                    .credentials("shop", password)
                    .shards(3)
                    .factory())
            .build();
    // end
    return shop;
  }
}

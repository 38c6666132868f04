package io.lookalike.index.hnsw;

import io.lookalike.index.IndexFactory;
import io.lookalike.store.CatalogueStore;
import io.lookalike.testkit.MemoryStore;
import io.lookalike.testkit.StoreHistories;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;

/** A recommender whose graph is saved beside its store, through restarts. */
@Tag("once")
class HnswHistoriesTest extends StoreHistories {

  private final Map<Path, MemoryStore> stores = new HashMap<>();

  @Override
  protected CatalogueStore open(Path folder) {
    return stores.compute(
        folder, (path, before) -> before == null ? MemoryStore.in(path) : before.reopened());
  }

  @Override
  protected IndexFactory index() {
    return HnswIndex.factory();
  }
}

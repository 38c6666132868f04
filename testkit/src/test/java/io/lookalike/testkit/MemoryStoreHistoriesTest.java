package io.lookalike.testkit;

import io.lookalike.store.CatalogueStore;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A recommender on the store in memory, with a folder for its index. */
class MemoryStoreHistoriesTest extends StoreHistories {

  private final Map<Path, MemoryStore> stores = new HashMap<>();

  @Override
  protected CatalogueStore open(Path folder) {
    return stores.compute(
        folder, (path, before) -> before == null ? MemoryStore.in(path) : before.reopened());
  }
}

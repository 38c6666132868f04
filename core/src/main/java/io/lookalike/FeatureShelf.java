package io.lookalike;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the extractor's features are, of which a transform is fitted again: on the heap, in a
 * store, or nowhere, if no transform is ever fitted. Safe for use by several threads.
 */
interface FeatureShelf {

  /** Keeps nothing. */
  FeatureShelf NONE =
      new FeatureShelf() {
        @Override
        public void put(String id, FeatureRow row) {}

        @Override
        public void remove(String id) {}

        @Override
        public @Nullable FeatureRow get(String id) {
          return null;
        }

        @Override
        public Rows all() {
          return new Rows(Map.of(), () -> {});
        }
      };

  /** Keeps a product's features, where they are not kept already. */
  void put(String id, FeatureRow row);

  /** Forgets a product. */
  void remove(String id);

  /** A product's features; null if there are none. */
  @Nullable FeatureRow get(String id);

  /** All rows, at least as new as of when this is called; to be closed. */
  Rows all();

  /** Rows by product, and what frees them. */
  record Rows(Map<String, FeatureRow> byId, Runnable release) implements AutoCloseable {
    @Override
    public void close() {
      release.run();
    }
  }

  /** Keeps them on the heap. */
  final class OnHeap implements FeatureShelf {
    private final Map<String, FeatureRow> rows = new ConcurrentHashMap<>();

    @Override
    public void put(String id, FeatureRow row) {
      rows.put(id, row);
    }

    @Override
    public void remove(String id) {
      rows.remove(id);
    }

    @Override
    public @Nullable FeatureRow get(String id) {
      return rows.get(id);
    }

    @Override
    public Rows all() {
      return new Rows(rows, () -> {});
    }
  }
}

package io.lookalike.index.hnsw;

import org.jspecify.annotations.Nullable;

/**
 * The products that have one vector: a single {@link Entry} is its own list, more are an {@link
 * EntryList}. Immutable, so that a search sees one moment of it.
 */
sealed interface Entries permits Entry, EntryList {

  /** The same with a product, in the place of one with its id. */
  Entries with(Entry entry);

  /** The same without a product that is there; null if none is left. */
  @Nullable Entries without(Entry entry);

  int count();

  /** A product by its rank, in ascending order of the ids. */
  Entry get(int rank);
}

package io.lookalike;

import io.lookalike.LiveCatalogue.Arrival;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import java.util.Collection;
import java.util.Iterator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a catalogue: by the {@link LiveCatalogue} itself, or by a {@link DurableCatalogue}
 * that writes them into a store first. What has returned is found, and durable where there is a
 * store.
 */
interface CatalogueWrites {

  /** Adds or replaces products; all or none of them. */
  void put(Collection<Arrival> batch);

  /**
   * Adds products to an empty catalogue in one go: the index is built from all of them at once.
   * Others may write meanwhile; what they have written when this ends is not overwritten.
   *
   * @param arrivals with features, read once
   * @return how many were added, or -1, and nothing was read, if the catalogue is not empty
   */
  int load(Iterator<Arrival> arrivals);

  /** Changes a product's attributes; false if it is not there. */
  boolean update(String id, UnaryOperator<Attributes> change);

  /** Replaces a product's attributes; false if it is not there. */
  boolean update(Product product);

  /** Takes a product out; false if it is not there. */
  boolean remove(String id);

  /**
   * What features of pictures are remembered of a network, by {@link Arrival#picture}; null if none
   * are.
   */
  default EmbeddedPictures.@Nullable Memory pictures(int network) {
    return null;
  }
}

package io.lookalike.store;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a catalogue is durable: products, features, sales and sessions. What an index holds is
 * derived from it.
 *
 * <p><b>Changes have numbers.</b> All changes of one {@link #write} get the same number, one higher
 * than that of the write before, whichever process made it. Who knows a catalogue as of one number
 * learns by {@link #products}, {@link #sales} and {@link #events} what has changed since. A store
 * may forget old changes that it need not keep, such as that a product was removed: those up to
 * {@link #forgottenUpTo}.
 *
 * <p><b>Durable</b> means: when {@link #write} has returned, its changes survive the death of the
 * process and of the machine; all of them, or, if it throws, none. A write whose outcome cannot be
 * known because the connection broke while it was committed throws; the next {@link #lastChange}
 * tells.
 *
 * <p>Safe for use by several threads: one writes, others read meanwhile and never wait for it. All
 * waits for the store are limited by it, to some seconds or what its settings say. {@code
 * lookalike-testkit} has the tests that each implementation must pass.
 */
public interface CatalogueStore extends AutoCloseable {

  /**
   * What tells this store from all others, for as long as it exists.
   *
   * @return a text of letters, digits and dashes, at most 64
   */
  String id();

  /**
   * The number of the last change.
   *
   * @return 0 for a store into which nothing has been written
   * @throws StoreException if it cannot be read
   */
  long lastChange() throws StoreException;

  /**
   * Up to which change the store no longer tells all changes one by one. Who knows the catalogue as
   * of an earlier one must read it all.
   *
   * @return a change's number; 0 if nothing has been forgotten
   * @throws StoreException if it cannot be read
   */
  long forgottenUpTo() throws StoreException;

  /**
   * Writes changes: all of them, durably, or none. While it runs no other process writes; what
   * others wrote before can be read by this store's other methods.
   *
   * @param batch asked once for the changes, which are applied in their order
   * @return the number of the last change now: one higher than before, or as before if the list was
   *     empty
   * @throws StoreException if the store cannot be written, or the batch throws it
   */
  long write(Batch batch) throws StoreException;

  /** Says what to write, when nobody else can write any more. */
  @FunctionalInterface
  interface Batch {
    /**
     * The changes.
     *
     * @param last the number of the last change before these
     * @return what to write, possibly nothing
     * @throws StoreException if what was written before cannot be read
     */
    List<StoreChange> changes(long last) throws StoreException;
  }

  /**
   * The products that have changed: added, given other attributes or features, removed.
   *
   * @param network whose features are wanted
   * @param after the number of the last change that is known; 0 tells all products that are there,
   *     and none that were removed
   * @return a cursor, in any order that stays the same, each product once
   * @throws StoreException if it cannot be read
   */
  StoreCursor<StoredProduct> products(int network, long after) throws StoreException;

  /**
   * The products of which a network has no features.
   *
   * @param network whose features are missing
   * @return a cursor of products that are there, in any order
   * @throws StoreException if it cannot be read
   */
  StoreCursor<StoredProduct> withoutLooks(int network) throws StoreException;

  /**
   * Some products' features.
   *
   * @param network by which network
   * @param ids the products, at most 1,000
   * @return features by id; what has none is left out
   * @throws StoreException if they cannot be read, or are damaged
   */
  Map<String, float[]> features(int network, Collection<String> ids) throws StoreException;

  /**
   * The features of pictures that some product has or had, so that they need not be extracted
   * again.
   *
   * @param network by which network
   * @param pictures the pictures, by {@link Looks#picture}, at most 1,000
   * @return features by picture; what is not known is left out, and what is damaged, so that the
   *     picture's product can be added again, which mends it
   * @throws StoreException if they cannot be read
   */
  Map<String, float[]> pictures(int network, Collection<String> pictures) throws StoreException;

  /**
   * How many products there are.
   *
   * @param network whose features count; 0 counts all products, with features or without
   * @return at least 0
   * @throws StoreException if it cannot be read
   */
  long count(int network) throws StoreException;

  /**
   * What was sold.
   *
   * @param after the number of the last change that is known; 0 tells all that counts, where
   *     purchases of one product and day may have been added up to one without an id
   * @return a cursor of {@link StoreChange.Sold} and {@link StoreChange.Unsold}, in an order in
   *     which applying them gives the same counts as when they were written
   * @throws StoreException if it cannot be read
   */
  StoreCursor<StoreChange> sales(long after) throws StoreException;

  /**
   * The ids of the latest purchases that had one, {@link StoreChange.Counted} ones among them.
   *
   * @return at least the latest 200,000, if there were as many; the oldest first
   * @throws StoreException if they cannot be read
   */
  StoreCursor<String> purchaseIds() throws StoreException;

  /**
   * What customers did.
   *
   * @param after the number of the last change that is known; 0 tells all that is kept
   * @return a cursor of {@link StoreChange.Did} and, after a change, {@link StoreChange.Erased}, in
   *     the order in which they were written. Nothing else is kept of a customer who is forgotten
   * @throws StoreException if it cannot be read
   */
  StoreCursor<StoreChange> events(long after) throws StoreException;

  /**
   * The manifest: with what the features were made, and which network serves.
   *
   * @return all entries by name; empty if none was ever set
   * @throws StoreException if it cannot be read
   */
  Map<String, String> manifest() throws StoreException;

  /**
   * A network's transform.
   *
   * @param network the network's number
   * @return the last that was written, or nothing
   * @throws StoreException if it cannot be read, or is damaged
   */
  Optional<StoredTransform> transform(int network) throws StoreException;

  /**
   * Where the files lie that are derived from this store, such as the saved index.
   *
   * @return an existing folder, which no other process uses; or nothing, and no index is saved
   */
  Optional<Path> folder();

  /**
   * Whether other processes may write into this store.
   *
   * @return if true, a recommender looks for their changes at least twice a second
   */
  default boolean shared() {
    return false;
  }

  /**
   * Wants to be told when another process has written. A store that cannot tell does nothing.
   *
   * @param changed called on any thread; returns at once
   */
  default void onChange(Runnable changed) {}

  /** Frees connections, files and locks. Closing twice has no effect. */
  @Override
  void close();
}

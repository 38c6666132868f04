package io.lookalike.store;

import java.nio.file.Path;

/**
 * Opens the store of a folder; found by {@link java.util.ServiceLoader}. {@code
 * lookalike-store-jdbc} has the one that keeps an SQLite database there.
 */
public interface StoreProvider {

  /**
   * Whether there is a store in a folder. Nothing is made or changed.
   *
   * @param folder any path
   * @return true if {@link #open} would find one there, damaged or not
   */
  boolean exists(Path folder);

  /**
   * Opens a folder's store for this process alone, or makes an empty one.
   *
   * @param folder made if it is not there; its parent must be there
   * @return the store, to be closed by the caller
   * @throws StoreException if the folder holds something else or a damaged store, or another
   *     process has it open; nothing has been changed
   */
  CatalogueStore open(Path folder) throws StoreException;
}

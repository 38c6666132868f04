package io.lookalike.store;

import java.util.Iterator;

/**
 * Goes through rows of a store, one at a time, as of the moment when it was made. For one thread.
 * To be closed by whoever asked for it; a cursor that has been gone through to its end has closed
 * itself. {@link #hasNext} and {@link #next} throw an {@link java.io.UncheckedIOException} around a
 * {@link StoreException} if the store cannot be read or a row is damaged. After a damaged row,
 * {@link #hasNext} and {@link #next} go on with the one behind it.
 *
 * @param <T> the rows
 */
public interface StoreCursor<T> extends Iterator<T>, AutoCloseable {

  /**
   * As of which change the rows are: what was written up to it is told, nothing that came later.
   *
   * @return the number of the store's last change at that moment; after closing, too
   */
  long change();

  /** Frees what the cursor holds of the store. Closing twice has no effect. */
  @Override
  void close();
}

package io.lookalike.cli;

import io.lookalike.Event;
import io.lookalike.StoreInfo;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredTransform;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Fills an empty store from elsewhere, in pieces. Until all is there, the store says that it is
 * unfinished, and nothing opens it; who was stopped begins again, in the same store.
 */
final class StoreFiller {

  /** Products that are written together. */
  private static final int PRODUCTS = 256;

  /** Products' days that are written together. */
  private static final int DAYS = 10_000;

  private final CatalogueStore store;
  private final List<StoreChange> waiting = new ArrayList<>();
  private int most = PRODUCTS;

  /**
   * Begins.
   *
   * @param from what the store is filled from, and what is done again if it is not finished
   * @throws UserErrorException if the store holds something else
   */
  StoreFiller(StorePlace place, CatalogueStore store, String from) throws StoreException {
    this.store = store;
    String unfinished = store.manifest().get(StoreInfo.UNFINISHED);
    if (unfinished == null && store.lastChange() > 0) {
      throw new UserErrorException(place + " holds a catalogue already; name a new folder");
    }
    if (unfinished != null && !unfinished.equals(from)) {
      throw new UserErrorException(
          place + " holds what is left of " + unfinished + "; do that again, or name a new folder");
    }
    write(new StoreChange.Setting(StoreInfo.UNFINISHED, from));
    flush();
    // What was sold adds up, so it is not to be there from the time before.
    Set<String> sold = new LinkedHashSet<>();
    try (StoreCursor<StoreChange> sales = store.sales(0)) {
      while (sales.hasNext()) {
        if (sales.next() instanceof StoreChange.Sold each) {
          sold.add(each.productId());
        }
      }
    }
    most = DAYS;
    for (String id : sold) {
      write(new StoreChange.Unsold(id));
    }
    flush();
    most = PRODUCTS;
  }

  /** A product. */
  void put(StoreChange.Put product) throws StoreException {
    write(product);
  }

  /** Pieces that were sold of a product on a day, less than 0 if more came back. */
  void sold(String productId, LocalDate day, long pieces) throws StoreException {
    if (most != DAYS) {
      flush();
      most = DAYS;
    }
    write(new StoreChange.Sold(productId, day, pieces, null));
  }

  /** What a customer did, for the sessions. */
  void did(Event event) throws StoreException {
    write(event.change());
  }

  /**
   * Ends: from now on the store is opened.
   *
   * @param ids of purchases that have been counted, the oldest first
   */
  void finish(StoreInfo info, Optional<StoredTransform> transform, List<String> ids)
      throws StoreException {
    flush();
    for (String id : ids) {
      waiting.add(new StoreChange.Counted(id));
    }
    waiting.addAll(info.changes(transform));
    waiting.add(new StoreChange.Setting(StoreInfo.UNFINISHED, null));
    flush();
  }

  private void write(StoreChange change) throws StoreException {
    waiting.add(change);
    if (waiting.size() >= most) {
      flush();
    }
  }

  private void flush() throws StoreException {
    if (!waiting.isEmpty()) {
      List<StoreChange> changes = List.copyOf(waiting);
      store.write(last -> changes);
      waiting.clear();
    }
  }
}

package io.lookalike.cli;

import io.lookalike.Event;
import io.lookalike.StoreInfo;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import io.lookalike.store.StoredTransform;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Fills an empty store from elsewhere, in pieces. Until all is there, the store says that it is
 * unfinished, and nothing opens it; who was stopped begins again, in the same store.
 */
final class StoreFiller implements StoreFiles.Sink {

  /** Products that are written together. */
  private static final int PRODUCTS = 256;

  /** Other changes that are written together. */
  private static final int OTHERS = 10_000;

  private final StorePlace place;
  private final CatalogueStore store;
  private final String from;
  private final List<StoreChange> waiting = new ArrayList<>();
  private int most = PRODUCTS;
  private long products;
  private long features;
  private long pieces;
  private long events;

  /**
   * Begins.
   *
   * @param from what the store is filled from, and what is done again if it is not finished
   * @throws UserErrorException if the store holds something else
   */
  StoreFiller(StorePlace place, CatalogueStore store, String from) throws StoreException {
    this.place = place;
    this.store = store;
    this.from = from;
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
    if (unfinished != null) {
      clear();
    }
  }

  /** Sales of the time before would add up, and what else is left may be there no more. */
  private void clear() throws StoreException {
    most = OTHERS;
    try (StoreCursor<StoredProduct> all = store.products(0, 0)) {
      while (all.hasNext()) {
        write(new StoreChange.Remove(all.next().id()));
      }
    }
    Set<String> sold = new LinkedHashSet<>();
    try (StoreCursor<StoreChange> sales = store.sales(0)) {
      while (sales.hasNext()) {
        if (sales.next() instanceof StoreChange.Sold each) {
          sold.add(each.productId());
        }
      }
    }
    for (String id : sold) {
      write(new StoreChange.Unsold(id));
    }
    write(new StoreChange.Expired(Instant.MAX, true));
    write(new StoreChange.Expired(Instant.MAX, false));
    flush();
    most = PRODUCTS;
  }

  @Override
  public void put(StoreChange.Put product) throws StoreException {
    products++;
    features += product.looks() == null ? 0 : 1;
    write(product);
  }

  @Override
  public void sold(String productId, LocalDate day, long sold) throws StoreException {
    if (most != OTHERS) {
      flush();
      most = OTHERS;
    }
    pieces += sold;
    write(new StoreChange.Sold(productId, day, sold, null));
  }

  @Override
  public void did(Event event) throws StoreException {
    events++;
    write(event.change());
  }

  /**
   * Ends: from now on the store is opened.
   *
   * @param ids of purchases that have been counted, the oldest first
   * @throws StoreException if the store holds more or less than it was given
   */
  void finish(StoreInfo info, Optional<StoredTransform> transform, List<String> ids)
      throws StoreException {
    flush();
    check("products", products, store.count(0));
    check("products with features", features, store.count(info.network()));
    check("pieces sold", pieces, sum(store.sales(0)));
    check("events", events, sum(store.events(0)));
    for (String id : ids) {
      waiting.add(new StoreChange.Counted(id));
    }
    waiting.addAll(info.changes(transform));
    waiting.add(new StoreChange.Setting(StoreInfo.UNFINISHED, null));
    flush();
  }

  private void check(String what, long given, long found) throws StoreException {
    if (found != given) {
      throw new StoreException(
          String.format(
              Locale.ROOT,
              "%s holds %d %s, but %s gave it %d; look for rows that are there twice, or for"
                  + " another program that writes into it, and do it again",
              place,
              found,
              what,
              from,
              given));
    }
  }

  /** Pieces that were sold, or the number of all other changes. */
  private static long sum(StoreCursor<StoreChange> changes) {
    long sum = 0;
    try (changes) {
      while (changes.hasNext()) {
        sum += changes.next() instanceof StoreChange.Sold sold ? sold.pieces() : 1;
      }
    }
    return sum;
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

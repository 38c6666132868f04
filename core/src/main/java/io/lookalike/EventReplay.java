package io.lookalike;

import io.lookalike.store.StoreChange;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Brings sessions and co-purchases up to what a store tells of customers. For one thread. */
final class EventReplay {

  private final String store;
  private final @Nullable Sessions sessions;
  private final @Nullable CoPurchases coPurchases;

  /** Who has which mark; filled once somebody has been erased. */
  private final Map<StoreChange.Erased, Customer> marks = new HashMap<>();

  private boolean isMarking;

  /**
   * Prepares to replay.
   *
   * @param store its id
   * @param sessions if they follow the store
   * @param coPurchases if they follow the store
   */
  EventReplay(String store, @Nullable Sessions sessions, @Nullable CoPurchases coPurchases) {
    this.store = store;
    this.sessions = sessions;
    this.coPurchases = coPurchases;
  }

  /** Takes in what the store tells. */
  void run(Iterator<StoreChange> told) {
    while (told.hasNext()) {
      StoreChange change = told.next();
      if (change instanceof StoreChange.Did did) {
        count(event(did));
      } else if (change instanceof StoreChange.Erased erased) {
        erase(erased);
      }
    }
  }

  private static Event event(StoreChange.Did did) {
    try {
      return new Event(
          new Customer(did.tenant(), did.customer()),
          Event.Kind.valueOf(did.kind()),
          did.productId(),
          did.time(),
          did.id());
    } catch (IllegalArgumentException e) {
      throw DurableCatalogue.damaged(e);
    }
  }

  private void count(Event event) {
    if (isMarking) {
      mark(Set.of(event.customer()));
    }
    count(event, sessions, coPurchases);
  }

  /** Counts an event wherever it counts, if that follows the store. */
  static void count(Event event, @Nullable Sessions sessions, @Nullable CoPurchases coPurchases) {
    if (sessions != null) {
      sessions.record(event);
    }
    if (coPurchases != null && event.kind() == Event.Kind.BOUGHT) {
      coPurchases.count(event);
    }
  }

  private void erase(StoreChange.Erased erased) {
    if (!isMarking) {
      isMarking = true;
      mark(sessions == null ? Set.of() : sessions.known());
      mark(coPurchases == null ? Set.of() : coPurchases.known());
    }
    Customer gone = marks.get(erased);
    if (gone != null && sessions != null) {
      sessions.forget(gone);
    }
    if (gone != null && coPurchases != null) {
      coPurchases.forget(gone);
    }
  }

  private void mark(Set<Customer> customers) {
    for (Customer customer : customers) {
      marks.put(StoreChange.Erased.of(store, customer.tenant(), customer.id()), customer);
    }
  }
}

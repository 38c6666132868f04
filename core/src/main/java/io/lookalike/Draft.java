package io.lookalike;

import io.lookalike.LiveCatalogue.Arrival;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import io.lookalike.store.Looks;
import io.lookalike.store.StoreChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a group of tasks is about to write: the changes for the store, and what becomes of each
 * product. For one thread.
 */
final class Draft {

  private final Function<String, @Nullable Attributes> known;
  private final int network;
  private final List<StoreChange> changes = new ArrayList<>();

  /**
   * What becomes of a product.
   *
   * @param removed whether what is there is taken out first
   * @param arrival what is there then; null if nothing is
   */
  record Fate(boolean removed, @Nullable Arrival arrival) {}

  private final Map<String, Fate> products = new LinkedHashMap<>();

  /** What is done in memory when all is durable. */
  private final List<Runnable> effects = new ArrayList<>();

  /** The fates of the task that is being asked. */
  private final Map<String, Fate> own = new LinkedHashMap<>();

  private int changesBefore;
  private int effectsBefore;

  /**
   * An empty draft.
   *
   * @param known a product's attributes as they are; null if it is not there
   * @param network whose features products have
   */
  Draft(Function<String, @Nullable Attributes> known, int network) {
    this.known = known;
    this.network = network;
  }

  // ---- of one task

  void begin() {
    changesBefore = changes.size();
    effectsBefore = effects.size();
    own.clear();
  }

  void end() {
    products.putAll(own);
  }

  void discard() {
    changes.subList(changesBefore, changes.size()).clear();
    effects.subList(effectsBefore, effects.size()).clear();
  }

  /** A product's attributes as they will be; null if it will not be there. */
  @Nullable Attributes attributes(String id) {
    Fate fate = fate(id);
    if (fate == null) {
      return known.apply(id);
    }
    return fate.arrival == null ? null : fate.arrival.product().attributes();
  }

  private @Nullable Fate fate(String id) {
    return own.getOrDefault(id, products.get(id));
  }

  /** Whether a task before this one changes a product. */
  boolean touches(String id) {
    return products.containsKey(id);
  }

  /** A product is added or replaced. Without features it keeps those that it has. */
  void put(Arrival arrival) {
    store(arrival);
    String id = arrival.product().id();
    Fate before = fate(id);
    boolean removed = before != null && before.removed;
    Arrival drafted = before == null ? null : before.arrival;
    own.put(
        id,
        new Fate(
            removed,
            arrival.features() == null && drafted != null
                ? new Arrival(
                    arrival.product(), drafted.features(), drafted.picture(), drafted.network())
                : arrival));
  }

  /** As {@link #put}, for the store alone: memory learns of it in another way. */
  void store(Arrival arrival) {
    Product product = arrival.product();
    float[] features = arrival.features();
    if (features != null && arrival.network() >= 0 && arrival.network() != network) {
      throw new Engine.NetworkChangedException();
    }
    changes.add(
        new StoreChange.Put(
            product.id(),
            product.attributes(),
            features == null ? null : new Looks(network, features, arrival.picture())));
  }

  /** A product is taken out. */
  void remove(String id) {
    changes.add(new StoreChange.Remove(id));
    own.put(id, new Fate(true, null));
  }

  /** Anything else is written. */
  void add(StoreChange change) {
    changes.add(change);
  }

  /** Something is done in memory when all is durable. */
  void then(Runnable effect) {
    effects.add(effect);
  }

  // ---- of all tasks

  List<StoreChange> changes() {
    return changes;
  }

  Map<String, Fate> products() {
    return products;
  }

  List<Runnable> effects() {
    return effects;
  }
}

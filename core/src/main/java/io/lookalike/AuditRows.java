package io.lookalike;

import io.lookalike.AuditReport.Findings;
import io.lookalike.LiveCatalogue.Arrival;
import io.lookalike.LiveCatalogue.Serving;
import io.lookalike.LiveCatalogue.Written;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import io.lookalike.index.IndexItem;
import io.lookalike.math.UnitVector;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The part of an audit that compares the rows of a store with what is in memory; see there. */
final class AuditRows {

  /** The cosine of a vector and of what the transform makes of the stored features. */
  private static final float SAME = .9999f;

  /** Rows that are compared together, beside writers. */
  private static final int TOGETHER = 128;

  /** Products that are looked at again together, while writers wait. */
  private static final int AGAIN = 32;

  private final LiveCatalogue catalogue;
  private final DurableCatalogue durable;
  private final CatalogueStore store;
  private final int network;
  private final AuditCrew crew;
  private final AtomicLong read = new AtomicLong();
  private final AuditFindings damaged = new AuditFindings();
  private final AuditFindings different = new AuditFindings();

  /** What the store tells of products that memory has otherwise. */
  private final Map<String, Told> suspected = new ConcurrentHashMap<>();

  /** A row without its features; without attributes if there is none. */
  private record Told(@Nullable Attributes attributes, boolean hasFeatures) {}

  AuditRows(LiveCatalogue catalogue, DurableCatalogue durable, AuditCrew crew) {
    this.catalogue = catalogue;
    this.durable = durable;
    this.store = durable.store();
    this.network = durable.network();
    this.crew = crew;
  }

  long read() {
    return read.get();
  }

  Findings damaged() {
    return damaged.all();
  }

  Findings different() {
    return different.all();
  }

  /**
   * Reads and compares all rows, and mends what is in memory.
   *
   * @return false if a load came in between, after which all is to be done again
   */
  boolean compare() throws StoreException, InterruptedException {
    Written written = catalogue.noteWritten();
    try {
      Set<String> told = readAll();
      if (told != null) {
        for (String id : catalogue.ids()) {
          if (!told.contains(id)) {
            suspected.put(id, new Told(null, false));
          }
        }
      }
      lookAgain(written);
      return !written.isAnything();
    } finally {
      catalogue.noteNoMore(written);
    }
  }

  /** Reads all rows; returns their ids, or null if some could not be read. */
  private @Nullable Set<String> readAll() throws StoreException, InterruptedException {
    var told = new HashSet<String>();
    // A cursor that tells of damage for ever is no use.
    long failures = store.count(0);
    boolean whole = true;
    try (StoreCursor<StoredProduct> rows = store.products(network, 0)) {
      var group = new ArrayList<StoredProduct>(TOGETHER);
      boolean inRow = false;
      boolean more = true;
      while (more) {
        try {
          inRow = false;
          more = rows.hasNext();
          if (more) {
            inRow = true;
            StoredProduct row = rows.next();
            told.add(row.id());
            group.add(row);
          }
        } catch (UncheckedIOException e) {
          damaged.add(null, String.valueOf(DurableCatalogue.unwrapped(e).getMessage()), false);
          whole = false;
          more = inRow && failures-- > 0;
        }
        if (group.size() == TOGETHER || (!more && !group.isEmpty())) {
          List<StoredProduct> full = List.copyOf(group);
          group.clear();
          crew.give(() -> compare(full));
        }
      }
    }
    crew.await();
    return whole ? told : null;
  }

  private void compare(List<StoredProduct> rows) {
    List<StoredProduct> others =
        catalogue.read(
            now -> {
              Map<String, List<IndexItem>> items =
                  now.index().photosOf(rows.stream().map(StoredProduct::id).toList());
              return rows.stream().filter(row -> problem(now, row, items) != null).toList();
            });
    for (StoredProduct row : others) {
      suspected.put(row.id(), new Told(row.attributes(), row.features() != null));
    }
    read.addAndGet(rows.size());
  }

  /** What is wrong with a product in memory; null if nothing is. */
  private @Nullable String problem(
      Serving now, StoredProduct row, Map<String, List<IndexItem>> items) {
    List<IndexItem> photos = items.get(row.id());
    IndexItem item = photos == null ? null : photos.get(0);
    Product bare = catalogue.withoutLooks(row.id());
    if (row.attributes() == null) {
      return item == null && bare == null ? null : "the store does not know it";
    }
    float[] features = row.features();
    if (features == null) {
      if (item != null) {
        return "the index has a vector, the store no features";
      }
      return bare == null
          ? "it was not in memory"
          : row.attributes().equals(bare.attributes()) ? null : attributes();
    }
    if (photos == null) {
      return "it was not in the index";
    }
    if (photos.stream().anyMatch(photo -> !row.attributes().equals(photo.attributes()))) {
      return attributes();
    }
    try {
      List<UnitVector> stored = catalogue.vectors(features, now.transform());
      if (stored.size() != photos.size()) {
        return "the index has " + photos.size() + " of its " + stored.size() + " photos";
      }
      for (int i = 0; i < photos.size(); i++) {
        float cosine = stored.get(i).cosine(photos.get(i).vector());
        if (!(cosine >= SAME)) {
          return "its vector in the index is not that of its features in the store, cosine "
              + cosine;
        }
      }
      return null;
    } catch (IllegalArgumentException e) {
      return "its features in the store are of no use: " + e.getMessage();
    }
  }

  private static String attributes() {
    return "its attributes in memory were not those in the store";
  }

  // ---- at one moment

  private void lookAgain(Written written) throws InterruptedException {
    var ids = new ArrayList<>(suspected.keySet());
    ids.removeIf(written::contains);
    for (int i = 0; i < ids.size(); i += AGAIN) {
      List<String> some = ids.subList(i, Math.min(ids.size(), i + AGAIN));
      crew.checkWanted();
      List<Found> found =
          catalogue.betweenLongWork(
              () ->
                  durable.atOneMoment(
                      catalogue,
                      sold -> {
                        crew.checkWanted();
                        return lookAgain(some, written);
                      }));
      found.forEach(each -> different.add(each.id, each.what, each.mended));
    }
  }

  private record Found(String id, String what, boolean mended) {}

  private List<Found> lookAgain(List<String> ids, Written written) {
    Map<String, float[]> features = features(ids);
    var found = new ArrayList<Found>();
    for (String id : ids) {
      Told told = suspected.get(id);
      // What was written has been written in both, and its row may not be so any more.
      if (told != null && !written.contains(id)) {
        float[] now = features.get(id);
        var row = new StoredProduct(id, told.attributes, now, now != null);
        String problem = problem(row);
        if (told.hasFeatures != row.hasLooks()) {
          damaged.add(id, "the store tells once that it has features, and once that not", false);
        } else if (problem != null) {
          found.add(mended(row, problem));
        }
      }
    }
    return found;
  }

  private Map<String, float[]> features(List<String> ids) {
    try {
      return store.features(network, ids);
    } catch (StoreException e) {
      var readable = new HashMap<String, float[]>();
      for (String id : ids) {
        try {
          readable.putAll(store.features(network, List.of(id)));
        } catch (StoreException single) {
          damaged.add(id, String.valueOf(single.getMessage()), false);
          suspected.remove(id);
        }
      }
      return readable;
    }
  }

  private @Nullable String problem(StoredProduct row) {
    return catalogue.read(now -> problem(now, row, now.index().photosOf(List.of(row.id()))));
  }

  private Found mended(StoredProduct row, String problem) {
    String id = row.id();
    try {
      Attributes attributes = row.attributes();
      catalogue.apply(
          attributes == null || row.features() == null ? List.of(id) : List.of(),
          attributes == null
              ? List.of()
              : List.of(new Arrival(new Product(id, attributes), row.features())));
      return new Found(id, problem, problem(row) == null);
    } catch (RuntimeException e) {
      return new Found(id, problem + ", and it cannot be mended: " + e.getMessage(), false);
    }
  }
}

package io.lookalike;

import io.lookalike.AuditReport.Count;
import io.lookalike.LiveCatalogue.Serving;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.internal.PhotoKey;
import io.lookalike.math.UnitVector;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One audit; see {@link Recommender#audit(int, int)}.
 *
 * <p><b>Beside writers.</b> All is looked at while others write, so what looks wrong is only
 * suspected. Before it is reported, it is looked at again where nothing can be written: what
 * concerns the store on the store's thread, what concerns searches under the catalogue's lock, a
 * few products at a time. What has been written since it was suspected is dropped.
 */
final class Audit {

  /** How many a product's page asks for: ten and itself. */
  static final int K = 11;

  /** Similarities of the same vectors differ by no more, however they are computed. */
  static final float ROUNDING = 1e-6f;

  /** An index may compute an own similarity in another way; a wrong vector differs by more. */
  private static final float SAME = 1e-4f;

  /** The nearest that a search has found, which are connected to what it has missed. */
  private static final int ENDS = 3;

  /** Products that are searched for together. */
  private static final int TOGETHER = 64;

  private final LiveCatalogue catalogue;
  private final @Nullable DurableCatalogue durable;
  private final int products;
  private final int pages;
  private final AuditCrew crew = new AuditCrew();
  private final Random random = new Random();
  private final AuditFindings unfindable = new AuditFindings();

  /**
   * Prepares an audit.
   *
   * @param products how many are searched for at most
   * @param pages how many are compared with exact search at most
   */
  Audit(LiveCatalogue catalogue, @Nullable DurableCatalogue durable, int products, int pages) {
    this.catalogue = catalogue;
    this.durable = durable;
    this.products = checked("products", products);
    this.pages = checked("pages", pages);
  }

  private static int checked(String name, int number) {
    if (number < 0) {
      throw new IllegalArgumentException(name + " is " + number + ", expected 0 or more");
    }
    return number;
  }

  AuditReport run() {
    catalogue.checkOpen();
    return crew.lead(this::audit);
  }

  /**
   * Audits what has not been audited since it was put in, and the pages on which that may be: those
   * of what is nearest to it.
   */
  static AuditReport ofChanges(LiveCatalogue catalogue) {
    catalogue.checkOpen();
    var audit = new Audit(catalogue, null, 0, 0);
    return audit.crew.lead(
        () -> {
          long start = System.nanoTime();
          List<String> changed = catalogue.unaudited();
          audit.searchAll(changed);
          var compared = new AuditPages(catalogue, audit.crew);
          compared.compare(changed);
          var beside = new LinkedHashSet<>(compared.near());
          changed.forEach(beside::remove);
          compared.compare(List.copyOf(beside));
          return audit.report(start, List.of(), null, changed.size(), compared);
        });
  }

  private AuditReport audit() throws InterruptedException, IOException {
    long start = System.nanoTime();
    AuditRows rows = durable == null ? null : rows(durable);
    List<Count> counts = durable == null ? List.of() : counts(durable);
    List<String> searched = sample(products);
    searchAll(searched);
    var compared = new AuditPages(catalogue, crew);
    compared.compare(sample(pages));
    return report(start, counts, rows, searched.size(), compared);
  }

  private void searchAll(List<String> searched) throws InterruptedException {
    for (int i = 0; i < searched.size(); i += TOGETHER) {
      List<String> some = searched.subList(i, Math.min(searched.size(), i + TOGETHER));
      crew.give(() -> search(some));
    }
    crew.await();
  }

  private AuditReport report(
      long start, List<Count> counts, @Nullable AuditRows rows, int searched, AuditPages compared) {
    return new AuditReport(
        catalogue.size(),
        catalogue.read(now -> now.index().size()),
        counts,
        rows == null ? 0 : rows.read(),
        rows == null ? new AuditFindings().all() : rows.damaged(),
        rows == null ? new AuditFindings().all() : rows.different(),
        searched,
        unfindable.all(),
        compared.pages(),
        compared.right(),
        compared.mended(),
        compared.recall(),
        catalogue.audited(),
        (System.nanoTime() - start) / 1_000_000);
  }

  private AuditRows rows(DurableCatalogue kept) throws InterruptedException, StoreException {
    AuditRows rows;
    do {
      rows = new AuditRows(catalogue, kept, crew);
    } while (!rows.compare());
    return rows;
  }

  private List<String> sample(int size) {
    List<String> ids = new ArrayList<>(catalogue.read(now -> now.index().photos().ids()));
    if (ids.size() <= size) {
      return ids;
    }
    Collections.shuffle(ids, random);
    return ids.subList(0, size);
  }

  // ---- counts

  private record Counted(List<Count> counts, long sold, @Nullable StoreCursor<StoreChange> sales) {}

  private List<Count> counts(DurableCatalogue kept) throws InterruptedException, IOException {
    Counted counted =
        catalogue.betweenLongWork(
            () ->
                kept.atOneMoment(
                    catalogue,
                    sold -> {
                      crew.checkWanted(); // or nobody would close the cursor
                      List<Count> counts =
                          List.of(
                              new Count("products", kept.store().count(0), catalogue.size()),
                              new Count(
                                  "products with features",
                                  kept.store().count(kept.network()),
                                  catalogue.serving().index().size()));
                      // It stays as of this moment, and may be long: it is gone through afterwards.
                      return new Counted(counts, sold, sold < 0 ? null : kept.store().sales(0));
                    }));
    var counts = new ArrayList<Count>(counted.counts);
    if (counted.sales != null) {
      try (StoreCursor<StoreChange> sales = counted.sales) {
        counts.add(new Count("pieces sold", sum(sales), counted.sold));
      } catch (UncheckedIOException e) {
        throw DurableCatalogue.unwrapped(e);
      }
    }
    return counts;
  }

  private long sum(StoreCursor<StoreChange> sales) {
    Map<String, Long> byProduct = new HashMap<>();
    while (sales.hasNext()) {
      StoreChange change = sales.next();
      if (change instanceof StoreChange.Sold sold) {
        byProduct.merge(sold.productId(), sold.pieces(), Long::sum);
      } else if (change instanceof StoreChange.Unsold unsold) {
        byProduct.remove(unsold.productId());
      }
    }
    return byProduct.values().stream().mapToLong(Long::longValue).sum();
  }

  // ---- searches

  /** Searches for some photos by their own vectors. */
  private void search(List<String> ids) {
    List<String> suspected =
        catalogue.read(
            now -> {
              NeighborIndex index = now.index().photos();
              Map<String, IndexItem> items = index.items(ids);
              List<Query> queries =
                  items.values().stream().map(item -> Query.of(item.vector(), K)).toList();
              List<List<Neighbor>> answers = index.searchAll(queries);
              var lost = new ArrayList<String>();
              int at = 0;
              for (IndexItem item : items.values()) {
                if (!isFound(index, item, answers.get(at++))) {
                  lost.add(item.id());
                }
              }
              return lost;
            });
    for (String id : suspected) {
      crew.checkWanted();
      catalogue.whileNothingIsWritten(now -> mend(now, id));
    }
  }

  /** Links a photo again that is not found; returns whether it is found then. */
  private boolean mend(Serving now, String id) {
    NeighborIndex index = now.index().photos();
    IndexItem item = index.item(id);
    if (item == null || isFound(index, item)) {
      return true; // it was written meanwhile
    }
    String what = "a search for its own vector does not find it";
    boolean mended = false;
    try {
      // First without a new place for it, which others might be found by.
      mended = connect(index, item);
      if (!mended) {
        index.relink(List.of(id));
        mended = isFound(index, item) || connect(index, item);
      }
    } catch (RuntimeException e) {
      what += ", and it cannot be linked again: " + e.getMessage();
    }
    unfindable.add(PhotoKey.product(id), what, mended);
    return mended;
  }

  /** Connects where a photo's search ends with it; returns whether it is found then. */
  private static boolean connect(NeighborIndex index, IndexItem item) {
    for (Neighbor end : index.search(Query.of(item.vector(), ENDS))) {
      index.connect(end.id(), List.of(item.id()));
    }
    return isFound(index, item);
  }

  private static boolean isFound(NeighborIndex index, IndexItem item) {
    return isFound(index, item, index.search(Query.of(item.vector(), K)));
  }

  /** Whether it comes first, or only equals come before it. */
  private static boolean isFound(NeighborIndex index, IndexItem item, List<Neighbor> answer) {
    UnitVector vector = item.vector();
    float own = vector.cosine(vector);
    int place = 0;
    while (place < answer.size() && !answer.get(place).id().equals(item.id())) {
      place++;
    }
    if (place < answer.size()
        ? answer.get(place).similarity() < own - SAME
        : answer.size() < K) { // with more equals than were asked for it need not be among them
      return false;
    }
    for (Neighbor before : answer.subList(0, place)) {
      // Computed here, where equal vectors have equal similarities.
      UnitVector other = index.vector(before.id());
      if (other == null || vector.cosine(other) < own - ROUNDING) {
        return false;
      }
    }
    return true;
  }
}

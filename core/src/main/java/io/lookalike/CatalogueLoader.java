package io.lookalike;

import io.lookalike.LiveCatalogue.Arrival;
import io.lookalike.catalog.CatalogueItem;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.catalog.ProductImage;
import io.lookalike.internal.LookAhead;
import io.lookalike.store.StoreException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One call of {@link Recommender#addAll}. For one thread. */
final class CatalogueLoader {

  /** Number of products that are indexed together. */
  private static final int BATCH = 256;

  /** Number of pictures that are extracted together at first; then as many as take a second. */
  private static final int FIRST_PICTURES = 16;

  private static final long SECOND = 1_000_000_000L;

  private final Supplier<Engine> engines;
  private final CatalogueWrites writes;
  private final ProgressListener progress;
  private final long total;
  private final PeekingIterator items;
  private final Set<String> added = new HashSet<>();
  private final List<AddReport.Rejected> rejected = new ArrayList<>();
  private Engine engine;
  private int loaded;
  private long done;
  private int pictures = FIRST_PICTURES;

  CatalogueLoader(
      Supplier<Engine> engines,
      CatalogueWrites writes,
      Iterable<? extends CatalogueItem> items,
      ProgressListener progress) {
    this.engines = engines;
    this.writes = writes;
    this.engine = engines.get();
    this.progress = progress;
    this.total = items instanceof Collection<?> known ? known.size() : -1;
    this.items = new PeekingIterator(items.iterator());
  }

  AddReport run() {
    int before = engine.catalogue().size();
    if (items.peek() instanceof ProductFeatures) {
      // Into an empty catalogue all at once, so that the index sees all of them before it learns.
      loaded = Math.max(0, writes.load(new Features()));
    }
    var batch = new ArrayList<CatalogueItem>(BATCH);
    int images = 0;
    while (items.peek() != null) {
      CatalogueItem item = items.next();
      batch.add(item);
      images += item instanceof ProductImage image ? image.images().size() : 0;
      if (batch.size() == BATCH || images >= pictures || items.peek() == null) {
        long start = System.nanoTime();
        addBatch(batch);
        paced(images, System.nanoTime() - start);
        batch.clear();
        images = 0;
      }
    }
    if (added.size() > (before + loaded) / 2) {
      engines.get().catalogue().optimize(); // most of it came in small batches
    }
    return new AddReport(loaded + added.size(), rejected);
  }

  /** The features at the head of the items that can be indexed, one at a time. */
  private final class Features extends LookAhead<Arrival> {
    @Override
    protected @Nullable Arrival find() {
      Arrival found = null;
      while (found == null && items.peek() instanceof ProductFeatures head) {
        found = checked(head);
        items.next();
        progress.progress(++done, total);
      }
      return found;
    }
  }

  /** A change of network closes what it replaces; a batch that was in it begins again. */
  @SuppressWarnings("ReferenceEquality") // whether it is the very same one is the question
  private void addBatch(List<CatalogueItem> batch) {
    while (true) {
      engine = engines.get();
      long doneBefore = done;
      int rejectedBefore = rejected.size();
      try {
        add(batch);
        return;
      } catch (IllegalStateException e) {
        if (engine == engines.get()) {
          throw e;
        }
        done = doneBefore;
        rejected.subList(rejectedBefore, rejected.size()).clear();
      }
    }
  }

  /**
   * What is stored need not be extracted again, so slow networks have their pictures stored in
   * small batches.
   */
  private void paced(int images, long nanos) {
    if (images >= pictures && nanos < SECOND) {
      pictures = Math.min(BATCH, pictures * 2);
    } else if (nanos > 4 * SECOND) {
      pictures = Math.max(1, pictures / 2);
    }
  }

  private void add(List<CatalogueItem> batch) {
    var arrivals = new ArrayList<Arrival>(batch.size());
    var images = new ArrayList<ProductImage>();
    for (CatalogueItem item : batch) {
      if (item instanceof ProductImage image) {
        images.add(image);
      } else if (item instanceof ProductFeatures features) {
        Arrival arrival = checked(features);
        if (arrival != null) {
          arrivals.add(arrival);
        }
        progress.progress(++done, total);
      } else {
        arrivals.add(new Arrival(item.product(), null));
        progress.progress(++done, total);
      }
    }
    if (!images.isEmpty()) {
      arrivals.addAll(extracted(images));
    }
    // After a load into an empty catalogue, what is there has been counted.
    Set<String> counted = new HashSet<>();
    if (loaded > 0) {
      for (Arrival arrival : arrivals) {
        String id = arrival.product().id();
        if (!added.contains(id) && engine.catalogue().product(id) != null) {
          counted.add(id);
        }
      }
    }
    writes.put(arrivals);
    for (Arrival arrival : arrivals) {
      if (!counted.contains(arrival.product().id())) {
        added.add(arrival.product().id());
      }
    }
  }

  private @Nullable Arrival checked(ProductFeatures item) {
    String id = item.product().id();
    try {
      engine.catalogue().checkFeatures("the product " + id, item.features());
      return new Arrival(item.product(), item.features(), null, engine.network());
    } catch (IllegalArgumentException e) {
      rejected.add(new AddReport.Rejected(id, String.valueOf(e.getMessage())));
      return null;
    }
  }

  private List<Arrival> extracted(List<ProductImage> batch) {
    EmbeddedPictures pictures;
    try {
      pictures =
          EmbeddedPictures.of(
              batch.stream().map(ProductImage::images).toList(),
              writes.pictures(engine.network()),
              engine.resolver()::extractor,
              () -> progress.progress(++done, total));
    } catch (StoreException e) {
      throw new UncheckedIOException(e);
    }
    var good = new ArrayList<Arrival>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      ProductImage item = batch.get(i);
      String id = item.product().id();
      float[] extracted = pictures.features()[i];
      if (extracted == null) {
        rejected.add(new AddReport.Rejected(id, pictures.reason(i)));
        continue;
      }
      try {
        engine.catalogue().checkPhotos("the product " + id, extracted);
        good.add(new Arrival(item.product(), extracted, pictures.names()[i], engine.network()));
      } catch (IllegalArgumentException e) {
        // The extractor's fault, but that of this one picture: the others go in.
        rejected.add(new AddReport.Rejected(id, item.image() + ": " + e.getMessage()));
      }
    }
    return good;
  }

  /** Shows the next item before it is taken. */
  private static final class PeekingIterator {
    private final Iterator<? extends CatalogueItem> items;
    private @Nullable CatalogueItem head;

    PeekingIterator(Iterator<? extends CatalogueItem> items) {
      this.items = items;
    }

    /** The next item; null after the last. */
    @Nullable CatalogueItem peek() {
      if (head == null && items.hasNext()) {
        head = Objects.requireNonNull(items.next(), "an item to add");
      }
      return head;
    }

    CatalogueItem next() {
      CatalogueItem item = Objects.requireNonNull(peek());
      head = null;
      return item;
    }
  }
}

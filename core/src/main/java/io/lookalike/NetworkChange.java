package io.lookalike;

import io.lookalike.LiveCatalogue.Arrival;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.Hit;
import io.lookalike.index.IndexItem;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.Looks;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares another network beside the one that serves, and has it take over.
 *
 * <p>What it embeds goes into the store at once, so that a run that was killed goes on where it
 * ended: a picture whose content is known there is not embedded again. Products that change
 * meanwhile are looked at again, round after round, as in a refit. The last of their changes are
 * read inside the transaction that makes the other network the one that serves.
 */
final class NetworkChange implements Reembedding {

  private static final Logger LOG = LoggerFactory.getLogger(NetworkChange.class);

  /** Number of pictures that are embedded together. */
  private static final int GROUP = 64;

  /** Rounds in which products that changed meanwhile are looked at again. */
  private static final int MOST_ROUNDS = 20;

  /** Number of products whose neighbors are compared. */
  private static final int SAMPLED = 1_000;

  private static final int NEIGHBORS = 10;

  private final Engine serving;
  private final Engine.Shop shop;
  private final DurableCatalogue durable;
  private final CatalogueStore store;
  private final FeatureExtractor extractor;
  private final Function<Product, List<ImageSource>> pictures;
  private final Consumer<Engine> takeOver;
  private final Manifest manifest;
  private final Map<String, String> missing = new LinkedHashMap<>();
  private int embedded;

  /** The last change of products whose pictures have been looked at. */
  private long seen;

  private @Nullable LiveCatalogue next;
  private CatalogueOpener.@Nullable Opened opened;
  private @Nullable ReembedReport report;
  private boolean ended;

  /**
   * Begins; see {@link Recommender#reembed}.
   *
   * @param serving what serves now
   * @param takeOver given what serves from now on
   */
  NetworkChange(
      Engine serving,
      Engine.Shop shop,
      DurableCatalogue durable,
      FeatureExtractor extractor,
      Function<Product, List<ImageSource>> pictures,
      Consumer<Engine> takeOver)
      throws StoreException {
    this.serving = serving;
    this.shop = shop;
    this.durable = durable;
    this.store = durable.store();
    this.extractor = extractor;
    this.pictures = pictures;
    this.takeOver = takeOver;
    if (extractor.identity().equals(serving.identity())) {
      throw new IllegalArgumentException(
          "the network " + extractor.identity() + " serves already; give another one");
    }
    this.manifest = Manifest.beside(store, extractor.identity(), extractor.dimension());
    durable.write(manifest.besideEntries(store));
  }

  /** Embeds, builds and compares. */
  NetworkChange prepare(ProgressListener progress) throws StoreException {
    seen = store.lastChange();
    embedAll(progress);
    lookAgain();
    LiveCatalogue catalogue =
        shop.catalogue(
            manifest.dimension(), new StoreShelf(store, manifest.network(), manifest.dimension()));
    next = catalogue;
    opened =
        new CatalogueOpener(store, manifest, shop.indexes(), shop.rule(), catalogue)
            .open(null, null, null);
    if (!shop.rule().equals(FeatureTransform.Rule.NONE) && catalogue.size() > 0) {
      FeatureTransform transform = catalogue.refit(null, LiveCatalogue.Refitting.UNNOTED);
      int version = durable.storeTransform(manifest.network(), transform);
      opened = new CatalogueOpener.Opened(opened.change(), version, false, false);
    }
    lookAgain();
    report = compare(catalogue);
    return this;
  }

  private void embedAll(ProgressListener progress) throws StoreException {
    var group = new ArrayList<Product>(GROUP);
    long total = serving.catalogue().size();
    long done = 0;
    for (Product product : serving.catalogue().products()) {
      group.add(product);
      if (group.size() == GROUP) {
        embed(group);
        done += GROUP;
        progress.progress(done, total);
        group.clear();
      }
    }
    embed(group);
    progress.progress(done + group.size(), total);
  }

  /** Looks at the pictures of what has changed since it was last looked at, until nothing has. */
  private void lookAgain() throws StoreException {
    for (int round = 0; round < MOST_ROUNDS; round++) {
      long now = store.lastChange();
      List<Product> changed = changedLooks(seen);
      seen = now;
      if (changed.isEmpty()) {
        return;
      }
      for (int from = 0; from < changed.size(); from += GROUP) {
        embed(changed.subList(from, Math.min(changed.size(), from + GROUP)));
      }
    }
  }

  /** The products whose picture is new to the network that serves. */
  private List<Product> changedLooks(long after) throws StoreException {
    var changed = new ArrayList<Product>();
    if (after == store.lastChange()) {
      return changed;
    }
    try (StoreCursor<StoredProduct> products =
        store.products(serving.network(), Math.max(1, after))) {
      while (products.hasNext()) {
        StoredProduct product = products.next();
        if (product.attributes() != null && product.features() != null) {
          changed.add(new Product(product.id(), product.attributes()));
        }
      }
    } catch (UncheckedIOException e) {
      throw DurableCatalogue.unwrapped(e);
    }
    return changed;
  }

  /** Embeds those pictures that are not known, and writes what the store does not have. */
  private void embed(List<Product> products) throws StoreException {
    var shown = new ArrayList<Product>(products.size());
    var images = new ArrayList<List<ImageSource>>(products.size());
    for (Product product : products) {
      List<ImageSource> photos = pictures.apply(product);
      if (!photos.isEmpty()) {
        shown.add(product);
        images.add(new ProductImage(product, photos).images());
      } else if (serving.catalogue().withoutLooks(product.id()) == null) {
        missing.put(product.id(), "there is no picture of it");
      }
    }
    EmbeddedPictures made =
        EmbeddedPictures.of(
            images, names -> store.pictures(manifest.network(), names), () -> extractor, () -> {});
    embedded += made.embedded();
    write(shown, made);
  }

  private void write(List<Product> products, EmbeddedPictures made) throws StoreException {
    Map<String, float[]> stored =
        store.features(manifest.network(), products.stream().map(Product::id).toList());
    var changes = new ArrayList<StoreChange>();
    var arrivals = new ArrayList<Arrival>();
    for (int i = 0; i < products.size(); i++) {
      Product product = products.get(i);
      String id = product.id();
      float[] features = made.features()[i];
      if (features == null) {
        missing.put(id, made.reason(i));
        continue;
      }
      missing.remove(id);
      if (!Arrays.equals(features, stored.get(id))) {
        changes.add(
            new StoreChange.Embedded(id, new Looks(manifest.network(), features, made.names()[i])));
      }
      arrivals.add(new Arrival(product, features));
    }
    if (!changes.isEmpty()) {
      durable.write(changes);
    }
    if (next != null) {
      // Its attributes may be of before: what changed since is read again before it serves.
      next.apply(List.of(), arrivals);
    }
  }

  // ---- the report

  private ReembedReport compare(LiveCatalogue catalogue) {
    NeighborIndex before = serving.catalogue().serving().index();
    NeighborIndex after = catalogue.serving().index();
    var ids = new ArrayList<>(after.ids());
    ids.sort(null);
    int step = Math.max(1, ids.size() / SAMPLED);
    int sampled = 0;
    double overlap = 0;
    double[] same = new double[2];
    long[] nanos = new long[2];
    for (int i = 0; i < ids.size(); i += step) {
      IndexItem old = before.item(ids.get(i));
      IndexItem other = after.item(ids.get(i));
      if (old == null || other == null) {
        continue;
      }
      sampled++;
      List<Hit> oldHits = nearest(before, old, nanos, 0);
      List<Hit> newHits = nearest(after, other, nanos, 1);
      Set<String> oldIds = new HashSet<>();
      oldHits.forEach(hit -> oldIds.add(hit.id()));
      overlap +=
          newHits.isEmpty()
              ? 1
              : (double) newHits.stream().filter(hit -> oldIds.contains(hit.id())).count()
                  / newHits.size();
      same[0] += sameCategory(old, oldHits);
      same[1] += sameCategory(other, newHits);
    }
    int of = Math.max(1, sampled);
    var rejected = new ArrayList<AddReport.Rejected>();
    missing.forEach((id, why) -> rejected.add(new AddReport.Rejected(id, why)));
    return new ReembedReport(
        serving.identity(),
        manifest.extractor(),
        after.size(),
        embedded,
        rejected,
        sampled,
        overlap / of,
        shop.categoryBy() == null ? Double.NaN : same[0] / of,
        shop.categoryBy() == null ? Double.NaN : same[1] / of,
        before.dimension(),
        after.dimension(),
        nanos[0] / 1e3 / of,
        nanos[1] / 1e3 / of);
  }

  private static List<Hit> nearest(NeighborIndex index, IndexItem item, long[] nanos, int which) {
    long start = System.nanoTime();
    List<Hit> hits =
        index.hits(Query.of(item.vector(), NEIGHBORS).excluding(Set.of(item.id())), false);
    nanos[which] += System.nanoTime() - start;
    return hits;
  }

  private double sameCategory(IndexItem item, List<Hit> hits) {
    String by = shop.categoryBy();
    if (by == null || hits.isEmpty()) {
      return 0;
    }
    Object category = item.attributes().get(by);
    return (double)
            hits.stream().filter(hit -> Objects.equals(category, hit.attributes().get(by))).count()
        / hits.size();
  }

  @Override
  public ReembedReport report() {
    return Objects.requireNonNull(report, "report");
  }

  // ---- taking over

  @Override
  public void swap() {
    if (ended) {
      throw new IllegalStateException("this change of network has been swapped or closed before");
    }
    LiveCatalogue catalogue = Objects.requireNonNull(next);
    CatalogueOpener.Opened from = Objects.requireNonNull(opened);
    try {
      lookAgain();
      Engine engine = shop.engine(manifest.network(), extractor, manifest.extractor(), catalogue);
      durable.switchTo(
          manifest,
          catalogue,
          from,
          () -> {
            ended = true;
            takeOver.accept(engine);
          });
      // Photos that came between the last look and the swap.
      var late = changedLooks(seen);
      if (!late.isEmpty()) {
        embed(late);
      }
      durable.saveQuietly();
    } catch (StoreException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (ended) {
        serving.catalogue().close();
        if (serving.extractor() != null) {
          serving.extractor().close();
        }
      }
    }
    LOG.info("{} serves now in the place of {}", manifest, serving.identity());
  }

  @Override
  public void close() {
    if (!ended) {
      ended = true;
      if (next != null) {
        next.close();
      }
    }
  }
}

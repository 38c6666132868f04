package io.lookalike.cli;

import io.lookalike.CoPurchases;
import io.lookalike.PurchaseLog;
import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.StoreInfo;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.bruteforce.BruteForceIndex;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Opens what {@code index} has made, whatever it was made with. */
final class Store {

  /** What a file tells of who bought what may be old. */
  private static final Duration FOR_GOOD = Duration.ofDays(36_500);

  private Store() {}

  /** Opens a store for questions about its products, which need no network. */
  static Recommender open(StorePlace place, Console console) throws IOException {
    return open(place, new ExtractorOptions(), console, settings -> {});
  }

  /**
   * Opens a store for questions. The index is exact and quick to build, as a single question wants
   * it.
   *
   * @param extractor the network that it was made with, if it is not a built-in one
   * @param settings what else the shop must know
   * @throws UserErrorException if there is none
   */
  static Recommender open(
      StorePlace place,
      ExtractorOptions extractor,
      Console console,
      Consumer<RecommenderBuilder> settings)
      throws IOException {
    return open(place, BruteForceIndex.factory(), extractor, console, settings);
  }

  /**
   * Opens a store for questions.
   *
   * @param index holds the products, or finds them where they already are
   * @param extractor the network that it was made with, if it is not a built-in one
   * @param settings what else the shop must know
   * @throws UserErrorException if there is none
   */
  static Recommender open(
      StorePlace place,
      IndexFactory index,
      ExtractorOptions extractor,
      Console console,
      Consumer<RecommenderBuilder> settings)
      throws IOException {
    return open(
        place,
        extractor,
        console,
        (builder, store) -> {
          builder.index(index);
          builder.purchases(sales(place, store)); // a copy, as a question must not change the store
          settings.accept(builder);
        });
  }

  /** Has a shop know, and its store keep, who bought what. */
  static CoPurchases withCoPurchases(RecommenderBuilder builder) {
    CoPurchases coPurchases = CoPurchases.builder().build();
    builder.coPurchases(coPurchases).keepCoPurchases(FOR_GOOD);
    return coPurchases;
  }

  /** Sets up a shop of a store. */
  interface Settings {
    void set(RecommenderBuilder builder, CatalogueStore store) throws IOException;
  }

  /**
   * Opens a store with its own network and transform.
   *
   * @param extractor the network that it was made with, if it is not a built-in one
   * @param settings the index, and what else the shop must know
   * @throws UserErrorException if there is none
   */
  static Recommender open(
      StorePlace place, ExtractorOptions extractor, Console console, Settings settings)
      throws IOException {
    CatalogueStore store = place.open(console);
    boolean open = false;
    try {
      StoreInfo info = info(place, store);
      RecommenderBuilder builder =
          Recommender.builder()
              .transform(TransformChoice.reading(place, info.transform()))
              .extractor(new StoredExtractor(place, info, extractor));
      settings.set(builder, store);
      Recommender shop = build(place, builder, store);
      open = true;
      return shop;
    } finally {
      if (!open) {
        store.close();
      }
    }
  }

  /** What was sold, in memory alone. */
  private static PurchaseLog sales(StorePlace place, CatalogueStore store) throws StoreException {
    Map<String, Map<LocalDate, Long>> daily = new HashMap<>();
    var log = new PurchaseLog();
    try (StoreCursor<StoreChange> changes = store.sales(0)) {
      while (changes.hasNext()) {
        StoreChange change = changes.next();
        if (change instanceof StoreChange.Sold sold) {
          daily
              .computeIfAbsent(sold.productId(), id -> new TreeMap<>())
              .merge(sold.day(), sold.pieces(), Math::addExact);
        } else if (change instanceof StoreChange.Unsold unsold) {
          daily.remove(unsold.productId());
        }
      }
      daily.forEach(
          (id, days) -> {
            days.values().removeIf(pieces -> pieces == 0);
            log.record(id, days);
          });
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new StoreException(
          place + ": the store is damaged: " + e.getMessage() + "; restore it from a copy", e);
    }
    return log;
  }

  /** Makes a recommender of a store, which stays the caller's if this throws. */
  static Recommender build(StorePlace place, RecommenderBuilder builder, CatalogueStore store)
      throws StoreException {
    try {
      return builder.store(store).build();
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof StoreException problem) {
        throw named(place, problem);
      }
      throw e;
    }
  }

  /**
   * With what a store was made.
   *
   * @throws UserErrorException if there is nothing in it yet
   */
  static StoreInfo info(StorePlace place, CatalogueStore store) throws StoreException {
    StoreInfo info = infoOrNull(place, store);
    if (info == null) {
      throw new UserErrorException(place + " holds no catalogue yet; index one first");
    }
    return info;
  }

  /** With what a store was made; null if there is nothing in it yet. */
  static @Nullable StoreInfo infoOrNull(StorePlace place, CatalogueStore store)
      throws StoreException {
    try {
      return StoreInfo.of(store).orElse(null);
    } catch (StoreException e) {
      throw named(place, e);
    }
  }

  /** The same problem, saying of which store. */
  private static StoreException named(StorePlace place, StoreException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains(place.toString()) ? e : new StoreException(place + ": " + message, e);
  }
}

package io.lookalike.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Customer;
import io.lookalike.Event;
import io.lookalike.ProgressListener;
import io.lookalike.Purchase;
import io.lookalike.PurchaseLog;
import io.lookalike.Recommendation;
import io.lookalike.RecommendationRequest;
import io.lookalike.Recommender;
import io.lookalike.Reembedding;
import io.lookalike.Sessions;
import io.lookalike.VariantPolicy;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import io.lookalike.features.CatalogueTransform;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexFactory;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories of a recommender on a store, with restarts, against maps in memory: whatever was
 * added, changed, removed, sold, seen, refitted or embedded anew, after each restart everything is
 * equal. Extend it in your store's tests, which have the tag {@code histories}. The system property
 * {@code lookalike.histories} says how many are told, 12 without it; {@code
 * lookalike.histories.seed} which is the first.
 */
@Tag("histories")
@Timeout(600)
public abstract class StoreHistories {

  private static final Instant DAY = Instant.parse("2024-05-01T12:00:00Z");
  private static final int STEPS = 250;
  private static final int PRODUCTS = 25;
  private static final int PICTURES = 40;

  @TempDir private Path folder;

  /** For subclasses. */
  protected StoreHistories() {}

  /**
   * Opens the store under test.
   *
   * @param folder stands for the store: an empty one if the folder is new, or else what was written
   *     before; no other store of this folder is open
   * @return the store, to be closed by the test
   * @throws StoreException if it cannot be opened
   */
  protected abstract CatalogueStore open(Path folder) throws StoreException;

  /**
   * The index that searches.
   *
   * @return a factory; without this, the naive index
   */
  protected IndexFactory index() {
    return NaiveIndex.factory();
  }

  static LongStream seeds() {
    long first = Long.getLong("lookalike.histories.seed", 1);
    return LongStream.range(first, first + Integer.getInteger("lookalike.histories", 12));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everythingIsEqualAfterEachRestart(long seed) throws Exception {
    Path place = Files.createDirectory(folder.resolve("store"));
    var history = new History(seed, place);
    try {
      history.run();
    } finally {
      history.shop.close();
    }
  }

  /** Sees in a picture what its name and the network's make of it. */
  private record Eye(String identity, int dimension) implements FeatureExtractor {
    @Override
    public float[] extract(ImageSource image) {
      try (InputStream in = image.open()) {
        String name = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        return features(name);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    float[] features(String picture) {
      var random = new Random((identity + picture).hashCode());
      var features = new float[dimension];
      for (int i = 0; i < dimension; i++) {
        features[i] = (float) random.nextGaussian();
      }
      return features;
    }

    @Override
    public void close() {}
  }

  private final class History {
    private final long seed;
    private final Random random;
    private final Path place;
    private final FeatureTransform.Rule rule;
    private final Map<String, Attributes> products = new TreeMap<>();

    /** The pictures of each product that has some. */
    private final Map<String, List<String>> pictures = new TreeMap<>();

    private final PurchaseLog log = new PurchaseLog();
    private final Map<String, Set<String>> sessions = new TreeMap<>();
    private Eye eye = new Eye("one/1", 6);
    private Recommender shop;
    private String at = "";

    History(long seed, Path place) throws StoreException {
      this.seed = seed;
      this.random = new Random(seed);
      this.place = place;
      this.rule = seed % 3 == 0 ? CatalogueTransform.pca(4) : FeatureTransform.Rule.NONE;
      this.shop = start();
    }

    private Recommender start() throws StoreException {
      CatalogueStore store = open(place);
      boolean done = false;
      try {
        Recommender started =
            Recommender.builder()
                .extractor(eye)
                .index(index())
                .transform(rule)
                .variantsBy("design", VariantPolicy.KEEP)
                .categoryBy("kind")
                .sessions(Sessions.builder().timeToLive(Duration.ofDays(100_000)).build())
                .keepSessions()
                .store(store)
                .build();
        done = true;
        return started;
      } finally {
        if (!done) {
          store.close();
        }
      }
    }

    void run() throws Exception {
      for (int step = 0; step < STEPS; step++) {
        at = "seed " + seed + ", step " + step;
        String id = "p" + random.nextInt(PRODUCTS);
        switch (random.nextInt(14)) {
          case 0, 1, 2 -> addPhotos(step);
          case 3 -> {
            Attributes bare = Attributes.none().with("bare", step);
            shop.add(new Product(id, bare));
            products.put(id, bare);
          }
          case 4, 5 -> {
            int now = step;
            boolean there = shop.update(id, attributes -> attributes.with("updated", now));
            assertThat(there).as(at).isEqualTo(products.containsKey(id));
            products.computeIfPresent(id, (x, attributes) -> attributes.with("updated", now));
          }
          case 6 -> {
            assertThat(shop.remove(id)).as(at).isEqualTo(products.remove(id) != null);
            pictures.remove(id);
          }
          case 7, 8 -> sell(id);
          case 9 -> {
            LocalDate day = LocalDate.of(2024, 5, 1 + random.nextInt(6));
            log.forgetDaysBefore(day);
            shop.purchases().forgetDaysBefore(day);
          }
          case 10 -> see(id);
          case 11 -> longWork();
          default -> {
            if (random.nextInt(2) == 0) {
              shop.close();
              shop = start();
              compare();
            }
          }
        }
      }
      shop.close();
      shop = start();
      at = "seed " + seed + ", the end";
      compare();
    }

    private void addPhotos(int step) {
      var batch = new ArrayList<ProductImage>();
      for (int i = random.nextInt(5); i >= 0; i--) {
        String id = "p" + random.nextInt(PRODUCTS);
        List<String> several =
            random
                .ints(random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 1, 0, PICTURES)
                .mapToObj(number -> "picture" + number)
                .toList();
        Attributes attributes =
            Attributes.none()
                .with("step", step)
                .with("design", "d" + random.nextInt(5))
                .with("kind", Set.of("k" + random.nextInt(3), "\u5927 \uD83D\uDC57"));
        batch.add(new ProductImage(new Product(id, attributes), sources(several)));
        products.put(id, attributes);
        pictures.put(id, several);
      }
      if (batch.size() == 1) {
        shop.add(batch.get(0).product(), batch.get(0).images());
      } else {
        assertThat(shop.addAll(batch).rejected()).as(at).isEmpty();
      }
    }

    private void sell(String id) {
      var sold =
          new Purchase(
              id,
              DAY.plus(Duration.ofDays(random.nextInt(6))),
              random.nextInt(3) == 0 ? -1 : 1 + random.nextInt(3),
              random.nextInt(3) == 0 ? "o" + random.nextInt(60) : null);
      assertThat(outcome(shop.purchases(), sold)).as(at).isEqualTo(outcome(log, sold));
    }

    private static Object outcome(PurchaseLog log, Purchase sold) {
      try {
        return log.record(sold);
      } catch (IllegalArgumentException e) {
        return String.valueOf(e.getMessage());
      }
    }

    private void see(String id) {
      String who = "c" + random.nextInt(4);
      if (random.nextInt(4) == 0) {
        assertThat(shop.forget(Customer.of(who))).as(at).isEqualTo(sessions.remove(who) != null);
      } else {
        shop.record(
            new Event(
                Customer.of(who), Event.Kind.VIEWED, id, DAY.plusSeconds(random.nextInt(90))));
        sessions.computeIfAbsent(who, x -> new HashSet<>()).add(id);
      }
    }

    private void longWork() throws IOException {
      switch (random.nextInt(3)) {
        case 0 -> shop.save();
        case 1 -> {
          if (pictures.size() > 8) {
            shop.refit();
          }
        }
        default -> {
          Eye other = eye.dimension == 6 ? new Eye("two/1", 9) : new Eye("one/1", 6);
          boolean fitted = rule.equals(FeatureTransform.Rule.NONE) || pictures.size() > 8;
          if (fitted) {
            try (Reembedding change = shop.reembed(other, this::pictures, ProgressListener.NONE)) {
              assertThat(change.report().missing()).as(at).isEmpty();
              if (random.nextInt(4) > 0) {
                change.swap();
                eye = other;
              }
            }
          }
        }
      }
    }

    private List<ImageSource> pictures(Product product) {
      return sources(pictures.getOrDefault(product.id(), List.of()));
    }

    private static List<ImageSource> sources(List<String> names) {
      return names.stream()
          .map(name -> ImageSource.of(name, name.getBytes(StandardCharsets.UTF_8)))
          .toList();
    }

    private void compare() {
      var found = new TreeMap<String, Attributes>();
      shop.products().forEach(product -> found.put(product.id(), product.attributes()));
      assertThat(found).as(at).isEqualTo(products);
      assertThat(shop.size()).as(at).isEqualTo(products.size());
      assertThat(shop.searcher().ids())
          .as(at)
          .containsExactlyInAnyOrderElementsOf(pictures.keySet());
      assertThat(shop.purchases().total()).as(at).isEqualTo(log.total());
      assertThat(shop.purchases().soldIds()).as(at).isEqualTo(log.soldIds());
      for (String id : log.soldIds()) {
        assertThat(shop.purchases().daily(id)).as("%s, %s", at, id).isEqualTo(log.daily(id));
      }
      assertThat(List.copyOf(ids(shop.purchases()))).as(at).isEqualTo(List.copyOf(ids(log)));
      assertThat(shop.sessions().size()).as(at).isEqualTo(sessions.size());
      pictures.forEach((id, several) -> several.forEach(each -> isFoundByItsPicture(id, each)));
    }

    private static List<String> ids(PurchaseLog log) {
      var ids = new ArrayList<String>();
      log.bestSellers().forEach(ids::add);
      return ids;
    }

    private void isFoundByItsPicture(String id, String picture) {
      Recommendation own =
          shop
              .recommend(RecommendationRequest.like(eye.features(picture)).k(PRODUCTS))
              .recommendations()
              .stream()
              .filter(each -> each.id().equals(id))
              .findFirst()
              .orElseThrow(() -> new AssertionError(at + ": " + id + " is not found"));
      assertThat(own.similarity()).as("%s, %s", at, id).isGreaterThan(.9999f);
    }
  }
}

package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.LastingIndex;
import io.lookalike.index.NeighborIndex;
import io.lookalike.store.CatalogueStore;
import io.lookalike.testkit.ForwardingIndex;
import io.lookalike.testkit.ForwardingStore;
import io.lookalike.testkit.MemoryStore;
import io.lookalike.testkit.NaiveIndex;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** An index that outlives the process is found again, followed up, or built anew. */
class LastingIndexTest {

  /** Indexes elsewhere, as a cluster's. */
  private static final class Elsewhere implements IndexFactory {
    final List<Lasting> marked = new ArrayList<>();
    final AtomicBoolean refusing = new AtomicBoolean();
    int built;

    @Override
    public NeighborIndex create(int dimension) {
      return new Lasting(new NaiveIndex(dimension));
    }

    @Override
    public NeighborIndex build(int dimension, Iterable<IndexItem> items) {
      built++;
      return IndexFactory.super.build(dimension, items);
    }

    @Override
    public Optional<LastingIndex> reopen(LastingIndex.Origin origin, int dimension) {
      return marked.stream()
          .filter(index -> index.origin().isOfSame(origin) && index.dimension() == dimension)
          .reduce((first, second) -> second)
          .map(index -> index);
    }

    private final class Lasting extends ForwardingIndex implements LastingIndex {
      private Origin origin;

      Lasting(NeighborIndex index) {
        super(index);
      }

      @Override
      public Origin origin() {
        return origin;
      }

      @Override
      public void mark(Origin now) {
        if (refusing.get()) {
          throw new UncheckedIOException(new IOException("no"));
        }
        marked.remove(this);
        marked.add(this);
        origin = now;
      }

      @Override
      public void close() {} // it lasts
    }
  }

  private final Elsewhere elsewhere = new Elsewhere();

  private Recommender open(CatalogueStore store) {
    return Recommender.builder().dimension(2).index(elsewhere).store(store).build();
  }

  private static List<ProductFeatures> products(int count) {
    var products = new ArrayList<ProductFeatures>();
    for (int i = 0; i < count; i++) {
      products.add(new ProductFeatures(Product.of("p" + i).with("n", i), features(i)));
    }
    return products;
  }

  private static float[] features(int i) {
    return new float[] {(float) Math.cos(i * .37), (float) Math.sin(i * .37)};
  }

  @Test
  void itIsFoundAgainAndFollowsTheStore() throws IOException {
    var store = new MemoryStore();
    try (Recommender shop = open(store)) {
      shop.addAll(products(5));
    }
    int before = elsewhere.built;
    try (Recommender shop =
        Recommender.builder()
            .dimension(2)
            .index(NaiveIndex.factory())
            .store(store.reopened())
            .build()) {
      shop.remove("p1"); // by a process that does not know it
      shop.update("p2", a -> a.with("n", 22));
      shop.add(Product.of("new"), features(9));
    }
    try (Recommender shop = open(store.reopened())) {
      assertThat(elsewhere.built).as("nothing was built").isEqualTo(before);
      assertThat(shop.size()).isEqualTo(5);
      assertThat(shop.product("p1")).isEmpty();
      assertThat(shop.product("p2").orElseThrow().attributes().get("n")).isEqualTo(22.0);
      assertThat(shop.similarTo(features(9), 1).get(0).id()).isEqualTo("new");
      assertThat(shop.save()).isTrue();
    }
    assertThat(elsewhere.marked.get(0).origin().change()).isGreaterThan(1);
  }

  @Test
  void aRefitTakesItsPlace() throws IOException {
    var store = new MemoryStore();
    try (Recommender shop = open(store)) {
      shop.addAll(products(5));
      shop.refit();
      assertThat(elsewhere.marked).hasSize(2);
      assertThat(elsewhere.marked.get(1).origin().transform())
          .isGreaterThan(elsewhere.marked.get(0).origin().transform());
    }
    int before = elsewhere.built;
    try (Recommender shop = open(store.reopened())) {
      assertThat(elsewhere.built).isEqualTo(before);
      shop.save();
      assertThat(elsewhere.marked).hasSize(2);
    }
  }

  /** It has been written to: the store of before this process must not take it for its own. */
  @Test
  void anOrderlyEndMarksIt() throws IOException {
    var store = new MemoryStore();
    LastingIndex.Origin first;
    try (Recommender shop = open(store)) {
      shop.addAll(products(5));
      shop.save();
      first = elsewhere.marked.get(0).origin();
      shop.update("p1", a -> a.with("n", 11));
    }
    LastingIndex.Origin last = elsewhere.marked.get(0).origin();
    assertThat(last.stamp()).isNotEqualTo(first.stamp());
    assertThat(last.change()).isGreaterThan(first.change());
    try (Recommender shop = open(store.reopened())) {
      assertThat(shop.size()).isEqualTo(5);
    }
    assertThat(elsewhere.marked.get(0).origin()).as("nothing was written").isEqualTo(last);
  }

  @Test
  void oneThatIsMadeAnewIsOfTheSame() throws IOException {
    var store = new MemoryStore();
    try (Recommender shop = open(store)) {
      shop.addAll(products(5));
      int before = elsewhere.built;
      shop.reindex(ProgressListener.NONE);
      assertThat(elsewhere.built).isEqualTo(before + 1);
      assertThat(elsewhere.marked).hasSize(2);
      assertThat(elsewhere.marked.get(1).origin().isOfSame(elsewhere.marked.get(0).origin()))
          .isTrue();
      elsewhere.refusing.set(true);
      assertThatThrownBy(() -> shop.reindex(ProgressListener.NONE))
          .isInstanceOf(UncheckedIOException.class);
      assertThat(shop.similarTo(features(3), 1).get(0).id()).isEqualTo("p3");
    }
  }

  @Test
  void oneThatCannotBeBroughtUpToTheStoreIsBuiltAnew() throws IOException {
    var store = new MemoryStore();
    try (Recommender shop = open(store)) {
      shop.addAll(products(5));
      shop.save();
      shop.add(Product.of("late"), features(7));
    }
    int before = elsewhere.built;
    var forgetful =
        new ForwardingStore(store.reopened()) {
          @Override
          public long forgottenUpTo() {
            return Long.MAX_VALUE;
          }
        };
    try (Recommender shop = open(forgetful)) {
      assertThat(elsewhere.built).isEqualTo(before + 1);
      assertThat(shop.size()).isEqualTo(6);
    }
    LastingIndex newest = elsewhere.marked.get(elsewhere.marked.size() - 1);
    LastingIndex.Origin origin = newest.origin();
    newest.mark(
        new LastingIndex.Origin(
            origin.store(),
            origin.network(),
            origin.transform(),
            origin.photos(),
            origin.change(),
            "anotherpast"));
    try (Recommender shop = open(store.reopened())) {
      assertThat(elsewhere.built).as("the store was another then").isEqualTo(before + 2);
      assertThat(shop.size()).isEqualTo(6);
    }
  }

  @Test
  void theShopGoesOnWhereItCannotBeMarked() {
    elsewhere.refusing.set(true);
    try (Recommender shop = open(new MemoryStore())) {
      shop.addAll(products(5));
      assertThat(shop.size()).isEqualTo(5);
      shop.refit();
      assertThat(shop.similarTo(features(3), 1).get(0).id()).isEqualTo("p3");
    }
    assertThat(elsewhere.marked).isEmpty();
  }
}

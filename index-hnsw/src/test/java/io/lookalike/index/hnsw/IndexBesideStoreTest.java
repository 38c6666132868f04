package io.lookalike.index.hnsw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lookalike.Recommender;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.NeighborIndex;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import io.lookalike.testkit.ForwardingStore;
import io.lookalike.testkit.MemoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The graph that is saved beside a store: opened where it fits, built anew where it does not. */
@Tag("once")
class IndexBesideStoreTest {

  private static final int DIMENSION = 8;

  @TempDir private Path folder;

  /** Counts how often an index is built of what a store tells. */
  private static final class Counting implements IndexFactory {
    final AtomicInteger built = new AtomicInteger();
    private final IndexFactory hnsw = HnswIndex.factory();

    @Override
    public NeighborIndex create(int dimension) {
      return hnsw.create(dimension);
    }

    @Override
    public NeighborIndex build(int dimension, Iterable<IndexItem> items) {
      built.incrementAndGet();
      return hnsw.build(dimension, items);
    }

    @Override
    public Optional<NeighborIndex> open(Path file, int dimension) throws IOException {
      return hnsw.open(file, dimension);
    }
  }

  private final Counting index = new Counting();

  private Recommender open(CatalogueStore store) {
    return Recommender.builder().dimension(DIMENSION).index(index).store(store).build();
  }

  private static float[] features(int i) {
    var random = new Random(i);
    var features = new float[DIMENSION];
    for (int d = 0; d < DIMENSION; d++) {
      features[d] = (float) random.nextGaussian();
    }
    return features;
  }

  private MemoryStore filled(int products) {
    MemoryStore store = MemoryStore.in(folder);
    try (Recommender shop = open(store)) {
      var items = new ArrayList<ProductFeatures>();
      for (int i = 0; i < products; i++) {
        items.add(new ProductFeatures(Product.of("p" + i).with("n", i), features(i)));
      }
      shop.addAll(items);
    }
    index.built.set(0);
    return store;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith("index-")).toList();
    }
  }

  @Test
  void whatChangedAfterItWasSavedIsCaughtUp() throws Exception {
    MemoryStore store = filled(1_500);
    assertThat(files()).hasSize(1);
    try (Recommender shop = open(store = store.reopened())) {
      assertThat(index.built).hasValue(0);
      shop.remove("p7");
      shop.update("p8", a -> a.with("price", 3));
      shop.add(Product.of("p9").with("n", -9), features(90_009));
      shop.add(Product.of("new"), features(90_010));
      shop.remove("p10");
      shop.add(Product.of("p10"));
    }
    try (Recommender shop = open(store.reopened())) {
      assertThat(index.built).as("one removal never costs a rebuild").hasValue(0);
      assertThat(shop.size()).isEqualTo(1_500);
      assertThat(shop.product("p7")).isEmpty();
      assertThat(shop.product("p8").orElseThrow().attributes().number("price")).hasValue(3);
      assertThat(shop.similarTo(features(90_009), 1).get(0).id()).isEqualTo("p9");
      assertThat(shop.similarTo(features(9), 1).get(0).id()).isNotEqualTo("p9");
      assertThat(shop.similarTo(features(90_010), 1).get(0).id()).isEqualTo("new");
      assertThat(shop.searcher().vector("p10")).isNull();
    }
  }

  @Test
  void aDamagedOneIsBuiltAnewOnce() throws Exception {
    MemoryStore store = filled(300);
    Path file = files().get(0);
    Files.write(file, new byte[] {1, 2, 3});
    try (Recommender shop = open(store = store.reopened())) {
      assertThat(index.built).hasValue(1);
      assertThat(shop.similarTo(features(5), 1).get(0).id()).isEqualTo("p5");
    }
    try (Recommender shop = open(store.reopened())) {
      assertThat(index.built).as("what was built has been saved").hasValue(1);
      assertThat(shop.size()).isEqualTo(300);
    }
  }

  @Test
  void aMissingOneIsBuiltAnewOnce() throws Exception {
    MemoryStore store = filled(300);
    Files.delete(files().get(0));
    open(store = store.reopened()).close();
    open(store.reopened()).close();
    assertThat(index.built).hasValue(1);
  }

  @Test
  void oneForWhichThereIsNoRoomIsSaidAndNothingIsLost() throws Exception {
    folder = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(
        runs("mount", "-t", "tmpfs", "-o", "size=64k", "none", folder.toString()),
        "only root may make a small disk");
    try {
      MemoryStore store = filled(3_000); // whose index is not saved, which the log alone tells
      assertThat(files()).isEmpty();
      try (Recommender shop = open(store = store.reopened())) {
        assertThat(index.built).hasValue(1);
        shop.add(Product.of("new"), features(90_010));
        assertThatThrownBy(shop::save)
            .isInstanceOf(IOException.class)
            .hasMessageContaining(folder.toString())
            .hasMessageContaining("No space left");
        assertThat(shop.similarTo(features(90_010), 1).get(0).id()).isEqualTo("new");
      }
      assertThat(folder).isEmptyDirectory();
      assertThat(runs("mount", "-o", "remount,size=8m", folder.toString())).isTrue();
      open(store = store.reopened()).close(); // saved
      try (Recommender shop = open(store.reopened())) {
        assertThat(index.built).hasValue(2);
        assertThat(shop.size()).isEqualTo(3_001);
      }
    } finally {
      runs("umount", "-l", folder.toString()); // of which files are mapped
    }
  }

  private static boolean runs(String... command) throws Exception {
    return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
  }

  /** A copy of a store from before, put in its place, has other changes after the same number. */
  @Test
  void oneOfATimeThatWasTakenBackIsNeverUsed() throws Exception {
    MemoryStore before = filled(300);
    MemoryStore after = MemoryStore.in(folder);
    List<Path> ofBefore = files();
    // The same store, but later: its index is newer than that of the copy.
    var later = new Renamed(after, before.id());
    try (Recommender shop = open(later)) {
      for (int i = 0; i < 40; i++) {
        shop.add(Product.of("p" + i).with("n", -i), features(70_000 + i));
      }
      shop.save();
    }
    assertThat(files()).doesNotContainAnyElementsOf(ofBefore);
    // Restored: the store of before, to which more is written than had been then.
    try (Recommender shop = open(before = before.reopened())) {
      assertThat(shop.size()).isEqualTo(300);
      for (int i = 0; i < 100; i++) {
        shop.update("p" + i, a -> a.with("restored", true));
      }
    }
    try (Recommender shop = open(before.reopened())) {
      assertThat(shop.size()).isEqualTo(300);
      for (int i = 0; i < 300; i++) {
        assertThat(shop.similarTo(features(i), 1).get(0).id()).isEqualTo("p" + i);
        assertThat(shop.product("p" + i).orElseThrow().attributes().number("n")).hasValue(i);
      }
    }
  }

  private static final class Renamed extends ForwardingStore {
    private final String id;

    Renamed(CatalogueStore store, String id) throws StoreException {
      super(store);
      this.id = id;
    }

    @Override
    public String id() {
      return id;
    }
  }
}

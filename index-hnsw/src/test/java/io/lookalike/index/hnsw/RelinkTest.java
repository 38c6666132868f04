package io.lookalike.index.hnsw;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.AuditReport;
import io.lookalike.Recommender;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Products to which no links lead any more: an audit finds them, and links them again. */
@Tag("once")
class RelinkTest {

  private static final int DIMENSION = 24;
  private static final int ISLANDERS = 40;

  @TempDir private Path folder;

  private static float[] features(Random random) {
    var vector = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      vector[i] = (float) random.nextGaussian();
    }
    return vector;
  }

  /** A factory whose first full index has an island: slots that link to one another alone. */
  private IndexFactory cutOff() {
    IndexFactory whole = HnswIndex.builder().threads(1).factory();
    return new IndexFactory() {
      @Override
      public NeighborIndex create(int dimension) {
        return whole.create(dimension);
      }

      @Override
      public NeighborIndex build(int dimension, Iterable<IndexItem> items) {
        Path file = folder.resolve("index");
        try (var index = (HnswIndex) whole.build(dimension, items)) {
          index.save(file);
          IndexFile.Content content = IndexFile.open(file);
          cutOff(Objects.requireNonNull(content.arrays()));
          return new HnswIndex(content);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  private static void cutOff(GraphArrays arrays) {
    for (int slot = 0; slot < arrays.capacity; slot++) {
      for (int layer = 0; layer <= arrays.levels(slot); layer++) {
        int[] links = arrays.linksOf(slot, layer);
        int first = arrays.firstLink(slot, layer);
        int kept = first;
        for (int i = first; i < first + arrays.width(layer); i++) {
          int link = links[i];
          links[i] = GraphArrays.NONE;
          if (link != GraphArrays.NONE && isIslander(arrays, slot) == isIslander(arrays, link)) {
            links[kept++] = link;
          }
        }
      }
    }
  }

  private static boolean isIslander(GraphArrays arrays, int slot) {
    return slot < ISLANDERS && slot != (int) arrays.entry;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void anIslandIsFoundAndLinkedAgain(long seed) {
    var random = new Random(seed);
    var products = new ArrayList<ProductFeatures>();
    for (int i = 0; i < 1_500; i++) {
      products.add(new ProductFeatures(Product.of("p" + i).with("n", i), features(random)));
    }
    for (int i = 0; i < 1_500; i += 3) { // some share a vector
      products.add(new ProductFeatures(Product.of("twin" + i), products.get(i).features().clone()));
    }
    try (Recommender shop = Recommender.builder().dimension(DIMENSION).index(cutOff()).build()) {
      shop.addAll(products);
      AuditReport report = shop.audit();
      String at = "seed " + seed + "\n" + report;
      assertThat(report.unfindable().number()).as(at).isBetween(ISLANDERS - 5L, 2L * ISLANDERS);
      assertThat(report.healthy()).as(at).isTrue();
      assertThat(shop.audit().unfindable().number()).as(at).isZero();
      assertThat(shop.size()).isEqualTo(products.size());
      assertThat(shop.searcher().ids()).doesNotHaveDuplicates().hasSize(products.size());
      for (ProductFeatures each : products) {
        IndexItem item = shop.searcher().item(each.product().id());
        assertThat(item)
            .as(at)
            .isEqualTo(
                new IndexItem(
                    each.product().id(),
                    UnitVector.of(each.features()),
                    each.product().attributes()));
      }
      // What was linked again can be written like any other.
      for (ProductFeatures each : products.subList(0, 400)) {
        assertThat(shop.remove(each.product().id())).as(at).isTrue();
      }
      assertThat(shop.audit().healthy()).as(at).isTrue();
      assertThat(shop.size()).isEqualTo(products.size() - 400);
    }
  }

  @Test
  void productsThatAreNotThereArePassedOver() {
    try (NeighborIndex index = HnswIndex.factory().create(2)) {
      index.upsert(IndexItem.of("a", new float[] {1, 2}));
      index.relink(List.of("b", "a"));
      index.relink(List.of());
      assertThat(index.ids()).containsExactly("a");
      assertThat(index.search(Query.of(new float[] {1, 2}, 3))).hasSize(1);
    }
  }
}

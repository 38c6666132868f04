package io.lookalike.cli;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Recommender;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.index.hnsw.HnswIndex;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreChange;
import io.lookalike.store.jdbc.JdbcStore;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that was put back to an earlier state, beside an index of what it held later. */
class RestoredShopTest {

  @TempDir Path temp;

  private Recommender open() {
    return Recommender.builder()
        .dimension(2)
        .index(HnswIndex.factory())
        .store(temp.resolve("shop"))
        .build();
  }

  private Path database() {
    return temp.resolve("shop/lookalike.db");
  }

  private List<Path> indexes() throws IOException {
    var found = new ArrayList<Path>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(temp.resolve("shop/index"), "index-*.bin")) {
      files.forEach(found::add);
    }
    return found;
  }

  private static ProductFeatures product(String id, double angle) {
    return new ProductFeatures(
        Product.of(id), new float[] {(float) Math.cos(angle), (float) Math.sin(angle)});
  }

  private void fill() throws IOException {
    try (Recommender shop = open()) {
      var products = new ArrayList<ProductFeatures>();
      for (int i = 0; i < 50; i++) {
        products.add(product("p" + i, i * .01));
      }
      shop.addAll(products);
      assertThat(shop.save()).isTrue();
    }
  }

  private static String nearest(Recommender shop, double angle) {
    return shop.similarTo(product("query", angle).features(), 1).get(0).id();
  }

  /** The numbers of its changes have passed that of the index, so they do not tell. */
  @Test
  void anIndexOfWhatIsNoLongerSoIsNotUsed() throws IOException {
    fill();
    Path backup = Files.copy(database(), temp.resolve("backup.db"));
    try (Recommender shop = open()) {
      shop.remove("p1");
      shop.addAll(List.of(product("lost", 3)));
      shop.save();
    }
    Files.move(backup, database(), REPLACE_EXISTING);
    try (CatalogueStore store = JdbcStore.sqlite(temp.resolve("shop"))) {
      long later = Long.parseLong(indexes().get(0).getFileName().toString().split("-")[4]);
      while (store.lastChange() < later) {
        store.write(
            last -> List.of(new StoreChange.Setting("note", "written after the restore " + last)));
      }
    }
    assertThat(Cli.run("store", "info", temp.resolve("shop")).out())
        .contains("index      none is saved");
    try (Recommender shop = open()) {
      assertThat(shop.size()).isEqualTo(50);
      assertThat(nearest(shop, 3)).isEqualTo("p49");
      assertThat(nearest(shop, .01)).isEqualTo("p1");
      assertThat(shop.audit().healthy()).isTrue();
    }
  }

  @Test
  void anIndexOfBeforeTheCopyWasMadeIsUsed() throws IOException {
    fill();
    List<Path> saved = indexes();
    Path backup = Files.copy(database(), temp.resolve("backup.db"));
    try (Recommender shop = open()) {
      shop.remove("p1");
    }
    Files.move(backup, database(), REPLACE_EXISTING);
    try (Recommender shop = open()) {
      assertThat(nearest(shop, .01)).isEqualTo("p1");
    }
    assertThat(indexes()).as("nothing was built").isEqualTo(saved);
  }

  /** As where a process is killed after it saved the index and before its store knew. */
  @Test
  void theIndexBeforeIsUsedWhereTheStoreDoesNotKnowTheLast() throws IOException {
    fill();
    List<Path> saved = indexes();
    String name = saved.get(0).getFileName().toString();
    Files.write(
        saved.get(0).resolveSibling(name.replaceAll("-\\d+-[0-9a-f]{16}", "-999-0123456789abcdef")),
        new byte[] {1});
    assertThat(Cli.run("store", "info", temp.resolve("shop")).out()).contains(name);
    Files.write(
        saved.get(0).resolveSibling(name.replaceAll("-[0-9a-f]{16}", "")), // an earlier version's
        new byte[] {1});
    try (Recommender shop = open()) {
      assertThat(nearest(shop, .01)).isEqualTo("p1");
      assertThat(indexes()).as("nothing was built").hasSize(3);
      assertThat(shop.save()).isTrue();
    }
    assertThat(indexes()).as("the other is deleted").hasSize(1);
  }
}

package io.lookalike;

import static io.lookalike.ColourExtractor.picture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Product;
import io.lookalike.features.FeatureTransform;
import io.lookalike.store.StoreException;
import io.lookalike.testkit.NaiveIndex;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreFolderTest {

  @TempDir Path temp;

  private static RecommenderBuilder builder() {
    return builder("colour/1").transform(new DoublingRule());
  }

  private static RecommenderBuilder builder(String extractor) {
    return Recommender.builder()
        .extractor(new ColourExtractor(extractor))
        .index(NaiveIndex.factory());
  }

  private static void fill(Recommender shop) {
    shop.add(
        Product.of("0215303002")
            .with("category", "Brille – größer")
            .with("price", 19.95)
            .with("sale", false)
            .with("launched", Instant.parse("2020-01-01T10:11:12.000000013Z"))
            .with("tags", Set.of("a", "b,c", "")),
        picture("a", 255, 0, 0));
    shop.add(Product.of("b"), picture("b", 0, 255, 0));
    shop.add(Product.of("c"), picture("c", 0, 0, 255));
    shop.recordPurchases(
        List.of(
            new Purchase("b", Instant.EPOCH, 3),
            Purchase.of("b", Instant.parse("2020-01-01T00:00:00Z")),
            Purchase.of("not in the catalogue", Instant.EPOCH)));
  }

  private Path saved() throws IOException {
    Path store = temp.resolve("store");
    try (Recommender shop = builder().build()) {
      fill(shop);
      shop.refit();
      shop.save(store);
    }
    return store;
  }

  @Test
  void whatWasSavedComesBack() throws IOException {
    Path store = temp.resolve("new/store");
    try (Recommender shop = builder().build()) {
      fill(shop);
      shop.refit();
      shop.save(store);
      try (Recommender opened = builder().open(store)) {
        assertThat(opened.size()).isEqualTo(3);
        assertThat(opened.product("0215303002")).isEqualTo(shop.product("0215303002"));
        assertThat(opened.transform()).isEqualTo(shop.transform());
        assertThat(opened.similarTo("0215303002", 5)).isEqualTo(shop.similarTo("0215303002", 5));
        assertThat(opened.similarTo(picture("q", 9, 200, 3), 5))
            .isEqualTo(shop.similarTo(picture("q", 9, 200, 3), 5));
        assertThat(opened.purchases().total()).isEqualTo(5);
        assertThat(opened.purchases().daily("b")).isEqualTo(shop.purchases().daily("b"));
        opened.refit();
        assertThat(opened.similarTo("b", 5)).isEqualTo(shop.similarTo("b", 5));
      }
    }
  }

  @Test
  void withoutATransformAndWithoutProducts() throws IOException {
    Path store = temp.resolve("store");
    try (Recommender shop = builder("colour/1").build()) {
      shop.save(store);
      fill(shop);
      shop.save(store);
      try (Recommender opened = builder("colour/1").open(store)) {
        assertThat(opened.transform()).isEqualTo(FeatureTransform.identity(4));
        assertThat(opened.similarTo("b", 5)).isEqualTo(shop.similarTo("b", 5));
      }
    }
    // Never fitted: may be opened with any rule.
    try (Recommender opened = builder().open(store)) {
      assertThat(opened.refit().outputDimension()).isEqualTo(8);
    }
  }

  @Test
  void savingAgainReplacesAndLeavesNothingBehind() throws IOException {
    Path store = saved();
    try (Recommender shop = builder().open(store)) {
      shop.remove("b");
      shop.save(store);
      shop.save(store);
    }
    try (Recommender opened = builder().open(store);
        Stream<Path> files = Files.list(store)) {
      assertThat(opened.size()).isEqualTo(2);
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder(
              ".lock",
              "manifest.properties",
              "products-3.bin",
              "features-3.bin",
              "transform-3.bin",
              "purchases-3.bin");
    }
  }

  @Test
  void aSaveSucceedsEvenIfOldFilesCannotBeDeleted() throws IOException {
    Path store = saved();
    Path stuck = Files.createDirectories(store.resolve("features-0.bin/in the way"));
    try (Recommender shop = builder().open(store)) {
      shop.remove("b");
      shop.save(store);
    }
    try (Recommender opened = builder().open(store)) {
      assertThat(opened.size()).isEqualTo(2);
    }
    assertThat(stuck).exists();
  }

  @Test
  void whatDoesNotFitIsRefused() throws IOException {
    Path store = saved();
    assertThatThrownBy(() -> builder("other/2").open(store))
        .isInstanceOf(StoreException.class)
        .hasMessage(
            store
                + " was made with extractor colour/1, but is opened with other/2; open it with the"
                + " former, or index again");
    assertThatThrownBy(() -> builder("colour/1").open(store))
        .hasMessageContaining("was made with transform.rule doubling, but is opened with none");
    assertThatThrownBy(
            () -> Recommender.builder().dimension(4).index(NaiveIndex.factory()).open(store))
        .hasMessageContaining("extractor colour/1, but is opened with none");
    assertThatThrownBy(() -> builder().open(temp.resolve("nowhere")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is no folder");
    assertThatThrownBy(() -> builder().open(temp)).hasMessageContaining("holds no catalogue");
    Path file = Files.writeString(temp.resolve("file"), "x");
    assertThatThrownBy(() -> builder().open(file)).hasMessageContaining("is no folder");
    try (Recommender shop = builder().build()) {
      assertThatThrownBy(() -> shop.save(file)).hasMessageContaining("is a file");
      assertThatThrownBy(() -> shop.save(temp))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("holds other files");
    }
    assertThat(file).hasContent("x");
  }

  @Test
  void itsSettingsCanBeAskedFor() throws IOException {
    Path store = saved();
    assertThat(StoreInfo.read(store)).isEqualTo(new StoreInfo("colour/1", 4, "doubling"));
    Path manifest = store.resolve("manifest.properties");
    String good = Files.readString(manifest);
    for (String bad : List.of("0", "-1", "4294967297", "four")) {
      Files.writeString(manifest, good.replace("dimension=4", "dimension=" + bad));
      assertThatThrownBy(() -> StoreInfo.read(store))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("damaged: dimension is " + bad);
    }
    assertThatThrownBy(() -> StoreInfo.read(temp)).hasMessageContaining("holds no catalogue");
    assertThat(StoreInfo.exists(store)).isTrue();
    assertThat(StoreInfo.exists(temp)).isFalse();
    assertThat(StoreInfo.exists(temp.resolve("nowhere"))).isFalse();
  }

  /** Every byte of every file, flipped and cut off: refused in one line, never a wrong answer. */
  @Test
  void damageIsNoticed() throws IOException {
    Path store = saved();
    List<Path> files;
    try (Stream<Path> all = Files.list(store)) {
      files = all.filter(f -> f.toString().endsWith(".bin")).sorted().toList();
    }
    var random = new Random(1);
    for (Path file : files) {
      byte[] good = Files.readAllBytes(file);
      assertThat(good.length).as("%s", file).isPositive();
      for (int i = 0; i < good.length; i++) {
        byte[] bad = good.clone();
        bad[i] ^= (byte) (1 << random.nextInt(8));
        Files.write(file, bad);
        assertThatThrownBy(() -> builder().open(store))
            .as("byte %s of %s", i, file)
            .isInstanceOf(StoreException.class)
            .hasMessageContaining(file.getFileName() + " is damaged: its CRC-32C is ");
      }
      Files.write(file, java.util.Arrays.copyOf(good, good.length - 1));
      assertThatThrownBy(() -> builder().open(store))
          .hasMessageContaining("expected " + good.length);
      Files.delete(file);
      assertThatThrownBy(() -> builder().open(store)).hasMessageContaining("is missing");
      Files.write(file, good);
    }
    try (Recommender whole = builder().open(store)) {
      assertThat(whole.size()).isEqualTo(3);
    }
  }

  @Test
  void aDamagedManifestIsNeverAStackTraceOfAnotherKind() throws IOException {
    Path manifest = saved().resolve("manifest.properties");
    String good = Files.readString(manifest);
    var lines = new ArrayList<>(good.lines().toList());
    for (int i = 1; i < lines.size(); i++) {
      for (String replacement : List.of("", lines.get(i).replaceAll("=.*", "=../x\\\\u00"))) {
        var changed = new ArrayList<>(lines);
        changed.set(i, replacement);
        Files.write(manifest, changed);
        try (Recommender opened = builder().open(manifest.getParent())) {
          assertThat(opened.size()).isEqualTo(3);
          assertThat(lines.get(i))
              .as("only what is there for people may be missing")
              .containsAnyOf("generation", "products=", "transform.description");
        } catch (StoreException e) {
          assertThat(e).hasMessageContaining(manifest.getParent().toString());
        }
      }
    }
    Files.write(manifest, new byte[] {'f', '=', '\\', 'u', 'x', (byte) 0xff});
    assertThatThrownBy(() -> builder().open(manifest.getParent()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is damaged");
  }

  @Test
  void aSecondWriterIsTurnedAway() throws IOException {
    Path store = saved();
    try (FileChannel other = FileChannel.open(store.resolve(".lock"), StandardOpenOption.WRITE);
        Recommender shop = builder().open(store)) {
      assertThat(other.lock().isValid()).isTrue();
      assertThatThrownBy(() -> shop.save(store))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("is being written by another");
    }
  }

  /** A reader that opens while saves go on sees one state or another, never a mixture. */
  @Test
  void openingBesideSaving() throws Exception {
    Path store = saved();
    var done = new AtomicBoolean();
    var writer =
        new Thread(
            () -> {
              try (Recommender shop = builder().open(store)) {
                for (int i = 0; i < 60; i++) {
                  shop.add(Product.of("extra" + i), picture("x", i, i, 9));
                  shop.recordPurchase("extra" + i, Instant.EPOCH);
                  shop.save(store);
                }
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              } finally {
                done.set(true);
              }
            });
    writer.start();
    int opened = 0;
    while (!done.get() || opened == 0) {
      try (Recommender shop = builder().open(store)) {
        assertThat(shop.purchases().products() - 2).isEqualTo(shop.size() - 3);
        opened++;
      }
    }
    writer.join();
    try (Recommender shop = builder().open(store)) {
      assertThat(shop.size()).isEqualTo(63);
    }
  }
}

package io.lookalike.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Purchase;
import io.lookalike.Recommender;
import io.lookalike.catalog.Product;
import io.lookalike.store.StoreException;
import io.lookalike.testkit.NaiveIndex;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Databases with damaged bytes: each is refused by name, at once or where the damage is met, or can
 * be used. By seeds; {@code lookalike.fuzz.seconds} says for how long.
 */
@Tag("fuzz")
class StoreFuzzTest {

  @TempDir private Path folder;

  @Test
  void aDamagedDatabaseIsRefusedByNameOrCanBeUsed() throws IOException {
    Path good = folder.resolve("good");
    fill(good);
    Path database = good.resolve("lookalike.db");
    byte[] bytes = Files.readAllBytes(database);
    double seconds = Double.parseDouble(System.getProperty("lookalike.fuzz.seconds", "1"));
    long end = System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    long seed = Long.getLong("lookalike.fuzz.seed", 1);
    do {
      Path damaged = Files.createDirectory(folder.resolve("damaged" + seed));
      Files.write(damaged.resolve("lookalike.db"), damaged(bytes, new Random(seed)));
      try (Recommender shop = shop(damaged)) {
        use(shop);
      } catch (UncheckedIOException e) {
        assertThat(e.getCause()).as("seed %s", seed).isInstanceOf(StoreException.class);
        assertThat(String.valueOf(e.getMessage())).as("seed %s", seed).isNotBlank();
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed, e);
      }
      delete(damaged);
      seed++;
    } while (System.nanoTime() < end);
  }

  private static Recommender shop(Path store) {
    return Recommender.builder().dimension(3).index(NaiveIndex.factory()).store(store).build();
  }

  private static float[] features(int i) {
    return new float[] {(float) Math.cos(i), (float) Math.sin(i), 1 + i % 7};
  }

  private static void fill(Path store) {
    try (Recommender shop = shop(store)) {
      for (int i = 0; i < 200; i++) {
        shop.add(
            Product.of("p" + i)
                .with("price", i + .95)
                .with("sale", i % 2 == 0)
                .with("launched", Instant.EPOCH.plusSeconds(i))
                .with("tags", Set.of("x", "y" + i)),
            features(i));
      }
      shop.add(Product.of("unseen").with("code", 1L << 60));
      shop.remove("p7");
      var sold = new ArrayList<Purchase>();
      for (int i = 0; i < 300; i++) {
        sold.add(new Purchase("p" + i % 40, Instant.EPOCH.plusSeconds(86_400L * i), 2, "o" + i));
      }
      shop.recordPurchases(sold);
    }
  }

  private static void use(Recommender shop) {
    for (String id : List.of("p1", "p150", "unseen")) {
      shop.product(id);
      shop.purchases().daily(id);
    }
    shop.similarTo(features(3), 5);
    shop.add(Product.of("new"), features(77));
    shop.update("p3", attributes -> attributes.with("price", 1));
    shop.recordPurchase("p3", Instant.EPOCH);
    assertThat(shop.similarTo("new", 5)).hasSizeLessThanOrEqualTo(shop.size());
  }

  private static byte[] damaged(byte[] good, Random random) {
    byte[] bytes = good.clone();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(5)) {
        case 0 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes[at] = (byte) random.nextInt();
        case 3 -> {
          int length = Math.min(bytes.length - at, 1 + random.nextInt(4_096));
          Arrays.fill(bytes, at, at + length, (byte) 0);
        }
        default -> {
          int length = Math.min(bytes.length - at, 1 + random.nextInt(512));
          int from = random.nextInt(bytes.length - length + 1);
          System.arraycopy(good, Math.min(from, good.length - length), bytes, at, length);
        }
      }
    }
    return bytes;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }
}

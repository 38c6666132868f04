package io.lookalike.index.hnsw;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.catalog.Attributes;
import io.lookalike.index.IndexItem;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a file holds, it opens as an index that can be used or is refused by name. The system
 * property {@code lookalike.fuzz.seconds} says for how long files are tried, {@code
 * lookalike.fuzz.seed} from which seed on.
 */
@Tag("fuzz")
@Tag("once")
class IndexFileFuzzTest {

  private static final int HEADER = 512;
  private static final int LENGTH_AT = 72;
  private static final int SECTIONS_AT = 96;
  private static final int SECTIONS = 19;

  @TempDir Path folder;

  @Test
  void everyFileIsRefusedByNameOrCanBeUsed() throws IOException {
    Path good = folder.resolve("good");
    save(good);
    byte[] bytes = Files.readAllBytes(good);
    double seconds = Double.parseDouble(System.getProperty("lookalike.fuzz.seconds", "1"));
    long end = System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    long seed = Long.getLong("lookalike.fuzz.seed", 1);
    for (int opened = 0, tried = 0; tried < 200 || System.nanoTime() < end; tried++, seed++) {
      var random = new Random(seed);
      Path file = folder.resolve("mutated-" + tried % 100);
      Files.write(file, mutated(bytes, random));
      try (HnswIndex index = HnswIndex.open(file)) {
        opened++;
        use(index, random);
      } catch (IOException | UncheckedIOException e) {
        assertThat(e.getMessage()).as("seed %s", seed).contains(file.toString());
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + ", after " + opened + " that opened", e);
      }
    }
  }

  private static void save(Path file) throws IOException {
    var random = new Random(5);
    var factory = HnswIndex.builder().m(3).threads(1).leastNodes(8).factory();
    try (NeighborIndex index = factory.create(5)) {
      for (int i = 0; i < 60; i++) {
        var vector = new float[5];
        for (int j = 0; j < 5; j++) {
          // Some of them equal, some nearly.
          vector[j] = i % 4 == 0 ? j + 1 + i * 1e-6f : (float) random.nextGaussian();
        }
        Attributes attributes = Attributes.none().with("n", i).with("tags", Set.of("a", "b" + i));
        index.upsert(new IndexItem("p" + i, UnitVector.of(vector), attributes));
      }
      for (int i = 0; i < 60; i += 3) {
        index.connect("p" + i, List.of("p" + (i + 7) % 60, "p" + (i + 30) % 60));
      }
      ((HnswIndex) index).save(file);
    }
  }

  private static void use(HnswIndex index, Random random) {
    var vector = new float[index.dimension()];
    Arrays.fill(vector, 1);
    Query query = Query.of(vector, 1 + random.nextInt(20));
    index.search(query);
    index.forEach(item -> assertThat(item.id()).isNotBlank());
    for (String id : index.ids().stream().limit(9).toList()) {
      index.remove(id);
    }
    for (int i = 0; i < 9; i++) {
      vector[0] = i;
      index.upsert(IndexItem.of("new" + i, vector));
    }
    index.search(query);
  }

  private static byte[] mutated(byte[] good, Random random) {
    byte[] bytes = good.clone();
    for (int i = 0; i <= random.nextInt(3); i++) {
      switch (random.nextInt(6)) {
        case 0:
          bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
          break;
        case 1:
          bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(100));
          break;
        case 2:
          if (bytes.length > 0) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
          }
          break;
        case 3:
          int at = 4 * random.nextInt(Math.max(1, Math.min(HEADER, bytes.length) / 4));
          if (at + 4 <= bytes.length) {
            int[] numbers = {0, 1, -1, random.nextInt(100), Integer.MAX_VALUE, random.nextInt()};
            ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(at, numbers[random.nextInt(numbers.length)]);
          }
          break;
        case 4:
          swapSections(bytes, random);
          break;
        default:
          if (bytes.length > HEADER) {
            int from = HEADER + random.nextInt(bytes.length - HEADER);
            int to = Math.min(bytes.length, from + random.nextInt(40));
            Arrays.fill(bytes, from, to, (byte) random.nextInt());
          }
      }
    }
    if (bytes.length >= HEADER && random.nextInt(4) > 0) {
      makeChecksumsRight(bytes);
    }
    return bytes;
  }

  /** What the header tells of two sections: where each begins and what it sums up to. */
  private static void swapSections(byte[] bytes, Random random) {
    int one = SECTIONS_AT + 16 * random.nextInt(SECTIONS);
    int other = SECTIONS_AT + 16 * random.nextInt(SECTIONS);
    if (bytes.length >= HEADER) {
      byte[] kept = Arrays.copyOfRange(bytes, one, one + 16);
      System.arraycopy(bytes, other, bytes, one, 16);
      System.arraycopy(kept, 0, bytes, other, 16);
    }
  }

  /** As far as the sections lie within the file. */
  private static void makeChecksumsRight(byte[] bytes) {
    ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    all.putLong(LENGTH_AT, bytes.length);
    long at = HEADER;
    for (int i = 0; i < SECTIONS; i++) {
      int entry = SECTIONS_AT + 16 * i;
      long length = (all.getLong(entry) + 7) / 8 * 8;
      if (length < 0 || at + length > bytes.length) {
        break;
      }
      if (i != SECTIONS - 2) { // the vectors' rows have their own
        all.putInt(entry + 8, crc(bytes, (int) at, (int) length));
      }
      at += length;
    }
    all.putInt(HEADER - 4, crc(bytes, 0, HEADER - 4));
  }

  private static int crc(byte[] bytes, int from, int length) {
    var checksum = new CRC32C();
    checksum.update(bytes, from, length);
    return (int) checksum.getValue();
  }
}

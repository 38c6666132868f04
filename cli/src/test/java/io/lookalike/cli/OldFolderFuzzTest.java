package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged folders of the format before the store, most with checksums made right: they are read, or
 * refused by name. {@code lookalike.fuzz.seconds} says how long they are tried, {@code
 * lookalike.fuzz.seed} from which seed on.
 */
@Tag("fuzz")
class OldFolderFuzzTest {

  /** What a length or a count is changed to. */
  private static final int[] SIZES = {0, 1, -1, 255, 1 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE};

  @TempDir Path folder;

  @Test
  void aDamagedFolderIsRefusedByNameOrCanBeUsed() throws IOException {
    Path good = Path.of("src", "test", "resources", "io", "lookalike", "cli", "lookalike-store-3");
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(good)) {
      for (Path file : all.toList()) {
        files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    double seconds = Double.parseDouble(System.getProperty("lookalike.fuzz.seconds", "1"));
    long end = System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    long seed = Long.getLong("lookalike.fuzz.seed", 1);
    Path damaged = Files.createDirectory(folder.resolve("damaged"));
    do {
      write(damaged, damaged(files, new Random(seed)));
      try {
        read(damaged);
      } catch (IOException | UserErrorException e) {
        assertThat(e.getMessage()).as("seed %s", seed).contains(damaged.toString());
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed, e);
      }
      seed++;
    } while (System.nanoTime() < end);
  }

  private static void read(Path damaged) throws IOException {
    OldFolder old = OldFolder.open(damaged);
    assertThat(old.name()).isNotEmpty();
    old.read((id, attributes, features) -> assertThat(id).isNotEmpty());
    old.transform(1);
    assertThat(old.sales().total()).isNotNegative();
    old.purchaseIds();
  }

  private static void write(Path folder, Map<String, byte[]> files) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      for (Path file : all.toList()) {
        Files.delete(file);
      }
    }
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
  }

  private static Map<String, byte[]> damaged(Map<String, byte[]> good, Random random) {
    var files = new TreeMap<>(good);
    List<String> names = List.copyOf(good.keySet());
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      String name = names.get(random.nextInt(names.size()));
      byte[] bytes = files.get(name);
      if (bytes == null || bytes.length == 0) {
        continue;
      }
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(8)) {
        case 0 -> files.put(name, Arrays.copyOf(bytes, at));
        case 1 -> files.put(name, Arrays.copyOf(bytes, bytes.length + random.nextInt(9)));
        case 2 -> files.put(name, files.get(names.get(random.nextInt(names.size()))));
        case 3 -> files.remove(name);
        case 4 -> {
          byte[] other = bytes.clone();
          if (at + 4 <= other.length) {
            ByteOrder order = random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
            ByteBuffer.wrap(other).order(order).putInt(at, SIZES[random.nextInt(SIZES.length)]);
          }
          files.put(name, other);
        }
        default -> {
          byte[] other = bytes.clone();
          other[at] ^= (byte) (1 << random.nextInt(8));
          files.put(name, other);
        }
      }
    }
    files.values().removeIf(bytes -> bytes == null);
    if (random.nextInt(4) > 0) {
      makeChecksumsRight(files);
    }
    return files;
  }

  /** What the manifest says of the files that it names. */
  private static void makeChecksumsRight(Map<String, byte[]> files) {
    byte[] manifest = files.get("manifest.properties");
    if (manifest == null) {
      return;
    }
    String text = new String(manifest, StandardCharsets.ISO_8859_1);
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      String kind = file.getKey().replaceFirst("-\\d+\\.bin$", "");
      var checksum = new CRC32C();
      checksum.update(file.getValue());
      text =
          text.replaceAll("(?m)^" + kind + "\\.bytes=.*", kind + ".bytes=" + file.getValue().length)
              .replaceAll(
                  "(?m)^" + kind + "\\.crc32c=.*",
                  kind + ".crc32c=" + Long.toHexString(checksum.getValue()));
    }
    files.put("manifest.properties", text.getBytes(StandardCharsets.ISO_8859_1));
  }
}

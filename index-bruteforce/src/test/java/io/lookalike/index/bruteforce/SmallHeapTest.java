package io.lookalike.index.bruteforce;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.catalog.Attributes;
import io.lookalike.index.IndexItem;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A write that runs out of memory has changed nothing; another JVM with a small heap shows it. */
class SmallHeapTest {

  private static final int DIMENSION = 64;

  @Test
  @Tag("once")
  void aWriteThatRunsOutOfMemoryChangesNothing() throws IOException, InterruptedException {
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx24m",
                "-XX:+UseSerialGC",
                "-Dlookalike.simd=scalar",
                "-cp",
                System.getProperty("java.class.path"),
                SmallHeapTest.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(java.getInputStream().readAllBytes());
    assertThat(java.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(output).contains("writes failed, nothing was changed");
    assertThat(java.exitValue()).isZero();
  }

  /** Writes while nearly all memory is taken, with a little more left each time. */
  public static void main(String[] args) {
    var random = new Random(9);
    var model = new HashMap<String, UnitVector>();
    int failed = 0;
    try (var index = (BruteForceIndex) BruteForceIndex.factory().create(DIMENSION)) {
      for (int round = 0; round < 30; round++) {
        var batch = new HashMap<String, UnitVector>();
        for (int i = 0; i < 1 + round % 3 * 100; i++) {
          batch.put("p" + random.nextInt(1000), vector(random));
        }
        var items = new ArrayList<IndexItem>();
        batch.forEach((id, vector) -> items.add(new IndexItem(id, vector, Attributes.none())));
        String removed = "p" + random.nextInt(1000);
        List<byte[]> hog = takeAllBut(round * 4000);
        try {
          index.upsertAll(items);
          hog = null;
          model.putAll(batch);
        } catch (OutOfMemoryError e) {
          hog = null;
          failed++;
        }
        hog = takeAllBut(round * 400);
        try {
          boolean was = index.remove(removed);
          hog = null;
          if (was != (model.remove(removed) != null)) {
            throw new AssertionError("round " + round + ", removed " + removed);
          }
        } catch (OutOfMemoryError e) {
          hog = null;
          failed++;
        }
        check(index, model, round);
      }
    }
    if (failed < 10) {
      throw new AssertionError("only " + failed + " failed");
    }
    System.out.println(failed + " writes failed, nothing was changed");
  }

  private static UnitVector vector(Random random) {
    var values = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return UnitVector.of(values);
  }

  private static List<byte[]> takeAllBut(int bytes) {
    var hog = new ArrayList<byte[]>(100_000);
    var rest = new byte[bytes];
    for (int size = 1 << 20; size >= 64; size /= 8) {
      try {
        while (true) {
          hog.add(new byte[size]);
        }
      } catch (OutOfMemoryError e) {
        continue; // with smaller pieces
      }
    }
    return rest.length == bytes ? hog : List.of(); // the rest becomes garbage here
  }

  private static void check(BruteForceIndex index, Map<String, UnitVector> model, int round) {
    if (index.size() != model.size() || index.ids().size() != model.size()) {
      throw new AssertionError(
          "round " + round + ": size " + index.size() + ", expected " + model.size());
    }
    for (Map.Entry<String, UnitVector> each : model.entrySet()) {
      if (!each.getValue().equals(index.vector(each.getKey()))) {
        throw new AssertionError("round " + round + ", seed 9: " + each.getKey() + " is another");
      }
    }
  }
}

package io.lookalike.index.hnswlib;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.catalog.Attributes;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
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

  private static final int DIMENSION = 16;

  @Test
  @Tag("once")
  void aWriteThatRunsOutOfMemoryChangesNothing() throws IOException, InterruptedException {
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx16m",
                "-XX:+UseSerialGC",
                "-Dlookalike.simd=scalar",
                "-cp",
                System.getProperty("java.class.path"),
                SmallHeapTest.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(java.getInputStream().readAllBytes());
    assertThat(java.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(output).contains("writes failed, nothing was changed");
    assertThat(java.exitValue()).isZero();
  }

  /** Writes while nearly all memory is taken, with a little more left each time. */
  public static void main(String[] args) {
    var random = new Random(9);
    var model = new HashMap<String, UnitVector>();
    int failed = 0;
    int made = 0;
    try (NeighborIndex index = HnswlibIndex.builder().m(32).factory().create(DIMENSION)) {
      for (int round = 0; round < 18; round++) {
        var batch = new HashMap<String, UnitVector>();
        for (int i = 0; i < 1 + round % 4 * 60; i++) {
          batch.put("p" + random.nextInt(1000), vector(random));
        }
        var items = new ArrayList<IndexItem>();
        batch.forEach((id, vector) -> items.add(new IndexItem(id, vector, Attributes.none())));
        String removed = "p" + random.nextInt(1000);
        List<byte[]> hog = null;
        try {
          hog = takeAllBut(round % 6 * 1_000_000);
          index.upsertAll(items);
          hog = null;
          model.putAll(batch);
          made++;
        } catch (OutOfMemoryError e) {
          hog = null;
          failed++;
        }
        try {
          hog = takeAllBut(round % 3 * 30_000);
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
    if (failed < 5 || made < 5) {
      throw new AssertionError(failed + " writes failed, " + made + " batches were made");
    }
    System.out.println(failed + " writes failed, nothing was changed");
    System.exit(0);
  }

  private static void check(NeighborIndex index, Map<String, UnitVector> model, int round) {
    if (index.size() != model.size()) {
      throw new AssertionError(
          "round " + round + ", " + index.size() + " products, expected " + model.size());
    }
    int lost = 0;
    for (Map.Entry<String, UnitVector> each : model.entrySet()) {
      IndexItem item = index.item(each.getKey());
      if (item == null || !item.vector().equals(each.getValue())) {
        throw new AssertionError("round " + round + ", seed 9: " + each.getKey() + " is another");
      }
      List<Neighbor> near = index.search(Query.of(each.getValue(), 3));
      if (near.size() != Math.min(3, model.size())) {
        throw new AssertionError("round " + round + ", seed 9: found " + near);
      }
      lost += near.get(0).id().equals(each.getKey()) ? 0 : 1;
    }
    if (lost > model.size() / 50) {
      throw new AssertionError("round " + round + ", seed 9: " + lost + " are not found");
    }
  }

  private static UnitVector vector(Random random) {
    var vector = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      vector[i] = (float) random.nextGaussian();
    }
    return UnitVector.of(vector);
  }

  private static List<byte[]> takeAllBut(int bytes) {
    var hog = new ArrayList<byte[]>(100_000);
    var rest = new byte[bytes];
    for (int size = 1 << 20; size >= 512; size /= 8) {
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
}

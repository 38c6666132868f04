package io.lookalike.index.opensearch;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.index.Neighbor;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ThoroughnessTest {

  private static final int SEED = 5;

  private final Map<String, UnitVector> products = new LinkedHashMap<>();

  /** Compares all; its graphs miss some, by chance, but never whom a query was made from. */
  private class Leaky implements Thoroughness.Tried {
    private final IntToDoubleFunction missed;
    private final Random random = new Random(SEED);
    private final List<Integer> levels = new ArrayList<>();

    Leaky(IntToDoubleFunction missed) {
      this.missed = missed;
    }

    @Override
    public @Nullable UnitVector vector(String id) {
      return products.get(id);
    }

    @Override
    public List<Neighbor> exact(UnitVector query, int k) {
      return nearest(query).limit(k).toList();
    }

    private Stream<Neighbor> nearest(UnitVector query) {
      return products.entrySet().stream()
          .map(each -> new Neighbor(each.getKey(), each.getValue().cosine(query)))
          .sorted(Neighbor.CLOSEST_FIRST);
    }

    @Override
    public List<Neighbor> near(UnitVector query, int k, int efSearch) {
      levels.add(efSearch);
      boolean isQuestion = k == 12;
      double share = isQuestion ? missed.applyAsDouble(efSearch) : 0;
      List<Neighbor> all = nearest(query).toList();
      List<Neighbor> found = new ArrayList<>(all.subList(0, 2)); // as they lie between these
      for (Neighbor each : all.subList(2, all.size())) {
        if (found.size() < k && random.nextDouble() >= share) {
          found.add(each);
        }
      }
      return found;
    }
  }

  private List<String> sample() {
    var random = new Random(SEED);
    for (int i = 0; i < 400; i++) {
      var values = new float[24];
      for (int d = 0; d < values.length; d++) {
        values[d] = (float) random.nextGaussian();
      }
      products.put("p" + i, UnitVector.of(values));
    }
    return List.copyOf(products.keySet()).subList(0, Thoroughness.SAMPLE);
  }

  @Test
  void theLeastThatFindsEnoughIsTaken() {
    List<String> sample = sample();
    assertThat(Thoroughness.of(sample, new Leaky(ef -> 0))).isEqualTo(200);
    assertThat(Thoroughness.of(sample, new Leaky(ef -> ef < 700 ? .1 : .01)))
        .as("seed %d", SEED)
        .isEqualTo(700);
    assertThat(Thoroughness.of(sample, new Leaky(ef -> .3))).isEqualTo(3000);
  }

  @Test
  void aLevelThatMissesTooManyIsLeftEarly() {
    List<String> sample = sample();
    var easy = new Leaky(ef -> 0);
    Thoroughness.of(sample, easy);
    assertThat(easy.levels).as("whom each lies near, and the level").hasSize(2 * sample.size());
    var hard = new Leaky(ef -> ef < 3000 ? 1 : 0);
    Thoroughness.of(sample, hard);
    assertThat(hard.levels).hasSize(2 * sample.size() + 7);
  }

  @Test
  void equalVectorsCountHoweverTheyAreCalled() {
    UnitVector one = UnitVector.of(new float[] {1, 2, 3});
    for (int i = 0; i < 100; i++) {
      products.put("p" + i, one);
    }
    var index =
        new Leaky(ef -> 0) {
          @Override
          public List<Neighbor> near(UnitVector query, int k, int efSearch) {
            return exact(query, 100).subList(80, 80 + k);
          }
        };
    assertThat(Thoroughness.of(List.of("p1", "p2"), index)).isEqualTo(200);
  }

  @Test
  void whatIsGoneIsLeftOut() {
    List<String> sample = sample();
    products.remove(sample.get(0));
    assertThat(Thoroughness.of(sample, new Leaky(ef -> 0))).isEqualTo(200);
    assertThat(Thoroughness.of(List.of("gone"), new Leaky(ef -> 1))).isEqualTo(200);
    var emptied =
        new Leaky(ef -> 0) {
          @Override
          public List<Neighbor> near(UnitVector query, int k, int efSearch) {
            return List.of();
          }
        };
    assertThat(Thoroughness.of(sample.subList(1, 2), emptied)).isEqualTo(200);
  }
}

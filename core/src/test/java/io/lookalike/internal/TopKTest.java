package io.lookalike.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TopKTest {

  @Test
  void keepsTheBestOfAll() {
    for (long seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      int count = random.nextInt(40);
      int k = random.nextInt(12);
      var values = IntStream.range(0, count).mapToObj(i -> random.nextInt(30)).toList();
      var top = new TopK<Integer>(k, Comparator.reverseOrder());
      for (int value : values) {
        Integer bar = top.bar();
        assertThat(bar != null).as("seed %s", seed).isEqualTo(k > 0 && top.sorted().size() == k);
        boolean kept = top.offer(value);
        assertThat(kept).as("seed %s", seed).isEqualTo(k > 0 && (bar == null || value > bar));
      }
      assertThat(top.sorted())
          .as("seed %s", seed)
          .isEqualTo(values.stream().sorted(Comparator.reverseOrder()).limit(k).toList());
    }
  }

  @Test
  void theLargestKTakesNoMemoryOfItsOwn() {
    var top = new TopK<Integer>(Integer.MAX_VALUE, Comparator.naturalOrder());
    top.offer(2);
    top.offer(1);
    assertThat(top.sorted()).containsExactly(1, 2);
    assertThatThrownBy(() -> new TopK<Integer>(-1, Comparator.naturalOrder()))
        .hasMessage("k is -1, expected 0 or more");
  }
}

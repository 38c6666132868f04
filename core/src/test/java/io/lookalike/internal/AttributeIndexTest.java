package io.lookalike.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttributeIndexTest {

  private static final int SIZE = 300;

  private final @Nullable Attributes[] now = new Attributes[SIZE];
  private AttributeIndex index = new AttributeIndex(number -> now[number], true);

  private void change(int number, @Nullable Attributes after) {
    if (after != null) {
      index.prepare(number, after);
    }
    Attributes before = now[number];
    now[number] = after;
    index.change(number, before, after);
  }

  private static Attributes attributes(Random random) {
    Attributes attributes = Attributes.none();
    if (random.nextInt(4) > 0) {
      attributes = attributes.with("color", "c" + random.nextInt(5));
    }
    if (random.nextBoolean()) {
      attributes = attributes.with("price", random.nextInt(8)).with("sale", random.nextBoolean());
    }
    if (random.nextBoolean()) {
      attributes = attributes.with("sizes", Set.of("s" + random.nextInt(3), "s3"));
    }
    if (random.nextBoolean()) {
      attributes = attributes.with("since", Instant.ofEpochSecond(random.nextInt(5), 7));
    }
    return random.nextInt(9) == 0 ? attributes.with("color", random.nextInt(5)) : attributes;
  }

  private static Filter filter(Random random, int depth) {
    switch (random.nextInt(depth == 0 ? 5 : 8)) {
      case 0:
        return Filter.equal("color", random.nextBoolean() ? "c" + random.nextInt(6) : 3);
      case 1:
        return Filter.in("sizes", "s" + random.nextInt(4), "s" + random.nextInt(5));
      case 2:
        return Filter.equal("sale", random.nextBoolean());
      case 3:
        return random.nextBoolean()
            ? Filter.lessThan("price", random.nextInt(9))
            : Filter.atLeast("price", random.nextInt(9));
      case 4:
        return Filter.atMost("since", Instant.ofEpochSecond(random.nextInt(5), 8));
      case 5:
        return Filter.not(filter(random, depth - 1));
      case 6:
        return Filter.and(filter(random, depth - 1), filter(random, depth - 1));
      default:
        return Filter.or(filter(random, depth - 1), filter(random, depth - 1));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void allThatMatchAreAmongTheCandidates(long seed) {
    changeAndLook(new Random(seed), seed, 4000);
  }

  /** Products that were there before the index are learnt while others change. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatWasThereIsLearntBesideChanges(long seed) {
    var random = new Random(seed);
    for (int i = 0; i < SIZE; i++) {
      now[i] = random.nextInt(5) == 0 ? null : attributes(random);
    }
    index = new AttributeIndex(number -> now[number], false);
    while (!index.isComplete()) {
      assertThat(index.candidates(Filter.equal("sale", true), SIZE)).isNull();
      for (int i = random.nextInt(20); i > 0; i--) {
        change(random.nextInt(SIZE), random.nextInt(5) == 0 ? null : attributes(random));
      }
      index.learn(1 + random.nextInt(50), SIZE);
    }
    changeAndLook(random, seed, 500);
  }

  private void changeAndLook(Random random, long seed, int steps) {
    for (int step = 0; step < steps; step++) {
      change(random.nextInt(SIZE), random.nextInt(5) == 0 ? null : attributes(random));
      if (random.nextInt(10) == 0) { // a change that comes to nothing
        index.prepare(random.nextInt(SIZE), attributes(random));
      }
      Filter filter = filter(random, 3);
      AttributeIndex.Candidates found = index.candidates(filter, SIZE);
      if (found != null) {
        Set<Integer> numbers =
            Arrays.stream(found.numbers(), 0, found.count()).boxed().collect(Collectors.toSet());
        assertThat(numbers).as("each once, seed %s, %s", seed, filter).hasSize(found.count());
        for (int i = 0; i < SIZE; i++) {
          Attributes attributes = now[i];
          if (attributes != null && filter.matches(attributes)) {
            assertThat(numbers).as("seed %s, step %s, %s", seed, step, filter).contains(i);
          }
        }
      }
    }
  }

  @Test
  void fewCandidatesAreFoundForRareAndContradictoryFilters() {
    for (int i = 0; i < SIZE; i++) {
      change(i, Attributes.none().with("color", i < 7 ? "rare" : "c" + i % 2).with("price", i));
    }
    assertThat(count(Filter.equal("color", "rare"))).isEqualTo(7);
    assertThat(count(Filter.and(Filter.equal("color", "c0"), Filter.equal("color", "c1"))))
        .isZero();
    Filter red = Filter.equal("color", "c0");
    assertThat(count(Filter.and(red, Filter.not(red)))).isZero();
    assertThat(count(Filter.lessThan("price", -1))).isZero();
    assertThat(count(Filter.equal("unheard", "of"))).isZero();
    assertThat(count(Filter.not(Filter.greaterThan("price", 3)))).isEqualTo(4);
    assertThat(count(Filter.not(red))).isEqualTo(154);
    Filter rare = Filter.equal("color", "rare");
    assertThat(index.candidates(Filter.not(rare), SIZE)).as("nearly all").isNull();
  }

  @Test
  void itIsKnownWhereNoProductHasAnotherValue() {
    for (int i = 0; i < SIZE; i++) {
      change(i, Attributes.none().with("brand", "b" + i % 3));
    }
    Filter none = Filter.not(Filter.in("brand", "b0", "b1", "b2"));
    assertThat(index.candidates(none, SIZE).count()).isZero();
    assertThat(count(Filter.not(Filter.in("brand", "b0", "b1")))).isEqualTo(100);
    change(7, Attributes.none());
    assertThat(count(none)).as("one has no brand").isEqualTo(1);
    change(7, Attributes.none().with("brand", Set.of("b0", "b1")));
    assertThat(count(none)).as("one has two").isZero();
    change(7, null);
    assertThat(count(none)).isZero();
  }

  @Test
  void listsDoNotKeepWhatHasLeft() {
    for (int round = 0; round < 200; round++) {
      for (int i = 0; i < SIZE; i++) {
        change(i, Attributes.none().with("color", i == round ? "rare" : "c" + (i + round) % 2));
        if (i % 3 == 0) {
          change(i, Attributes.none().with("seen", "at " + round + " by " + i));
        }
      }
    }
    assertThat(count(Filter.equal("color", "c0"))).isLessThan(3 * SIZE);
    assertThat(index.memoryBytes()).isLessThan(200_000);
  }

  private int count(Filter filter) {
    AttributeIndex.Candidates found = index.candidates(filter, SIZE);
    assertThat(found).as("candidates of %s", filter).isNotNull();
    return found.count();
  }
}

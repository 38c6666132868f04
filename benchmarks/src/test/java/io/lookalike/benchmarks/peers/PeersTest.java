package io.lookalike.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.bench.Contestant;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The peers keep the contract. */
class PeersTest {

  @Nested
  class JvectorTest extends ContestantContract {

    JvectorTest() {
      super("jvector");
    }

    @Test
    void filters() {
      assertThat(contestant().filters()).isTrue();
    }
  }

  @Nested
  class VoyagerTest extends ContestantContract {

    VoyagerTest() {
      super("voyager");
    }

    @Test
    void doesNotFilter() {
      assertThat(contestant().filters()).isFalse();
    }

    @Test
    void holdsMoreThanItsVectors() throws Exception {
      try (Contestant.Built built = contestant().build(new Contestant.Task(vectors(), null, 1))) {
        long floats = 4L * vectors().size() * vectors().get(0).length;
        assertThat(built.bytesOutsideHeap()).isBetween(floats, 3 * floats);
      }
    }
  }
}

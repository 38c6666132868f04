package io.lookalike.index.opensearch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CircuitTest {

  private final AtomicLong now = new AtomicLong(-5);
  private final Circuit circuit = new Circuit(now::get);

  private void pass(long millis) {
    now.addAndGet(millis * 1_000_000);
  }

  @Test
  void itOpensLongerAndLongerAndLetsOneCallThrough() {
    for (int i = 0; i < 3; i++) {
      assertThat(circuit.refusedFor()).isZero();
      circuit.failed();
    }
    for (long pause : new long[] {500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000}) {
      assertThat(circuit.refusedFor()).isBetween(pause, pause + 1);
      pass(pause);
      assertThat(circuit.refusedFor()).as("one is let through").isZero();
      assertThat(circuit.refusedFor()).as("others are not").isPositive();
      circuit.failed();
    }
    pass(15_000);
    assertThat(circuit.refusedFor()).isZero();
    circuit.answered();
    assertThat(circuit.refusedFor()).isZero();
    circuit.failed();
    circuit.failed();
    assertThat(circuit.refusedFor()).as("two in a row are not three").isZero();
  }
}

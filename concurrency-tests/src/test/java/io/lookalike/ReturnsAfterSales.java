package io.lookalike;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** Sold in place, then returned on a later day: no reader sees the return without its sale. */
@JCStressTest
@Outcome(
    id = {"2", "5"},
    expect = ACCEPTABLE,
    desc = "before, or after the return; or after the sale")
@State
public class ReturnsAfterSales {
  private final DayCounts counts = new DayCounts();

  public ReturnsAfterSales() {
    counts.add(Days.of(1, 2));
  }

  @Actor
  public void shop() {
    counts.add(Days.of(1, 3));
    counts.add(Days.of(2, -3));
  }

  @Actor
  public void reader(J_Result seen) {
    seen.r1 = counts.now().sum();
  }
}

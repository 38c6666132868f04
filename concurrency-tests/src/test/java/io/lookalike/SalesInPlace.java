package io.lookalike;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IJ_Result;

/** Sales appended and added in place: a day that is there has its pieces. */
@JCStressTest
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "before")
@Outcome(
    id = {"1, 1", "1, 2"},
    expect = ACCEPTABLE,
    desc = "the first day")
@Outcome(id = "2, 3", expect = ACCEPTABLE, desc = "after")
@State
public class SalesInPlace {
  private final DayCounts counts = new DayCounts();

  @Actor
  public void seller() {
    counts.add(Days.of(1, 1));
    counts.add(Days.of(1, 1));
    counts.add(Days.of(2, 1));
  }

  @Actor
  public void reader(IJ_Result seen) {
    Days now = counts.now();
    seen.r1 = now.size();
    seen.r2 = now.sum();
  }
}

package io.lookalike;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** A product passes another: a reader meets each once, in the order before or after. */
@JCStressTest
@Outcome(
    id = {"abc", "bac"},
    expect = ACCEPTABLE,
    desc = "before, after")
@State
public class MovingUp {
  private final SalesOrder order = new SalesOrder();

  public MovingUp() {
    order.move("a", 0, 9);
    order.move("b", 0, 8);
    order.move("c", 0, 1);
  }

  @Actor
  public void seller() {
    order.move("b", 8, 10);
  }

  @Actor
  public void reader(L_Result seen) {
    seen.r1 = String.join("", order);
  }
}

package io.lookalike;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.time.Instant;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** The same batch delivered to two threads counts once, and whole. */
@JCStressTest
@Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "once")
@State
public class TwoDeliveries {
  private static final List<Purchase> BATCH =
      List.of(
          Purchase.of("a", Instant.EPOCH).withId("order/1"),
          new Purchase("b", Instant.EPOCH, 2, "order/2"));

  private final PurchaseLog log = new PurchaseLog();

  @Actor
  public void one() {
    log.recordAll(BATCH);
  }

  @Actor
  public void other() {
    log.recordAll(BATCH);
  }

  @Arbiter
  public void end(JJ_Result seen) {
    seen.r1 = log.count("a");
    seen.r2 = log.count("b");
  }
}

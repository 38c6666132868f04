package io.lookalike;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.time.Instant;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZJJ_Result;

/** What is said to have sold has pieces, and in the end all have come back. */
@JCStressTest
@Outcome(id = "false, 0, 0", expect = ACCEPTABLE, desc = "before or after")
@Outcome(id = "true, 1, 0", expect = ACCEPTABLE, desc = "in between")
@Outcome(id = "true, 0, 0", expect = ACCEPTABLE, desc = "came back between the two looks")
@Outcome(id = "false, 1, 0", expect = ACCEPTABLE, desc = "sold between the two looks")
@State
public class FirstAndLastPiece {
  private final PurchaseLog log = new PurchaseLog();

  @Actor
  public void shop() {
    log.record(Purchase.of("a", Instant.EPOCH));
    log.record(Purchase.returned("a", Instant.EPOCH));
  }

  @Actor
  public void reader(ZJJ_Result seen) {
    seen.r1 = log.soldIds().contains("a");
    seen.r2 = log.count("a");
  }

  @Arbiter
  public void end(ZJJ_Result seen) {
    boolean gone = log.soldIds().isEmpty() && !log.bestSellers().iterator().hasNext();
    seen.r3 = gone ? log.total() + log.catalogue().pieces().size() : -1;
  }
}

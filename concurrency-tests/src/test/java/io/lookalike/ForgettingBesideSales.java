package io.lookalike;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.time.LocalDate;
import java.util.Map;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Days put together beside a sale on one of them: the sale is not lost. */
@JCStressTest
@Outcome(
    id = {"7, 4", "7, 3"},
    expect = ACCEPTABLE,
    desc = "sold before, or after")
@State
public class ForgettingBesideSales {
  private static final LocalDate DAY = LocalDate.EPOCH;

  private final PurchaseLog log = new PurchaseLog();

  public ForgettingBesideSales() {
    log.record("a", Map.of(DAY, 1L, DAY.plusDays(1), 2L, DAY.plusDays(2), 3L));
  }

  @Actor
  public void forgetter() {
    log.forgetDaysBefore(DAY.plusDays(2));
  }

  @Actor
  public void seller() {
    log.record("a", Map.of(DAY.plusDays(1), 1L));
  }

  @Arbiter
  public void end(JJ_Result seen) {
    seen.r1 = log.catalogue().pieces().sum();
    seen.r2 = log.count("a", DAY, DAY.plusDays(1));
  }
}

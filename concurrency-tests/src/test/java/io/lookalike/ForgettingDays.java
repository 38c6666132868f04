package io.lookalike;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.time.LocalDate;
import java.util.Map;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;

/** Days put together beside a reader: no piece is missed or counted twice. */
@JCStressTest
@Outcome(id = "6, 6, 6", expect = ACCEPTABLE, desc = "all of them")
@State
public class ForgettingDays {
  private static final LocalDate DAY = LocalDate.EPOCH;

  private final PurchaseLog log = new PurchaseLog();

  public ForgettingDays() {
    log.record("a", Map.of(DAY, 1L, DAY.plusDays(1), 2L, DAY.plusDays(2), 3L));
  }

  @Actor
  public void forgetter() {
    log.forgetDaysBefore(DAY.plusDays(2));
  }

  @Actor
  public void reader(JJJ_Result seen) {
    seen.r1 = log.count("a", DAY, DAY.plusDays(9));
    seen.r2 = log.catalogue().pieces().sum();
    seen.r3 = log.copy().count("a");
  }
}

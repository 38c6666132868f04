package io.lookalike;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.lookalike.catalog.Product;
import io.lookalike.testkit.NaiveIndex;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/** A refit puts a new index in the place of the old one while products are written and read. */
@JCStressTest
@Outcome(
    id = "1.0, (1|2), ab1.0",
    expect = ACCEPTABLE,
    desc = "what was written is read back, by the writer and in the end; nothing is seen twice")
@State
public class WrittenDuringARefit {
  private final Recommender shop =
      Recommender.builder().dimension(2).index(NaiveIndex.factory()).build();

  public WrittenDuringARefit() {
    shop.add(Product.of("a").with("stamp", 0), new float[] {1, 0});
  }

  private Object stamp() {
    return String.valueOf(shop.product("a").orElseThrow().attributes().get("stamp"));
  }

  @Actor
  public void refit() {
    shop.refit();
  }

  @Actor
  public void writer(LLL_Result seen) {
    shop.update("a", attributes -> attributes.with("stamp", 1));
    shop.add(Product.of("b"), new float[] {0, 1});
    seen.r1 = stamp();
  }

  @Actor
  public void reader(LLL_Result seen) {
    List<Recommendation> page = shop.similarTo(new float[] {1, 0}, 5);
    long ids = page.stream().map(Recommendation::id).distinct().count();
    seen.r2 = ids == page.size() ? ids : "twice";
  }

  @Arbiter
  public void end(LLL_Result seen) {
    var ids = new StringBuilder();
    shop.searcher().ids().stream().sorted().forEach(ids::append);
    seen.r3 = ids + String.valueOf(stamp());
    shop.close();
  }
}

package io.lookalike;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.Query;
import io.lookalike.index.hnsw.HnswIndex;
import java.util.List;
import java.util.stream.Collectors;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** A search of the graph's products while some are replaced, and their places used again. */
@JCStressTest
@Outcome(id = "abc", expect = ACCEPTABLE, desc = "each once, whatever is being replaced")
@State
public class ReplacedInTheGraph {
  private final NeighborIndex index = HnswIndex.factory().create(2);

  public ReplacedInTheGraph() {
    index.upsertAll(List.of(item("a", 1, 0), item("b", 1, 1), item("c", 0, 1)));
  }

  private static IndexItem item(String id, float x, float y) {
    return IndexItem.of(id, new float[] {x, y});
  }

  @Actor
  public void writer() {
    index.upsert(item("b", 1, 1.1f));
    index.upsert(item("a", 1, .1f));
    index.upsert(item("b", 1, .9f));
  }

  @Actor
  public void reader(L_Result seen) {
    seen.r1 =
        index.search(Query.of(new float[] {1, 0}, 3)).stream()
            .map(Neighbor::id)
            .collect(Collectors.joining());
  }
}

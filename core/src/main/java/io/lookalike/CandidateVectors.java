package io.lookalike;

import io.lookalike.index.NeighborSearcher;
import io.lookalike.math.UnitVector;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The vectors of one page's candidates. Those that did not come with the search are asked for when
 * the first is needed, all in one call, as the index may be in another process. For one thread.
 */
final class CandidateVectors {

  private final NeighborSearcher index;
  private final Map<String, @Nullable UnitVector> known = new HashMap<>();
  private boolean complete = true;

  CandidateVectors(NeighborSearcher index) {
    this.index = index;
  }

  /** Takes note of a candidate; its vector is null where it is still to be asked for. */
  void add(String id, @Nullable UnitVector vector) {
    if (vector != null) {
      known.put(id, vector);
    } else if (!known.containsKey(id)) {
      known.put(id, null);
      complete = false;
    }
  }

  /** The vector of a candidate; null if it has none, or has just been removed. */
  @Nullable UnitVector of(String id) {
    UnitVector vector = known.get(id);
    if (vector == null && !complete) {
      var missing = known.keySet().stream().filter(each -> known.get(each) == null).toList();
      index.items(missing).forEach((each, item) -> known.put(each, item.vector()));
      complete = true;
      vector = known.get(id);
    }
    return vector;
  }
}

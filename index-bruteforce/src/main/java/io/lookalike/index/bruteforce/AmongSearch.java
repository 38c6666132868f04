package io.lookalike.index.bruteforce;

import io.lookalike.index.Query;
import io.lookalike.math.VectorMath;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers a query that names few ids from those: each is looked up and compared. Its answers are
 * those of a scan.
 */
final class AmongSearch {

  private static final VectorMath MATH = VectorMath.active();

  /** Up to this share of the products, looking each up takes less time than scanning all. */
  private static final int SHARE = 8;

  private final Version version;
  private final Map<String, Integer> slots;
  private final int rowsPerSegment;

  AmongSearch(Version version, Map<String, Integer> slots, int rowsPerSegment) {
    this.version = version;
    this.slots = slots;
    this.rowsPerSegment = rowsPerSegment;
  }

  /** The answer, or null if the query is better answered by a scan. */
  @Nullable List<Found> answer(Query query) {
    Set<String> among = query.among();
    if (among == null || among.size() > version.size() / SHARE) {
      return null;
    }
    int[] found = slots(among);
    if (found == null) {
      return null;
    }
    int dimension = query.vector().dimension();
    float[] vector = query.vector().toArray();
    var nearest = new Nearest(query.k());
    for (int i = 0; i < found.length; i++) {
      // A set that changes while it is gone through may tell an id twice.
      if (i > 0 && found[i] == found[i - 1]) {
        continue;
      }
      Segment segment = version.segments()[found[i] / rowsPerSegment];
      int row = found[i] % rowsPerSegment;
      Entry entry = segment.entries()[row];
      if (entry != null && query.accepts(entry.id(), entry.attributes())) {
        float similarity = MATH.dot(vector, 0, segment.vectors(), row * dimension, dimension);
        nearest.offer(new Found(entry.id(), similarity, found[i]));
      }
    }
    return nearest.sorted();
  }

  /** Where the products are, in ascending order; null if a writer is just moving one. */
  private int @Nullable [] slots(Set<String> among) {
    var found = new int[16];
    int n = 0;
    for (String id : among) {
      Integer slot = slots.get(id);
      if (slot == null) {
        continue;
      }
      if (!version.holds(id, slot / rowsPerSegment, slot % rowsPerSegment)) {
        return null;
      }
      if (n == found.length) {
        found = Arrays.copyOf(found, 2 * n);
      }
      found[n++] = slot;
    }
    int[] slotsFound = Arrays.copyOf(found, n);
    Arrays.sort(slotsFound);
    return slotsFound;
  }
}

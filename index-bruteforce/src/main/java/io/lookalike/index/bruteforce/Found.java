package io.lookalike.index.bruteforce;

import io.lookalike.index.Neighbor;
import java.util.Comparator;

/** A {@link Neighbor} and where it is. */
record Found(String id, float similarity, int slot) {

  /** The order of {@link Neighbor#CLOSEST_FIRST}. */
  static final Comparator<Found> CLOSEST_FIRST =
      (a, b) -> {
        int order = Float.compare(b.similarity, a.similarity);
        return order != 0 ? order : a.id.compareTo(b.id);
      };

  Neighbor neighbor() {
    return new Neighbor(id, similarity);
  }
}

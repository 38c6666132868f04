package io.lookalike.bench;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

/** Parts of what there is, always the same ones. */
public final class Samples {

  private Samples() {}

  /**
   * Chooses evenly spread elements.
   *
   * @param <T> of the elements
   * @param all to choose from
   * @param most at most this number is chosen, at least 1
   * @return the chosen ones in their order; all, if there are no more than that
   */
  public static <T> List<T> spread(List<T> all, int most) {
    if (all.size() <= most) {
      return all;
    }
    var some = new ArrayList<T>(most);
    for (int i = 0; i < most; i++) {
      some.add(all.get((int) ((long) i * all.size() / most)));
    }
    return some;
  }

  /**
   * Draws rows at random.
   *
   * @param size number of rows
   * @param share of them, more than 0 and at most 1
   * @return the rows drawn, at least one
   */
  public static BitSet matching(int size, double share) {
    int wanted = (int) Math.max(1, Math.round(share * size));
    var random = new Random(1);
    var matching = new BitSet(size);
    while (matching.cardinality() < Math.min(wanted, size / 2)) {
      matching.set(random.nextInt(size));
    }
    if (wanted > size / 2) { // the rest by what to leave out, else the last would take long
      var left = new BitSet(size);
      while (left.cardinality() < size - wanted) {
        left.set(random.nextInt(size));
      }
      matching.set(0, size);
      matching.andNot(left);
    }
    return matching;
  }
}

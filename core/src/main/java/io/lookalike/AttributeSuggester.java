package io.lookalike;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.index.Hit;
import io.lookalike.index.IndexItem;
import io.lookalike.index.NeighborSearcher;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Suggests the value that most of the nearest neighbors have, with how often such a majority is
 * right: measured on a sample of the catalogue, each product asked about as if it had no value.
 * Safe for use by several threads.
 */
final class AttributeSuggester {

  /** How many neighbors vote. */
  private static final int NEIGHBORS = 15;

  /** Among at most so many nearest products, those that have a value are sought. */
  private static final int MOST_SEARCHED = 3_840;

  /** So many products are asked about to know how often a share is right. */
  private static final int SAMPLE = 400;

  /** So many are looked at for that, as some have no value. */
  private static final int MOST_SAMPLED = 4 * SAMPLE;

  /** What a number of votes says by itself counts as much as so many products. */
  private static final double PRIOR = 2;

  /** The attributes whose measures are kept, the latest. */
  private static final int MOST_ATTRIBUTES = 16;

  /** A measure holds until so much has been written, as a share of the products. */
  private static final double CHANGED = 0.1;

  private record Vote(Object value, int votes, int neighbors) {
    /** What is measured: all votes of few neighbors are few votes. */
    int level() {
      return Math.min(NEIGHBORS, votes);
    }
  }

  /** How often a majority is right, by its level from 1. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Calibration(ProductIndex index, long written, int size, double[] right) {
    @SuppressWarnings("ReferenceEquality") // whether it is the very same one is the question
    boolean holds(ProductIndex now) {
      return index == now && now.written() - written <= CHANGED * size;
    }
  }

  /** The one used longest ago goes first. */
  private final Map<String, Calibration> calibrations =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Calibration> eldest) {
          return size() > MOST_ATTRIBUTES;
        }
      };

  /**
   * Suggests a value.
   *
   * @param excluded ids that have no vote
   * @return nothing if no product near has the attribute
   */
  Optional<Suggestion> suggest(
      ProductIndex index, UnitVector vector, Set<String> excluded, String attribute) {
    Vote vote = vote(index, vector, excluded, attribute);
    if (vote == null) {
      return Optional.empty();
    }
    double[] right = calibration(index, attribute).right;
    return Optional.of(
        new Suggestion(
            vote.value, (double) vote.votes / vote.neighbors, right[vote.level()], vote.neighbors));
  }

  /** What is asked for a product, by all its photos. */
  static UnitVector vector(List<IndexItem> photos) {
    return Objective.mean(photos.stream().map(IndexItem::vector).toList());
  }

  private Calibration calibration(ProductIndex index, String attribute) {
    synchronized (calibrations) {
      Calibration known = calibrations.get(attribute);
      if (known != null && known.holds(index)) {
        return known;
      }
    }
    long written = index.written();
    var measured = new Calibration(index, written, index.size(), measure(index, attribute));
    synchronized (calibrations) {
      calibrations.put(attribute, measured);
    }
    return measured;
  }

  private static double[] measure(ProductIndex index, String attribute) {
    var right = new double[NEIGHBORS + 1];
    var asked = new double[NEIGHBORS + 1];
    for (int level = 1; level <= NEIGHBORS; level++) {
      asked[level] = PRIOR;
      right[level] = PRIOR * level / NEIGHBORS;
    }
    int left = SAMPLE;
    for (List<IndexItem> photos : sample(index)) {
      IndexItem item = photos.get(0);
      Set<?> values = valuesOf(item.attributes(), attribute);
      Vote vote =
          values.isEmpty() || left == 0
              ? null
              : vote(index, vector(photos), Set.of(item.id()), attribute);
      if (vote != null) {
        left--;
        asked[vote.level()]++;
        right[vote.level()] += values.contains(vote.value) ? 1 : 0;
      }
    }
    return rising(right, asked);
  }

  /** The photos of some products. */
  private static Collection<List<IndexItem>> sample(ProductIndex index) {
    List<String> ids = index.ids().stream().sorted().toList();
    int count = Math.min(ids.size(), MOST_SAMPLED);
    var some = new ArrayList<String>(count);
    for (int i = 0; i < count; i++) {
      // Steps of a prime, so that those that are asked first are of everywhere.
      some.add(ids.get((int) ((i * 7_919L % count) * ids.size() / count)));
    }
    return index.photosOf(some).values();
  }

  /**
   * Shares of right answers that rise with the level: pools what does not (Ayer et al., <i>An
   * empirical distribution function for sampling with incomplete information</i>, Annals of
   * Mathematical Statistics 26, 1955).
   */
  private static double[] rising(double[] right, double[] asked) {
    var pooledRight = new double[NEIGHBORS];
    var pooledAsked = new double[NEIGHBORS];
    var lastLevels = new int[NEIGHBORS];
    int pools = 0;
    for (int level = 1; level <= NEIGHBORS; level++) {
      double r = right[level];
      double a = asked[level];
      while (pools > 0 && pooledRight[pools - 1] / pooledAsked[pools - 1] >= r / a) {
        pools--;
        r += pooledRight[pools];
        a += pooledAsked[pools];
      }
      pooledRight[pools] = r;
      pooledAsked[pools] = a;
      lastLevels[pools++] = level;
    }
    var shares = new double[NEIGHBORS + 1];
    for (int pool = 0, level = 1; level <= NEIGHBORS; level++) {
      shares[level] = pooledRight[pool] / pooledAsked[pool];
      if (level == lastLevels[pool]) {
        pool++;
      }
    }
    return shares;
  }

  private static @Nullable Vote vote(
      NeighborSearcher index, UnitVector vector, Set<String> excluded, String attribute) {
    List<Hit> voters = voters(index, vector, excluded, attribute);
    // Of equals the one whose first voter is nearer.
    Map<Object, Integer> votes = new LinkedHashMap<>();
    for (Hit voter : voters) {
      valuesOf(voter.attributes(), attribute).forEach(value -> votes.merge(value, 1, Integer::sum));
    }
    Vote best = null;
    for (Map.Entry<Object, Integer> each : votes.entrySet()) {
      if (best == null || each.getValue() > best.votes) {
        best = new Vote(each.getKey(), each.getValue(), voters.size());
      }
    }
    return best;
  }

  private static List<Hit> voters(
      NeighborSearcher index, UnitVector vector, Set<String> excluded, String attribute) {
    for (int depth = NEIGHBORS; ; depth *= 4) {
      List<Hit> nearest = index.hits(new Query(vector, depth, Filter.ALL, excluded), false);
      List<Hit> voters =
          nearest.stream()
              .filter(hit -> !valuesOf(hit.attributes(), attribute).isEmpty())
              .limit(NEIGHBORS)
              .toList();
      if (voters.size() == NEIGHBORS || nearest.size() < depth || depth >= MOST_SEARCHED) {
        return voters;
      }
    }
  }

  /** The values of an attribute: none, one, or the members of a set. */
  static Set<?> valuesOf(Attributes attributes, String attribute) {
    Object value = attributes.get(attribute);
    return value == null ? Set.of() : value instanceof Set<?> several ? several : Set.of(value);
  }
}

package io.lookalike.index.hnsw;

import io.lookalike.catalog.Filter;
import io.lookalike.index.Query;
import io.lookalike.internal.AttributeIndex;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a search works on: every product, where to look for filters' matches, and the graph if there
 * are enough products for one. Writers change the products and the graph, and put another version
 * in the place of this one when the graph is made anew.
 *
 * <p>There are four ways to search, and the cheapest is taken: a walk in the graph; all codes,
 * where many are wanted; the candidates one by one, where a filter or the query's ids leave few; or
 * all products one by one. Where a way finds too few, all products are compared.
 */
record Version(Products products, AttributeIndex attributes, @Nullable Graph graph) {

  /**
   * A walk that keeps track of n nodes takes as long as looking at the codes of so many times n.
   */
  private static final int CODES_PER_TRACKED = 250;

  /**
   * To find n nearest among those that match, a walk looks at this times n or more of them, so
   * beyond a share of 1 / n of all, comparing every one is quicker.
   */
  private static final int LOOKED_AT = 16;

  /** Number of products that are asked whether they match, to know the share that does. */
  private static final int PROBES = 128;

  /** Where as many of them match, a walk comes upon enough matches, and none are gathered. */
  private static final int MANY_ACCEPTED = 77;

  /**
   * Where it takes as little as looking at this share of all, 1 / n, matches are gathered anyway.
   */
  private static final int QUICK = 4;

  /** What it takes to meet a node on a walk, in nanoseconds. */
  private static final double NODE_MET = 100;

  /** To ask one product whether it matches takes as long as to score so many bytes of codes. */
  private static final double BYTES_PER_QUESTION = 800;

  /** Vectors are compared so many together. */
  private static final int BATCH = 64;

  private static final Comparator<Found> CLOSEST_FIRST = Version::order;

  /** A product that was found. */
  record Found(Entry entry, float similarity) {}

  /** The nearest k products, closest first. */
  List<Found> search(Query query, int efSearch) {
    if (query.k() == 0) {
      return List.of();
    }
    Set<String> among = query.among();
    if (among != null && among.size() <= Math.max(BATCH, products.size() / LOOKED_AT)) {
      return oneByOne(query, withIds(among));
    }
    if (graph != null && among == null && query.filter().equals(Filter.ALL)) {
      List<Found> found = inGraph(query, graph, efSearch);
      return found == null ? oneByOne(query, all()) : found;
    }
    int end = products.end();
    boolean soon = attributes.effort(query.filter(), end) <= end / QUICK;
    Probe probe = graph == null || soon ? null : probe(query, graph);
    AttributeIndex.Candidates matching =
        probe != null && probe.accepted >= MANY_ACCEPTED
            ? null
            : attributes.candidates(query.filter(), end);
    if (matching != null && matching.count() <= BATCH) {
      return oneByOne(query, withNumbers(matching));
    }
    List<Found> found = null;
    if (graph != null) {
      SlotProducts ofSlots =
          matching == null || among != null ? null : graph.slotProducts(products);
      if (matching != null && ofSlots != null) {
        found = amongBits(query, graph, efSearch, matching, ofSlots);
      } else {
        double share = (probe == null ? probe(query, graph) : probe).share();
        found = amongMatches(query, graph, efSearch, share, matching);
      }
    }
    if (found != null) {
      return found;
    }
    return oneByOne(query, matching == null ? all() : withNumbers(matching));
  }

  /**
   * Searches among those that match, which are known: in the graph, or by the codes of the matches
   * alone; null if one by one is cheaper, or where too few have been found.
   */
  private @Nullable List<Found> amongBits(
      Query query,
      Graph graph,
      int efSearch,
      AttributeIndex.Candidates matching,
      SlotProducts ofSlots) {
    int all = products.size();
    int matches = matching.count();
    if ((long) query.k() * 2 > matches || (long) query.k() * LOOKED_AT > all) {
      return null;
    }
    int ef = Math.max(efSearch, query.k() + query.k() / 2);
    // Costs in nanoseconds, about: a match compared in full; a slot looked at whether it is one,
    // and
    // its code scored if so; a node met on a walk.
    double oneByOne = matches * (300.0 + query.vector().dimension());
    double byCodes = 1.5 * graph.capacity() + matches * (10 + graph.codeLength() / 6.0);
    double met = LOOKED_AT / 2.0 * ef * all / matches;
    if (oneByOne < byCodes) {
      return null;
    }
    long[] bits = matching.bits(products.end());
    for (String id : query.excluded()) {
      Entry entry = products.get(id);
      if (entry != null && entry.number() >> 6 < bits.length) {
        bits[entry.number() >> 6] &= ~(1L << entry.number());
      }
    }
    double walk = met * NODE_MET;
    Graph.Found found =
        graph.nearest(
            query.vector(),
            ef,
            query.k(),
            ofSlots.wanted(bits, asking(query)),
            (long) met,
            walk > byCodes ? 0 : (long) (byCodes / NODE_MET));
    List<Found> valid = valid(query, found);
    return valid.size() == query.k() ? valid : null;
  }

  private static GraphSearcher.Wanted asking(Query query) {
    return (arrays, slot) -> {
      Look look = arrays.look(slot);
      return look != null && accepts(query, look);
    };
  }

  /** Searches among all; null if the graph has not enough to offer. */
  private @Nullable List<Found> inGraph(Query query, Graph graph, int efSearch) {
    long wanted = (long) query.k() + query.excluded().size();
    int size = products.size();
    for (; wanted <= size / 2; wanted *= 4) {
      int enough = (int) wanted;
      int ef = Math.max(efSearch, enough + enough / 2);
      boolean wide = ef > efSearch && (long) ef * CODES_PER_TRACKED > size;
      Graph.Found near =
          wide
              ? graph.nearestOfAll(query.vector(), enough)
              : graph.nearest(query.vector(), ef, enough);
      List<Found> found = valid(query, near);
      if (found.size() == query.k()) {
        return found;
      }
    }
    return null;
  }

  /** Of some products, how many may be returned. */
  private record Probe(int seen, int accepted) {
    double share() {
      return (accepted + .5) / (seen + 1);
    }
  }

  private static Probe probe(Query query, Graph graph) {
    int seen = 0;
    int accepted = 0;
    for (Look look : graph.sample(PROBES)) {
      seen++;
      if (accepts(query, look)) {
        accepted++;
      }
    }
    return new Probe(seen, accepted);
  }

  /**
   * Searches among those that match, in the graph or by codes alone, whichever looks cheaper; null
   * if one by one does, or where too few have been found.
   *
   * @param share of all products, about, that match
   * @param matching all that match, and maybe others; null if unknown
   */
  private @Nullable List<Found> amongMatches(
      Query query,
      Graph graph,
      int efSearch,
      double share,
      AttributeIndex.@Nullable Candidates matching) {
    int all = products.size();
    if ((long) query.k() * LOOKED_AT > all) {
      return null;
    }
    int ef = Math.max(efSearch, query.k() + query.k() / 2);
    // Costs in units of one product that is asked whether it matches. To look at one in the graph
    // takes about twice that, to compare one in full as often as there are 200 dimensions.
    double comparison = 1 + query.vector().dimension() / 200.0;
    double oneByOne =
        matching == null ? all * (1 + share * comparison) : matching.count() * (1 + comparison);
    // Who goes through matches in any order comes upon one of the ef best so far this often.
    double best = ef * (1 + Math.log(Math.max(1, all * share / ef)));
    double byCodes = all * graph.codeLength() / BYTES_PER_QUESTION + Math.min(all, best / share);
    double met = LOOKED_AT / 2.0 * ef / share;
    if (Math.min(byCodes, matching == null ? byCodes : 2 * met) > oneByOne) {
      return null;
    }
    Graph.Found found =
        graph.nearest(
            query.vector(),
            ef,
            query.k(),
            asking(query),
            (long) met,
            2 * met > byCodes ? 0 : (long) (byCodes / 2));
    List<Found> valid = valid(query, found);
    return valid.size() == query.k() ? valid : null;
  }

  private static boolean accepts(Query query, Look look) {
    for (int i = 0; i < look.count(); i++) {
      Entries entries = look.get(i).entries();
      for (int j = 0; entries != null && j < entries.count(); j++) {
        if (accepts(query, entries.get(j))) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean accepts(Query query, Entry entry) {
    return query.accepts(entry.id(), entry.attributes());
  }

  /** The k closest of what was found, as far as they are in the index and wanted. */
  private List<Found> valid(Query query, Graph.Found found) {
    int before = products.moves();
    List<Found> valid = valid(query, found, null);
    // To look for products that were met twice always would cost as much as all else here.
    return (before & 1) == 0 && before == products.moves()
        ? valid
        : valid(query, found, new HashSet<>());
  }

  private static List<Found> valid(Query query, Graph.Found found, @Nullable HashSet<String> seen) {
    List<Node> nodes = found.nodes();
    var order = new long[nodes.size()];
    for (int i = 0; i < order.length; i++) {
      // Floats of either sign in the order of integers, greatest first.
      int bits = Float.floatToIntBits(found.similarities()[i]);
      order[i] = (long) ~(bits ^ bits >> 31 & Integer.MAX_VALUE) << 32 | i;
    }
    Arrays.sort(order);
    var valid = new ArrayList<Found>();
    float last = Float.NEGATIVE_INFINITY;
    for (long element : order) {
      float similarity = found.similarities()[(int) element];
      // Of equal ones all, for they are ordered by id.
      if (valid.size() >= query.k() && similarity < last) {
        break;
      }
      Entries entries = nodes.get((int) element).entries();
      int of = 0;
      for (int i = 0; entries != null && i < entries.count() && of < query.k(); i++) {
        Entry entry = entries.get(i);
        if (!entry.isRetired() && accepts(query, entry) && (seen == null || seen.add(entry.id()))) {
          valid.add(new Found(entry, similarity));
          last = similarity;
          of++;
        }
      }
    }
    valid.sort(Version::order);
    return valid.size() > query.k() ? new ArrayList<>(valid.subList(0, query.k())) : valid;
  }

  /** As {@link io.lookalike.index.Neighbor#CLOSEST_FIRST}. */
  private static int order(Found one, Found other) {
    int order = Float.compare(other.similarity, one.similarity);
    return order != 0 ? order : one.entry.id().compareTo(other.entry.id());
  }

  // ---- one by one

  /** Products to be compared one by one. */
  private interface Source {
    /** How many there are to be asked for. */
    int count();

    @Nullable Entry get(int rank);
  }

  private Source all() {
    int end = products.end();
    return source(end, products::get);
  }

  private Source withNumbers(AttributeIndex.Candidates candidates) {
    int[] numbers = candidates.numbers();
    return source(candidates.count(), rank -> products.get(numbers[rank]));
  }

  private Source withIds(Set<String> ids) {
    String[] all = ids.toArray(String[]::new);
    return source(all.length, rank -> products.get(all[rank]));
  }

  private interface ByRank {
    @Nullable Entry get(int rank);
  }

  private static Source source(int count, ByRank entries) {
    return new Source() {
      @Override
      public int count() {
        return count;
      }

      @Override
      public @Nullable Entry get(int rank) {
        return entries.get(rank);
      }
    };
  }

  /** Compares all products of a source that are wanted. */
  private List<Found> oneByOne(Query query, Source source) {
    int before = products.moves();
    List<Found> nearest = nearest(query, source, null);
    // A product that is removed and added again can be met twice.
    return (before & 1) == 0 && before == products.moves()
        ? nearest
        : nearest(query, source, new HashSet<>());
  }

  private static List<Found> nearest(Query query, Source source, @Nullable Set<String> kept) {
    var worstFirst = new PriorityQueue<Found>(CLOSEST_FIRST.reversed());
    var batch = new Entry[BATCH];
    var similarities = new float[BATCH];
    int count = 0;
    for (int rank = 0; rank < source.count(); rank++) {
      Entry entry = source.get(rank);
      if (entry != null && accepts(query, entry)) {
        batch[count++] = entry;
      }
      if (count == BATCH || rank == source.count() - 1) {
        compare(query, batch, count, similarities);
        for (int i = 0; i < count; i++) {
          offer(worstFirst, new Found(batch[i], similarities[i]), query.k(), kept);
        }
        count = 0;
      }
    }
    var nearest = new ArrayList<Found>(worstFirst);
    nearest.sort(Version::order);
    return nearest;
  }

  private static void compare(Query query, Entry[] entries, int count, float[] target) {
    var vectors = new ArrayList<UnitVector>(count);
    for (int i = 0; i < count; i++) {
      vectors.add(entries[i].vector());
    }
    query.vector().cosines(vectors, target);
  }

  private static void offer(
      PriorityQueue<Found> worstFirst, Found found, int k, @Nullable Set<String> kept) {
    boolean full = worstFirst.size() == k;
    if ((full && order(found, Objects.requireNonNull(worstFirst.peek())) > 0)
        || (kept != null && !kept.add(found.entry.id()))) {
      return;
    }
    if (full) {
      Found worst = worstFirst.remove();
      if (kept != null) {
        kept.remove(worst.entry.id());
      }
    }
    worstFirst.add(found);
  }
}

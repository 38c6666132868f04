package io.lookalike.index.hnsw;

import io.lookalike.internal.VectorValues;
import io.lookalike.math.UnitVector;
import io.lookalike.math.VectorMath;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A hierarchical navigable small-world graph (Malkov and Yashunin, <a
 * href="https://arxiv.org/abs/1603.09320">arXiv:1603.09320</a>) on {@linkplain Quantizer codes}.
 *
 * <p>Searches come from any number of threads and take no lock. Changes come from one thread at a
 * time, which may have others help it.
 *
 * <p>A removed node stays a stepping stone until there are many of them. Then the links of all
 * nodes that led to one are chosen anew, among what is left and what the removed ones linked to
 * (Singh et al., <i>FreshDiskANN</i>, <a
 * href="https://arxiv.org/abs/2105.09613">arXiv:2105.09613</a>, algorithm 4), and their slots are
 * free again.
 */
final class Graph {

  private static final VectorMath MATH = VectorMath.active();

  /** The share of removed nodes at which links are repaired. */
  private static final double MOST_REMOVED = .1;

  private static final int LEAST_REMOVED = 50;

  /** See {@link LinkSelection}; a wider one makes up for repairs' choosing from what is at hand. */
  private static final float MARGIN = 1.1f;

  private static final float REPAIR_MARGIN = 1.2f;
  static final int MOST_LAYERS = 16;

  /** So many that codes do not tell apart are in the graph; more join the nearest of them. */
  private static final int ALIKE = 4;

  /**
   * A walk among those that are wanted which meets so many times more nodes than expected has them
   * all on one side, and misses some.
   */
  private static final int UNEXPECTED = 2;

  /** By how much such a walk has to keep track of more. */
  private static final int WIDER = 4;

  /** So many nodes are asked for room at most, for a link to one that no walk comes upon. */
  private static final int MOST_ASKED = 1024;

  /**
   * At so many of the nearest that a walk has found is asked what is noted. One alone may be where
   * more searches end than it has room for.
   */
  private static final int ENDS = 3;

  /** Similarities that differ by less may be those of one vector. */
  private static final float ROUNDING = 1e-6f;

  private static final int LOCKS = 1024;
  private static final int NODES_WORTH_A_THREAD = 32;

  private final Settings settings;
  private final Quantizer quantizer;
  private final int learntFrom;
  private final SplittableRandom random;
  private final Object[] locks = new Object[LOCKS];
  private final ConcurrentLinkedQueue<GraphSearcher> searchers = new ConcurrentLinkedQueue<>();

  private volatile GraphArrays arrays;

  private volatile @Nullable SlotProducts slotProducts;

  /** See {@link Products#moves}; when it was last asked which product a slot stands for. */
  private volatile int movesSeen;

  // Used by the writer alone:

  /** Slots ever used. */
  private int used;

  private int[] free = new int[16];
  private int freeCount;

  /** What was added since the codes were learnt, and what codes lose of it, in all. */
  private final List<Node> arrivals = new ArrayList<>();

  private double arrivedError;
  // Read by searches too, to which it is no matter if they are not quite up to date:

  private final AtomicInteger removed = new AtomicInteger();
  private final AtomicInteger live = new AtomicInteger();

  /**
   * An empty graph.
   *
   * @param quantizer makes its codes
   * @param learntFrom from how many nodes the quantizer has learnt
   */
  Graph(Quantizer quantizer, int learntFrom, Settings settings) {
    this(
        quantizer,
        learntFrom,
        settings,
        new GraphArrays(0, quantizer.length(), settings),
        new SplittableRandom(settings.seed()));
  }

  /**
   * A graph of arrays that are full, and not shared. What it draws is not what it would have drawn
   * when the arrays were made, but no worse.
   */
  Graph(Quantizer quantizer, int learntFrom, Settings settings, GraphArrays arrays) {
    this(
        quantizer,
        learntFrom,
        settings,
        arrays,
        new SplittableRandom(settings.seed() + arrays.capacity));
    used = arrays.capacity;
    for (int slot = 0; slot < used; slot++) {
      Look look = arrays.look(slot);
      live.addAndGet(look == null ? 0 : look.count());
    }
  }

  private Graph(
      Quantizer quantizer,
      int learntFrom,
      Settings settings,
      GraphArrays arrays,
      SplittableRandom random) {
    this.settings = settings;
    this.quantizer = quantizer;
    this.learntFrom = learntFrom;
    this.random = random;
    this.arrays = arrays;
    Arrays.setAll(locks, i -> new Object());
  }

  /** Repairs the graph, and returns a copy of its arrays without gaps. */
  GraphArrays compact() {
    if (removed.get() > 0) {
      repair();
    }
    GraphArrays all = arrays;
    int[] order = inUse(all);
    return all.renumbered(order, order.length, all.codeLength, settings);
  }

  Quantizer quantizer() {
    return quantizer;
  }

  int learntFrom() {
    return learntFrom;
  }

  /** How many slots there are. */
  int capacity() {
    return arrays.capacity;
  }

  /** How many bytes of codes a search reads for a node. */
  int codeLength() {
    return quantizer.length();
  }

  /**
   * How many times as much codes lose of what was added since they were learnt as they did then of
   * what they had not seen; 1 while too few were added to tell.
   */
  double drift() {
    return arrivals.size() < Quantizer.ENOUGH_TO_TELL || quantizer.expectedError() == 0
        ? 1
        : arrivedError / arrivals.size() / quantizer.expectedError();
  }

  /** How many were added since. */
  int arrived() {
    return arrivals.size();
  }

  // ---- changes

  /**
   * Adds nodes, by several threads where they are many. If that fails they are gone, and the graph
   * is as it was but for stepping stones.
   */
  void addAll(List<Node> nodes) {
    reserve(nodes.size());
    GraphArrays all = arrays;
    var slots = new int[nodes.size()];
    int allotted = 0;
    try {
      for (Node node : nodes) {
        int slot = freeCount > 0 ? free[freeCount - 1] : used;
        all.clear(slot, drawLevel());
        all.setLook(slot, node);
        if (freeCount > 0) {
          freeCount--;
        } else {
          used++;
        }
        slots[allotted++] = slot;
      }
      insertAll(all, nodes, slots);
    } catch (RuntimeException | Error e) {
      for (int i = 0; i < slots.length; i++) {
        nodes.get(i).markGone();
      }
      removed.addAndGet(allotted);
      throw e;
    }
    live.addAndGet(slots.length);
  }

  private void insertAll(GraphArrays all, List<Node> nodes, int[] slots) {
    int first = 0;
    if (all.entry < 0 && slots.length > 0) {
      GraphSearcher searcher = searcher();
      searcher.encode(all, slots[0], nodes.get(0).vector());
      searchers.add(searcher);
      all.entry = (long) all.levels(slots[0]) << 32 | slots[0];
      first = 1;
    }
    int from = first;
    var joined = new ConcurrentLinkedQueue<Integer>();
    var error = new DoubleAdder();
    inParallel(
        slots.length - from,
        () -> {
          GraphSearcher searcher = searcher();
          var linkSelection = new LinkSelection(all, MARGIN);
          return new Parallel.Task() {
            @Override
            public void run(int number) {
              int slot = slots[from + number];
              error.add(searcher.encode(all, slot, nodes.get(from + number).vector()));
              if (!insert(all, slot, searcher, linkSelection, true)) {
                joined.add(slot);
              }
            }

            @Override
            public void close() {
              searchers.add(searcher);
            }
          };
        });
    if (!joined.isEmpty()) {
      joined.stream().sorted().forEach(this::setFree);
    }
    arrivedError += error.sum();
    arrivals.addAll(nodes);
    forgetGoneArrivals();
  }

  private void setFree(int slot) {
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, 2 * freeCount);
    }
    free[freeCount++] = slot;
  }

  /** A layer's nodes are a share of 1 / m of those in the layer below. */
  private int drawLevel() {
    double level = -Math.log(1 - random.nextDouble()) / Math.log(settings.m());
    return (int) Math.min(level, MOST_LAYERS);
  }

  /**
   * Links a node whose code is in place (the paper's algorithm 1).
   *
   * @param mayJoin whether nothing leads to it yet
   * @return false if it has joined another slot instead, and its own is not needed
   */
  private boolean insert(
      GraphArrays all,
      int slot,
      GraphSearcher searcher,
      LinkSelection linkSelection,
      boolean mayJoin) {
    long top = all.entry;
    int topLayer = (int) (top >> 32);
    int level = all.levels(slot);
    searcher.aim(all, slot);
    int at = searcher.descend(all, (int) top, topLayer, level);
    // First all links away from it, from the highest layer to the lowest, then from the lowest to
    // the highest those to it: who comes upon this node in one layer finds it linked in those
    // below.
    int highest = Math.min(level, topLayer);
    for (int layer = highest; layer >= 0; layer--) {
      searcher.search(all, at, settings.efConstruction(), layer);
      at = searcher.slot(0);
      if (layer == 0 && mayJoin && joinAlike(all, slot, searcher)) {
        return false;
      }
      linkSelection.begin(slot);
      for (int i = 0; i < searcher.size(); i++) {
        linkSelection.offer(searcher.slot(i));
      }
      linkSelection.choose(settings.m());
      linkSelection.write(layer);
    }
    for (int layer = 0; layer <= highest; layer++) {
      int[] links = all.linksOf(slot, layer);
      int first = all.firstLink(slot, layer);
      int[] own = Arrays.copyOfRange(links, first, first + all.width(layer));
      for (int other : own) {
        if (other != GraphArrays.NONE && other != slot) {
          linkBack(all, other, slot, layer, linkSelection);
        }
      }
    }
    if (level > topLayer) {
      synchronized (locks) {
        if (level > (int) (all.entry >> 32)) {
          all.entry = (long) level << 32 | slot;
        }
      }
    }
    return true;
  }

  /** Makes a node share the slot of the nearest where there are several that codes cannot tell. */
  private boolean joinAlike(GraphArrays all, int slot, GraphSearcher searcher) {
    if (searcher.size() < ALIKE
        || !all.areAlike(slot, searcher.slot(ALIKE - 1))
        || !all.areAlike(slot, searcher.slot(0))) {
      return false;
    }
    int nearest = searcher.slot(0);
    synchronized (locks[nearest % LOCKS]) {
      Look look = all.look(nearest);
      Look own = all.look(slot);
      if (nearest == slot || own == null || look == null || look.isGone()) {
        return false;
      }
      for (int i = 0; i < own.count(); i++) {
        look = NodeGroup.joined(look, own.get(i));
      }
      all.setLook(nearest, look);
    }
    all.setLook(slot, null);
    return true;
  }

  /** Links a node to a new one, and chooses anew where there is no room. */
  private void linkBack(
      GraphArrays all, int slot, int fresh, int layer, LinkSelection linkSelection) {
    synchronized (locks[slot % LOCKS]) {
      int[] links = all.linksOf(slot, layer);
      int first = all.firstLink(slot, layer);
      int end = Math.min(first + all.width(layer), links.length);
      for (int i = first; i < end; i++) {
        if (links[i] == fresh) {
          return;
        }
        if (links[i] == GraphArrays.NONE) {
          links[i] = fresh;
          return;
        }
      }
      linkSelection.begin(slot);
      linkSelection.offer(fresh);
      for (int i = first; i < end; i++) {
        linkSelection.offer(links[i]);
      }
      linkSelection.choose(all.width(layer));
      linkSelection.write(layer);
    }
  }

  /** Tells that a node is gone: it is a stepping stone now. */
  void noteRemoval() {
    removed.incrementAndGet();
    live.decrementAndGet();
  }

  /** Does away with removed nodes if there are many, or nothing else. */
  void repairIfWorthwhile() {
    int least = live.get() == 0 ? 1 : LEAST_REMOVED;
    if (removed.get() >= least && removed.get() > MOST_REMOVED * live.get()) {
      repair();
    }
  }

  /** Whatever fails on the way can be done again. */
  private void repair() {
    GraphArrays all = arrays;
    var lost = new ConcurrentLinkedQueue<Integer>();
    inParallel(
        used,
        () -> {
          var linkSelection = new LinkSelection(all, REPAIR_MARGIN);
          return slot -> {
            if (!all.isLive(slot)) {
              return;
            }
            for (int layer = all.levels(slot); layer >= 0; layer--) {
              if (!relink(all, slot, layer, linkSelection) && layer == 0) {
                lost.add(slot);
              }
            }
          };
        });
    moveEntry(all);
    // All that these were linked to is gone: they are inserted as if they were new.
    GraphSearcher searcher = searcher();
    var linkSelection = new LinkSelection(all, MARGIN);
    lost.stream()
        .sorted()
        .forEach(
            slot -> {
              if (slot != (int) all.entry) {
                insert(all, slot, searcher, linkSelection, false);
              }
            });
    searchers.add(searcher);
    for (int slot = 0; slot < used; slot++) {
      Look look = all.look(slot);
      if (look != null && look.isGone()) {
        setFree(slot);
        all.setLook(slot, null);
      } else if (look instanceof NodeGroup) {
        all.setLook(slot, NodeGroup.withoutGone(look));
      }
      Look left = all.look(slot);
      for (int i = 0; left != null && i < left.count(); i++) {
        left.get(i).forgetGoneNotes();
      }
    }
    removed.set(0);
  }

  /** Leads the links to removed nodes elsewhere; false if there is nowhere to lead them. */
  private boolean relink(GraphArrays all, int slot, int layer, LinkSelection linkSelection) {
    int[] links = all.linksOf(slot, layer);
    int first = all.firstLink(slot, layer);
    int end = first + all.width(layer);
    boolean broken = links[first] == GraphArrays.NONE;
    for (int i = first; i < end && links[i] != GraphArrays.NONE && !broken; i++) {
      broken = !all.isLive(links[i]);
    }
    if (!broken) {
      return true;
    }
    linkSelection.begin(slot);
    for (int i = first; i < end && links[i] != GraphArrays.NONE; i++) {
      int other = links[i];
      linkSelection.offer(other);
      if (!all.isLive(other)) {
        int[] further = all.linksOf(other, layer);
        int start = all.firstLink(other, layer);
        int stop = Math.min(start + all.width(layer), further.length);
        for (int j = start; j < stop && further[j] != GraphArrays.NONE; j++) {
          linkSelection.offer(further[j]);
        }
      }
    }
    linkSelection.choose(all.width(layer));
    linkSelection.write(layer);
    return linkSelection.hasOffers();
  }

  private void moveEntry(GraphArrays all) {
    if (all.entry >= 0 && all.isLive((int) all.entry)) {
      return;
    }
    long highest = -1;
    for (int slot = 0; slot < used; slot++) {
      if (all.isLive(slot) && (highest < 0 || all.levels(slot) > (int) (highest >> 32))) {
        highest = (long) all.levels(slot) << 32 | slot;
      }
    }
    all.entry = highest;
  }

  /** Makes room, and uses the occasion to put near nodes together. */
  private void reserve(int count) {
    GraphArrays now = arrays;
    long needed = (long) used + Math.max(0, count - freeCount);
    if (needed <= now.capacity) {
      return;
    }
    int most = GraphArrays.mostSlots(now.codeLength, settings);
    if (needed > most) {
      throw new IllegalStateException(
          "the graph can hold "
              + most
              + " different vectors, and would have "
              + needed
              + "; share the products out to several indexes");
    }
    // A bulk load fits exactly; products that come one by one make half as many again at a time.
    long more = now.capacity == 0 ? needed : Math.max(needed, now.capacity + now.capacity / 2L);
    putNearTogether((int) Math.min(most, more));
  }

  /** Numbers the nodes anew, so that near ones lie together and no slot is free between them. */
  void putNearTogether() {
    putNearTogether(0);
  }

  private void putNearTogether(int capacity) {
    GraphArrays all = arrays;
    linkUnreached(all);
    int[] order = inUse(all);
    NodeOrder.arrange(all, order);
    arrays = all.renumbered(order, Math.max(capacity, order.length), all.codeLength, settings);
    used = order.length;
    freeCount = 0;
  }

  /**
   * Leads a link to each node that no walk would come upon, since all that led to it have chosen
   * others in its place: from a node that it leads to itself and that has room.
   */
  private void linkUnreached(GraphArrays all) {
    if (all.entry < 0) {
      return;
    }
    var reached = new BitSet(used);
    var queue = new int[used];
    reach(all, (int) all.entry, reached, queue);
    boolean again = true;
    while (again) {
      again = false;
      for (int slot = reached.nextClearBit(0); slot < used; slot = reached.nextClearBit(slot + 1)) {
        if (all.look(slot) != null && linkFromReached(all, slot, reached)) {
          reach(all, slot, reached, queue);
          again = true;
        }
      }
    }
  }

  private static boolean linkFromReached(GraphArrays all, int slot, BitSet reached) {
    var asked = new LinkedHashSet<Integer>(List.of(slot));
    var waiting = new ArrayDeque<Integer>(asked);
    while (!waiting.isEmpty() && asked.size() < MOST_ASKED) {
      int first = waiting.remove() * all.width;
      int room = first;
      while (room < first + all.width && all.links[room] != GraphArrays.NONE) {
        if (asked.add(all.links[room])) {
          waiting.add(all.links[room]);
        }
        room++;
      }
      if (room < first + all.width && reached.get(first / all.width)) {
        all.links[room] = slot;
        return true;
      }
    }
    return false;
  }

  /** Notes what can be reached from a node in the lowest layer. */
  private static void reach(GraphArrays all, int start, BitSet reached, int[] queue) {
    int count = 0;
    queue[count++] = start;
    reached.set(start);
    for (int next = 0; next < count; next++) {
      int end = (queue[next] + 1) * all.width;
      for (int i = queue[next] * all.width; i < end && all.links[i] != GraphArrays.NONE; i++) {
        if (!reached.get(all.links[i])) {
          reached.set(all.links[i]);
          queue[count++] = all.links[i];
        }
      }
    }
  }

  private int[] inUse(GraphArrays all) {
    var slots = new int[used];
    int count = 0;
    for (int slot = 0; slot < used; slot++) {
      if (all.look(slot) != null) {
        slots[count++] = slot;
      }
    }
    return Arrays.copyOf(slots, count);
  }

  /**
   * The same graph with other codes, near nodes together. What was added since the codes were
   * learnt is inserted anew, as its links were chosen by codes that fit it badly; all other links
   * stay.
   */
  Graph recoded(Quantizer other, int learntFrom) {
    if (removed.get() > 0) {
      repair();
    }
    Set<Node> anew = Collections.newSetFromMap(new IdentityHashMap<>());
    anew.addAll(arrivals);
    GraphArrays old = arrays;
    var order = new int[used];
    var looks = new ArrayList<Look>();
    for (int slot = 0; slot < used; slot++) {
      Look look = old.look(slot);
      Look left = look == null ? null : NodeGroup.without(look, anew);
      if (left != null) {
        order[looks.size()] = slot;
        looks.add(left);
      }
    }
    GraphArrays all =
        old.renumbered(Arrays.copyOf(order, looks.size()), looks.size(), other.length(), settings);
    for (int slot = 0; slot < all.capacity; slot++) {
      all.setLook(slot, looks.get(slot));
    }
    var recoded = new Graph(other, learntFrom, settings, all);
    inParallel(
        all.capacity,
        () -> {
          GraphSearcher searcher = recoded.searcher();
          return slot -> searcher.encode(all, slot, looks.get(slot).get(0).vector());
        });
    recoded.repair();
    recoded.addAll(arrivals.stream().filter(node -> !node.isGone()).toList());
    recoded.forgetArrivals();
    recoded.putNearTogether();
    return recoded;
  }

  /** What has been replaced since it arrived must not be held here for ever. */
  private void forgetGoneArrivals() {
    int before = arrivals.size();
    if (before > 1.5 * (live.get() + NODES_WORTH_A_THREAD)) {
      arrivals.removeIf(Node::isGone);
      arrivedError *= arrivals.size() / (double) before; // the mean stays
    }
  }

  /** To be called when all nodes that the codes were learnt from are in. */
  void forgetArrivals() {
    arrivals.clear();
    arrivedError = 0;
  }

  // ---- searches

  /** What a search has found: nodes and their similarities, in no particular order. */
  record Found(List<Node> nodes, float[] similarities) {}

  /**
   * Finds nodes near a vector.
   *
   * @param ef how many to keep track of
   * @param enough how many are wanted, at most {@code ef}
   */
  Found nearest(UnitVector vector, int ef, int enough) {
    GraphArrays all = arrays;
    long top = all.entry;
    if (top < 0) {
      return new Found(List.of(), new float[0]);
    }
    GraphSearcher searcher = searcher();
    try {
      searcher.aim(vector);
      int start = searcher.descend(all, (int) top, (int) (top >> 32), 0);
      // Stepping stones take part, but are no answer.
      int removedAmong = (int) ((long) ef * removed.get() / Math.max(1, live.get()));
      searcher.search(all, start, ef + removedAmong, 0);
      return compare(vector, all, searcher, enough, false);
    } finally {
      searchers.add(searcher);
    }
  }

  /**
   * Finds nodes near a vector among those that are wanted: on a walk, and where that comes to cost
   * too much, by their codes alone.
   *
   * @param expected how many nodes a walk meets if those that are wanted lie among the others
   *     everywhere
   * @param mostMet for how many it is cheaper to look at all; 0 to do so at once
   */
  Found nearest(
      UnitVector vector,
      int ef,
      int enough,
      GraphSearcher.Wanted wanted,
      long expected,
      long mostMet) {
    GraphArrays all = arrays;
    long top = all.entry;
    if (top < 0) {
      return new Found(List.of(), new float[0]);
    }
    GraphSearcher searcher = searcher();
    try {
      searcher.aim(vector);
      int start = searcher.descend(all, (int) top, (int) (top >> 32), 0);
      int width = ef;
      long most = UNEXPECTED * expected;
      boolean complete = searcher.search(all, start, width, wanted, Math.min(most, mostMet));
      if (!complete && WIDER * most < mostMet) {
        width = WIDER * ef;
        complete = searcher.search(all, start, width, wanted, mostMet);
      }
      if (!complete) {
        searcher.scan(all, width, wanted);
      }
      return compare(vector, all, searcher, enough, true);
    } finally {
      searchers.add(searcher);
    }
  }

  /**
   * Finds the many nodes nearest to a vector by looking at all codes, which for many is quicker
   * than a walk.
   *
   * @param enough how many are wanted
   */
  Found nearestOfAll(UnitVector vector, int enough) {
    GraphArrays all = arrays;
    GraphSearcher searcher = searcher();
    try {
      searcher.aim(vector);
      // More than are wanted, as codes are not exact.
      searcher.rank(all, (int) Math.min(Integer.MAX_VALUE - 8, enough * 5L / 4 + 64));
      return compare(vector, all, searcher, enough, false);
    } finally {
      searchers.add(searcher);
    }
  }

  /**
   * The similarities of those that a walk has found, the seemingly closest first, until what is
   * left is most unlikely to be among the closest. How far scores and similarities go together is
   * seen from those compared so far.
   */
  private Found compare(
      UnitVector vector, GraphArrays all, GraphSearcher searcher, int enough, boolean filtered) {
    var nodes = new @Nullable Node[searcher.size()];
    var slots = new int[nodes.length];
    var scores = new int[nodes.length];
    var vectors = new float[nodes.length][];
    float[] query = VectorValues.of(vector);
    var similarities = new float[nodes.length];
    var estimate = new Estimate(searcher.unit(quantizer));
    // Where none is gone, only those that are returned have to be asked what they are.
    boolean allThere = removed.get() == 0;
    int count = 0;
    int batch = (enough + 6) & ~3;
    for (int rank = 0; rank < searcher.size(); ) {
      // Each step for all of them before the next, so that the processor waits for them together.
      int from = count;
      for (int end = Math.min(searcher.size(), rank + batch); rank < end; rank++) {
        int slot = searcher.slot(rank);
        float[] known = allThere ? all.vector(slot) : null;
        Look look = known == null ? all.look(slot) : null;
        if (known != null) {
          vectors[count] = known;
          slots[count] = slot;
          scores[count++] = searcher.scoreAt(rank);
        } else if (look instanceof Node node) {
          nodes[count] = node;
          scores[count++] = searcher.scoreAt(rank);
        } else if (look != null) {
          int members = look.count();
          int length = nodes.length + members;
          nodes = Arrays.copyOf(nodes, length);
          slots = Arrays.copyOf(slots, length);
          scores = Arrays.copyOf(scores, length);
          vectors = Arrays.copyOf(vectors, length);
          similarities = Arrays.copyOf(similarities, length);
          for (int i = 0; i < members; i++) {
            nodes[count] = look.get(i);
            scores[count++] = searcher.scoreAt(rank);
          }
        }
      }
      int to = count;
      count = from;
      for (int i = from; i < to; i++) {
        Node node = nodes[i];
        if (node == null || !node.isGone()) {
          vectors[count] = node == null ? vectors[i] : VectorValues.of(node.vector());
          nodes[count] = node;
          slots[count] = slots[i];
          scores[count++] = scores[i];
        }
      }
      var some = new float[count - from];
      MATH.dots(query, Arrays.copyOfRange(vectors, from, count), some.length, some);
      System.arraycopy(some, 0, similarities, from, some.length);
      estimate.learn(scores, from, some);
      if (rank < searcher.size()
          && count >= enough
          && estimate.most(searcher.scoreAt(rank)) < atRank(similarities, count, enough)) {
        break;
      }
      batch = Math.max(4, enough / 4 & ~3);
    }
    // Where a filter may yet refuse some, the others are needed.
    float least =
        allThere && !filtered && count > enough
            ? atRank(similarities, count, enough)
            : Float.NEGATIVE_INFINITY;
    var kept = new ArrayList<Node>(count);
    int left = 0;
    for (int i = 0; i < count; i++) {
      if (similarities[i] >= least) {
        Node node = nodes[i] == null ? nodeOf(vectors[i], all.look(slots[i])) : nodes[i];
        if (node != null) {
          kept.add(node);
          similarities[left++] = similarities[i];
        }
      }
    }
    var found = new Found(kept, similarities);
    // What is noted at the end of the walk may be nearer, and something noted there, too. Only at
    // the nearest from then on: others change places when more is noted, and theirs would be lost.
    Found more = withNoted(vector, found, ENDS);
    while (more != null) {
      found = more;
      more = withNoted(vector, found, 1);
    }
    return found;
  }

  /** The node of a look that has these numbers; null if it went while they were compared. */
  @SuppressWarnings("ReferenceEquality") // to compare all of them would take as long as a cosine
  private static @Nullable Node nodeOf(float[] vector, @Nullable Look look) {
    for (int i = 0; look != null && i < look.count(); i++) {
      Node node = look.get(i);
      if (!node.isInFile() && VectorValues.of(node.vector()) == vector) {
        return node.isGone() ? null : node;
      }
    }
    return null;
  }

  /**
   * What has been found, and what is noted at the nearest of it, or at those that rounding might
   * take for them.
   *
   * @return null if that is nothing more
   */
  private static @Nullable Found withNoted(UnitVector vector, Found found, int ends) {
    List<Node> nodes = found.nodes;
    boolean any = false; // mostly not, and each search asks
    for (Node node : nodes) {
      any |= node.noted().length > 0;
    }
    if (!any) {
      return null;
    }
    float near = atRank(found.similarities, nodes.size(), Math.min(ends, nodes.size())) - ROUNDING;
    Set<Node> noted = new LinkedHashSet<>();
    for (int i = 0; i < nodes.size(); i++) {
      if (found.similarities[i] >= near) {
        noted.addAll(Arrays.asList(nodes.get(i).noted()));
      }
    }
    noted.removeIf(Node::isGone);
    nodes.forEach(noted::remove);
    if (noted.isEmpty()) {
      return null;
    }
    var all = new ArrayList<>(nodes);
    all.addAll(noted);
    var similarities = new float[noted.size()];
    vector.cosines(noted.stream().map(Node::vector).toList(), similarities);
    float[] together = Arrays.copyOf(found.similarities, all.size());
    System.arraycopy(similarities, 0, together, nodes.size(), similarities.length);
    return new Found(all, together);
  }

  /** The similarity of rank {@code enough}. */
  private static float atRank(float[] similarities, int count, int enough) {
    float[] sorted = Arrays.copyOf(similarities, count);
    Arrays.sort(sorted);
    return sorted[count - enough];
  }

  /**
   * The product of each slot that stands for one alone, so that a filter's matches are found
   * without a look at nodes. It is made anew where products came or went; not at each search beside
   * writers, but when two searches find the same products.
   *
   * @return null while products come and go
   */
  @Nullable SlotProducts slotProducts(Products products) {
    GraphArrays all = arrays;
    int moves = products.moves();
    SlotProducts known = slotProducts;
    if (known != null && known.isOf(all, moves)) {
      return known;
    }
    boolean settled = known == null || movesSeen == moves;
    movesSeen = moves;
    if (!settled || (moves & 1) != 0) {
      return null;
    }
    SlotProducts made = SlotProducts.of(all, moves);
    if (products.moves() != moves) {
      return null;
    }
    slotProducts = made;
    return made;
  }

  /** Some of what is in the graph, picked at random; less than asked for where slots are free. */
  List<Look> sample(int count) {
    GraphArrays all = arrays;
    var sample = new ArrayList<Look>(count);
    var some = new SplittableRandom(count);
    for (int i = 0; i < count && all.capacity > 0; i++) {
      Look look = all.look(some.nextInt(all.capacity));
      if (look != null && !look.isGone()) {
        sample.add(look);
      }
    }
    return sample;
  }

  private GraphSearcher searcher() {
    GraphSearcher searcher = searchers.poll();
    return searcher == null ? new GraphSearcher(quantizer) : searcher;
  }

  long memoryBytes() {
    SlotProducts ofSlots = slotProducts;
    long bytes =
        arrays.memoryBytes()
            + quantizer.memoryBytes()
            + (ofSlots == null ? 0 : ofSlots.memoryBytes());
    for (GraphSearcher searcher : searchers) {
      bytes += searcher.memoryBytes();
    }
    return bytes;
  }

  private void inParallel(int count, Supplier<Parallel.Task> maker) {
    Parallel.run(settings.threads(), count, NODES_WORTH_A_THREAD, maker);
  }
}

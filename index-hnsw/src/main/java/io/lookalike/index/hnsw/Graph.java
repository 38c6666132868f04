package io.lookalike.index.hnsw;

import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;

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

  /** The share of removed nodes at which links are repaired. */
  private static final double MOST_REMOVED = .1;

  private static final int LEAST_REMOVED = 50;

  /** See {@link LinkSelection}; a wider one makes up for repairs' choosing from what lies at hand. */
  private static final float MARGIN = 1.1f;

  private static final float REPAIR_MARGIN = 1.2f;
  private static final int MOST_LAYERS = 16;

  /**
   * A walk among those that are wanted which meets so many times more nodes than expected has them
   * all on one side, and misses some.
   */
  private static final int UNEXPECTED = 2;

  /** By how much such a walk has to keep track of more. */
  private static final int WIDER = 4;

  private static final int LOCKS = 1024;
  private static final int NODES_WORTH_A_THREAD = 32;

  private final Settings settings;
  private final Quantizer quantizer;
  private final int learntFrom;
  private final SplittableRandom random;
  private final Object[] locks = new Object[LOCKS];
  private final ConcurrentLinkedQueue<GraphSearcher> searchers = new ConcurrentLinkedQueue<>();

  private volatile GraphArrays arrays;

  /** Where searches begin: its highest layer above, its slot below; -1 if there is none. */
  private volatile long entry = -1;

  // Used by the writer alone:

  /** GraphArrays ever used. */
  private int used;

  private int[] free = new int[16];
  private int freeCount;
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
    this.settings = settings;
    this.quantizer = quantizer;
    this.learntFrom = learntFrom;
    this.random = new SplittableRandom(settings.seed());
    this.arrays = new GraphArrays(0, quantizer.length(), settings);
    Arrays.setAll(locks, i -> new Object());
  }

  /**
   * A graph as it was saved.
   *
   * @param arrays all in use, and not shared
   */
  Graph(Quantizer quantizer, int learntFrom, Settings settings, GraphArrays arrays, long entry) {
    this.settings = settings;
    this.quantizer = quantizer;
    this.learntFrom = learntFrom;
    // Not where it was when the graph was saved, but no worse a beginning.
    this.random = new SplittableRandom(settings.seed() + arrays.capacity);
    this.arrays = arrays;
    this.entry = entry;
    used = arrays.capacity;
    live.set(used);
    Arrays.setAll(locks, i -> new Object());
  }

  /** What is to be saved of a graph: slots without gaps, and its entry among them. */
  record Compact(GraphArrays arrays, Quantizer quantizer, long entry) {}

  /** Repairs the graph, and copies what it consists of. */
  Compact compact() {
    if (removed.get() > 0) {
      repair();
    }
    GraphArrays all = arrays;
    var order = new int[live.get()];
    int count = 0;
    int top = 0;
    for (int slot = 0; slot < used; slot++) {
      if (isLive(all, slot)) {
        if (slot == (int) entry) {
          top = count;
        }
        order[count++] = slot;
      }
    }
    return new Compact(all.renumbered(order, settings), quantizer, entry >> 32 << 32 | top);
  }

  int learntFrom() {
    return learntFrom;
  }

  /** How many bytes of codes a search reads for a node. */
  int codeLength() {
    return quantizer.length();
  }

  // ---- changes

  /** Adds nodes, by several threads where they are many. */
  void addAll(List<Node> nodes) {
    reserve(nodes.size());
    GraphArrays all = arrays;
    for (Node node : nodes) {
      int slot = freeCount > 0 ? free[--freeCount] : used++;
      all.clear(slot, drawLevel());
      all.nodes[slot] = node;
      node.setSlot(slot);
    }
    live.addAndGet(nodes.size());
    int first = 0;
    if (entry < 0 && !nodes.isEmpty()) {
      int slot = nodes.get(0).slot();
      GraphSearcher searcher = searcher();
      searcher.encode(all, slot, nodes.get(0).vector());
      searchers.add(searcher);
      entry = (long) all.levels(slot) << 32 | slot;
      first = 1;
    }
    List<Node> rest = nodes.subList(first, nodes.size());
    inParallel(
        rest.size(),
        () -> {
          GraphSearcher searcher = searcher();
          var linkSelection = new LinkSelection(all, MARGIN);
          return new Task() {
            @Override
            public void run(int number) {
              Node node = rest.get(number);
              int slot = node.slot();
              searcher.encode(all, slot, node.vector());
              insert(all, slot, searcher, linkSelection);
            }

            @Override
            public void close() {
              searchers.add(searcher);
            }
          };
        });
  }

  /** Numbers the nodes of a graph that nobody searches yet so that near ones lie together. */
  void putNearTogether() {
    int[] order = NodeOrder.of(arrays, used);
    GraphArrays all = arrays.renumbered(order, settings);
    int top = -1;
    for (int slot = 0; slot < used; slot++) {
      Node node = all.nodes[slot];
      if (node != null) {
        node.setSlot(slot);
      }
      if (order[slot] == (int) entry) {
        top = slot;
      }
    }
    entry = entry >> 32 << 32 | top;
    arrays = all;
  }

  /** A layer's nodes are a share of 1 / m of those in the layer below. */
  private int drawLevel() {
    double level = -Math.log(1 - random.nextDouble()) / Math.log(settings.m());
    return (int) Math.min(level, MOST_LAYERS);
  }

  /** Links a node whose code is in place (the paper's algorithm 1). */
  private void insert(GraphArrays all, int slot, GraphSearcher searcher, LinkSelection linkSelection) {
    long top = entry;
    int topLayer = (int) (top >> 32);
    int level = all.levels(slot);
    searcher.aim(all, slot);
    int at = searcher.descend(all, (int) top, topLayer, level);
    // First all links away from it, from the lowest layer to the highest those to it: who comes
    // upon this node in one layer finds it linked in those below.
    int highest = Math.min(level, topLayer);
    for (int layer = highest; layer >= 0; layer--) {
      searcher.search(all, at, settings.efConstruction(), layer);
      at = searcher.slot(0);
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
        if (level > (int) (entry >> 32)) {
          entry = (long) level << 32 | slot;
        }
      }
    }
  }

  /** Links a node to a new one, and chooses anew where there is no room. */
  private void linkBack(GraphArrays all, int slot, int fresh, int layer, LinkSelection linkSelection) {
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

  /** Makes of a node a stepping stone; {@link #repairIfWorthwhile} is to follow. */
  void remove(Node node) {
    node.markRemoved();
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

  private void repair() {
    GraphArrays all = arrays;
    var lost = new ConcurrentLinkedQueue<Integer>();
    inParallel(
        used,
        () -> {
          var linkSelection = new LinkSelection(all, REPAIR_MARGIN);
          return slot -> {
            if (!isLive(all, slot)) {
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
              if (slot != (int) entry) {
                insert(all, slot, searcher, linkSelection);
              }
            });
    searchers.add(searcher);
    for (int slot = 0; slot < used; slot++) {
      Node node = all.nodes[slot];
      if (node != null && node.isRemoved()) {
        all.nodes[slot] = null;
        if (freeCount == free.length) {
          free = Arrays.copyOf(free, 2 * freeCount);
        }
        free[freeCount++] = slot;
      }
    }
    removed.set(0);
  }

  /** Leads the links to removed nodes elsewhere; false if there is nowhere to lead them. */
  private boolean relink(GraphArrays all, int slot, int layer, LinkSelection linkSelection) {
    int[] links = all.linksOf(slot, layer);
    int first = all.firstLink(slot, layer);
    int end = first + all.width(layer);
    boolean broken = false;
    for (int i = first; i < end && links[i] != GraphArrays.NONE && !broken; i++) {
      broken = !isLive(all, links[i]);
    }
    if (!broken) {
      return true;
    }
    linkSelection.begin(slot);
    for (int i = first; i < end && links[i] != GraphArrays.NONE; i++) {
      int other = links[i];
      linkSelection.offer(other);
      if (!isLive(all, other)) {
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

  private static boolean isLive(GraphArrays all, int slot) {
    Node node = all.nodes[slot];
    return node != null && !node.isRemoved();
  }

  private void moveEntry(GraphArrays all) {
    if (entry >= 0 && isLive(all, (int) entry)) {
      return;
    }
    long highest = -1;
    for (int slot = 0; slot < used; slot++) {
      if (isLive(all, slot) && (highest < 0 || all.levels(slot) > (int) (highest >> 32))) {
        highest = (long) all.levels(slot) << 32 | slot;
      }
    }
    entry = highest;
  }

  private void reserve(int count) {
    GraphArrays now = arrays;
    long needed = (long) used + Math.max(0, count - freeCount);
    if (needed <= now.capacity) {
      return;
    }
    int most = GraphArrays.mostSlots(now.codeLength, settings);
    if (needed > most) {
      throw new IllegalStateException(
          "the graph can hold " + most + " different vectors, and would have " + needed);
    }
    // A bulk load fits exactly; products that come one by one make half as many again at a time.
    long more = now.capacity == 0 ? needed : Math.max(needed, now.capacity + now.capacity / 2L);
    arrays = now.grown((int) Math.min(most, more));
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
    long top = entry;
    if (top < 0) {
      return new Found(List.of(), new float[0]);
    }
    GraphArrays all = arrays;
    GraphSearcher searcher = searcher();
    try {
      searcher.aim(vector);
      int start = searcher.descend(all, (int) top, (int) (top >> 32), 0);
      // Stepping stones take part, but are no answer.
      int removedAmong = (int) ((long) ef * removed.get() / Math.max(1, live.get()));
      searcher.search(all, start, ef + removedAmong, 0);
      return compare(vector, all, searcher, enough);
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
      UnitVector vector, int ef, int enough, Predicate<Node> wanted, long expected, long mostMet) {
    long top = entry;
    if (top < 0) {
      return new Found(List.of(), new float[0]);
    }
    GraphArrays all = arrays;
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
      return compare(vector, all, searcher, enough);
    } finally {
      searchers.add(searcher);
    }
  }

  /**
   * The similarities of those that a walk has found, the seemingly closest first, until what is
   * left is most unlikely to be among the closest. How far scores and similarities go together is
   * seen from those compared so far.
   */
  private Found compare(UnitVector vector, GraphArrays all, GraphSearcher searcher, int enough) {
    var nodes = new Node[searcher.size()];
    var scores = new int[nodes.length];
    var vectors = new UnitVector[nodes.length];
    var similarities = new float[nodes.length];
    var estimate = new Estimate(searcher.unit(quantizer));
    int count = 0;
    int batch = (enough + 6) & ~3;
    for (int rank = 0; rank < searcher.size(); ) {
      // Each step for all of them before the next, so that the processor waits for them together.
      int from = count;
      for (int end = Math.min(searcher.size(), rank + batch); rank < end; rank++) {
        Node node = all.nodes[searcher.slot(rank)];
        if (node != null) {
          nodes[count] = node;
          scores[count++] = searcher.scoreAt(rank);
        }
      }
      int to = count;
      count = from;
      for (int i = from; i < to; i++) {
        if (!nodes[i].isRemoved()) {
          vectors[count] = nodes[i].vector();
          nodes[count] = nodes[i];
          scores[count++] = scores[i];
        }
      }
      var some = new float[count - from];
      vector.cosines(Arrays.asList(vectors).subList(from, count), some);
      System.arraycopy(some, 0, similarities, from, some.length);
      estimate.learn(scores, from, some);
      if (rank < searcher.size()
          && count >= enough
          && estimate.most(searcher.scoreAt(rank)) < atRank(similarities, count, enough)) {
        break;
      }
      batch = Math.max(4, enough / 4 & ~3);
    }
    return new Found(Arrays.asList(nodes).subList(0, count), similarities);
  }

  /** The similarity of rank {@code enough}. */
  private static float atRank(float[] similarities, int count, int enough) {
    float[] sorted = Arrays.copyOf(similarities, count);
    Arrays.sort(sorted);
    return sorted[count - enough];
  }

  /** Nodes picked at random, of which some may not be there. */
  List<Node> sample(int count) {
    GraphArrays all = arrays;
    var sample = new ArrayList<Node>(count);
    var some = new SplittableRandom(count);
    for (int i = 0; i < count && all.capacity > 0; i++) {
      Node node = all.nodes[some.nextInt(all.capacity)];
      if (node != null && !node.isRemoved()) {
        sample.add(node);
      }
    }
    return sample;
  }

  private GraphSearcher searcher() {
    GraphSearcher searcher = searchers.poll();
    return searcher == null ? new GraphSearcher(quantizer) : searcher;
  }

  long memoryBytes() {
    long bytes = arrays.memoryBytes() + quantizer.memoryBytes();
    for (GraphSearcher searcher : searchers) {
      bytes += searcher.memoryBytes();
    }
    return bytes;
  }

  // ---- threads

  /** Does what there is to do with each of many numbers; used by one thread. */
  private interface Task extends AutoCloseable {
    void run(int number);

    @Override
    default void close() {}
  }

  private interface TaskMaker {
    Task make();
  }

  private void inParallel(int count, TaskMaker maker) {
    var next = new AtomicInteger();
    Runnable work =
        () -> {
          try (Task task = maker.make()) {
            for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
              task.run(i);
            }
          }
        };
    int threads = Math.min(settings.threads(), 1 + count / NODES_WORTH_A_THREAD);
    if (threads == 1) {
      work.run();
      return;
    }
    ForkJoinTask.invokeAll(
        Stream.<ForkJoinTask<?>>generate(() -> ForkJoinTask.adapt(work)).limit(threads).toList());
  }
}

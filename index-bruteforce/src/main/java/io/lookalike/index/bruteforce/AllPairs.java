package io.lookalike.index.bruteforce;

import io.lookalike.index.Neighbor;
import io.lookalike.index.Query;
import io.lookalike.math.CodeMath;
import io.lookalike.math.UnitVector;
import io.lookalike.math.VectorMath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The nearest neighbours of many products of a catalogue among all its products. What it finds is
 * what a search for each of them finds.
 *
 * <p>Where there is a {@link Pruner}, the products of one of its blocks, which are alike, are
 * sought together: each block of the catalogue is looked at for all of them while it is in the
 * processor's cache, those blocks first whose centres are nearest.
 */
final class AllPairs {

  private static final VectorMath MATH = VectorMath.active();
  private static final CodeMath CODES = CodeMath.active();
  private static final int BLOCK = Pruner.BLOCK;
  private static final int PLAIN_BATCH = 256;
  private static final int MIDDLE = 3;

  /** The number of blocks in which the first products to compare are looked for. */
  private static final int NEAREST_BLOCKS = 8;

  /** So many more than are wanted are compared first. */
  private static final int FIRST_LOOKS = 8;

  private final SortedRows rows;
  private final @Nullable Pruner pruner;
  private final int length;
  private final int[] neighbors;
  private final float[] similarities;

  /** The product at each of the pruner's places, or -1. */
  private final int[] products;

  /** Which places of each block have a product. */
  private final long[] live;

  /** The products that the pruner does not know. */
  private final int[] fresh;

  /** Told which products are finished; several threads may call at a time. */
  interface Finished {
    void rows(int[] ordinals, int from, int to);
  }

  /**
   * Prepares.
   *
   * @param length how many neighbours each product gets; less than there are products
   * @param neighbors receives those of product i from {@code i * length} on
   * @param similarities likewise
   */
  AllPairs(SortedRows rows, int length, int[] neighbors, float[] similarities) {
    this.rows = rows;
    this.pruner = rows.pruner();
    this.length = length;
    this.neighbors = neighbors;
    this.similarities = similarities;
    int blocks = pruner == null ? 0 : pruner.blocks();
    this.products = new int[blocks * BLOCK];
    this.live = new long[blocks];
    Arrays.fill(products, -1);
    for (int place = 0; place < products.length; place++) {
      int slot = slot(place);
      if (slot >= 0 && rows.ordinals[slot] >= 0 && !rows.isFresh(slot)) {
        products[place] = rows.ordinals[slot];
        live[place / BLOCK] |= 1L << place % BLOCK;
      }
    }
    var found = new int[rows.count()];
    int n = 0;
    for (int i = 0; i < rows.count(); i++) {
      if (pruner != null && rows.isFresh(rows.slots[i])) {
        found[n++] = i;
      }
    }
    this.fresh = Arrays.copyOf(found, n);
  }

  private int slot(int place) {
    Pruner.Shelf shelf = shelf(place / BLOCK);
    return shelf.slots()[place % (Pruner.SHELF_BLOCKS * BLOCK)];
  }

  private Pruner.Shelf shelf(int block) {
    return Objects.requireNonNull(pruner).shelves[block / Pruner.SHELF_BLOCKS];
  }

  /** Finds the neighbours of some products. */
  void search(int[] wanted, int threads, Finished finished) {
    if (length == 0) {
      finished.rows(wanted, 0, wanted.length);
      return;
    }
    Pruner bounds = pruner;
    int batch = pruner == null ? PLAIN_BATCH : BLOCK;
    int[] order = pruner == null ? wanted : byPlace(wanted);
    Workers.run(
        threads,
        (order.length + batch - 1) / batch,
        () -> {
          Batch search = bounds == null ? this::searchPlain : new PrunedBatch(bounds)::search;
          return task -> {
            int from = task * batch;
            int to = Math.min(order.length, from + batch);
            search.run(order, from, to);
            finished.rows(order, from, to);
          };
        });
  }

  private interface Batch {
    void run(int[] order, int from, int to);
  }

  /** Like products next to each other, as the pruner has them. */
  private int[] byPlace(int[] wanted) {
    var isWanted = new boolean[rows.count()];
    for (int ordinal : wanted) {
      isWanted[ordinal] = true;
    }
    var order = new int[wanted.length];
    int n = 0;
    for (int product : products) {
      if (product >= 0 && isWanted[product]) {
        order[n++] = product;
      }
    }
    for (int product : fresh) {
      if (isWanted[product]) {
        order[n++] = product;
      }
    }
    return order;
  }

  private void searchPlain(int[] order, int from, int to) {
    var queries = new ArrayList<Query>(to - from);
    for (int i = from; i < to; i++) {
      int slot = rows.slots[order[i]];
      int at = rows.offset(slot);
      float[] vector = Arrays.copyOfRange(rows.vectors(slot), at, at + rows.dimension());
      queries.add(
          Query.of(UnitVector.ofNormalized(vector), length).excluding(Set.of(rows.ids[order[i]])));
    }
    List<List<Found>> answers =
        new ExactSearch(rows.segments(), rows.dimension(), 1).answer(queries);
    for (int i = from; i < to; i++) {
      int at = order[i] * length;
      for (Found neighbor : answers.get(i - from)) {
        neighbors[at] = rows.ordinals[neighbor.slot()];
        similarities[at] = neighbor.similarity();
        at++;
      }
    }
  }

  /**
   * Puts a product into a list that is in order, unless it is worse than all there.
   *
   * @param at where the list begins
   * @param size how many it holds
   * @param room how many it may hold
   * @return how many it holds now
   */
  static int insert(
      int[] neighbors,
      float[] similarities,
      int at,
      int size,
      int room,
      int neighbor,
      float similarity) {
    int i = at + size;
    if (size == room) {
      if (!isCloser(similarity, neighbor, similarities[i - 1], neighbors[i - 1])) {
        return size;
      }
      i--;
      size--;
    }
    for (; i > at && isCloser(similarity, neighbor, similarities[i - 1], neighbors[i - 1]); i--) {
      similarities[i] = similarities[i - 1];
      neighbors[i] = neighbors[i - 1];
    }
    similarities[i] = similarity;
    neighbors[i] = neighbor;
    return size + 1;
  }

  /** The order of {@link Neighbor#CLOSEST_FIRST}: products are numbered by their ids. */
  private static boolean isCloser(float a, int productA, float b, int productB) {
    int order = Float.compare(a, b);
    return order > 0 || (order == 0 && productA < productB);
  }

  /** One thread's room to find the neighbours of a block of products at a time. */
  private final class PrunedBatch {
    private final Pruner bounds;
    private final StagePlan plan;
    private final int blocks;
    private final int dimension = rows.dimension();

    private final float[] vectors = new float[BLOCK * dimension];
    private final int[] offsets = new int[BLOCK];
    private final float[] rotated;

    // Of query q at q times the stage's coordinates: these times the codes' scales.
    private final float[] high;
    private final float[] low;
    private final float[] later;
    private final float[] prefix;

    // Of each stage and query; the last is the second stage's first part.
    private final float[][] base = new float[4][BLOCK];
    private final float[][] rest = new float[4][BLOCK];
    private final float[][] slack = new float[4][BLOCK];

    /** What the products of block b may reach at most for query q, at {@code b * BLOCK + q}. */
    private final float[] reach;

    private final long[] order;
    private final float[] sums = new float[BLOCK];

    // The products to compare with a query first: places within the nearest blocks.
    private final int[] firstLooks = new int[length + FIRST_LOOKS];
    private final float[] firstScores = new float[length + FIRST_LOOKS];

    /** Which products of these blocks have been compared with each query. */
    private final long[] looked = new long[BLOCK * NEAREST_BLOCKS];

    /** How many blocks have been looked at. */
    private int turn;

    private int[] queries = new int[0];
    private int first;
    private final int[] sizes = new int[BLOCK];

    /** Of each query the similarity below which nothing gets in any more, negated. */
    private final float[] negatedBars = new float[BLOCK];

    PrunedBatch(Pruner bounds) {
      this.bounds = bounds;
      this.plan = bounds.plan;
      this.blocks = bounds.blocks();
      this.rotated = new float[BLOCK * plan.third()];
      this.high = new float[BLOCK * plan.first()];
      this.low = new float[BLOCK * plan.first()];
      this.prefix = new float[BLOCK * (plan.first() + 1)];
      this.later = new float[BLOCK * plan.third()];
      this.reach = new float[blocks * BLOCK];
      this.order = new long[blocks];
      Arrays.setAll(offsets, q -> q * dimension);
    }

    void search(int[] all, int from, int to) {
      queries = all;
      first = from;
      int count = to - from;
      prepare(count);
      Arrays.fill(sizes, 0);
      Arrays.fill(negatedBars, Float.NEGATIVE_INFINITY);
      Arrays.fill(negatedBars, 0, count, Float.POSITIVE_INFINITY);
      scoreCentres(count);
      for (int product : fresh) {
        for (int q = 0; q < count; q++) {
          compare(q, product);
        }
      }
      lookAtNearestBlocks(count);
      for (int i = 0; i < blocks; i++) {
        int number = (int) order[i];
        turn = i;
        long active = CODES.atLeast(negatedBars, 1, reach, number * BLOCK, 0);
        for (; active != 0; active &= active - 1) {
          scan(Long.numberOfTrailingZeros(active), number);
        }
      }
    }

    /** Rotates the queries, and multiplies the codes' scales into them. */
    private void prepare(int count) {
      for (int q = 0; q < count; q++) {
        int slot = rows.slots[queries[first + q]];
        System.arraycopy(rows.vectors(slot), rows.offset(slot), vectors, q * dimension, dimension);
      }
      bounds.rotation.apply(vectors, offsets, count, plan.third(), rotated);
      int[] ends = {plan.first(), plan.second(), plan.third()};
      var norms = new double[3];
      float[] error = bounds.error;
      for (int q = 0; q < count; q++) {
        int at = q * plan.third();
        double squares = 0;
        int c = 0;
        for (int stage = 0; stage < 3; stage++) {
          double own = 0;
          double product = 0;
          for (; c < ends[stage]; c++) {
            if (c == plan.middle()) {
              base[MIDDLE][q] = (float) product;
              rest[MIDDLE][q] = bounds.rest(squares + own);
            }
            float value = rotated[at + c];
            own += (double) value * value;
            product += (double) value * bounds.mean[c];
            later[at + c] = value * bounds.scale[c];
          }
          squares += own;
          norms[stage] = Math.sqrt(own);
          base[stage][q] = (float) (stage == 1 ? product - base[MIDDLE][q] : product);
          rest[stage][q] = bounds.rest(squares);
        }
        for (int i = 0; i < plan.first(); i++) {
          prefix[q * (plan.first() + 1) + i] = rotated[at + i];
          high[q * plan.first() + i] = later[at + i];
          low[q * plan.first() + i] = later[at + i] / Pruner.LOW_STEPS;
        }
        prefix[q * (plan.first() + 1) + plan.first()] = rest[0][q];
        slack[0][q] = (float) (norms[0] * error[Pruner.HIGH]) + bounds.margin;
        slack[1][q] =
            (float) (norms[0] * error[Pruner.LOW] + norms[1] * error[Pruner.SECOND])
                + bounds.margin;
        slack[MIDDLE][q] = slack[0][q] + (float) (norms[1] * error[Pruner.SECOND]);
        slack[2][q] = slack[1][q] + (float) (norms[2] * error[Pruner.THIRD]);
      }
    }

    /**
     * Compares with each query the products that seem nearest after two stages in the blocks that
     * are nearest to all, so that the bars are high before the others are looked at.
     */
    private void lookAtNearestBlocks(int count) {
      int nearest = Math.min(blocks, NEAREST_BLOCKS);
      for (int q = 0; q < count; q++) {
        Arrays.fill(looked, q * NEAREST_BLOCKS, (q + 1) * NEAREST_BLOCKS, 0);
        int size = 0;
        for (int i = 0; i < nearest; i++) {
          int number = (int) order[i];
          Pruner.Shelf shelf = shelf(number);
          int block = number % Pruner.SHELF_BLOCKS;
          Arrays.fill(sums, base[0][q]);
          firstStage(shelf, block, q);
          firstPart(shelf, block, q);
          secondPart(shelf, block, q);
          float least = size == firstLooks.length ? firstScores[size - 1] : Float.NEGATIVE_INFINITY;
          long left = live[number] & CODES.atLeast(sums, 0, shelf.rest2(), block * BLOCK, least);
          for (; left != 0; left &= left - 1) {
            int lane = Long.numberOfTrailingZeros(left);
            size =
                insert(
                    firstLooks,
                    firstScores,
                    0,
                    size,
                    firstLooks.length,
                    i * BLOCK + lane,
                    sums[lane]);
          }
        }
        for (int i = 0; i < size; i++) {
          int at = firstLooks[i] / BLOCK;
          int lane = firstLooks[i] % BLOCK;
          looked[q * NEAREST_BLOCKS + at] |= 1L << lane;
          compare(q, products[(int) order[at] * BLOCK + lane]);
        }
      }
    }

    /** Bounds every block for every query, and puts those in order that are nearest to all. */
    private void scoreCentres(int count) {
      int coordinates = plan.first() + 1;
      var scores = new float[blocks];
      for (int group = 0; group < blocks; group += BLOCK) {
        Pruner.Shelf shelf = shelf(group);
        int inShelf = group % Pruner.SHELF_BLOCKS;
        int n = Math.min(BLOCK, blocks - group);
        for (int q = 0; q < count; q++) {
          Arrays.fill(sums, 0);
          CODES.addWeighted(
              shelf.centres(), inShelf * coordinates, coordinates, prefix, q * coordinates, sums);
          for (int i = 0; i < n; i++) {
            scores[group + i] += sums[i];
            reach[(group + i) * BLOCK + q] =
                Cap.bound(
                    sums[i], shelf.least()[inShelf + i], shelf.most()[inShelf + i], bounds.margin);
          }
        }
      }
      for (int b = 0; b < blocks; b++) {
        int bits = Float.floatToIntBits(-scores[b]);
        order[b] = (long) (bits ^ (bits >> 31 & Integer.MAX_VALUE)) << 32 | b;
      }
      Arrays.sort(order);
    }

    private float bar(int q) {
      return -negatedBars[q];
    }

    private void scan(int q, int number) {
      Pruner.Shelf shelf = shelf(number);
      int block = number % Pruner.SHELF_BLOCKS;
      long left = live[number];
      if (turn < NEAREST_BLOCKS) {
        left &= ~looked[q * NEAREST_BLOCKS + turn];
      }
      boolean bounded = sizes[q] == length;
      if (bounded) {
        Arrays.fill(sums, base[0][q]);
        CODES.addWeighted(
            shelf.high(), block * BLOCK * plan.first(), plan.first(), high, q * plan.first(), sums);
        left &= reached(shelf.rest1(), block * BLOCK, 0, q);
        if (left != 0) {
          firstPart(shelf, block, q);
          left &= reached(shelf.restMiddle(), block * BLOCK, MIDDLE, q);
        }
        if (left != 0) {
          secondPart(shelf, block, q);
          left &= reached(shelf.rest2(), block * BLOCK, 1, q);
        }
      }
      for (; left != 0; left &= left - 1) {
        int lane = Long.numberOfTrailingZeros(left);
        if (!bounded || mayBeNear(shelf, block * BLOCK + lane, q)) {
          compare(q, products[number * BLOCK + lane]);
        }
      }
    }

    private long reached(float[] rests, int at, int stage, int q) {
      return CODES.atLeast(sums, rest[stage][q], rests, at, bar(q) - slack[stage][q]);
    }

    private void firstStage(Pruner.Shelf shelf, int block, int q) {
      int p = plan.first();
      CODES.addWeighted(shelf.high(), block * BLOCK * p, p, high, q * p, sums);
    }

    private void firstPart(Pruner.Shelf shelf, int block, int q) {
      add(base[MIDDLE][q]);
      addSecond(shelf, block, plan.first(), plan.middle(), q);
    }

    private void secondPart(Pruner.Shelf shelf, int block, int q) {
      int p = plan.first();
      add(base[1][q]);
      CODES.addWeighted(shelf.low(), block * BLOCK * p, p, low, q * p, sums);
      addSecond(shelf, block, plan.middle(), plan.second(), q);
    }

    /** Adds the second stage's coordinates {@code from} to {@code to - 1}. */
    private void addSecond(Pruner.Shelf shelf, int block, int from, int to, int q) {
      int p = plan.first();
      CODES.addWeighted(
          shelf.second(),
          (block * (plan.second() - p) + from - p) * BLOCK,
          to - from,
          later,
          q * plan.third() + from,
          sums);
    }

    private void add(float mean) {
      for (int lane = 0; lane < BLOCK; lane++) {
        sums[lane] += mean;
      }
    }

    private boolean mayBeNear(Pruner.Shelf shelf, int place, int q) {
      float known = sums[place % BLOCK];
      if (known + rest[1][q] * shelf.rest2()[place] < bar(q) - slack[1][q]) {
        return false; // the bar has risen since the second stage
      }
      int more = plan.third() - plan.second();
      float product =
          known
              + base[2][q]
              + CODES.dot(
                  shelf.third(), place * more, later, q * plan.third() + plan.second(), more);
      return product + rest[2][q] * shelf.rest3()[place] >= bar(q) - slack[2][q];
    }

    private void compare(int q, int product) {
      int query = queries[first + q];
      if (product == query) {
        return;
      }
      int slot = rows.slots[product];
      float similarity =
          MATH.dot(vectors, q * dimension, rows.vectors(slot), rows.offset(slot), dimension);
      if (similarity >= bar(q)) {
        int at = query * length;
        sizes[q] = insert(neighbors, similarities, at, sizes[q], length, product, similarity);
        if (sizes[q] == length) {
          negatedBars[q] = -similarities[at + length - 1];
        }
      }
    }
  }
}

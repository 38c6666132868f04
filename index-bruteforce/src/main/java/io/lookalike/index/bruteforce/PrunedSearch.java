package io.lookalike.index.bruteforce;

import io.lookalike.index.Query;
import io.lookalike.math.CodeMath;
import io.lookalike.math.VectorMath;
import java.util.Arrays;
import java.util.List;

/**
 * One query against a version that has a {@link Pruner}. The similarities are those that {@link
 * VectorMath#dot} gives of the vectors themselves, and a product is left out only if a bound proves
 * that it is farther than the k-th nearest found, so the answers are those of a plain scan.
 */
final class PrunedSearch {

  private static final VectorMath MATH = VectorMath.active();
  private static final CodeMath CODES = CodeMath.active();
  private static final int BLOCK = Pruner.BLOCK;
  private static final int MIDDLE = 3;

  /** The number of blocks in which the first products to compare are looked for. */
  private static final int PROMISING_BLOCKS = 8;

  /** The number above k that is compared first. */
  private static final int FIRST_LOOKS = 8;

  /** The most that are compared first: putting them in order takes quadratic time. */
  private static final int MOST_LOOKS = 1024;

  /** The number of classes that blocks are sorted into. */
  private static final int CLASSES = 64;

  /** If a greater share of the products than this is left, bounds cost more than they save. */
  private static final float FUTILE = 0.6f;

  /** After this number of blocks it is seen whether that is still so. */
  private static final int RETRY = 8;

  /** What one block counts for in the running mean of the share left. */
  private static final float MEMORY = 0.1f;

  private final Version version;
  private final Pruner pruner;
  private final int rowsPerSegment;
  private final int dimension;

  private final Query query;
  private final float[] vector;
  private final Nearest nearest;

  /** The query's coordinates times the codes' scales. */
  private final float[] high;

  private final float[] low;
  private final float[] later;

  /** The query's first coordinates, and the length of the others. */
  private final float[] prefix;

  // Of each stage; the last is the second stage's first part.
  private final float[] base = new float[4];
  private final float[] rest = new float[4];
  private final float[] slack = new float[4];

  private final float[] sums = new float[BLOCK];

  /** The product with each block's centre. */
  private final float[] nearness;

  /** What each block's products may reach at most. */
  private final float[] reach;

  /** Which products of each block have been compared before its turn. */
  private final long[] looked;

  private float shareLeft;

  /**
   * Prepares.
   *
   * @param rotated the query's coordinates along the pruner's axes
   */
  PrunedSearch(Version version, Pruner pruner, int rowsPerSegment, Query query, float[] rotated) {
    this.version = version;
    this.pruner = pruner;
    this.rowsPerSegment = rowsPerSegment;
    this.dimension = query.vector().dimension();
    this.query = query;
    this.vector = query.vector().toArray();
    this.nearest = new Nearest(query.k());
    StagePlan plan = pruner.plan;
    this.high = new float[plan.first()];
    this.low = new float[plan.first()];
    this.prefix = pruner.prefix(rotated);
    this.later = new float[plan.third()];
    this.nearness = pruner.nearness(prefix);
    this.reach = new float[pruner.blocks()];
    this.looked = new long[pruner.blocks()];
    prepare(rotated);
  }

  List<Found> run() {
    compareUnpruned();
    boundBlocks();
    lookAtPromisingBlocks();
    for (int number : mostPromisingFirst()) {
      if (reach[number] >= nearest.bar()) {
        scan(shelf(number), number % Pruner.SHELF_BLOCKS, number);
      }
    }
    return nearest.sorted();
  }

  /** Multiplies the codes' scales into the query. */
  private void prepare(float[] rotated) {
    StagePlan plan = pruner.plan;
    int[] ends = {plan.first(), plan.second(), plan.third()};
    var norms = new double[3];
    double squares = 0;
    int c = 0;
    for (int stage = 0; stage < 3; stage++) {
      double own = 0;
      double product = 0;
      for (; c < ends[stage]; c++) {
        if (c == plan.middle()) {
          base[MIDDLE] = (float) product;
          rest[MIDDLE] = pruner.rest(squares + own);
        }
        own += (double) rotated[c] * rotated[c];
        product += (double) rotated[c] * pruner.mean[c];
        later[c] = rotated[c] * pruner.scale[c];
      }
      squares += own;
      norms[stage] = Math.sqrt(own);
      base[stage] = (float) (stage == 1 ? product - base[MIDDLE] : product);
      rest[stage] = pruner.rest(squares);
    }
    for (int i = 0; i < plan.first(); i++) {
      high[i] = later[i];
      low[i] = later[i] / Pruner.LOW_STEPS;
    }
    float[] error = pruner.error;
    slack[0] = (float) (norms[0] * error[Pruner.HIGH]) + pruner.margin;
    slack[1] =
        (float) (norms[0] * error[Pruner.LOW] + norms[1] * error[Pruner.SECOND]) + pruner.margin;
    slack[MIDDLE] = slack[0] + (float) (norms[1] * error[Pruner.SECOND]);
    slack[2] = slack[1] + (float) (norms[2] * error[Pruner.THIRD]);
  }

  /** What was written since the pruner was built. */
  private void compareUnpruned() {
    Segment[] segments = version.segments();
    for (int s = 0; s < segments.length; s++) {
      long[] fresh = segments[s].fresh();
      for (int word = 0; word < fresh.length; word++) {
        for (long bits = fresh[word]; bits != 0; bits &= bits - 1) {
          int row = word * Long.SIZE + Long.numberOfTrailingZeros(bits);
          Entry entry = segments[s].entries()[row];
          if (entry != null) {
            compare(entry, segments[s], s * rowsPerSegment + row);
          }
        }
      }
    }
  }

  /** Bounds what the products of each block may reach. */
  private void boundBlocks() {
    int number = 0;
    for (Pruner.Shelf shelf : pruner.shelves) {
      for (int block = 0; block < shelf.blocks(); block++, number++) {
        reach[number] =
            Cap.bound(nearness[number], shelf.least()[block], shelf.most()[block], pruner.margin);
      }
    }
  }

  /**
   * Compares the products that seem nearest after two stages, in the blocks whose centres are
   * nearest, so that the bar is high before the others are looked at.
   */
  private void lookAtPromisingBlocks() {
    int wanted = Math.min(query.k(), MOST_LOOKS);
    int blocks = Math.min(pruner.blocks(), PROMISING_BLOCKS + wanted / FIRST_LOOKS);
    int looks = wanted + FIRST_LOOKS;
    var bestBlocks = new Best(blocks);
    for (int b = 0; b < pruner.blocks(); b++) {
      bestBlocks.offer(b, nearness[b]);
    }
    var bestPlaces = new Best(looks);
    for (int i = 0; i < bestBlocks.size; i++) {
      int number = bestBlocks.numbers[i];
      Pruner.Shelf shelf = shelf(number);
      int block = number % Pruner.SHELF_BLOCKS;
      firstStage(shelf, block);
      firstPart(shelf, block);
      secondPart(shelf, block);
      for (int lane = 0; lane < BLOCK; lane++) {
        if (shelf.slots()[block * BLOCK + lane] >= 0) {
          bestPlaces.offer(number * BLOCK + lane, sums[lane]);
        }
      }
    }
    for (int i = 0; i < bestPlaces.size; i++) {
      int number = bestPlaces.numbers[i] / BLOCK;
      int lane = bestPlaces.numbers[i] % BLOCK;
      looked[number] |= 1L << lane;
      compare(shelf(number).slots()[number % Pruner.SHELF_BLOCKS * BLOCK + lane]);
    }
  }

  private Pruner.Shelf shelf(int block) {
    return pruner.shelves[block / Pruner.SHELF_BLOCKS];
  }

  /** The numbers with the highest scores, highest first. */
  private static final class Best {
    final int[] numbers;
    final float[] scores;
    int size;

    Best(int room) {
      this.numbers = new int[room];
      this.scores = new float[room];
    }

    void offer(int number, float score) {
      if (size == numbers.length) {
        if (score <= scores[size - 1]) {
          return;
        }
        size--;
      }
      int i = size++;
      for (; i > 0 && scores[i - 1] < score; i--) {
        scores[i] = scores[i - 1];
        numbers[i] = numbers[i - 1];
      }
      scores[i] = score;
      numbers[i] = number;
    }
  }

  /** The blocks that are left, roughly by what their products may reach at most. */
  private int[] mostPromisingFirst() {
    float bar = nearest.bar();
    int left = 0;
    float most = Float.NEGATIVE_INFINITY;
    float least = Float.POSITIVE_INFINITY;
    for (float value : reach) {
      if (value >= bar) {
        left++;
        most = Math.max(most, value);
        least = Math.min(least, value);
      }
    }
    // A counting sort, whose order need not be exact.
    float scale = most > least ? (CLASSES - 1) / (most - least) : 0;
    var starts = new int[CLASSES + 1];
    for (float value : reach) {
      if (value >= bar) {
        starts[(int) ((most - value) * scale) + 1]++;
      }
    }
    for (int c = 0; c < CLASSES; c++) {
      starts[c + 1] += starts[c];
    }
    var order = new int[left];
    for (int b = 0; b < reach.length; b++) {
      if (reach[b] >= bar) {
        order[starts[(int) ((most - reach[b]) * scale)]++] = b;
      }
    }
    return order;
  }

  private void firstStage(Pruner.Shelf shelf, int block) {
    int first = pruner.plan.first();
    Arrays.fill(sums, base[0]);
    CODES.addWeighted(shelf.high(), block * BLOCK * first, first, high, 0, sums);
  }

  private void firstPart(Pruner.Shelf shelf, int block) {
    add(base[MIDDLE]);
    addSecond(shelf, block, pruner.plan.first(), pruner.plan.middle());
  }

  private void secondPart(Pruner.Shelf shelf, int block) {
    int first = pruner.plan.first();
    add(base[1]);
    CODES.addWeighted(shelf.low(), block * BLOCK * first, first, low, 0, sums);
    addSecond(shelf, block, pruner.plan.middle(), pruner.plan.second());
  }

  /** Adds the second stage's coordinates {@code from} to {@code to - 1}. */
  private void addSecond(Pruner.Shelf shelf, int block, int from, int to) {
    int first = pruner.plan.first();
    int start = (block * (pruner.plan.second() - first) + from - first) * BLOCK;
    CODES.addWeighted(shelf.second(), start, to - from, later, from, sums);
  }

  private void add(float mean) {
    for (int lane = 0; lane < BLOCK; lane++) {
      sums[lane] += mean;
    }
  }

  private void scan(Pruner.Shelf shelf, int block, int number) {
    // Where the bounds have ruled out little of late, most blocks are compared without.
    boolean unbounded = shareLeft > FUTILE && number % RETRY != 0;
    long left = -1;
    if (!unbounded) {
      firstStage(shelf, block);
      left = reach(shelf.rest1(), block, 0);
      if (left != 0) {
        firstPart(shelf, block);
        left = reach(shelf.restMiddle(), block, MIDDLE);
      }
      if (left != 0) {
        secondPart(shelf, block);
        left = reach(shelf.rest2(), block, 1);
      }
    }
    int compared = 0;
    for (long rest = left & ~looked[number]; rest != 0; rest &= rest - 1) {
      int place = block * BLOCK + Long.numberOfTrailingZeros(rest);
      int slot = shelf.slots()[place];
      if (slot >= 0 && (unbounded || mayBeNear(shelf, place))) {
        compare(slot);
        compared++;
      }
    }
    if (!unbounded) {
      shareLeft += MEMORY * ((float) compared / BLOCK - shareLeft);
    }
  }

  private long reach(float[] rests, int block, int stage) {
    return CODES.atLeast(sums, rest[stage], rests, block * BLOCK, nearest.bar() - slack[stage]);
  }

  private boolean mayBeNear(Pruner.Shelf shelf, int place) {
    float bar = nearest.bar();
    if (bar == Float.NEGATIVE_INFINITY) {
      return true;
    }
    float known = sums[place % BLOCK];
    if (known + rest[1] * shelf.rest2()[place] < bar - slack[1]) {
      return false; // the bar has risen since the second stage
    }
    int more = pruner.plan.third() - pruner.plan.second();
    float product =
        known + base[2] + CODES.dot(shelf.third(), place * more, later, pruner.plan.second(), more);
    return product + rest[2] * shelf.rest3()[place] >= bar - slack[2];
  }

  private void compare(int slot) {
    Segment segment = version.segments()[slot / rowsPerSegment];
    int row = slot % rowsPerSegment;
    Entry entry = segment.entries()[row];
    if (entry != null && !segment.isFresh(row)) {
      compare(entry, segment, slot);
    }
  }

  private void compare(Entry entry, Segment segment, int slot) {
    if (!query.accepts(entry.id(), entry.attributes())) {
      return;
    }
    int offset = slot % rowsPerSegment * dimension;
    float similarity = MATH.dot(vector, 0, segment.vectors(), offset, dimension);
    if (similarity >= nearest.bar()) {
      nearest.offer(new Found(entry.id(), similarity, slot));
    }
  }
}

package io.lookalike.index.bruteforce;

import io.lookalike.math.CodeMath;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What tells, for most products and without reading their vectors, that they cannot be among the
 * nearest. Immutable.
 *
 * <p>Let P rotate onto orthonormal axes of which the first p are taken, and let x' = P x. For unit
 * vectors, by Cauchy and Schwarz,
 *
 * <pre>{@code q.x <= sum over i < p of q'[i] x'[i] + sqrt(1 - |q'|^2) sqrt(1 - |x'|^2)}</pre>
 *
 * <p>where |.| goes over the first p coordinates. The coordinates are kept as codes, x'[i] =
 * mean[i] + scale[i] code[i] + error[i], and the error adds at most |q'| |error| to the bound. The
 * stages look at ever more coordinates of ever fewer products:
 *
 * <ol>
 *   <li>{@code first} coordinates of every block that its {@link Cap} does not rule out, 8 bits
 *       each;
 *   <li>the coordinates up to {@code middle} of the blocks in which a product is left, and where
 *       one still is, those up to {@code second}, and 8 more bits of the first ones;
 *   <li>the coordinates up to {@code third} of each product that is left.
 * </ol>
 *
 * <p>What is left then is compared in full. The first two stages are laid out by coordinate within
 * blocks of like products (PDX, Kuffo et al., SIGMOD 2025); bounding by a rotated prefix and a norm
 * is folklore, of which ADSampling (Gao and Long, SIGMOD 2023) is the variant that only estimates.
 */
final class Pruner {

  static final int BLOCK = CodeMath.BLOCK;

  /** Blocks of one shelf, so that no array nears the limit of its length. */
  static final int SHELF_BLOCKS = 512;

  /** Steps of the low byte within one step of the high byte. */
  static final int LOW_STEPS = 254;

  private static final CodeMath CODES = CodeMath.active();
  private static final int MOST = Byte.MAX_VALUE;

  /** The axes are found on so many products. */
  private static final int SAMPLE = 4096;

  private static final int ORDERING_COORDINATES = 48;
  private static final int MOST_FLOATS = Integer.MAX_VALUE - 8;

  final Rotation rotation;
  final StagePlan plan;
  final Shelf[] shelves;
  final int count;

  /** Writes that came later than this are not in here. */
  final int builtAt;

  final float[] mean;
  final float[] scale;

  /** The largest norm of what the codes leave out, of each stage's own coordinates. */
  final float[] error = new float[4];

  /** What rounding and axes that are not quite orthonormal may add to a bound, at most. */
  final float margin;

  /** So many blocks: codes, norms, centres, and the slots that hold the vectors. */
  record Shelf(
      int blocks,
      int[] slots,
      byte[] high,
      byte[] low,
      byte[] second,
      byte[] third,
      float[] rest1,
      float[] restMiddle,
      float[] rest2,
      float[] rest3,
      float[] centres,
      float[] least,
      float[] most) {}

  /** Lengths within {@link #error}. */
  static final int HIGH = 0;

  static final int LOW = 1;
  static final int SECOND = 2;
  static final int THIRD = 3;

  /**
   * Codes all products of a version.
   *
   * @param rows the vectors
   * @param order their numbers, block by block
   */
  Pruner(Rows rows, int[] order, Rotation rotation, StagePlan plan, int builtAt) {
    this.rotation = rotation;
    this.plan = plan;
    this.count = order.length;
    this.builtAt = builtAt;
    // Each rotated coordinate is off by at most half of rounding(), so that p of them are off by
    // half of sqrt(p) times that, in the query and in the product; and the sums round as well.
    this.margin =
        (float) (4 * rotation.deviation() + (Math.sqrt(plan.third()) + 4) * rows.rounding());
    this.mean = new float[plan.third()];
    this.scale = new float[plan.third()];
    fitScales(rows);
    int blocks = (count + BLOCK - 1) / BLOCK;
    this.shelves = new Shelf[(blocks + SHELF_BLOCKS - 1) / SHELF_BLOCKS];
    for (int s = 0; s < shelves.length; s++) {
      int from = s * SHELF_BLOCKS;
      shelves[s] = shelf(rows, order, from, Math.min(SHELF_BLOCKS, blocks - from));
    }
  }

  /** Codes all rows, or null if bounds would rule out too little to be of use. */
  static @Nullable Pruner of(Rows rows, int builtAt) {
    int axes = StagePlan.axes(rows.dimension());
    int sample = Math.min(rows.count(), SAMPLE);
    Rotation rotation =
        Rotation.of(rows.sample(sample), sample, rows.dimension(), axes, rows.threads());
    int coarse = orderingCoordinates(axes, rows.count());
    var coordinates = new float[rows.count() * coarse];
    rows.rotated(
        rotation,
        coarse,
        0,
        rows.count(),
        (row, values, at) -> System.arraycopy(values, at, coordinates, row * coarse, coarse));
    int[] order = BlockOrder.of(coordinates, rows.count(), coarse, BLOCK);
    StagePlan plan = StagePlan.choose(rows, order, rotation);
    return plan == null ? null : new Pruner(rows, order, rotation, plan, builtAt);
  }

  /** By how many products are ordered: of tens of millions fewer, as they lie in one array. */
  static int orderingCoordinates(int axes, int count) {
    return Math.min(Math.min(axes, ORDERING_COORDINATES), MOST_FLOATS / count);
  }

  /** The mean and the largest distance from it, of each coordinate. */
  private void fitScales(Rows rows) {
    int coordinates = plan.third();
    var sums = new double[coordinates];
    var least = new float[coordinates];
    var most = new float[coordinates];
    Arrays.fill(least, Float.POSITIVE_INFINITY);
    Arrays.fill(most, Float.NEGATIVE_INFINITY);
    rows.rotated(
        rotation,
        coordinates,
        0,
        count,
        (row, values, at) -> {
          for (int c = 0; c < coordinates; c++) {
            float value = values[at + c];
            sums[c] += value;
            least[c] = Math.min(least[c], value);
            most[c] = Math.max(most[c], value);
          }
        });
    for (int c = 0; c < coordinates; c++) {
      mean[c] = (float) (sums[c] / count);
      scale[c] = Math.max(most[c] - mean[c], mean[c] - least[c]) / MOST;
    }
  }

  private Shelf shelf(Rows rows, int[] order, int firstBlock, int blocks) {
    int first = plan.first();
    int second = plan.second();
    int third = plan.third();
    int places = blocks * BLOCK;
    int from = firstBlock * BLOCK;
    int to = Math.min(count, from + places);
    var shelf =
        new Shelf(
            blocks,
            new int[places],
            new byte[places * first],
            new byte[places * first],
            new byte[places * (second - first)],
            new byte[places * (third - second)],
            new float[places],
            new float[places],
            new float[places],
            new float[places],
            new float[(blocks + BLOCK - 1) / BLOCK * BLOCK * (first + 1)],
            new float[blocks],
            new float[blocks]);
    Arrays.fill(shelf.slots, -1);
    // A place without a product has a rest that rules it out at the first stage.
    Arrays.fill(shelf.rest1, Float.NEGATIVE_INFINITY);
    var prefixes = new float[places * first];
    rows.rotated(
        rotation,
        third,
        order,
        from,
        to,
        (row, values, at) -> {
          int place = row - from;
          shelf.slots[place] = rows.slot(order[row]);
          code(shelf, place, values, at);
          System.arraycopy(values, at, prefixes, place * first, first);
        });
    for (int block = 0; block < blocks; block++) {
      int n = Math.min(BLOCK, to - from - block * BLOCK);
      centre(shelf, block, prefixes, n);
    }
    return shelf;
  }

  private void code(Shelf shelf, int place, float[] values, int at) {
    int block = place / BLOCK;
    int lane = place % BLOCK;
    int first = plan.first();
    int second = plan.second();
    int third = plan.third();
    var left = new double[4];
    double squares = 0;
    for (int c = 0; c < first; c++) {
      squares += (double) values[at + c] * values[at + c];
      double off = (double) values[at + c] - mean[c];
      int high = step(off, scale[c]);
      off -= (double) high * scale[c];
      left[HIGH] += off * off;
      int low = step(off, scale[c] / LOW_STEPS);
      off -= (double) low * (scale[c] / LOW_STEPS);
      left[LOW] += off * off;
      shelf.high[(block * first + c) * BLOCK + lane] = (byte) high;
      shelf.low[(block * first + c) * BLOCK + lane] = (byte) low;
    }
    shelf.rest1[place] = rest(squares);
    for (int c = first; c < second; c++) {
      if (c == plan.middle()) {
        shelf.restMiddle[place] = rest(squares);
      }
      squares += (double) values[at + c] * values[at + c];
      double off = (double) values[at + c] - mean[c];
      int code = step(off, scale[c]);
      off -= (double) code * scale[c];
      left[SECOND] += off * off;
      shelf.second[(block * (second - first) + c - first) * BLOCK + lane] = (byte) code;
    }
    shelf.rest2[place] = rest(squares);
    for (int c = second; c < third; c++) {
      squares += (double) values[at + c] * values[at + c];
      double off = (double) values[at + c] - mean[c];
      int code = step(off, scale[c]);
      off -= (double) code * scale[c];
      left[THIRD] += off * off;
      shelf.third[place * (third - second) + c - second] = (byte) code;
    }
    shelf.rest3[place] = rest(squares);
    for (int stage = 0; stage < left.length; stage++) {
      error[stage] = Math.max(error[stage], Math.nextUp((float) Math.sqrt(left[stage])));
    }
  }

  private static int step(double value, float size) {
    return size > 0 ? (int) Math.max(-MOST, Math.min(MOST, Math.rint(value / size))) : 0;
  }

  /** The norm of the coordinates that are not in {@code squares}, not less than it is. */
  float rest(double squares) {
    return Math.nextUp((float) Math.sqrt(Math.max(0, 1 - squares) + margin));
  }

  private void centre(Shelf shelf, int block, float[] prefixes, int n) {
    int first = plan.first();
    int from = block * BLOCK;
    var centre = new double[first + 1];
    for (int i = from; i < from + n; i++) {
      for (int c = 0; c < first; c++) {
        centre[c] += prefixes[i * first + c];
      }
      centre[first] += shelf.rest1[i];
    }
    double squares = 0;
    for (double value : centre) {
      squares += value * value;
    }
    double length = squares > 0 ? Math.sqrt(squares) : 1; // opposite products have no middle
    int at = (block / BLOCK) * (first + 1) * BLOCK + block % BLOCK;
    for (int c = 0; c <= first; c++) {
      centre[c] = (float) (centre[c] / length);
      shelf.centres[at + c * BLOCK] = (float) centre[c];
    }
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + n; i++) {
      double product = shelf.rest1[i] * centre[first];
      for (int c = 0; c < first; c++) {
        product += prefixes[i * first + c] * centre[c];
      }
      least = Math.min(least, product);
      most = Math.max(most, product);
    }
    shelf.least[block] = Math.nextDown((float) least);
    shelf.most[block] = Math.nextUp((float) most);
  }

  /** The first coordinates, and the length of all others: what {@link Cap}s hold. */
  float[] prefix(float[] rotated) {
    float[] prefix = Arrays.copyOf(rotated, plan.first() + 1);
    double squares = 0;
    for (int c = 0; c < plan.first(); c++) {
      squares += (double) rotated[c] * rotated[c];
    }
    prefix[plan.first()] = rest(squares);
    return prefix;
  }

  /**
   * The product of each block's centre and a query.
   *
   * @param prefix the query's
   */
  float[] nearness(float[] prefix) {
    var nearness = new float[blocks()];
    var products = new float[BLOCK];
    int first = 0;
    for (Shelf shelf : shelves) {
      for (int block = 0; block < shelf.blocks; block += BLOCK) {
        Arrays.fill(products, 0);
        CODES.addWeighted(shelf.centres, block * prefix.length, prefix.length, prefix, 0, products);
        int n = Math.min(BLOCK, shelf.blocks - block);
        System.arraycopy(products, 0, nearness, first + block, n);
      }
      first += shelf.blocks;
    }
    return nearness;
  }

  int blocks() {
    return (count + BLOCK - 1) / BLOCK;
  }

  long memoryBytes() {
    long perPlace = (long) plan.first() + plan.third() + 4 * Float.BYTES + Integer.BYTES;
    long perBlock = (plan.first() + 3L) * Float.BYTES;
    return rotation.memoryBytes() + blocks() * (BLOCK * perPlace + perBlock);
  }
}

package io.lookalike.extractor;

import io.lookalike.extractor.Vp8LoopFilter.Strength;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;

/**
 * Decodes a VP8 key frame (RFC 6386): what a lossy WebP file holds. The pixels are libwebp's, to
 * the bit. Used once, by one thread.
 */
final class Vp8Decoder {
  /** The frame's tag, a start code, width and height. */
  private static final int HEAD = 10;

  private static final int SEGMENTS = 4;

  /** How a block without modes of its own is taken by its neighbors; as if beyond the edge. */
  private static final int PLAIN = Vp8Prediction.MEAN;

  // What kinds of blocks there are, each with probabilities of its own (13.3).
  private static final int WITHOUT_FIRST = 0;
  private static final int FIRST_OF_ALL = 1;
  private static final int COLOR = 2;
  private static final int WHOLE = 3;

  /** Probabilities of a type, a band, and one of its three kinds of neighbors. */
  private static final int CONTEXT = 11;

  private static final int BAND = 3 * CONTEXT;
  private static final int TYPE = 8 * BAND;

  /** Where in a macroblock's coefficients those of u and the block of means begin. */
  private static final int COLORS_AT = 256;

  private static final int MEANS_AT = 384;

  /** For each column: four blocks of luma, two each of u and v, and the block of means. */
  private static final int NEIGHBORS = 9;

  private final byte[] file;
  private final int width;
  private final int height;
  private final int columns;
  private final int rows;

  /** The frame's header, and how each macroblock is predicted. */
  private final Vp8Bits modes;

  private final boolean segmented;
  private final boolean segmentsGiven;
  private final int[] segmentChances = {255, 255, 255};
  private final boolean simpleFilter;

  /** By segment, and whether each block is predicted for itself. */
  private final Strength[][] strengths = new Strength[SEGMENTS][2];

  /** Coefficients, a row of macroblocks after the other in turn. */
  private final Vp8Bits[] partitions;

  /**
   * By segment, what a coefficient counts: a block's first and its others, of luma, of means, of
   * colors.
   */
  private final int[][] steps = new int[SEGMENTS][6];

  private final int[] chances = new int[4 * TYPE];
  private final boolean skipping;
  private final int skipChance;

  // Of the macroblock in work.
  private final short[] coefficients = new short[MEANS_AT + 16];
  private final int[] blockModes = new int[16];
  private final byte[] right = new byte[4];
  private final Vp8Prediction prediction = new Vp8Prediction();

  /**
   * Reads the header of a frame.
   *
   * @param file holds the frame
   * @param from the frame's first byte
   * @param to one past its last
   * @throws EOFException if it ends too early
   * @throws IOException if it is no such frame
   */
  Vp8Decoder(byte[] file, int from, int to) throws IOException {
    this.file = file;
    if (to - from < HEAD) {
      throw new EOFException();
    }
    int tag = bytes(from, 3);
    int version = tag >> 1 & 7;
    if ((tag & 1) != 0 || version > 3 || (tag >> 4 & 1) == 0 || bytes(from + 3, 3) != 0x2a019d) {
      throw new IOException("its VP8 frame is no picture of its own");
    }
    width = bytes(from + 6, 2) & 0x3fff;
    height = bytes(from + 8, 2) & 0x3fff;
    if (width == 0 || height == 0) {
      throw new IOException(width + " x " + height + " pixels");
    }
    columns = width + 15 >> 4;
    rows = height + 15 >> 4;
    int modesEnd = from + HEAD + (tag >> 5);
    if (modesEnd > to) {
      throw new EOFException();
    }
    modes = new Vp8Bits(file, from + HEAD, modesEnd);
    modes.number(2); // the color space and whether samples need clamping: neither matters

    segmented = modes.flag();
    int[] segmentSteps = new int[SEGMENTS];
    int[] segmentLevels = new int[SEGMENTS];
    boolean absolute = true;
    boolean given = false;
    if (segmented) {
      given = modes.flag();
      if (modes.flag()) {
        absolute = modes.flag();
        Arrays.setAll(segmentSteps, i -> modes.optional(7));
        Arrays.setAll(segmentLevels, i -> modes.optional(6));
      }
      if (given) {
        Arrays.setAll(segmentChances, i -> modes.flag() ? modes.number(8) : 255);
      }
    }
    segmentsGiven = given;

    simpleFilter = modes.flag();
    int level = modes.number(6);
    int sharpness = modes.number(3);
    boolean adjusted = modes.flag();
    int[] adjustments = new int[8]; // the first is of key frames, the fifth of blocks' own modes
    if (adjusted && modes.flag()) {
      Arrays.setAll(adjustments, i -> modes.optional(6));
    }
    for (int s = 0; s < SEGMENTS; s++) {
      int own = segmented ? segmentLevels[s] + (absolute ? 0 : level) : level;
      for (int i = 0; i < 2; i++) {
        int change = adjusted ? adjustments[0] + (i == 1 ? adjustments[4] : 0) : 0;
        int clipped = level == 0 ? 0 : Math.max(0, Math.min(63, own + change));
        strengths[s][i] = Strength.of(clipped, sharpness);
      }
    }

    partitions = partitions(1 << modes.number(2), modesEnd, to);

    int base = modes.number(7);
    int[] changes = new int[5];
    Arrays.setAll(changes, i -> modes.optional(4));
    for (int s = 0; s < SEGMENTS; s++) {
      int q = segmented ? segmentSteps[s] + (absolute ? 0 : base) : base;
      steps[s][0] = step(Vp8Tables.DC_STEPS, q + changes[0], 127);
      steps[s][1] = step(Vp8Tables.AC_STEPS, q, 127);
      steps[s][2] = 2 * step(Vp8Tables.DC_STEPS, q + changes[1], 127);
      steps[s][3] = Math.max(8, step(Vp8Tables.AC_STEPS, q + changes[2], 127) * 155 / 100);
      steps[s][4] = step(Vp8Tables.DC_STEPS, q + changes[3], 117);
      steps[s][5] = step(Vp8Tables.AC_STEPS, q + changes[4], 127);
    }

    modes.flag(); // whether later frames go on with these probabilities
    for (int i = 0; i < chances.length; i++) {
      boolean other = modes.bit(Vp8Tables.COEFFICIENT_UPDATES[i]) != 0;
      chances[i] = other ? modes.number(8) : Vp8Tables.COEFFICIENTS[i];
    }
    skipping = modes.flag();
    skipChance = skipping ? modes.number(8) : 0;
  }

  private static int step(int[] table, int quantizer, int most) {
    return table[Math.max(0, Math.min(most, quantizer))];
  }

  private Vp8Bits[] partitions(int count, int from, int to) throws EOFException {
    int start = from + 3 * (count - 1);
    if (start >= to) {
      throw new EOFException();
    }
    var partitions = new Vp8Bits[count];
    for (int i = 0; i < count - 1; i++) {
      int end = Math.min(to, start + bytes(from + 3 * i, 3));
      partitions[i] = new Vp8Bits(file, start, end);
      start = end;
    }
    if (start >= to) {
      throw new EOFException();
    }
    partitions[count - 1] = new Vp8Bits(file, start, to);
    return partitions;
  }

  /** A number of so many bytes, the lowest first. */
  private int bytes(int at, int count) {
    int number = 0;
    for (int i = count - 1; i >= 0; i--) {
      number = number << 8 | file[at + i] & 0xff;
    }
    return number;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /**
   * Decodes the frame. Takes 4.5 bytes a pixel, with those returned.
   *
   * @return rows of red, green, blue
   * @throws EOFException if it ends too early
   */
  byte[] rgb() throws EOFException {
    var luma = new Vp8Plane(16 * columns, 16 * rows);
    var u = new Vp8Plane(8 * columns, 8 * rows);
    var v = new Vp8Plane(8 * columns, 8 * rows);
    var filtered = new Strength[rows * columns];
    var inner = new boolean[rows * columns];
    var modesAbove = new byte[4 * columns];
    var modesLeft = new byte[4];
    var filledAbove = new byte[NEIGHBORS * columns];
    var filledLeft = new byte[NEIGHBORS];
    for (int y = 0; y < rows; y++) {
      Vp8Bits bits = partitions[y & partitions.length - 1];
      Arrays.fill(modesLeft, (byte) PLAIN);
      Arrays.fill(filledLeft, (byte) 0);
      for (int x = 0; x < columns; x++) {
        int segment = segmentsGiven ? segment() : 0;
        boolean skipped = skipping && modes.bit(skipChance) != 0;
        boolean own = modes.bit(145) == 0;
        int mode = own ? ownModes(modesAbove, 4 * x, modesLeft) : wholeMode();
        if (!own) {
          Arrays.fill(modesAbove, 4 * x, 4 * x + 4, (byte) mode);
          Arrays.fill(modesLeft, (byte) mode);
        }
        int colors = colorMode();
        int filled = 0;
        if (skipped) {
          int of = own ? NEIGHBORS - 1 : NEIGHBORS; // who has no means leaves what was
          Arrays.fill(filledAbove, NEIGHBORS * x, NEIGHBORS * x + of, (byte) 0);
          Arrays.fill(filledLeft, 0, of, (byte) 0);
        } else {
          filled = coefficients(bits, steps[segment], own, filledAbove, NEIGHBORS * x, filledLeft);
          if (bits.exhausted()) {
            throw new EOFException();
          }
        }
        if (own) {
          ownBlocks(luma, x, y, filled);
        } else {
          Vp8Prediction.macroblock(luma, x, y, 16, mode);
        }
        Vp8Prediction.macroblock(u, x, y, 8, colors);
        Vp8Prediction.macroblock(v, x, y, 8, colors);
        if (filled != 0) {
          add(luma, x, y, 4, 0, own ? 0 : filled);
          add(u, x, y, 2, 16, filled);
          add(v, x, y, 2, 20, filled);
          Arrays.fill(coefficients, (short) 0);
        }
        filtered[y * columns + x] = strengths[segment][own ? 1 : 0];
        inner[y * columns + x] = own || filled != 0;
      }
      if (modes.exhausted()) {
        throw new EOFException();
      }
    }
    smooth(luma, u, v, filtered, inner);
    return Vp8Colors.rgb(luma, u, v, width, height);
  }

  private int segment() {
    return modes.bit(segmentChances[0]) == 0
        ? modes.bit(segmentChances[1])
        : 2 + modes.bit(segmentChances[2]);
  }

  /** How a macroblock is predicted as a whole. */
  private int wholeMode() {
    if (modes.bit(156) == 0) {
      return modes.bit(163) == 0 ? Vp8Prediction.MEAN : Vp8Prediction.ABOVE;
    }
    return modes.bit(128) == 0 ? Vp8Prediction.LEFT : Vp8Prediction.GRADIENT;
  }

  private int colorMode() {
    if (modes.bit(142) == 0) {
      return Vp8Prediction.MEAN;
    }
    if (modes.bit(114) == 0) {
      return Vp8Prediction.ABOVE;
    }
    return modes.bit(183) == 0 ? Vp8Prediction.LEFT : Vp8Prediction.GRADIENT;
  }

  /**
   * Reads how each block of a macroblock is predicted.
   *
   * @return how the macroblock is
   */
  private int ownModes(byte[] above, int aboveAt, byte[] left) {
    for (int i = 0; i < 16; i++) {
      int chancesAt = 9 * (10 * above[aboveAt + i % 4] + left[i / 4]);
      int node = 0;
      do {
        int chance = Vp8Tables.BLOCK_MODES[chancesAt + node / 2];
        node = Vp8Tables.BLOCK_MODE_TREE[node + modes.bit(chance)];
      } while (node > 0);
      blockModes[i] = -node;
      above[aboveAt + i % 4] = (byte) -node;
      left[i / 4] = (byte) -node;
    }
    return PLAIN;
  }

  /**
   * Reads a macroblock's coefficients.
   *
   * @param steps its segment's
   * @param own whether its blocks are predicted each for itself; else their means come first
   * @param above which of the blocks above have coefficients
   * @param left which of those on the left have
   * @return a bit for each block that does not stay as it was predicted, the first the lowest
   */
  private int coefficients(
      Vp8Bits bits, int[] steps, boolean own, byte[] above, int aboveAt, byte[] left) {
    int means = NEIGHBORS - 1;
    if (!own) {
      int around = above[aboveAt + means] + left[means];
      int end = block(bits, FIRST_OF_ALL, around, 0, steps[2], steps[3], MEANS_AT);
      above[aboveAt + means] = left[means] = (byte) (end > 0 ? 1 : 0);
      prediction.means(coefficients, MEANS_AT);
    }
    int filled = 0;
    for (int i = 0; i < 24; i++) {
      boolean color = 16 * i >= COLORS_AT;
      int column = color ? 4 + (i - 16) / 4 * 2 + i % 2 : i % 4;
      int row = color ? 4 + (i - 16) / 4 * 2 + i / 2 % 2 : i / 4;
      int first = color || own ? 0 : 1;
      int end =
          block(
              bits,
              color ? COLOR : own ? WHOLE : WITHOUT_FIRST,
              above[aboveAt + column] + left[row],
              first,
              color ? steps[4] : steps[0],
              color ? steps[5] : steps[1],
              16 * i);
      above[aboveAt + column] = left[row] = (byte) (end > first ? 1 : 0);
      if (end > 1 || coefficients[16 * i] != 0) {
        filled |= 1 << i;
      }
    }
    return filled;
  }

  /**
   * Reads a block's coefficients.
   *
   * @param around how many of the blocks above and on the left have coefficients
   * @param first the first that is given: 0 or 1
   * @param to where to put them
   * @return one more than the number of the last
   */
  private int block(
      Vp8Bits bits, int type, int around, int first, int firstStep, int step, int to) {
    int at = type * TYPE + Vp8Tables.BANDS[first] * BAND + around * CONTEXT;
    for (int n = first; n < 16; n++) {
      if (bits.bit(chances[at]) == 0) {
        return n;
      }
      while (bits.bit(chances[at + 1]) == 0) {
        if (++n == 16) {
          return 16;
        }
        at = type * TYPE + Vp8Tables.BANDS[n] * BAND;
      }
      int size = bits.bit(chances[at + 2]) == 0 ? 1 : large(bits, at);
      int value = bits.flag() ? -size : size;
      coefficients[to + Vp8Tables.ZIGZAG[n]] = (short) (value * (n == 0 ? firstStep : step));
      at = type * TYPE + Vp8Tables.BANDS[n + 1] * BAND + (size == 1 ? 1 : 2) * CONTEXT;
    }
    return 16;
  }

  /** Reads how large a coefficient is that is more than 1 (13.2). */
  private int large(Vp8Bits bits, int at) {
    if (bits.bit(chances[at + 3]) == 0) {
      return bits.bit(chances[at + 4]) == 0 ? 2 : 3 + bits.bit(chances[at + 5]);
    }
    if (bits.bit(chances[at + 6]) == 0) {
      return bits.bit(chances[at + 7]) == 0
          ? 5 + bits.bit(159)
          : 7 + 2 * bits.bit(165) + bits.bit(145);
    }
    int high = bits.bit(chances[at + 8]);
    int category = 2 * high + bits.bit(chances[at + 9 + high]);
    int more = 0;
    for (int chance : Vp8Tables.EXTRA_BITS[category]) {
      more = 2 * more + bits.bit(chance);
    }
    return more + 3 + (8 << category);
  }

  /** Makes the blocks of a macroblock one after the other, each from those before. */
  private void ownBlocks(Vp8Plane luma, int x, int y, int filled) {
    byte[] s = luma.samples;
    int stride = luma.stride;
    int above = luma.at(16 * x, 16 * y - 1);
    if (y == 0) {
      Arrays.fill(right, s[above]);
    } else if (x == columns - 1) {
      Arrays.fill(right, s[above + 15]);
    } else {
      System.arraycopy(s, above + 16, right, 0, 4);
    }
    for (int i = 0; i < 16; i++) {
      int at = luma.at(16 * x + i % 4 * 4, 16 * y + i / 4 * 4);
      // What follows on the right of the last column is not there yet, but above the first row.
      if (i % 4 == 3) {
        prediction.block(s, stride, at, right, 0, blockModes[i]);
      } else {
        prediction.block(s, stride, at, s, at - stride + 4, blockModes[i]);
      }
      if ((filled >> i & 1) != 0) {
        prediction.add(s, stride, at, coefficients, 16 * i);
      }
    }
  }

  /** Adds to blocks of a macroblock what their coefficients stand for. */
  private void add(Vp8Plane plane, int x, int y, int side, int first, int filled) {
    for (int i = 0; i < side * side; i++) {
      if ((filled >> first + i & 1) != 0) {
        int at = plane.at(4 * (side * x + i % side), 4 * (side * y + i / side));
        prediction.add(plane.samples, plane.stride, at, coefficients, 16 * (first + i));
      }
    }
  }

  private void smooth(
      Vp8Plane luma, Vp8Plane u, Vp8Plane v, Strength[] strengths, boolean[] inner) {
    for (int y = 0, i = 0; y < rows; y++) {
      for (int x = 0; x < columns; x++, i++) {
        if (strengths[i].limit() > 0) {
          Vp8LoopFilter.smooth(luma, x, y, 16, strengths[i], inner[i], simpleFilter);
          if (!simpleFilter) {
            Vp8LoopFilter.smooth(u, x, y, 8, strengths[i], inner[i], false);
            Vp8LoopFilter.smooth(v, x, y, 8, strengths[i], inner[i], false);
          }
        }
      }
    }
  }
}

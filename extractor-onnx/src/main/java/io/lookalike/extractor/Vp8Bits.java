package io.lookalike.extractor;

/** Reads what VP8's arithmetic coder wrote (RFC 6386, 7). Not safe for use by several threads. */
final class Vp8Bits {
  private final byte[] data;
  private final int end;
  private int at;

  /** The bits that have been read from the data; the eight that decide next lie above the rest. */
  private long value;

  /** How many bits lie below those eight; negative: more have to be read. */
  private int below = -8;

  /** One less than the coder's range: 127 to 254. */
  private int range = 254;

  private boolean exhausted;

  /**
   * @param data a file
   * @param from the first byte that counts
   * @param end one past the last
   */
  Vp8Bits(byte[] data, int from, int end) {
    this.data = data;
    this.at = from;
    this.end = end;
  }

  /** Whether a bit was asked for that is not there. */
  boolean exhausted() {
    return exhausted;
  }

  /**
   * Reads a decision.
   *
   * @param zero how likely it is 0, of 256
   * @return 0 or 1
   */
  int bit(int zero) {
    if (below < 0) {
      fill();
    }
    int split = range * zero >> 8;
    int bit;
    int size;
    if (value >>> below > split) {
      value -= (long) (split + 1) << below;
      size = range - split;
      bit = 1;
    } else {
      size = split + 1;
      bit = 0;
    }
    int shift = Integer.numberOfLeadingZeros(size) - 24;
    below -= shift;
    range = (size << shift) - 1;
    return bit;
  }

  private void fill() {
    if (at < end) {
      do {
        value = value << 8 | data[at++] & 0xff;
        below += 8;
      } while (below < 40 && at < end);
    } else if (!exhausted) {
      exhausted = true;
      value <<= 8;
      below += 8;
    } else {
      below = 0; // whoever asks is about to be told
    }
  }

  boolean flag() {
    return bit(128) != 0;
  }

  /** A number of so many bits, the highest first. */
  int number(int bits) {
    int number = 0;
    for (int i = 0; i < bits; i++) {
      number = number << 1 | bit(128);
    }
    return number;
  }

  /** A number and its sign. */
  int signed(int bits) {
    int number = number(bits);
    return flag() ? -number : number;
  }

  /** The same after a flag that says whether it is there; 0 if not. */
  int optional(int bits) {
    return flag() ? signed(bits) : 0;
  }
}

package io.lookalike.store.jdbc;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** Features as bytes, little-endian: four a value, or two (IEEE 754 binary16, "half"). */
final class Vectors {

  static final int FLOAT32 = 0;
  static final int FLOAT16 = 1;

  /** The largest value that half precision holds. */
  private static final float LARGEST_HALF = 65_504;

  /** Below, half precision has fewer than 11 digits. */
  private static final float SMALLEST_HALF = 0x1p-14f;

  /** Features as they lie in a row. */
  record Encoded(int encoding, byte[] bytes) {

    long checksum() {
      return Vectors.checksum(bytes);
    }
  }

  private Vectors() {}

  /**
   * Encodes features.
   *
   * @param half whether in half precision, if that can be: features too large or too small for it
   *     are written whole
   */
  static Encoded encode(float[] features, boolean half) {
    if (half && fitsHalf(features)) {
      ByteBuffer out =
          ByteBuffer.allocate(Short.BYTES * features.length).order(ByteOrder.LITTLE_ENDIAN);
      for (float value : features) {
        out.putShort(toHalf(value));
      }
      return new Encoded(FLOAT16, out.array());
    }
    ByteBuffer out =
        ByteBuffer.allocate(Float.BYTES * features.length).order(ByteOrder.LITTLE_ENDIAN);
    out.asFloatBuffer().put(features);
    return new Encoded(FLOAT32, out.array());
  }

  /** Whether the largest value has all digits that half precision has. */
  private static boolean fitsHalf(float[] features) {
    float largest = 0;
    for (float value : features) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest >= SMALLEST_HALF && largest <= LARGEST_HALF;
  }

  /**
   * Decodes features.
   *
   * @throws IllegalArgumentException if the bytes are not those that were written; the message says
   *     how that shows
   */
  static float[] decode(int encoding, byte[] bytes, long checksum) {
    if (checksum(bytes) != checksum) {
      throw new IllegalArgumentException("their checksum does not fit");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int size = encoding == FLOAT32 ? Float.BYTES : Short.BYTES;
    if ((encoding != FLOAT32 && encoding != FLOAT16) || bytes.length % size != 0) {
      throw new IllegalArgumentException(
          "they are " + bytes.length + " bytes in encoding " + encoding);
    }
    float[] features = new float[bytes.length / size];
    if (encoding == FLOAT32) {
      in.asFloatBuffer().get(features);
    } else {
      for (int i = 0; i < features.length; i++) {
        features[i] = fromHalf(in.getShort());
      }
    }
    return features;
  }

  static long checksum(byte[] bytes) {
    var crc = new CRC32C();
    crc.update(bytes);
    return crc.getValue();
  }

  /** To the nearest, ties to even; Java itself has it from 20 on alone. */
  static short toHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    float size = Math.abs(value);
    if (size < SMALLEST_HALF) { // a subnormal half, in steps of 2^-24
      return (short) (sign | (int) Math.rint(size * 0x1p24f));
    }
    int magnitude = bits & 0x7fffffff;
    int rounded = magnitude + 0xfff + (magnitude >>> 13 & 1);
    return (short) (sign | (rounded >>> 13) - (112 << 10));
  }

  static float fromHalf(short half) {
    int exponent = half >>> 10 & 0x1f;
    int fraction = half & 0x3ff;
    float size =
        exponent == 0
            ? fraction * 0x1p-24f
            : Float.intBitsToFloat(exponent + 112 << 23 | fraction << 13);
    return half < 0 ? -size : size;
  }
}

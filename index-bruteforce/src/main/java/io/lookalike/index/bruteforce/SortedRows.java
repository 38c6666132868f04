package io.lookalike.index.bruteforce;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * The products of a version in the ascending order of their ids (UTF-16), so that equally similar
 * products are in the order of their numbers. The version stays pinned while this is used.
 */
final class SortedRows {

  // Odd, so that no two vectors that differ in one element have the same fingerprint.
  private static final long FACTOR = 0x9E3779B97F4A7C15L;
  private static final long ID_FACTOR = 0xC2B2AE3D27D4EB4FL;

  final String[] ids;

  /** Where each product is. */
  final int[] slots;

  /** Which product is at a slot, or -1. */
  final int[] ordinals;

  private final Segment[] segments;
  private final int rowsPerSegment;
  private final int dimension;
  private final @Nullable Pruner pruner;

  private record Row(String id, int slot) {}

  SortedRows(Version version, int rowsPerSegment, int dimension) {
    this.segments = version.segments();
    this.rowsPerSegment = rowsPerSegment;
    this.dimension = dimension;
    this.pruner = version.pruner();
    var rows = new ArrayList<Row>(version.size());
    for (int s = 0; s < segments.length; s++) {
      for (int row = 0; row < rowsPerSegment; row++) {
        Entry entry = segments[s].entries()[row];
        if (entry != null) {
          rows.add(new Row(entry.id(), s * rowsPerSegment + row));
        }
      }
    }
    rows.sort(Comparator.comparing(Row::id));
    this.ids = rows.stream().map(Row::id).toArray(String[]::new);
    this.slots = rows.stream().mapToInt(Row::slot).toArray();
    this.ordinals = new int[segments.length * rowsPerSegment];
    Arrays.fill(ordinals, -1);
    for (int i = 0; i < slots.length; i++) {
      ordinals[slots[i]] = i;
    }
  }

  int count() {
    return ids.length;
  }

  int dimension() {
    return dimension;
  }

  Segment[] segments() {
    return segments;
  }

  @Nullable Pruner pruner() {
    return pruner;
  }

  /** Whether the pruner knows nothing of this slot's vector. */
  boolean isFresh(int slot) {
    return segments[slot / rowsPerSegment].isFresh(slot % rowsPerSegment);
  }

  /** The array that holds a slot's vector. */
  float[] vectors(int slot) {
    return segments[slot / rowsPerSegment].vectors();
  }

  /** Where a slot's vector begins in its array. */
  int offset(int slot) {
    return slot % rowsPerSegment * dimension;
  }

  /** The slots of one segment's products. */
  int[] slotsOf(int segment) {
    int from = segment * rowsPerSegment;
    var found = new int[rowsPerSegment];
    int n = 0;
    for (int slot = from; slot < from + rowsPerSegment; slot++) {
      if (ordinals[slot] >= 0) {
        found[n++] = slot;
      }
    }
    return Arrays.copyOf(found, n);
  }

  /** For each product 64 bits that are others as soon as its vector or its id is another. */
  long[] fingerprints() {
    var fingerprints = new long[count()];
    Arrays.parallelSetAll(fingerprints, this::fingerprint);
    return fingerprints;
  }

  private long fingerprint(int ordinal) {
    float[] values = vectors(slots[ordinal]);
    int at = offset(slots[ordinal]);
    long a = 1;
    long b = 2;
    long c = 3;
    long d = 4;
    int i = 0;
    for (; i <= dimension - 4; i += 4) {
      a = a * FACTOR + Float.floatToRawIntBits(values[at + i]);
      b = b * FACTOR + Float.floatToRawIntBits(values[at + i + 1]);
      c = c * FACTOR + Float.floatToRawIntBits(values[at + i + 2]);
      d = d * FACTOR + Float.floatToRawIntBits(values[at + i + 3]);
    }
    for (; i < dimension; i++) {
      a = a * FACTOR + Float.floatToRawIntBits(values[at + i]);
    }
    long sum = mix(a) + 3 * mix(b) + 5 * mix(c) + 7 * mix(d);
    String id = ids[ordinal];
    for (int j = 0; j < id.length(); j++) {
      sum = sum * ID_FACTOR + id.charAt(j);
    }
    return mix(sum);
  }

  /** Stafford's mix 13, as in java.util.SplittableRandom. */
  private static long mix(long bits) {
    bits = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
    bits = (bits ^ bits >>> 27) * 0x94D049BB133111EBL;
    return bits ^ bits >>> 31;
  }

  /** One number for all products, whatever their order. */
  static long combined(long[] fingerprints) {
    long sum = fingerprints.length;
    for (long fingerprint : fingerprints) {
      sum += fingerprint;
    }
    return sum;
  }
}

package io.lookalike.index.bruteforce;

import io.lookalike.index.IndexItem;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Makes the next version of one: copies the entries of each segment that changes, once. */
final class Edit {
  private final int dimension;
  private final int rowsPerSegment;
  private final int write;
  private final @Nullable Pruner pruner;
  private final BitSet copied = new BitSet();
  private Segment[] segments;
  private int size;

  Edit(Version before, int dimension, int rowsPerSegment) {
    this.write = before.write() + 1;
    this.pruner = before.pruner();
    this.segments = before.segments().clone();
    this.size = before.size();
    this.dimension = dimension;
    this.rowsPerSegment = rowsPerSegment;
  }

  /** Writes a product into a free slot. */
  void put(int segment, int row, IndexItem item) {
    if (segment == segments.length) {
      segments = Arrays.copyOf(segments, segment + 1);
      segments[segment] = Segment.empty(rowsPerSegment, dimension);
      copied.set(segment);
    }
    item.vector().copyTo(segments[segment].vectors(), row * dimension);
    set(segment, row, new Entry(item.id(), item.attributes()));
    segments[segment].written()[row] = write;
    segments[segment].markFresh(row);
    size++;
  }

  /** Takes a product out of its slot. */
  void clear(int segment, int row) {
    set(segment, row, null);
    size--;
  }

  /** Changes what a slot holds beside the vector. */
  void set(int segment, int row, @Nullable Entry entry) {
    if (!copied.get(segment)) {
      segments[segment] = segments[segment].copy();
      copied.set(segment);
    }
    segments[segment].entries()[row] = entry;
  }

  Version done() {
    return new Version(segments, size, write, pruner);
  }
}

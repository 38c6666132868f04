package io.lookalike.index.bruteforce;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The index at one moment. {@link Versions} says who may read and write what. */
final class Version {
  private final Segment[] segments;
  private final int size;
  private final int write;
  private final @Nullable Pruner pruner;
  private final AtomicInteger pins = new AtomicInteger();

  Version(Segment[] segments, int size, int write, @Nullable Pruner pruner) {
    this.segments = segments;
    this.size = size;
    this.write = write;
    this.pruner = pruner;
  }

  Segment[] segments() {
    return segments;
  }

  int size() {
    return size;
  }

  /** Number of writes that led here; wraps around. */
  int write() {
    return write;
  }

  /** What rules out products that are not fresh; null while there is none. */
  @Nullable Pruner pruner() {
    return pruner;
  }

  /** Number of readers that hold this version. */
  AtomicInteger pins() {
    return pins;
  }

  void unpin() {
    pins.decrementAndGet();
  }

  /** Number of products written since the pruner was built. */
  int fresh() {
    int fresh = 0;
    for (Segment segment : segments) {
      for (long bits : segment.fresh()) {
        fresh += Long.bitCount(bits);
      }
    }
    return fresh;
  }

  boolean holds(String id, int segment, int row) {
    if (segment >= segments.length) {
      return false;
    }
    Entry entry = segments[segment].entries()[row];
    return entry != null && entry.id().equals(id);
  }

  /** The slot of a product, looked for one by one, or null if it is not here. */
  @Nullable Integer find(String id, int rowsPerSegment) {
    for (int segment = 0; segment < segments.length; segment++) {
      for (int row = 0; row < rowsPerSegment; row++) {
        if (holds(id, segment, row)) {
          return segment * rowsPerSegment + row;
        }
      }
    }
    return null;
  }

  List<String> ids() {
    var ids = new ArrayList<String>(size);
    for (Segment segment : segments) {
      for (Entry entry : segment.entries()) {
        if (entry != null) {
          ids.add(entry.id());
        }
      }
    }
    return ids;
  }
}

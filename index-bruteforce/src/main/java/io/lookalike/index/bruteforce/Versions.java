package io.lookalike.index.bruteforce;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The versions of one index, and the slots that they have in common.
 *
 * <p><b>The protocol.</b> Readers never wait and hold no lock; writers take turns under the index's
 * lock, which all methods but {@link #pin}, {@link #current} and {@link #currentOrNull} need.
 *
 * <p><i>What is shared.</i> A product's vector lies in a slot: a row of a segment's array. All
 * versions share these arrays. Everything else of a version, entries included, never changes: a
 * write copies what it changes and publishes the next version by the volatile {@link #current}. So
 * all that must be guarded is a slot that is written while some reader may come upon it.
 *
 * <p><i>Pins.</i> Who reads vectors pins the current version first, and looks whether it is still
 * current then. A writer publishes first, and looks at the pins then. Both are volatile, so that
 * one of the two sees the other: either the reader sees that its version has been retired, and
 * tries again with the next one, or the writer sees the pin. A retired version is never pinned
 * again, but for the moment in which a reader finds out.
 *
 * <p><i>Reclaiming.</i> A slot that write a filled and of which version b is the last that has it
 * is in the versions a to b and in no other. When it is given up it is kept with b, as long as that
 * is pinned; then with any other pinned version from a to b; and as soon as there is none it is
 * free for the next write. What is kept, beside the live products, is thus bounded by what readers
 * hold: for each pinned version at most one slot for each of its products, plus that version's own
 * entries. Of a version that nobody has pinned nothing is kept, however many writes there are while
 * another one is pinned for hours. What a retired version needs here is its number and its count of
 * pins; the version itself is garbage when its readers let go of it.
 *
 * <p><i>Where a product is.</i> The index's map tells the slot of each id. It changes before the
 * version that it leads to is published, so that a reader may find a slot in which its version does
 * not have the product; it then looks for the product in its version, one by one.
 *
 * <p><i>Failure.</i> A write allocates all that it needs before it publishes. What it wrote by then
 * are slots that no version has.
 *
 * <p><i>Bounds</i> are computed on a pinned version, beside writers, and published as a version
 * with the same products. A product that was written since is told by its segment's count of the
 * write, and compared without bounds.
 */
final class Versions {

  /** So that the number of a slot, and of the one after the last segment, is an int. */
  private static final int MOST_SLOTS = Integer.MAX_VALUE - (1 << 11);

  private final int rowsPerSegment;

  /** What readers see; null once closed. */
  private volatile @Nullable Version current;

  /** Versions that readers hold, and the one before the current. */
  private final ArrayList<Retired> retired = new ArrayList<>();

  private final IntStack free = new IntStack();

  /** Slots ever used. */
  private int slotCount;

  Versions(int rowsPerSegment, Version first) {
    this.rowsPerSegment = rowsPerSegment;
    this.current = first;
  }

  /** What is kept of a version: slots that were given up, and which version had each last. */
  static final class Retired {
    private final AtomicInteger pins;
    private final int write;
    private final IntStack slots = new IntStack();
    private final IntStack last = new IntStack();

    private Retired(Version version) {
      this.pins = version.pins();
      this.write = version.write();
    }

    private void keep(int slot, int lastVersion) {
      slots.makeRoom();
      last.makeRoom();
      slots.push(slot);
      last.push(lastVersion);
    }
  }

  /** Takes slots for new vectors; what is taken is not used until it is published. */
  final class Slots {
    private int reused;
    private int used = slotCount;

    /** A slot that no reader can see. */
    int next() {
      if (reused < free.size()) {
        return free.fromTop(reused++);
      }
      if (used == MOST_SLOTS) {
        throw new IllegalStateException(
            "the index has room for " + MOST_SLOTS + " vectors; divide the products among several");
      }
      return used++;
    }
  }

  /**
   * The current version, whose vectors must not be read.
   *
   * @throws IllegalStateException if the index has been closed
   */
  Version current() {
    Version version = current;
    if (version == null) {
      throw new IllegalStateException("this index has been closed");
    }
    return version;
  }

  @Nullable Version currentOrNull() {
    return current;
  }

  /**
   * The current version, whose vectors stay as they are until it is unpinned. Tries again only
   * where a writer has published a new one in between, hence never waits for one.
   *
   * @throws IllegalStateException if the index has been closed
   */
  Version pin() {
    while (true) {
      Version version = current();
      version.pins().incrementAndGet();
      if (current == version) {
        return version;
      }
      version.unpin();
    }
  }

  void close() {
    current = null;
    retired.clear();
  }

  /** Frees the slots that no pinned version has any more. */
  void reclaim() {
    Segment[] segments = current().segments();
    for (int i = 0; i < retired.size(); ) {
      Retired version = retired.get(i);
      if (version.pins.get() != 0) {
        i++;
        continue;
      }
      while (version.slots.size() > 0) {
        int slot = version.slots.fromTop(0);
        int first = segments[slot / rowsPerSegment].written()[slot % rowsPerSegment];
        int last = version.last.fromTop(0);
        Retired other = holder(first, last, version);
        if (other == null) {
          free.push(slot);
        } else {
          other.keep(slot, last);
        }
        // After that cannot fail any more: should memory run out, a slot is not lost.
        version.slots.pop(1);
        version.last.pop(1);
      }
      retired.remove(i);
    }
  }

  /** A pinned version between two. */
  private @Nullable Retired holder(int first, int last, Retired except) {
    for (Retired version : retired) {
      if (version != except
          && version.write - first >= 0
          && last - version.write >= 0
          && version.pins.get() != 0) {
        return version;
      }
    }
    return null;
  }

  /**
   * Prepares for a version to be retired.
   *
   * @param freed the slots that the next version will not have
   */
  Retired retiring(Version version, IntStack freed) {
    var retiring = new Retired(version);
    for (int i = 0; i < freed.size(); i++) {
      retiring.keep(freed.fromTop(i), version.write());
    }
    retired.ensureCapacity(retired.size() + 1);
    return retiring;
  }

  /** Makes a version the current one. Allocates nothing, and so cannot fail. */
  void publish(Retired before, Version after, Slots taken) {
    free.pop(taken.reused);
    slotCount = taken.used;
    current = after;
    retired.add(before);
  }

  /** Number of slots kept with each version of which anything is kept, for tests. */
  List<Integer> kept() {
    return retired.stream().map(version -> version.slots.size()).toList();
  }
}

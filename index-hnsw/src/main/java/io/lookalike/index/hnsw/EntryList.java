package io.lookalike.index.hnsw;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Two or more products with one vector, in ascending order of their ids. A change copies one of the
 * parts, and the list of these: so even a hundred thousand can be added or removed one by one.
 */
final class EntryList implements Entries {

  private static final int MOST = 256;

  private final Entry[][] parts;
  private final int[] ends;

  private EntryList(Entry[][] parts) {
    this.parts = parts;
    ends = new int[parts.length];
    int end = 0;
    for (int i = 0; i < parts.length; i++) {
      end += parts[i].length;
      ends[i] = end;
    }
  }

  static Entries of(Entry one, Entry other) {
    int order = one.id().compareTo(other.id());
    if (order == 0) {
      return other;
    }
    return new EntryList(new Entry[][] {order < 0 ? both(one, other) : both(other, one)});
  }

  private static Entry[] both(Entry first, Entry second) {
    return new Entry[] {first, second};
  }

  @Override
  public Entries with(Entry entry) {
    int part = partOf(entry.id());
    Entry[] old = parts[part];
    int at = placeIn(old, entry.id());
    if (at < old.length && old[at].id().equals(entry.id())) {
      Entry[] replaced = old.clone();
      replaced[at] = entry;
      return replace(part, replaced);
    }
    Entry[] more = Arrays.copyOf(old, old.length + 1);
    System.arraycopy(old, at, more, at + 1, old.length - at);
    more[at] = entry;
    int half = more.length / 2;
    return more.length <= MOST
        ? replace(part, more)
        : replace(part, Arrays.copyOf(more, half), Arrays.copyOfRange(more, half, more.length));
  }

  @Override
  public @Nullable Entries without(Entry entry) {
    int part = partOf(entry.id());
    Entry[] old = parts[part];
    int at = placeIn(old, entry.id());
    if (count() == 2) {
      return get(get(0) == entry ? 1 : 0);
    }
    if (old.length == 1) {
      return replace(part);
    }
    Entry[] fewer = Arrays.copyOf(old, old.length - 1);
    System.arraycopy(old, at + 1, fewer, at, fewer.length - at);
    return replace(part, fewer);
  }

  private EntryList replace(int part, Entry[]... by) {
    var changed = new Entry[parts.length - 1 + by.length][];
    System.arraycopy(parts, 0, changed, 0, part);
    System.arraycopy(by, 0, changed, part, by.length);
    System.arraycopy(parts, part + 1, changed, part + by.length, parts.length - part - 1);
    return new EntryList(changed);
  }

  /** The part where an id is, or has its place. */
  private int partOf(String id) {
    int low = 0;
    int high = parts.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (parts[middle][0].id().compareTo(id) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** How many ids of a part come before this one. */
  private static int placeIn(Entry[] part, String id) {
    int low = 0;
    int high = part.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (part[middle].id().compareTo(id) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  @Override
  public int count() {
    return ends[ends.length - 1];
  }

  @Override
  public Entry get(int rank) {
    int part = Arrays.binarySearch(ends, rank + 1);
    part = part < 0 ? -part - 1 : part;
    return parts[part][rank - ends[part] + parts[part].length];
  }
}

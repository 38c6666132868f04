package io.lookalike.index.hnsw;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Every product's entry, by its id and by its number.
 *
 * <p>One writer at a time, any number of readers, which take no lock. A product keeps its number
 * when it is replaced, so who goes through all numbers meets it once, unless it is removed and
 * added again meanwhile. Only {@link #reserve} needs memory, so that nothing else can fail.
 */
final class Products {

  private static final int MOST = 1 << 30;

  /** By id: each at the first free place from the one on that its hash code tells. */
  private volatile AtomicReferenceArray<@Nullable Object> byId = new AtomicReferenceArray<>(16);

  /** By number. */
  private volatile AtomicReferenceArray<@Nullable Entry> byNumber = new AtomicReferenceArray<>(8);

  private volatile int size;

  private volatile int moves;

  /** Numbers ever given. */
  private volatile int end;

  // Used by the writer alone:

  /** Places by id that are not empty. */
  private int taken;

  private int[] free = new int[8];
  private int freeCount;
  private int reserved;

  /** In the place of an entry that is gone: those behind it must still be found. */
  private static final Object GONE = new Object();

  int size() {
    return size;
  }

  /**
   * Odd while products have two entries each, and another number after one was removed or replaced.
   * Who finds the same before and after has met no product twice.
   */
  int moves() {
    return moves;
  }

  /** Is to be called before the first of several products is replaced, and after the last. */
  void noteMove() {
    int before = moves;
    moves = before + 1;
  }

  /** Every number is less. */
  int end() {
    return end;
  }

  @Nullable Entry get(int number) {
    AtomicReferenceArray<@Nullable Entry> all = byNumber;
    return number < all.length() ? all.get(number) : null;
  }

  @Nullable Entry get(String id) {
    AtomicReferenceArray<@Nullable Object> all = byId;
    int mask = all.length() - 1;
    for (int at = home(id, mask); ; at = at + 1 & mask) {
      Object found = all.get(at);
      if (found == null) {
        return null;
      }
      if (found instanceof Entry entry && entry.id().equals(id)) {
        return entry;
      }
    }
  }

  private static int home(String id, int mask) {
    int hash = id.hashCode() * 0x9E3779B1;
    return (hash ^ hash >>> 15) & mask;
  }

  /** Makes room for so many products more, and begins to give them numbers. */
  void reserve(int more) {
    reserved = 0;
    long needed = size + (long) more;
    if (needed > MOST / 2) {
      throw new IllegalStateException(
          "an index can hold " + MOST / 2 + " products, and would have " + needed);
    }
    if ((taken + (long) more) * 5 / 3 >= byId.length()) {
      int length = Integer.highestOneBit((int) Math.max(8, needed * 2 - 1)) << 1;
      var larger = new AtomicReferenceArray<@Nullable Object>(length);
      AtomicReferenceArray<@Nullable Object> old = byId;
      for (int i = 0; i < old.length(); i++) {
        if (old.get(i) instanceof Entry entry) {
          int at = home(entry.id(), length - 1);
          while (larger.getPlain(at) != null) {
            at = at + 1 & length - 1;
          }
          larger.setPlain(at, entry);
        }
      }
      byId = larger;
      taken = size;
    }
    long numbers = end + (long) Math.max(0, more - freeCount);
    if (numbers > byNumber.length()) {
      int length = (int) Math.max(numbers, Math.min(MOST, byNumber.length() * 3L / 2));
      var longer = new AtomicReferenceArray<@Nullable Entry>(length);
      for (int i = 0; i < end; i++) {
        longer.setPlain(i, byNumber.get(i));
      }
      int[] moreFree = Arrays.copyOf(free, length);
      byNumber = longer;
      free = moreFree;
    }
  }

  /** A number for one of the products that there is room for; taken by {@link #put}. */
  int nextNumber() {
    int number = reserved < freeCount ? free[freeCount - 1 - reserved] : end + reserved - freeCount;
    reserved++;
    return number;
  }

  /** Puts an entry in the place of the one with its id, or in a new one. */
  void put(Entry entry, @Nullable Entry old) {
    AtomicReferenceArray<@Nullable Object> all = byId;
    int mask = all.length() - 1;
    int at = home(entry.id(), mask);
    if (old != null) {
      while (all.get(at) != old) {
        at = at + 1 & mask;
      }
    } else {
      while (all.get(at) instanceof Entry) {
        at = at + 1 & mask;
      }
      taken += all.get(at) == null ? 1 : 0;
      int before = size;
      size = before + 1;
      if (freeCount > 0) {
        freeCount--;
      } else {
        end = entry.number() + 1;
      }
    }
    byNumber.set(entry.number(), entry);
    all.set(at, entry);
  }

  /** Takes an entry out that is there. */
  void remove(Entry entry) {
    AtomicReferenceArray<@Nullable Object> all = byId;
    int mask = all.length() - 1;
    int at = home(entry.id(), mask);
    while (all.get(at) != entry) {
      at = at + 1 & mask;
    }
    all.set(at, GONE);
    byNumber.set(entry.number(), null);
    free[freeCount++] = entry.number();
    int before = size;
    size = before - 1;
  }

  long memoryBytes() {
    return 4L * byId.length() + 4L * byNumber.length() + 4L * free.length;
  }
}

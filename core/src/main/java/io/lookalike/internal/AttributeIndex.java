package io.lookalike.internal;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import java.lang.invoke.VarHandle;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Finds the products that can match a filter without asking each of them. Products are numbers from
 * 0 on, which their index gives them.
 *
 * <p>For each value of a text, truth value or member of a set there is what has it: one bit for
 * each product where many have it, or else a list of their numbers, 4 bytes for each, up to half as
 * many again in reserve, and about 100 bytes for each different value. For each attribute with
 * numbers or instants there is one flat array, 8 bytes for each product. The lists may hold numbers
 * that no longer have the value, so every candidate has to be asked again; a list of which more
 * than half is of that kind is made anew.
 *
 * <p>One writer at a time, any number of readers, which take no lock. A change has two steps: after
 * {@link #prepare} the product is found by its new attributes too, and all memory that lasts is
 * there; {@link #change} never throws. {@code prepare} without {@code change} does no harm. What is
 * changed while a search gathers its candidates becomes one of them, as it may have been missed:
 * where it was, and where it went.
 *
 * <p>Where many products are there from the beginning, as when an index is opened, {@link #learn}
 * brings them in some at a time, when filters are first asked for. Until then this index knows
 * nothing, and changes of products that have not had their turn pass it by.
 */
public final class AttributeIndex {

  private static final int[] NONE = {};
  private static final int FIRST_CAPACITY = 2;

  /** Lists with fewer superfluous numbers are left alone. */
  private static final int SUPERFLUOUS = 64;

  /** Bits take no more memory than a list from this share on, */
  private static final int DENSE = 32;

  /** and are not worth the trouble for fewer. */
  private static final int LEAST_DENSE = 64;

  /** So many changes are remembered; a power of 2. */
  private static final int RECENT = 1024;

  /** In the place of a product's number: something else than a product has changed. */
  private static final int LISTS = -1;

  /** So few candidates are quicker asked than made fewer by another condition. */
  private static final int FEW = 64;

  /** How often candidates are gathered again where lists or too much changed meanwhile. */
  private static final int ATTEMPTS = 3;

  private final IntFunction<@Nullable Attributes> attributes;
  private final Map<String, Column> columns = new ConcurrentHashMap<>();

  /** Odd while something is being changed that was there; half of it is how often that was. */
  private volatile int changes;

  /** What was changed last, each at the place that its number among all changes tells. */
  private final AtomicIntegerArray recent = new AtomicIntegerArray(RECENT);

  /** Number of products; the writer's, read after {@link #changes}. */
  private int live;

  /** Whether memory was so short that a change was not noted. */
  private volatile boolean lost;

  /** What is known of products are those below this; the writer's. */
  private int learnt;

  /** Whether that is all of them. */
  private volatile boolean complete;

  /** Lists that have become empty, to be taken out by the next {@link #prepare}. */
  private @Nullable Postings emptied;

  /** What there is of an attribute. */
  private static final class Column {
    /** Number of products with a set; the writer's. */
    int sets;

    final Map<Object, Postings> byValue = new ConcurrentHashMap<>();
    volatile double @Nullable [] numbers;
    volatile double @Nullable [] instants;
  }

  /** The products with a value, in a list that is only ever appended to, or bit by bit. */
  private static final class Postings {
    final Column column;
    final Object value;
    volatile int[] numbers = NONE;
    volatile int count;

    /** Exactly those that have the value; null as long as there is the list. */
    volatile long @Nullable [] bits;

    /** How many products have the value; the writer's. */
    int live;

    /** How many numbers came with changes that are complete; the writer's. */
    int settled;

    @Nullable Postings nextEmptied;
    boolean isEmptied;

    Postings(Column column, Object value) {
      this.column = column;
      this.value = value;
    }
  }

  /** Products that can match a filter, for who reads them at once. */
  public static final class Candidates {
    private final int[] numbers;
    private final int count;
    private final long @Nullable [] bits;

    private Candidates(int[] numbers, int count, long @Nullable [] bits) {
      this.numbers = numbers;
      this.count = count;
      this.bits = bits;
    }

    /**
     * Returns how many they are.
     *
     * @return a number of products, at least 0
     */
    public int count() {
      return count;
    }

    /**
     * Returns their numbers.
     *
     * @return each once, in ascending order; those from {@link #count} on do not belong to them
     */
    public int[] numbers() {
      if (bits == null) {
        return numbers;
      }
      var listed = new int[count];
      int next = 0;
      for (int i = 0; i < bits.length; i++) {
        for (long word = bits[i]; word != 0; word &= word - 1) {
          listed[next++] = (i << 6) + Long.numberOfTrailingZeros(word);
        }
      }
      return listed;
    }

    /**
     * Returns them bit by bit, number 0 in the lowest bit of the first word.
     *
     * @param size every number is less
     * @return the caller's to change
     */
    public long[] bits(int size) {
      if (bits != null) {
        return bits;
      }
      var set = new long[words(size)];
      for (int i = 0; i < count; i++) {
        set[numbers[i] >> 6] |= 1L << numbers[i];
      }
      return set;
    }
  }

  /**
   * An index without products, or one that has to {@link #learn} of those that are there.
   *
   * @param attributes what a number's attributes are, null if it has none; asked by the writer
   * @param empty whether there are none yet
   */
  public AttributeIndex(IntFunction<@Nullable Attributes> attributes, boolean empty) {
    this.attributes = attributes;
    complete = empty;
    learnt = empty ? Integer.MAX_VALUE : 0;
  }

  // ---- changes

  /**
   * Whether all products are known, and filters are answered.
   *
   * @return false until {@link #learn} has come to the end
   */
  public boolean isComplete() {
    return complete;
  }

  /**
   * Brings in some of the products that were there from the beginning. For the writer.
   *
   * @param most how many numbers to look at
   * @param size every product's number is less
   */
  public void learn(int most, int size) {
    for (int left = most; left > 0 && learnt < size; left--) {
      int number = learnt;
      Attributes there = attributes.apply(number);
      if (there != null) {
        prepareKnown(number, there);
      }
      learnt++;
      if (there != null) {
        change(number, null, there);
      }
    }
    if (learnt >= size) {
      learnt = Integer.MAX_VALUE;
      complete = true;
    }
  }

  /**
   * Makes a product findable by attributes that it is about to have. Whatever can fail fails here.
   *
   * @param number the product's, at least 0
   * @param after its attributes from the next {@link #change} on
   */
  public void prepare(int number, Attributes after) {
    if (number < learnt) {
      prepareKnown(number, after);
    }
  }

  private void prepareKnown(int number, Attributes after) {
    for (Postings next = emptied; next != null; next = emptied) {
      emptied = next.nextEmptied;
      next.isEmptied = false;
      if (next.live == 0) {
        next.column.byValue.remove(next.value, next);
      }
    }
    for (Map.Entry<String, Object> each : after.asMap().entrySet()) {
      Column column = columns.computeIfAbsent(each.getKey(), name -> new Column());
      Object value = each.getValue();
      if (value instanceof Number) {
        column.numbers = withRoom(column.numbers, number);
      } else if (value instanceof Instant) {
        column.instants = withRoom(column.instants, number);
      } else if (value instanceof Set<?> members) {
        members.forEach(member -> add(each.getKey(), column, member, number));
      } else {
        add(each.getKey(), column, value, number);
      }
    }
  }

  private static double[] withRoom(double @Nullable [] values, int number) {
    int length = values == null ? 0 : values.length;
    if (values != null && number < length) {
      return values;
    }
    int more = (int) Math.min(Integer.MAX_VALUE - 8, Math.max(number + 16L, length * 3L / 2));
    double[] longer = values == null ? new double[more] : Arrays.copyOf(values, more);
    Arrays.fill(longer, length, more, Double.NaN);
    return longer;
  }

  private void add(String name, Column column, Object value, int number) {
    Postings postings = column.byValue.computeIfAbsent(value, v -> new Postings(column, v));
    long[] bits = postings.bits;
    if (bits == null && postings.live >= LEAST_DENSE && (long) postings.live * DENSE >= live) {
      bits = makeDense(name, postings);
    }
    if (bits != null) {
      if (number >> 6 >= bits.length) {
        postings.bits = Arrays.copyOf(bits, Math.max(words(live) * 3 / 2, (number >> 6) + 1));
      }
      return; // the bit itself is set by the change
    }
    int count = postings.count;
    if (count == postings.numbers.length) {
      if (count > SUPERFLUOUS && count > 2 * postings.live) {
        compact(name, postings);
        count = postings.count;
      }
      int more = Math.max(FIRST_CAPACITY, (int) Math.min(Integer.MAX_VALUE - 8, count * 3L / 2));
      postings.numbers = Arrays.copyOf(postings.numbers, more);
    }
    postings.numbers[count] = number;
    postings.count = count + 1;
  }

  /** Has bits take the place of a list, without what is only being prepared. */
  private long[] makeDense(String name, Postings postings) {
    compact(name, postings);
    int most = 0;
    for (int i = 0; i < postings.count; i++) { // what is being prepared needs its place, too
      most = Math.max(most, postings.numbers[i]);
    }
    var bits = new long[words(most + 1)];
    for (int i = 0; i < postings.settled; i++) {
      bits[postings.numbers[i] >> 6] |= 1L << postings.numbers[i];
    }
    beginChange(LISTS);
    postings.bits = bits;
    postings.settled = 0;
    postings.count = 0;
    postings.numbers = NONE;
    endChange();
    return bits;
  }

  private void compact(String name, Postings postings) {
    // Those of a change that is being prepared do not have the value yet.
    int settled = postings.settled;
    int[] kept = Arrays.copyOf(postings.numbers, postings.count);
    Arrays.sort(kept, 0, settled);
    int count = 0;
    for (int i = 0; i < settled; i++) {
      Attributes now = i > 0 && kept[i] == kept[i - 1] ? null : attributes.apply(kept[i]);
      if (now != null && has(now.get(name), postings.value)) {
        kept[count++] = kept[i];
      }
    }
    int pending = kept.length - settled;
    System.arraycopy(kept, settled, kept, count, pending);
    int[] fewer = Arrays.copyOf(kept, count + pending);
    beginChange(LISTS);
    postings.settled = count;
    postings.numbers = fewer;
    postings.count = count + pending;
    endChange();
  }

  private static boolean has(@Nullable Object held, Object value) {
    return value.equals(held) || (held instanceof Set<?> members && members.contains(value));
  }

  /**
   * Tells that a product has other attributes now. Should memory be too short even for that, this
   * index {@linkplain #isLost knows nothing} from then on.
   *
   * @param number the product's
   * @param before its attributes until now, null if it was not there
   * @param after its attributes from now on, for which {@link #prepare} was called; null if it is
   *     gone
   */
  public void change(int number, @Nullable Attributes before, @Nullable Attributes after) {
    if (number >= learnt) {
      return;
    }
    beginChange(number);
    try {
      live += (after == null ? 0 : 1) - (before == null ? 0 : 1);
      // What is gained first: a list that is emptied and filled again is not taken out.
      if (after != null) {
        after.asMap().forEach((name, value) -> count(column(name), value, 1));
      }
      if (before != null) {
        before.asMap().forEach((name, value) -> count(column(name), value, -1));
        before.asMap().forEach((name, value) -> set(column(name), value, number, true));
      }
      if (after != null) {
        after.asMap().forEach((name, value) -> set(column(name), value, number, false));
      }
    } catch (OutOfMemoryError e) {
      lost = true;
    } finally {
      endChange();
    }
  }

  private void beginChange(int number) {
    int before = changes;
    recent.set((before >>> 1) & RECENT - 1, number);
    changes = before + 1;
    VarHandle.storeStoreFence(); // nobody is to see the change before this
  }

  private void endChange() {
    int before = changes;
    changes = before + 1;
  }

  private Column column(String name) {
    return Objects.requireNonNull(columns.get(name), name);
  }

  private void count(Column column, Object value, int more) {
    if (value instanceof Set<?> members) {
      column.sets += more;
      members.forEach(member -> count(column, member, more));
    } else if (!(value instanceof Number || value instanceof Instant)) {
      Postings postings = Objects.requireNonNull(column.byValue.get(value), "prepared");
      postings.live += more;
      postings.settled = postings.count;
      if (postings.live == 0 && !postings.isEmptied) {
        postings.isEmptied = true;
        postings.nextEmptied = emptied;
        emptied = postings;
      }
    }
  }

  private static void set(Column column, Object value, int number, boolean clear) {
    if (value instanceof Number real) {
      Objects.requireNonNull(column.numbers)[number] = clear ? Double.NaN : real.doubleValue();
    } else if (value instanceof Instant instant) {
      Objects.requireNonNull(column.instants)[number] = clear ? Double.NaN : seconds(instant);
    } else if (value instanceof Set<?> members) {
      members.forEach(member -> setBit(column, member, number, clear));
    } else {
      setBit(column, value, number, clear);
    }
  }

  private static void setBit(Column column, Object value, int number, boolean clear) {
    long[] bits = Objects.requireNonNull(column.byValue.get(value), "prepared").bits;
    if (bits != null) {
      long word = bits[number >> 6];
      bits[number >> 6] = clear ? word & ~(1L << number) : word | 1L << number;
    }
  }

  /** Never out of order, but two that lie close together may be one. */
  private static double seconds(Instant instant) {
    return instant.getEpochSecond() + instant.getNano() / 1e9;
  }

  /**
   * Whether a change was lost for want of memory. Another index has to take this one's place.
   *
   * @return if so, {@link #candidates} knows nothing any more
   */
  public boolean isLost() {
    return lost;
  }

  /**
   * About how much memory this takes.
   *
   * @return bytes
   */
  public long memoryBytes() {
    long bytes = 0;
    for (Column column : columns.values()) {
      double[] numbers = column.numbers;
      double[] instants = column.instants;
      bytes += 160 + 8L * (numbers == null ? 0 : numbers.length);
      bytes += 8L * (instants == null ? 0 : instants.length);
      for (Postings postings : column.byValue.values()) {
        long[] bits = postings.bits;
        bytes += 100 + 4L * postings.numbers.length + 8L * (bits == null ? 0 : bits.length);
      }
    }
    return bytes;
  }

  // ---- searches

  /**
   * Products that can match.
   *
   * @param filter a filter
   * @param size every product's number is less
   * @return all that match, and maybe others; null where this would be nearly all, or is unknown
   */
  public @Nullable Candidates candidates(Filter filter, int size) {
    if (!complete || filter.equals(Filter.ALL)) {
      return null;
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int before = changes;
      Matches found = matches(filter, false, size);
      VarHandle.loadLoadFence();
      int overlapping = (changes + 1 - (before & ~1)) >> 1;
      if (lost || found == null) {
        return null;
      }
      Matches changed = overlapping <= RECENT / 2 ? changed(before, overlapping, size) : null;
      if (changed != null) {
        return (changed.count == 0 ? found : union(List.of(found, changed), size)).candidates(size);
      }
    }
    return null;
  }

  /** The products of some changes; null if these were more than of products, or too long ago. */
  private @Nullable Matches changed(int since, int count, int size) {
    var numbers = new int[count];
    int next = 0;
    for (int i = 0; i < count; i++) {
      int number = recent.get((since >>> 1) + i & RECENT - 1);
      if (number == LISTS) {
        return null;
      }
      numbers[next] = number;
      next += number < size ? 1 : 0;
    }
    return changes - since < RECENT ? new Matches(numbers, next, null) : null;
  }

  /**
   * How long it takes to gather a filter's candidates.
   *
   * @param filter a filter
   * @param size every product's number is less
   * @return about how many numbers there are to go through, or words of 64 bits
   */
  public long effort(Filter filter, int size) {
    if (filter instanceof Filter.Not not) {
      return effort(not.filter(), size);
    }
    List<Filter> parts =
        filter instanceof Filter.And and
            ? and.filters()
            : filter instanceof Filter.Or or ? or.filters() : List.of();
    if (parts.isEmpty()) {
      return cost(filter, size);
    }
    long sum = 0;
    for (Filter part : parts) {
      sum += effort(part, size);
    }
    return sum;
  }

  /** A set of numbers, as a list or bit by bit; lists may repeat a number. */
  private record Matches(int[] list, int count, long @Nullable [] bits) {

    static final Matches EMPTY = new Matches(NONE, 0, null);

    static Matches of(long[] bits) {
      int count = 0;
      for (long word : bits) {
        count += Long.bitCount(word);
      }
      return new Matches(NONE, count, bits);
    }

    void addTo(long[] others) {
      if (bits != null) {
        for (int i = 0; i < Math.min(bits.length, others.length); i++) {
          others[i] |= bits[i];
        }
        return;
      }
      for (int i = 0; i < count; i++) {
        int number = list[i];
        if (number >> 6 < others.length) { // else added after the search began
          others[number >> 6] |= 1L << number;
        }
      }
    }

    Matches and(Matches other, int size) {
      var both = new long[words(size)];
      other.addTo(both);
      if (bits == null) {
        var kept = new int[count];
        int left = 0;
        for (int i = 0; i < count; i++) {
          int number = list[i];
          kept[left] = number;
          if (number >> 6 < both.length) {
            left += (int) (both[number >> 6] >>> number & 1);
          }
        }
        return new Matches(kept, left, null);
      }
      for (int i = 0; i < both.length; i++) {
        both[i] &= i < bits.length ? bits[i] : 0;
      }
      return of(both);
    }

    /** Each number once. */
    Candidates candidates(int size) {
      if (bits != null) {
        return new Candidates(NONE, count, bits);
      }
      if (count > size / Integer.SIZE) {
        var all = new long[words(size)];
        addTo(all);
        Matches each = of(all);
        return new Candidates(NONE, each.count, all);
      }
      int[] sorted = Arrays.copyOf(list, count);
      Arrays.sort(sorted);
      int next = 0;
      for (int i = 0; i < count; i++) {
        if (i == 0 || sorted[i] != sorted[i - 1]) {
          sorted[next++] = sorted[i];
        }
      }
      return new Candidates(sorted, next, null);
    }
  }

  private static int words(int size) {
    return (size + Long.SIZE - 1) / Long.SIZE;
  }

  /** What can match a filter, or, negated, what can match it not; null if unknown. */
  private @Nullable Matches matches(Filter filter, boolean negated, int size) {
    if (filter instanceof Filter.Not not) {
      return matches(not.filter(), !negated, size);
    }
    if (filter instanceof Filter.And and) {
      return negated ? any(and.filters(), true, size) : all(and.filters(), false, size);
    }
    if (filter instanceof Filter.Or or) {
      return negated ? all(or.filters(), true, size) : any(or.filters(), false, size);
    }
    if (filter instanceof Filter.Range range) {
      return range(range, negated, size);
    }
    if (filter instanceof Filter.Equal equal) {
      return negated
          ? others(equal.attribute(), Set.of(equal.value()), size)
          : values(equal.attribute(), Set.of(equal.value()), size);
    }
    if (filter instanceof Filter.In in) {
      return negated
          ? others(in.attribute(), in.values(), size)
          : values(in.attribute(), in.values(), size);
    }
    return null;
  }

  /**
   * What has none of some values. Lists can hold too many, so what is not in them is too few; but
   * bits are exact, and it is known where every product has one of the values.
   */
  private @Nullable Matches others(String attribute, Set<Object> values, int size) {
    Column column = columns.get(attribute);
    if (column == null) {
      return null;
    }
    long having = 0;
    long[] others = null;
    for (Object value : values) {
      Postings postings = column.byValue.get(value);
      long[] bits = postings == null ? null : postings.bits;
      having += postings == null ? 0 : postings.live;
      if (bits != null) {
        if (others == null) {
          others = new long[words(size)];
          Arrays.fill(others, -1);
          if ((size & 63) != 0) {
            others[others.length - 1] = (1L << size) - 1;
          }
        }
        for (int i = 0; i < Math.min(bits.length, others.length); i++) {
          others[i] &= ~bits[i];
        }
      }
    }
    if (column.sets == 0 && having >= live) {
      return Matches.EMPTY;
    }
    return others == null ? null : Matches.of(others);
  }

  private @Nullable Matches all(List<Filter> filters, boolean negated, int size) {
    if (contradict(filters)) {
      return Matches.EMPTY;
    }
    // Lists first, the shortest before others; arrays are only gone through where many are left.
    var sorted = new ArrayList<>(filters);
    sorted.sort(Comparator.comparingLong(filter -> cost(filter, size)));
    Matches found = null;
    for (Filter filter : sorted) {
      if (found != null && found.count <= FEW) {
        return found;
      }
      Matches more = matches(filter, negated, size);
      if (more != null) {
        found = found == null ? more : found.and(more, size);
      }
    }
    return found;
  }

  private static boolean contradict(List<Filter> filters) {
    for (Filter filter : filters) {
      if (filter instanceof Filter.Not not && filters.contains(not.filter())) {
        return true;
      }
    }
    return false;
  }

  /** About how many numbers there are to go through. */
  private long cost(Filter filter, int size) {
    if (filter instanceof Filter.Equal equal) {
      return length(equal.attribute(), equal.value(), size);
    }
    if (filter instanceof Filter.In in) {
      long sum = 0;
      for (Object value : in.values()) {
        sum += length(in.attribute(), value, size);
      }
      return sum;
    }
    return size;
  }

  private long length(String attribute, Object value, int size) {
    if (value instanceof Number || value instanceof Instant) {
      return size;
    }
    Column column = columns.get(attribute);
    Postings postings = column == null ? null : column.byValue.get(value);
    if (postings == null) {
      return 0;
    }
    return postings.bits == null ? postings.count : words(size);
  }

  private @Nullable Matches any(List<Filter> filters, boolean negated, int size) {
    var all = new ArrayList<Matches>();
    for (Filter filter : filters) {
      Matches some = matches(filter, negated, size);
      if (some == null) {
        return null;
      }
      all.add(some);
    }
    return union(all, size);
  }

  private static Matches union(List<Matches> all, int size) {
    if (all.size() == 1) {
      return all.get(0);
    }
    long count = 0;
    boolean lists = true;
    for (Matches some : all) {
      count += some.count;
      lists &= some.bits == null;
    }
    if (lists && count <= size / Integer.SIZE) {
      var list = new int[(int) count];
      int next = 0;
      for (Matches some : all) {
        System.arraycopy(some.list, 0, list, next, some.count);
        next += some.count;
      }
      return new Matches(list, next, null);
    }
    var bits = new long[words(size)];
    all.forEach(some -> some.addTo(bits));
    return Matches.of(bits);
  }

  private Matches values(String attribute, Set<Object> values, int size) {
    Column column = columns.get(attribute);
    if (column == null) {
      return Matches.EMPTY;
    }
    var all = new ArrayList<Matches>();
    for (Object value : values) {
      if (value instanceof Number real) {
        all.add(scan(column.numbers, real.doubleValue(), real.doubleValue(), false, size));
      } else if (value instanceof Instant instant) {
        all.add(scan(column.instants, seconds(instant), seconds(instant), false, size));
      } else {
        Postings postings = column.byValue.get(value);
        long[] bits = postings == null ? null : postings.bits;
        if (bits != null) {
          all.add(Matches.of(Arrays.copyOf(bits, words(size)))); // which others change
        } else if (postings != null) {
          int count = postings.count; // before the array, which then holds them
          int[] numbers = postings.numbers;
          all.add(new Matches(numbers, Math.min(count, numbers.length), null));
        }
      }
    }
    return union(all, size);
  }

  private @Nullable Matches range(Filter.Range range, boolean negated, int size) {
    Column column = columns.get(range.attribute());
    Object some = range.from() == null ? range.to() : range.from();
    if (some instanceof Number) {
      double from =
          range.from() instanceof Number real ? real.doubleValue() : Double.NEGATIVE_INFINITY;
      double to = range.to() instanceof Number real ? real.doubleValue() : Double.POSITIVE_INFINITY;
      return scanned(column == null ? null : column.numbers, from, to, negated, size);
    }
    if (some instanceof Instant) {
      double from = range.from() instanceof Instant at ? seconds(at) : Double.NEGATIVE_INFINITY;
      double to = range.to() instanceof Instant at ? seconds(at) : Double.POSITIVE_INFINITY;
      return scanned(column == null ? null : column.instants, from, to, negated, size);
    }
    return null;
  }

  private static @Nullable Matches scanned(
      double @Nullable [] values, double from, double to, boolean outside, int size) {
    return values == null && outside ? null : scan(values, from, to, outside, size);
  }

  /**
   * Goes through an attribute's array. The bounds themselves always count, as values are rounded.
   *
   * @param outside whether those are sought that lie outside, or have no such value
   */
  private static Matches scan(
      double @Nullable [] values, double from, double to, boolean outside, int size) {
    if (values == null) {
      return Matches.EMPTY;
    }
    var bits = new long[words(size)];
    int end = Math.min(size, values.length);
    for (int begin = 0; begin < end; begin += Long.SIZE) {
      long word = 0;
      int last = Math.min(end, begin + Long.SIZE);
      for (int i = begin; i < last; i++) {
        double value = values[i];
        boolean is = outside ? !(value > from && value < to) : value >= from && value <= to;
        word |= (is ? 1L : 0L) << i;
      }
      bits[begin >> 6] = word;
    }
    for (int i = end; outside && i < size; i++) {
      bits[i >> 6] |= 1L << i;
    }
    return Matches.of(bits);
  }
}

package io.lookalike.datasets;

import java.time.LocalDate;
import java.util.Arrays;
import java.util.BitSet;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Counts pieces by article and day: articles are ints from 0 in the order met, and a day on which
 * one sold takes a long. Ids are kept as the numbers that their digits write.
 */
final class DailySales {
  static final int ID_DIGITS = 10;

  private static final long FREE = -1;
  private static final int FIRST_DAYS = 8;
  private static final long PIECES = 0xFFFF_FFFFL;

  private final Predicate<? super String> known;
  private final BitSet unknown = new BitSet();
  private final BitSet unknownSold = new BitSet();

  /**
   * Open addressing: the slot of an id holds its article. A {@code HashMap<Long, Integer>}, three
   * cache misses instead of one, took half of all the time that reading takes.
   */
  private long[] slotIds = new long[1 << 12];

  private int[] slotArticles = new int[slotIds.length];

  private int articles;
  private long[] ids = new long[1 << 10];

  /** An article's sales: the day in the upper half, pieces sold in the lower one. */
  private long[][] sales = new long[ids.length][];

  private int[] sizes = new int[ids.length];

  // The file is in the order of days. What one day sells fits a processor's cache.
  private int today;
  private int[] piecesToday = new int[ids.length];
  private int[] soldToday = new int[ids.length];
  private int articlesToday;

  DailySales(Predicate<? super String> known) {
    this.known = known;
    Arrays.fill(slotIds, FREE);
  }

  /** The id in the form that the files have. */
  static String text(long id) {
    String digits = Long.toString(id);
    return "0".repeat(ID_DIGITS - digits.length()) + digits;
  }

  /** The article with an id; a new one if it was not met before. */
  int article(long id) {
    int slot = slot(id);
    if (slotIds[slot] == FREE) {
      if (2 * articles >= slotIds.length) {
        growSlots();
        slot = slot(id);
      }
      slotIds[slot] = id;
      slotArticles[slot] = add(id);
    }
    return slotArticles[slot];
  }

  /** An article's id in the form that the files have. */
  String text(int article) {
    return text(ids[article]);
  }

  boolean isKnown(int article) {
    return !unknown.get(article);
  }

  /** Whether this is asked for the first time of an article. */
  boolean firstOfUnknown(int article) {
    boolean first = !unknownSold.get(article);
    unknownSold.set(article);
    return first;
  }

  /** Counts one piece. */
  void add(int article, int epochDay) {
    if (epochDay != today) {
      endDay();
      today = epochDay;
    }
    if (piecesToday[article]++ == 0) {
      soldToday[articlesToday++] = article;
    }
  }

  /** Adds what was sold on the day that the rows were about to the articles' sales. */
  private void endDay() {
    for (int i = 0; i < articlesToday; i++) {
      int article = soldToday[i];
      append(article, (long) today << 32 | piecesToday[article]);
      piecesToday[article] = 0;
    }
    articlesToday = 0;
  }

  private void append(int article, long daysSales) {
    long[] days = sales[article];
    int size = sizes[article];
    if (size == days.length) {
      size = merge(days, size);
      if (2 * size > days.length) {
        days = Arrays.copyOf(days, 2 * days.length);
        sales[article] = days;
      }
    }
    days[size] = daysSales;
    sizes[article] = size + 1;
  }

  void forEach(HmDataset.SalesSink sink) {
    endDay();
    IntStream.range(0, articles)
        .filter(article -> sizes[article] > 0)
        .boxed()
        .sorted((a, b) -> Long.compare(ids[a], ids[b]))
        .forEach(article -> sink.sold(text(ids[article]), daily(article)));
  }

  private TreeMap<LocalDate, Long> daily(int article) {
    var daily = new TreeMap<LocalDate, Long>();
    int size = merge(sales[article], sizes[article]);
    for (int i = 0; i < size; i++) {
      long day = sales[article][i];
      daily.put(LocalDate.ofEpochDay(day >> 32), day & PIECES);
    }
    sales[article] = new long[0];
    return daily;
  }

  /** Sorts by day and adds up what a file that is in no order has scattered; returns the size. */
  private static int merge(long[] days, int size) {
    Arrays.sort(days, 0, size);
    int merged = 0;
    for (int i = 0; i < size; i++) {
      if (merged > 0 && days[merged - 1] >> 32 == days[i] >> 32) {
        days[merged - 1] += days[i] & PIECES;
      } else {
        days[merged++] = days[i];
      }
    }
    return merged;
  }

  private int add(long id) {
    if (articles == ids.length) {
      ids = Arrays.copyOf(ids, 2 * articles);
      sales = Arrays.copyOf(sales, 2 * articles);
      sizes = Arrays.copyOf(sizes, 2 * articles);
      piecesToday = Arrays.copyOf(piecesToday, 2 * articles);
      soldToday = Arrays.copyOf(soldToday, 2 * articles);
    }
    ids[articles] = id;
    sales[articles] = new long[FIRST_DAYS];
    if (!known.test(text(id))) {
      unknown.set(articles);
    }
    return articles++;
  }

  /** Where an id is, or would have to be. */
  private int slot(long id) {
    int mask = slotIds.length - 1;
    int slot = (int) (id * 0x9E37_79B9_7F4A_7C15L >>> 32) & mask;
    while (slotIds[slot] != FREE && slotIds[slot] != id) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void growSlots() {
    slotIds = new long[2 * slotIds.length];
    slotArticles = new int[slotIds.length];
    Arrays.fill(slotIds, FREE);
    for (int article = 0; article < articles; article++) {
      int slot = slot(ids[article]);
      slotIds[slot] = ids[article];
      slotArticles[slot] = article;
    }
  }
}

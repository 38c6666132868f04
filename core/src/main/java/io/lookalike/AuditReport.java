package io.lookalike;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Recommender#audit} has found and mended.
 *
 * @param products in the catalogue, after mending
 * @param withLooks those of them that are in the index
 * @param counts what store and memory counted at one moment, after mending; empty without a store
 * @param compared rows of the store that were read and compared with memory; 0 without a store
 * @param damaged rows of the store that cannot be read, which is never mended
 * @param different products that memory lacked, had otherwise, or had and the store has not
 * @param searched photos that were searched for by their own vectors; as many as products where
 *     each has one
 * @param unfindable those of them that were not found
 * @param pages products whose ten nearest were compared with those of exact search
 * @param rightPages those of them that had no worse ten
 * @param mendedPages those of the others that have no worse ten by now, as the index has
 *     {@linkplain io.lookalike.index.NeighborIndex#connect connected} what it missed
 * @param recall the share of these pages' true ten nearest that the index found before that, from 0
 *     to 1; 1 if there were no pages
 * @param audited the share of all pages that are audited now; see {@link Recommender#audited}
 * @param millis how long it took, in milliseconds
 */
public record AuditReport(
    long products,
    long withLooks,
    List<Count> counts,
    long compared,
    Findings damaged,
    Findings different,
    long searched,
    Findings unfindable,
    long pages,
    long rightPages,
    long mendedPages,
    double recall,
    double audited,
    long millis) {

  /** How many findings are listed one by one. */
  public static final int LISTED = 100;

  private static final int SHOWN = 10;

  /** Copies the list. */
  public AuditReport {
    counts = List.copyOf(counts);
    Objects.requireNonNull(damaged, "damaged");
    Objects.requireNonNull(different, "different");
    Objects.requireNonNull(unfindable, "unfindable");
  }

  /**
   * Something that was counted twice.
   *
   * @param what such as {@code products}
   * @param inStore in the store
   * @param inMemory in memory
   */
  public record Count(String what, long inStore, long inMemory) {

    /** Checks that it has a name. */
    public Count {
      Objects.requireNonNull(what, "what");
    }
  }

  /**
   * What was found of one kind.
   *
   * @param number how many
   * @param mended how many of them are as they should be by now
   * @param listed the first {@value AuditReport#LISTED}
   */
  public record Findings(long number, long mended, List<Finding> listed) {

    /** Copies the list. */
    public Findings {
      listed = List.copyOf(listed);
    }
  }

  /**
   * One product that was not as it should be.
   *
   * @param id the product's id; null if a damaged row does not tell it
   * @param what what was wrong, in words
   * @param mended whether it is as it should be by now
   */
  public record Finding(@Nullable String id, String what, boolean mended) {

    /** Checks that it says what it is. */
    public Finding {
      Objects.requireNonNull(what, "what");
    }
  }

  /**
   * Whether all is well by now: all counts agree, nothing in the store is damaged, and what else
   * was found has been mended. How many pages are right does not matter here: an index that looks
   * at a part of the products misses some of the nearest.
   *
   * @return false if somebody has to look at it
   */
  public boolean healthy() {
    return counts.stream().allMatch(count -> count.inStore == count.inMemory)
        && damaged.number == damaged.mended
        && different.number == different.mended
        && unfindable.number == unfindable.mended;
  }

  /**
   * Whether the index has something to be saved that it had not before the audit.
   *
   * @param auditedBefore which share of the pages was audited then
   */
  boolean hasChangedIndex(double auditedBefore) {
    return different.mended + unfindable.mended + mendedPages > 0 || audited > auditedBefore;
  }

  /** Returns a text of several lines, for people. */
  @Override
  public String toString() {
    var text = new StringBuilder(healthy() ? "healthy" : "NOT healthy");
    text.append(
        String.format(
            Locale.ROOT,
            ": %d products, %d of them in the index, audited in %.1f s%n",
            products,
            withLooks,
            millis / 1e3));
    for (Count count : counts) {
      text.append(
          count.inStore == count.inMemory
              ? String.format(
                  Locale.ROOT, "%s: %d in the store and in memory%n", count.what, count.inStore)
              : String.format(
                  Locale.ROOT,
                  "%s: %d in the store, %d in memory%n",
                  count.what,
                  count.inStore,
                  count.inMemory));
    }
    if (!counts.isEmpty()) {
      line(text, "rows compared with the store", compared, different, "different");
      append(text, different);
      if (damaged.number > 0) {
        text.append(String.format(Locale.ROOT, "damaged rows in the store: %d%n", damaged.number));
        append(text, damaged);
      }
    }
    line(text, "products searched for by their own vectors", searched, unfindable, "not found");
    append(text, unfindable);
    if (pages > 0) {
      text.append(
          String.format(
              Locale.ROOT,
              "pages compared with exact search: %d, %d of them right (%.2f %%), recall@10 %.4f",
              pages,
              rightPages,
              100.0 * rightPages / pages,
              recall));
      if (rightPages < pages) {
        text.append(
            String.format(
                Locale.ROOT, "; of the other %d mended %d", pages - rightPages, mendedPages));
      }
      text.append(
          String.format(Locale.ROOT, "%npages audited by now: %.2f %% of all", 100 * audited));
    }
    return text.toString().stripTrailing();
  }

  private static void line(
      StringBuilder text, String what, long number, Findings findings, String wrong) {
    text.append(String.format(Locale.ROOT, "%s: %d, %s %d", what, number, wrong, findings.number));
    if (findings.number > 0) {
      text.append(String.format(Locale.ROOT, ", of which mended %d", findings.mended));
    }
    text.append(System.lineSeparator());
  }

  private static void append(StringBuilder text, Findings findings) {
    for (Finding finding : findings.listed.subList(0, Math.min(SHOWN, findings.listed.size()))) {
      text.append("  ");
      if (finding.id != null) {
        text.append(finding.id).append(": ");
      }
      text.append(finding.what).append(finding.mended ? " (mended)" : "");
      text.append(System.lineSeparator());
    }
    if (findings.number > SHOWN) {
      text.append("  and ").append(findings.number - SHOWN).append(" more");
      text.append(System.lineSeparator());
    }
  }
}

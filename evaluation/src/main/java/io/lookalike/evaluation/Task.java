package io.lookalike.evaluation;

import java.util.Locale;

/** What is asked in a replay. */
public enum Task {
  /**
   * The page of a product that a customer bought after the cut: does it hold what the same customer
   * bought with it or within the next days?
   */
  ITEM("product pages", Measure.NDCG),

  /**
   * A page for a customer who bought something after the cut, from what the customer bought before:
   * does it hold the next purchases? With 12 places and weekly cuts, H&amp;M's competition.
   */
  CUSTOMER("customers' pages", Measure.MAP),

  /**
   * The same of what never sold before the cut alone: such products are shown and such purchases
   * count.
   */
  NEW("new products", Measure.MAP);

  private final String label;
  private final Measure main;

  Task(String label, Measure main) {
    this.label = label;
    this.main = main;
  }

  /** The measure that settings are compared by. */
  Measure main() {
    return main;
  }

  /** Returns what tables call it. */
  String label() {
    return label;
  }

  /** Returns the name in settings files. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package io.lookalike.features;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * How well transforms brought together what belongs together, asked about products that they had
 * not been fitted on. Immutable.
 *
 * @param question what was counted, such as {@code another product_code in the ten nearest}
 * @param products how many were asked about, at least 1
 * @param shares by transform, the share of the answers that are right, from 0 to 1: first {@code
 *     none}, features as they are; then {@code catalogue-size}, {@link
 *     CatalogueTransform#byCatalogueSize}; then what was learnt, {@code within} an attribute
 * @param chosen which of these transforms is used
 */
public record HeldOutCheck(
    String question, int products, Map<String, Double> shares, String chosen) {

  /** Features as they are. */
  static final String NONE = "none";

  /**
   * Copies the shares and checks them.
   *
   * @throws IllegalArgumentException if nothing was asked, or what was chosen was not tried
   */
  public HeldOutCheck {
    Objects.requireNonNull(question, "question");
    shares = Collections.unmodifiableMap(new LinkedHashMap<>(shares));
    if (products < 1 || !shares.containsKey(chosen)) {
      throw new IllegalArgumentException(
          products + " products and " + chosen + " of " + shares + ", expected 1 or more of each");
    }
  }

  /** Returns all of it in a line. */
  @Override
  public String toString() {
    var text = new StringBuilder(question).append(", of ").append(products).append(" held out: ");
    String comma = "";
    for (Map.Entry<String, Double> each : shares.entrySet()) {
      text.append(comma)
          .append(each.getKey())
          .append(String.format(Locale.ROOT, " %.3f", each.getValue()));
      comma = ", ";
    }
    return text.append("; chosen: ").append(chosen).toString();
  }
}

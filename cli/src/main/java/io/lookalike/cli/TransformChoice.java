package io.lookalike.cli;

import io.lookalike.features.CatalogueTransform;
import io.lookalike.features.FeatureTransform;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The catalogue-fitted transforms to choose from, as the command line names them. */
enum TransformChoice {
  NONE("none"),
  PCA("pca"),
  WHITEN("whiten"),
  AUTO("auto");

  /** What help says of an option that takes one. */
  static final String DESCRIPTION =
      "What is fitted to the catalogue: none; pca (centred and rotated); whiten (the same, and"
          + " evened out); auto (whichever suits the catalogue's size), the"
          + " default.";

  private static final Pattern PCA_RULE = Pattern.compile("pca-([1-9]\\d{0,8})");

  private static final Pattern WHITENING_RULE =
      Pattern.compile("whitening-([1-9]\\d{0,8})-(0[.][1-4]\\d*|0[.]5|0[.]0\\d*[1-9])");

  /** What the names of rules begin with that learn from the catalogue. */
  private static final String LEARNT = "designs-";

  private final String label;

  TransformChoice(String label) {
    this.label = label;
  }

  FeatureTransform.Rule rule() {
    return switch (this) {
      case NONE -> FeatureTransform.Rule.NONE;
      case PCA -> CatalogueTransform.pca(256);
      case WHITEN -> CatalogueTransform.whitening(512, 0.25);
      case AUTO -> CatalogueTransform.byCatalogueSize();
    };
  }

  /**
   * The rule that a store's transform was fitted by, by its name.
   *
   * @param isAttribute whether products have an attribute of a name, since some teach by two
   * @throws UserErrorException if the command line cannot fit by it
   */
  static FeatureTransform.Rule rule(StorePlace store, String rule, Predicate<String> isAttribute) {
    FeatureTransform.Rule known = known(rule, isAttribute);
    if (known == null) {
      throw new UserErrorException(
          store
              + " was made with the transform "
              + rule
              + ", which the command line does not have; open it with the library, or index again"
              + " with --transform");
    }
    return known;
  }

  /**
   * A rule that reads a store's transform, for commands that fit none.
   *
   * @throws UserErrorException if there is none
   */
  static FeatureTransform.Rule reading(StorePlace store, String rule) {
    FeatureTransform.Rule any = CatalogueTransform.byCatalogueSize();
    return known(rule, name -> false) == null && any.reads(rule)
        ? any
        : rule(store, rule, name -> false);
  }

  private static FeatureTransform.@Nullable Rule known(String rule, Predicate<String> isAttribute) {
    for (TransformChoice choice : values()) {
      if (choice.rule().name().equals(rule)) {
        return choice.rule();
      }
    }
    if (rule.startsWith(LEARNT) && rule.length() > LEARNT.length()) {
      String taught = rule.substring(LEARNT.length());
      for (int dash = taught.indexOf('-');
          dash >= 0 && !isAttribute.test(taught);
          dash = taught.indexOf('-', dash + 1)) {
        String variants = taught.substring(0, dash);
        String category = taught.substring(dash + 1);
        if (isAttribute.test(variants) && isAttribute.test(category)) {
          return CatalogueTransform.byDesigns(variants, category);
        }
      }
      return CatalogueTransform.byDesigns(taught);
    }
    Matcher pca = PCA_RULE.matcher(rule);
    if (pca.matches()) {
      return CatalogueTransform.pca(Integer.parseInt(pca.group(1)));
    }
    Matcher whitening = WHITENING_RULE.matcher(rule);
    return whitening.matches()
        ? CatalogueTransform.whitening(
            Integer.parseInt(whitening.group(1)), Double.parseDouble(whitening.group(2)))
        : null;
  }

  /** Returns the name on the command line. */
  @Override
  public String toString() {
    return label;
  }
}

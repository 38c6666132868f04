package io.lookalike.features;

import java.util.Collection;

/**
 * Rules that fit a transform to a catalogue's own features: centring, rotation onto the principal
 * axes, and, if wanted, whitening.
 *
 * <p>With {@code u} a vector of features divided by its norm, {@code m} the mean of these over the
 * catalogue, and {@code v_1, v_2, ...} the unit eigenvectors of their covariance by falling
 * eigenvalue {@code l_1 >= l_2 >= ...}, coordinate {@code i} of the result is
 *
 * <pre>{@code
 * y_i = v_i . (u - m) / l'_i^a        i = 1 .. d'
 * }</pre>
 *
 * with an exponent {@code a} of 0 (rotation alone) to 1/2 (full whitening: every coordinate varies
 * alike). Centring takes away what all products have in common, dropping the last axes takes away
 * noise, and whitening stops the few strongest traits, such as the kind of product, from drowning
 * the finer ones (J&eacute;gou and Chum, <i>Negative evidences and co-occurrences in image
 * retrieval: the benefit of PCA and whitening</i>, ECCV 2012).
 *
 * <p>Few products overstate the large eigenvalues and understate the small ones, so that whitening
 * would blow up noise. Hence {@code l'_i = (1 - s) l_i + s t}, where {@code t} is the mean of all
 * eigenvalues and {@code s} the shrinkage which Ledoit and Wolf show to be best on average (<i>A
 * well-conditioned estimator for large-dimensional covariance matrices</i>, Journal of Multivariate
 * Analysis 88, 2004, section 3.2): near 0 for many products, up to 1 for few.
 *
 * <p>What every rule does:
 *
 * <ul>
 *   <li>Fewer than {@value #MIN_PRODUCTS} products, or products so alike that they span fewer than
 *       {@value #MIN_AXES} axes (fewer than the features have dimensions, if those are fewer), give
 *       the identity.
 *   <li>There are never more coordinates than the catalogue spans axes, at most one fewer than
 *       products.
 *   <li>Of more than {@value PrincipalAxes#MAX_ROWS} products, that many, evenly spread over the
 *       order given, are used. Where there are more dimensions than products, no more than make up
 *       2^28 numbers, which take 2 GiB.
 *   <li>The same features in the same order give the same transform, bit by bit, on every JVM and
 *       processor; the sign of an axis is such that its element of largest magnitude is positive.
 *   <li>A vector that the axes cannot tell from the mean has no direction; it becomes {@code (1, 0,
 *       0, ...)}.
 * </ul>
 *
 * <p>Rules and transforms are immutable and safe for use by several threads. Transforms throw
 * {@link IllegalArgumentException} for vectors of another length, all zero, or not finite.
 */
public final class CatalogueTransform {

  /** Below this many products there is nothing to fit. */
  static final int MIN_PRODUCTS = 50;

  /** Catalogues that span fewer axes are left alone: they would become far too alike. */
  static final int MIN_AXES = 16;

  /** From this many products on, whitening gains more than it costs. */
  static final int LARGE_CATALOGUE = 5_000;

  static final int SMALL_DIMENSIONS = 256;
  static final int LARGE_DIMENSIONS = 512;
  static final double LARGE_EXPONENT = 0.25;

  private CatalogueTransform() {}

  /** Number of products, whose photos follow one another. */
  static int products(FeatureSet features) {
    int products = 0;
    String last = "";
    for (int row = 0; row < features.size(); row++) {
      String id = features.id(row);
      products += id.isEmpty() || !id.equals(last) ? 1 : 0;
      last = id;
    }
    return products;
  }

  /**
   * The rule to begin with: below {@value #LARGE_CATALOGUE} products {@link #pca(int) pca}({@value
   * #SMALL_DIMENSIONS}), from there on {@link #whitening(int, double) whitening}({@value
   * #LARGE_DIMENSIONS}, {@value #LARGE_EXPONENT}). Whitening helps to find the very design and what
   * is bought with it among thousands of products, and costs precision on coarse classes and in
   * small catalogues.
   *
   * @return the rule, named {@code catalogue-size}
   */
  public static FeatureTransform.Rule byCatalogueSize() {
    return new PcaRule("catalogue-size", CatalogueTransform::ofSize);
  }

  /**
   * Centring and rotation onto the strongest axes.
   *
   * @param dimensions number of axes to keep, at least 1; fewer if the catalogue spans fewer
   * @return the rule, named {@code pca-} and the dimensions
   * @throws IllegalArgumentException if the dimensions are less than 1
   */
  public static FeatureTransform.Rule pca(int dimensions) {
    var settings = new PcaRule.Settings(dimensions, 0);
    return new PcaRule("pca-" + dimensions, products -> settings);
  }

  /**
   * Centring, rotation onto the strongest axes, and division by a power of the eigenvalues.
   *
   * @param dimensions number of axes to keep, at least 1; fewer if the catalogue spans fewer
   * @param exponent more than 0, at most 0.5; 0.25 halves, on a logarithmic scale, the differences
   *     between the axes' standard deviations
   * @return the rule, named {@code whitening-}, the dimensions, {@code -} and the exponent
   * @throws IllegalArgumentException if the dimensions are less than 1, or the exponent is outside
   *     its range
   */
  public static FeatureTransform.Rule whitening(int dimensions, double exponent) {
    if (!(exponent > 0)) {
      throw new IllegalArgumentException(
          "exponent is " + exponent + ", expected more than 0; use pca to rotate alone");
    }
    var settings = new PcaRule.Settings(dimensions, exponent);
    return new PcaRule("whitening-" + dimensions + "-" + exponent, products -> settings);
  }

  /**
   * Learns from products that are one design in several colors or patterns what may differ between
   * photos of one design, and gives that less weight. With {@code z_i = v_i . (u - m)} for the 512
   * strongest axes, {@code W} the covariance of {@code z} within designs (pooled over all that have
   * several products) and {@code T} that of all products,
   *
   * <pre>{@code
   * W' = (1 - s) W + s (trace W / 512) I
   * y  = B' W'^(-1/2) z
   * }</pre>
   *
   * where the columns of {@code B} are the 256 leading unit eigenvectors of {@code W'^(-1/2) T
   * W'^(-1/2)}: the directions in which designs differ most, compared with how much products of one
   * design do. Dividing by the within-class covariance is Hatch, Kajarekar and Stolcke's
   * (<i>Within-class covariance normalization for SVM-based speaker recognition</i>, Interspeech
   * 2006), the choice of directions Fisher's (<i>The use of multiple measurements in taxonomic
   * problems</i>, Annals of Eugenics 7, 1936). {@code s} is Ledoit and Wolf's shrinkage, at least
   * 0.1.
   *
   * <p>What it has learnt must stand a test. A quarter of the designs is kept out, in turn until
   * 1,000 products or all have been asked about; of a large catalogue as many designs as have 1,000
   * products. The ten nearest of each of their products are sought among these and others, 8,192 in
   * all; what counts is how often another of its design is there. Only if that is more often than
   * with {@link #byCatalogueSize}, by two standard deviations of the difference, what all designs
   * teach is used; else {@code byCatalogueSize} stays. The log and {@link FeatureTransform#check}
   * say which, and what was measured. Fewer than 40 designs of several products are not learnt
   * from.
   *
   * <p>Of more than 16,384 products of such designs, about that many are used.
   *
   * @param attribute what variants have in common, such as {@code product_code}
   * @return the rule, named {@code designs-} and the attribute
   * @throws IllegalArgumentException if the attribute's name is blank or has control characters
   */
  public static FeatureTransform.Rule byDesigns(String attribute) {
    return new DesignRule(new DesignSource.ByAttribute(checked("attribute", attribute)), null);
  }

  /**
   * As {@link #byDesigns(String)}, for a shop that has no attribute for it but knows of some
   * products that they belong together, such as of pairs that its people have confirmed.
   *
   * @param together sets of ids of products, each of one design; sets that share a product are one.
   *     Copied. Ids that are not in the catalogue do no harm
   * @return the rule, named {@code pairs}
   */
  public static FeatureTransform.Rule byDesigns(Collection<? extends Collection<String>> together) {
    return new DesignRule(DesignSource.Given.of(together), null);
  }

  /**
   * As {@link #byDesigns(String)}, and also tries what can be learnt from products of a kind, by
   * the same formula but with all 512 directions. It is used where it does better on the designs
   * that are kept out, and where fewer than 40 designs are known: then products are kept out, and
   * what counts is how many of their ten nearest are of their kind.
   *
   * @param attribute what variants have in common, such as {@code product_code}
   * @param category what products of a kind have in common, such as {@code product_type}
   * @return the rule, named {@code designs-} and the attributes
   * @throws IllegalArgumentException if a name is blank or has control characters
   */
  public static FeatureTransform.Rule byDesigns(String attribute, String category) {
    return new DesignRule(
        new DesignSource.ByAttribute(checked("attribute", attribute)),
        checked("category", category));
  }

  private static String checked(String name, String value) {
    if (value.isBlank() || value.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          name + " is '" + value + "', expected an attribute's name without control characters");
    }
    return value;
  }

  static PcaRule.Settings ofSize(int products) {
    return products < LARGE_CATALOGUE
        ? new PcaRule.Settings(SMALL_DIMENSIONS, 0)
        : new PcaRule.Settings(LARGE_DIMENSIONS, LARGE_EXPONENT);
  }
}

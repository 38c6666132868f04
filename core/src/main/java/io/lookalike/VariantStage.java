package io.lookalike;

import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.math.UnitVector;
import java.util.List;
import java.util.Set;

/** Applies one policy about {@link VariantPolicy} to one page. */
interface VariantStage {

  /** Narrows what is searched. */
  Filter restrict(Filter filter);

  /** Whether {@link #mayBeShown} tells some products from others, so that it must be asked. */
  boolean looks();

  /** Whether the policy lets a product pass that {@link #restrict} has let pass. */
  boolean mayBeShown(UnitVector product);

  /** Whether no product passes that is less similar to what is sought. */
  boolean endsBefore(float similarity);

  /** Why a product is kept out that {@link #restrict} or {@link #mayBeShown} keeps out. */
  String whyRestricted();

  /**
   * The first candidates that make up so many entries of a page.
   *
   * @return all of them if they do not make up as many
   */
  List<Candidate> first(List<Candidate> candidates, int entries);

  /** How many entries of a page these candidates make up. */
  int entries(List<Candidate> candidates);

  /** Leaves the best of each group of variants. */
  List<Recommendation> collapse(List<Recommendation> ranked);

  /** The id of the entry that stands for a product's variants. */
  String representative(Product product, List<Recommendation> entries);

  /** Says how many variants are behind each product shown. */
  List<Recommendation> counted(List<Recommendation> page, Filter filter, Set<String> excluded);
}

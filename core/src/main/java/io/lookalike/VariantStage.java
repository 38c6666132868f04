package io.lookalike;

import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.index.NeighborSearcher;
import io.lookalike.math.UnitVector;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Applies one {@link VariantPolicy} to one page: to the search first, then to the ranking. */
interface VariantStage extends PageStage {

  /** Narrows what is searched. */
  Filter restrict(Filter filter);

  /** Whether the policy lets a product pass that {@link #restrict} has let pass. */
  boolean mayBeShown(Product product, @Nullable UnitVector vector);

  /** Whether {@link #mayBeShown}, or what variants are, depends on the products' vectors. */
  boolean needsVectors();

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

  /** Whether several candidates may make up one entry of a page. */
  boolean collapses();

  /** How many entries of a page these candidates make up. */
  int entries(List<Candidate> candidates);

  /** What a search may find that makes up other entries than these; null if no filter says so. */
  @Nullable Filter others(List<Candidate> candidates);

  /** Says how many variants are behind each product shown. */
  List<Recommendation> counted(
      List<Recommendation> page, Round round, NeighborSearcher index, Eligibility eligible);
}

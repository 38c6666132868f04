package io.lookalike;

import io.lookalike.features.FeatureExtractor;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexFactory;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A network, the catalogue of its features, and what resolves requests by both; replaced as one
 * when the network changes.
 *
 * @param network the number by which the store knows the network; 0 without a store
 * @param extractor makes its features; null if they come from elsewhere
 * @param identity the extractor's; empty if there is none
 * @param catalogue what can be found
 * @param resolver resolves requests
 */
record Engine(
    int network,
    @Nullable FeatureExtractor extractor,
    String identity,
    LiveCatalogue catalogue,
    RequestResolver resolver) {

  /** Refuses what another network made. */
  static final class NetworkChangedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    NetworkChangedException() {
      super(
          "the network has changed meanwhile: make the features again, by the one that serves now");
    }
  }

  /**
   * What engines of a shop have in common.
   *
   * @param indexes makes the index
   * @param rule what is fitted to the catalogue
   * @param photos how near a product of several photos is
   * @param page the settings of a page
   * @param variantsBy the attribute that tells designs apart, or null
   * @param variantsAbove the similarity from which two products are variants, or null
   * @param categoryBy the attribute that tells categories apart, or null
   * @param purchases what was sold
   * @param sessions what customers did, or null
   * @param coPurchases who bought what, or null
   */
  record Shop(
      IndexFactory indexes,
      FeatureTransform.Rule rule,
      PhotoPolicy photos,
      PageSettings page,
      @Nullable String variantsBy,
      @Nullable Float variantsAbove,
      @Nullable String categoryBy,
      PurchaseLog purchases,
      @Nullable Sessions sessions,
      @Nullable CoPurchases coPurchases) {

    /** An empty catalogue. */
    LiveCatalogue catalogue(int dimension, FeatureShelf features) {
      return new LiveCatalogue(
          indexes,
          rule,
          dimension,
          photos,
          rule.equals(FeatureTransform.Rule.NONE) ? FeatureShelf.NONE : features,
          variantsBy == null ? null : new VariantGroups(variantsBy),
          categoryBy == null ? null : categories(categoryBy));
    }

    private LiveCatalogue.ChangeListener categories(String attribute) {
      return (id, before, now) -> {
        if (now == null) {
          if (purchases.count(id) == 0) {
            purchases.categorise(id, null); // nothing is known of it any more
          }
        } else {
          Object category = now.get(attribute);
          if (before == null || !Objects.equals(category, before.get(attribute))) {
            purchases.categorise(id, category);
          }
        }
      };
    }

    Engine engine(
        int network,
        @Nullable FeatureExtractor extractor,
        String identity,
        LiveCatalogue catalogue) {
      return new Engine(
          network,
          extractor,
          identity,
          catalogue,
          new RequestResolver(
              catalogue, purchases, page, extractor, sessions, coPurchases, variantsAbove));
    }
  }
}

package io.lookalike.examples;

import io.lookalike.ProgressListener;
import io.lookalike.Recommender;
import io.lookalike.catalog.ProductImage;
import io.lookalike.features.CatalogueTransform;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexFactory;
import java.util.List;

/** A recommender whose transform has learnt what this shop's goods have in common. */
public final class FittedTransform {

  private FittedTransform() {}

  /**
   * Fills a recommender and fits its transform.
   *
   * @param extractor makes the features; closed with the recommender
   * @param index holds the vectors
   * @param items the catalogue
   * @return the recommender, to be closed
   */
  public static Recommender of(
      FeatureExtractor extractor, IndexFactory index, List<ProductImage> items) {
    // snippet: fitted transform
    Recommender shop =
        Recommender.builder()
            .extractor(extractor)
            .index(index)
            .transform(CatalogueTransform.byCatalogueSize())
            .build();
    shop.addAll(items, ProgressListener.NONE);
    shop.refit();
    // end
    return shop;
  }

  /**
   * A transform that learns from a shop's own variants, or from products of a kind where that is
   * better.
   *
   * @return the rule, for the builder
   */
  public static FeatureTransform.Rule learnt() {
    // snippet: taught by designs
    return CatalogueTransform.byDesigns("product_code", "product_type"); // one of the two will do
    // end
  }
}

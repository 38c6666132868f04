package io.lookalike.examples;

import static io.lookalike.RecommendationRequest.like;

import io.lookalike.Explanation;
import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import java.nio.file.Path;
import java.util.List;

/** A product of which there is more than one photo. */
final class SeveralPhotos {

  private SeveralPhotos() {}

  /** Says which photo of a product looks like another one. */
  static String found(Recommender shop, List<Path> photos, ImageSource asked) {
    // snippet: several photos
    shop.add(Product.of("shirt"), photos.stream().map(ImageSource::of).toList());
    Explanation explanation = shop.explain(like(asked).k(1));
    Recommendation first = explanation.page().recommendations().get(0);
    return first.id()
        + ", photo "
        + first.photo() // the nearest, from 1
        + " of "
        + explanation.photos(first.id()).size(); // how near each of them is
    // end
  }
}

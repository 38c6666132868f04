package io.lookalike.examples;

import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.extractor.EfficientNetLite;
import io.lookalike.features.ExtractorBusyException;
import io.lookalike.features.FeatureExtractor;
import java.time.Duration;
import java.util.List;

/** What looks like a photo that a visitor has sent. */
public final class UploadedPhoto {

  private UploadedPhoto() {}

  /**
   * What a web service answers.
   *
   * @param status of HTTP
   * @param page what looks alike
   * @param problem what the visitor is told; empty if there is a page
   */
  public record Answer(int status, List<Recommendation> page, String problem) {}

  /**
   * The built-in network, which lets no visitor wait for long.
   *
   * @return to be handed to the shop's builder
   */
  public static FeatureExtractor extractor() {
    // snippet: uploaded photo
    FeatureExtractor extractor =
        EfficientNetLite.builder()
            .timeLimit(Duration.ofSeconds(2)) // for one photo, waiting included
            .queue(50) // photos that wait at once
            .maxBytes(10_000_000)
            .build();
    // end
    return extractor;
  }

  /**
   * Answers a visitor.
   *
   * @param shop built with the extractor
   * @param photo the file that came
   * @return the page, or why there is none
   */
  public static Answer answer(Recommender shop, byte[] photo) {
    // snippet: uploaded photo
    try {
      return new Answer(200, shop.similarTo(ImageSource.of("your photo", photo), 12), "");
    } catch (UnreadableImageException e) { // damaged, too large, or no picture
      return new Answer(422, List.of(), e.detail());
    } catch (ExtractorBusyException e) { // not done in time, or too many wait
      return new Answer(503, List.of(), "many photos came at once; try again");
    }
    // end
  }
}

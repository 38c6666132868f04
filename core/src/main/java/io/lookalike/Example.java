package io.lookalike;

import io.lookalike.catalog.Ids;
import io.lookalike.catalog.ImageSource;
import java.util.Objects;

/**
 * Something a shopper likes or does not like, for a {@link RecommendationRequest}. Immutable.
 *
 * <pre>{@code
 * RecommendationRequest.like("0215303002")
 *     .alsoLike(Example.image(ImageSource.of(photo)).weighing(2))
 *     .notLike("0376172001")
 * }</pre>
 */
public final class Example {

  /** What was consulted. */
  sealed interface Consulted {}

  /** A product of the catalogue. */
  record ByProduct(String id) implements Consulted {}

  /** A picture, which the extractor turns into features. */
  record ByImage(ImageSource image) implements Consulted {}

  /** Features as the extractor makes them. */
  record ByFeatures(float[] features) implements Consulted {

    /** Too many to be shown. */
    @Override
    public String toString() {
      return "ByFeatures[" + features.length + " features]";
    }
  }

  private final Consulted consulted;
  private final double weight;

  private Example(Consulted consulted, double weight) {
    this.consulted = consulted;
    this.weight = weight;
  }

  /**
   * A product of the catalogue.
   *
   * @param productId its id
   * @return an example that weighs 1
   * @throws IllegalArgumentException if the id breaks the {@linkplain Ids rule for ids}
   */
  public static Example product(String productId) {
    return new Example(new ByProduct(Ids.checked(productId, "an example's product id")), 1);
  }

  /**
   * A picture.
   *
   * @param image any picture; it is not added
   * @return an example that weighs 1
   */
  public static Example image(ImageSource image) {
    return new Example(new ByImage(Objects.requireNonNull(image, "image")), 1);
  }

  /**
   * Features made elsewhere.
   *
   * @param features as the extractor makes them, before any transform; copied
   * @return an example that weighs 1
   */
  public static Example features(float[] features) {
    return new Example(new ByFeatures(features.clone()), 1);
  }

  /**
   * The same example with another weight against the others of its request.
   *
   * @param weight more than 0
   * @return the changed example
   * @throws IllegalArgumentException if the weight is not a positive finite number
   */
  public Example weighing(double weight) {
    if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "an example's weight is " + weight + ", expected a number above 0");
    }
    return new Example(consulted, weight);
  }

  Consulted consulted() {
    return consulted;
  }

  double weight() {
    return weight;
  }

  /** Returns what it is of and its weight. */
  @Override
  public String toString() {
    return "Example[" + consulted + ", weight=" + weight + "]";
  }
}

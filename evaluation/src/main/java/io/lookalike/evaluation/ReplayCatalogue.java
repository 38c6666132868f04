package io.lookalike.evaluation;

import io.lookalike.catalog.Product;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The products of a replay, with their features. Each of them is a candidate from its launch on, or
 * always if that is not known. Immutable and safe for use by several threads.
 */
public final class ReplayCatalogue {

  private static final long ALWAYS = Long.MIN_VALUE;

  private final List<Product> products;
  private final List<float @Nullable []> features;
  private final long[] launches;
  private final Map<String, Integer> numbers;
  private final int dimension;
  private final @Nullable String categoryBy;
  private final @Nullable String variantsBy;
  private final int[] categories;
  private final int[] designs;

  private ReplayCatalogue(Builder built) {
    products = List.copyOf(built.products);
    features = new ArrayList<>(built.features);
    numbers = Map.copyOf(built.numbers);
    dimension = built.dimension;
    categoryBy = built.categoryBy;
    variantsBy = built.variantsBy;
    categories = groups(categoryBy);
    designs = groups(variantsBy);
    launches = new long[products.size()];
    for (int i = 0; i < launches.length; i++) {
      launches[i] = built.launchBy == null ? ALWAYS : launch(products.get(i), built.launchBy);
    }
  }

  /**
   * Begins an empty catalogue.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  private static long launch(Product product, String attribute) {
    Object value = product.attributes().get(attribute);
    if (value == null) {
      return ALWAYS;
    }
    if (value instanceof Instant time) {
      return time.getEpochSecond();
    }
    try {
      return LocalDate.parse(value.toString()).atStartOfDay(ZoneOffset.UTC).toEpochSecond();
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "the product "
              + product.id()
              + " has "
              + attribute
              + " \""
              + value
              + "\", expected the day of its launch, such as 2020-03-01");
    }
  }

  /** Numbers the values of an attribute from 0; -1 for products without it. */
  private int[] groups(@Nullable String attribute) {
    var groups = new int[products.size()];
    Arrays.fill(groups, -1);
    if (attribute != null) {
      var known = new HashMap<Object, Integer>();
      for (int i = 0; i < groups.length; i++) {
        Object value = products.get(i).attributes().get(attribute);
        if (value != null) {
          Integer number = known.putIfAbsent(value, known.size());
          groups[i] = number == null ? known.size() - 1 : number;
        }
      }
    }
    return groups;
  }

  /**
   * How many products there are, launched or not.
   *
   * @return at least 1
   */
  public int size() {
    return products.size();
  }

  /**
   * A product.
   *
   * @param id its id
   * @return the product, or null if it is not in the catalogue
   */
  public @Nullable Product product(String id) {
    int number = number(id);
    return number < 0 ? null : products.get(number);
  }

  // ---- by number, for this package

  Product product(int number) {
    return products.get(number);
  }

  float @Nullable [] features(int number) {
    return features.get(number);
  }

  /** The number of a product; -1 if it is not in the catalogue. */
  int number(String id) {
    return numbers.getOrDefault(id, -1);
  }

  /** The length of the features; 0 if there are none. */
  int dimension() {
    return dimension;
  }

  boolean launchedBefore(int number, Instant time) {
    return launches[number] < time.getEpochSecond();
  }

  /** Whether it was launched at some time from one instant to before another. */
  boolean launched(int number, Instant from, Instant until) {
    return launches[number] >= from.getEpochSecond() && launchedBefore(number, until);
  }

  /** Whether it is known when products were launched. */
  boolean hasLaunch(int number) {
    return launches[number] != ALWAYS;
  }

  int category(int number) {
    return categories[number];
  }

  int design(int number) {
    return designs[number];
  }

  /** A number that tells this catalogue from others. */
  long fingerprint() {
    long hash = Arrays.hashCode(launches);
    hash = hash * 31 + Arrays.hashCode(categories);
    hash = hash * 31 + Arrays.hashCode(designs);
    for (int i = 0; i < size(); i++) {
      hash = hash * 31 + products.get(i).hashCode();
      hash = hash * 31 + Arrays.hashCode(features.get(i));
    }
    return hash;
  }

  @Nullable String categoryBy() {
    return categoryBy;
  }

  @Nullable String variantsBy() {
    return variantsBy;
  }

  /** Takes products. Setting anything twice is an error. Not safe for use by several threads. */
  public static final class Builder {
    private final List<Product> products = new ArrayList<>();
    private final List<float @Nullable []> features = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private int dimension;
    private @Nullable String categoryBy;
    private @Nullable String variantsBy;
    private @Nullable String launchBy;

    private Builder() {}

    /**
     * Adds a product.
     *
     * @param product with an id that none before has
     * @param features as an extractor makes them, kept and not copied; or null if it has no photo:
     *     then it can be a best seller, and is not found by its looks
     * @return this builder
     * @throws IllegalArgumentException if the id was there before, or the features have another
     *     length than those before
     */
    public Builder add(Product product, float @Nullable [] features) {
      if (features != null && dimension != 0 && features.length != dimension) {
        throw new IllegalArgumentException(
            "the product "
                + product.id()
                + " has "
                + features.length
                + " features, expected "
                + dimension
                + ", as those before");
      }
      if (numbers.putIfAbsent(product.id(), products.size()) != null) {
        throw new IllegalArgumentException("the product " + product.id() + " was added twice");
      }
      dimension = features == null ? dimension : features.length;
      products.add(product);
      this.features.add(features);
      return this;
    }

    /**
     * Tells which products are of a kind: for attribute precision, and for what is popular in a
     * category.
     *
     * @param attribute such as {@code category}
     * @return this builder
     * @throws IllegalStateException if it was already set
     */
    public Builder categoryBy(String attribute) {
      categoryBy = once("categoryBy", categoryBy, attribute);
      return this;
    }

    /**
     * Tells which products are one design in several colours, so that these are reported apart.
     *
     * @param attribute what variants have in common, such as {@code product_code}
     * @return this builder
     * @throws IllegalStateException if it was already set
     */
    public Builder variantsBy(String attribute) {
      variantsBy = once("variantsBy", variantsBy, attribute);
      return this;
    }

    /**
     * Tells from when on a product can be shown. Without this, and for products that lack the
     * attribute, it always can.
     *
     * @param attribute a time, or a text such as {@code 2020-03-01}, which means its first instant
     * @return this builder
     * @throws IllegalStateException if it was already set
     */
    public Builder launchBy(String attribute) {
      launchBy = once("launchBy", launchBy, attribute);
      return this;
    }

    private static String once(String name, @Nullable String before, String value) {
      Objects.requireNonNull(value, name);
      if (before != null) {
        throw new IllegalStateException(name + " was already set to " + before);
      }
      return value;
    }

    /**
     * Makes the catalogue.
     *
     * @return with all that was added
     * @throws IllegalArgumentException if it is empty, or a launch is no day
     */
    public ReplayCatalogue build() {
      if (products.isEmpty()) {
        throw new IllegalArgumentException("the catalogue is empty, expected 1 product or more");
      }
      return new ReplayCatalogue(this);
    }
  }

  /** Returns how much is in the catalogue. */
  @Override
  public String toString() {
    return "catalogue: " + size() + " products, " + dimension + " features each";
  }
}

package io.lookalike.cli;

import static io.lookalike.cli.UserErrorException.unlessRefused;

import io.lookalike.CoPurchases;
import io.lookalike.Diversity;
import io.lookalike.Example;
import io.lookalike.Merchandising;
import io.lookalike.PopularityReranker;
import io.lookalike.PurchaseLog;
import io.lookalike.RecommendationRequest;
import io.lookalike.Recommender;
import io.lookalike.Reranker;
import io.lookalike.Sessions;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.FilterSyntaxException;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.index.IndexFactory;
import io.lookalike.internal.UnicodePath;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** What the options of {@code similar} ask a shop for. */
final class SimilarQuery {

  /** The number of neighbors that the paper ranks by sales. */
  static final int PAPER_CANDIDATES = 10;

  private final StorePlace store;
  private final @Nullable String consulted;
  private final PageOptions page;
  private final ExampleOptions examples;
  private final Filter filter;
  private final List<Filter> boosts;
  private final List<Filter> buries;
  private final Map<String, Integer> limits;

  /** Who bought what, if that is to be looked at and the store has been opened. */
  private @Nullable CoPurchases coPurchases;

  /**
   * Reads the options.
   *
   * @param store the shop
   * @param consulted a product's id or a photo; null for a customer's own page
   * @throws UserErrorException if one makes no sense
   */
  SimilarQuery(
      StorePlace store, @Nullable String consulted, PageOptions page, ExampleOptions examples) {
    page.check();
    this.store = store;
    this.consulted = consulted;
    this.page = page;
    this.examples = examples;
    this.filter = page.filter();
    this.boosts = page.boosts();
    this.buries = page.buries();
    this.limits = page.limits();
  }

  /** The files that were named. */
  Inputs inputs(ExtractorOptions extractor) {
    Inputs inputs = extractor.inputs().store(store);
    examples.addTo(inputs);
    return consulted == null ? inputs : inputs.example(consulted);
  }

  /** Opens the store with what the shop itself must know. */
  Recommender open(
      IndexFactory index, ExtractorOptions extractor, Sessions sessions, Console console)
      throws IOException {
    String variants = page.variantsBy;
    String category = page.ranking.categoryBy();
    Recommender shop = open(index, extractor, sessions, variants, category, console);
    String by = textOf(variants, shop);
    String of = category == null ? null : textOf(category, shop);
    if (by.equals(variants) && Objects.equals(of, category)) {
      return shop;
    }
    shop.close();
    return open(index, extractor, sessions, by, of, console);
  }

  private Recommender open(
      IndexFactory index,
      ExtractorOptions extractor,
      Sessions sessions,
      String by,
      @Nullable String category,
      Console console)
      throws IOException {
    return Store.open(
        store,
        index,
        extractor,
        console,
        opening -> {
          opening.sessions(sessions);
          if (page.ranking.goesByCoPurchases()) {
            coPurchases = Store.withCoPurchases(opening);
          }
          if (page.variantsAbove == null) {
            unlessRefused(
                "--variants-by",
                "\"" + by + "\"",
                () -> opening.variantsBy(by, page.variants.policy));
          } else {
            float least = page.variantsAbove;
            unlessRefused(
                "--variants-above",
                least,
                () -> opening.variantsAbove(least, page.variants.policy));
          }
          if (category != null) {
            unlessRefused(
                "--category-by", "\"" + category + "\"", () -> opening.categoryBy(category));
          }
        });
  }

  /** All of a shop, those too of whose looks nothing is known. */
  static Stream<Product> products(Recommender shop) {
    return StreamSupport.stream(shop.products().spliterator(), false);
  }

  /** The same as {@link KindOptions#textOf}. */
  static String textOf(String attribute, Recommender shop) {
    return KindOptions.textOf(attribute, products(shop));
  }

  /**
   * Checks what only the store can tell: that products have the attributes that options name.
   *
   * @throws UserErrorException if none has one of them, naming those there are
   */
  void checkAttributes(Recommender shop) {
    var filters = new ArrayList<Filter>(List.of(filter));
    filters.addAll(boosts);
    filters.addAll(buries);
    for (Filter each : filters) {
      FilterCheck.check(each, products(shop));
    }
    for (String attribute : attributes()) {
      FilterCheck.checkAttribute(attribute, products(shop));
    }
  }

  /** The attributes that options name. */
  private Set<String> attributes() {
    var attributes = new LinkedHashSet<>(limits.keySet());
    attributes.addAll(page.sameAs);
    page.but().forEach(wish -> attributes.add(wish.attribute()));
    if (page.variants != VariantName.KEEP && page.variantsAbove == null) {
      attributes.add(page.variantsBy);
    }
    if (page.ranking.categoryBy() != null) {
      attributes.add(page.ranking.categoryBy());
    }
    return attributes;
  }

  /** The id of the product asked about; null if it is a picture, or nothing was asked about. */
  @Nullable String consultedId(NamedProducts named) {
    String id = consulted == null ? null : named.find(consulted);
    if (page.variants == VariantName.ONLY && id == null) {
      throw new UserErrorException(
          "--variants only needs a product's id"
              + (consulted == null ? "" : ", and " + consulted + " is a picture"));
    }
    return id;
  }

  /**
   * The request, but for its order.
   *
   * @throws UserErrorException if a name is neither a product's nor a picture's
   */
  RecommendationRequest request(Recommender shop, NamedProducts named) {
    RecommendationRequest about = null;
    if (consulted != null) {
      Example example = found(named, consulted);
      if (example == null) {
        throw named.neither(consulted);
      }
      about = RecommendationRequest.like(example);
    }
    RecommendationRequest asked =
        examples
            .with(about, named, name -> found(named, name))
            .k(page.k)
            .where(filter)
            .excluding(new LinkedHashSet<>(named.list("--exclude", page.excluded)))
            .diversity(diversity(shop))
            .merchandising(merchandising(named.list("--pin", page.pins)));
    if (!page.sameAs.isEmpty()) {
      asked = asked.sameAs(page.sameAs.stream().map(by -> textOf(by, shop)).toArray(String[]::new));
    }
    for (Filter.Equal each : but(shop).values()) {
      asked = asked.but(each.attribute(), each.value());
    }
    return pooled(asked);
  }

  /** What --but says, as it was typed and as the store has it. */
  private Map<PageOptions.But, Filter.Equal> but(Recommender shop) {
    var wanted = new LinkedHashMap<PageOptions.But, Filter.Equal>();
    for (PageOptions.But wish : page.but()) {
      String attribute = textOf(wish.attribute(), shop);
      wanted.put(wish, new Filter.Equal(attribute, typed(shop, attribute, wish.value())));
    }
    return wanted;
  }

  /** Why there is nothing to show. */
  String whyEmpty(Recommender shop, NamedProducts named, RecommendationRequest ranked) {
    String id = consultedId(named);
    List<Product> others =
        shop.searcher().ids().stream()
            .filter(other -> !other.equals(id))
            .flatMap(other -> shop.product(other).stream())
            .toList();
    Set<String> excluded = new HashSet<>(named.list("--exclude", page.excluded));
    return new EmptyPage(page, but(shop), order(shop.purchases()))
        .why(others, excluded, shop.explain(ranked));
  }

  private RecommendationRequest pooled(RecommendationRequest asked) {
    if (page.onlyNearest != null) {
      int most = page.onlyNearest;
      return unlessRefused("--only-nearest", most, () -> asked.onlyNearest(most));
    }
    if (page.candidates != null) {
      int first = page.candidates;
      return unlessRefused("--candidates", first, () -> asked.candidates(first));
    }
    return page.rank == Rank.PAPER ? asked.onlyNearest(PAPER_CANDIDATES) : asked;
  }

  /**
   * A value as the store's products have it: what one can type is text.
   *
   * @throws UserErrorException if it is of a type that none has there
   */
  private static Object typed(Recommender shop, String attribute, String text) {
    for (Product product : shop.products()) {
      Object value = product.attributes().get(attribute);
      if (value instanceof Number) {
        return number(attribute, text);
      }
      if (value instanceof Instant) {
        return date(attribute, text);
      }
      if (value instanceof Boolean && (text.equals("true") || text.equals("false"))) {
        return Boolean.valueOf(text);
      }
      if (value != null) {
        return text;
      }
    }
    return text;
  }

  private static BigDecimal number(String attribute, String text) {
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException e) {
      throw new UserErrorException(
          "--but is " + attribute + "=" + text + ", and " + attribute + " is a number here");
    }
  }

  /** A date as --filter reads it. */
  private static Instant date(String attribute, String text) {
    try {
      if (Filter.parse("date = " + text) instanceof Filter.Equal equal
          && equal.value() instanceof Instant date) {
        return date;
      }
    } catch (FilterSyntaxException e) {
      // said below
    }
    throw new UserErrorException(
        "--but is "
            + attribute
            + "="
            + text
            + ", and "
            + attribute
            + " is a date here, as in 2024-05-02 or 2024-05-02T12:30:00Z");
  }

  /** A product of the store, or a picture; null if there is neither. */
  private @Nullable Example found(NamedProducts named, String name) {
    String id = named.find(name);
    if (id != null) {
      return Example.product(id);
    }
    ImageSource photo = photo(name);
    return photo == null ? null : Example.image(photo);
  }

  /** The picture of a name, or its part if shares follow a #; null if there is no such file. */
  static @Nullable ImageSource photo(String name) {
    Path whole = existing(name);
    if (whole != null) {
      return ImageSource.of(whole);
    }
    int at = name.lastIndexOf('#');
    Path file = at < 0 ? null : existing(name.substring(0, at));
    if (file == null) {
      return null;
    }
    String part = name.substring(at + 1);
    String[] shares = part.split(",", -1);
    try {
      if (shares.length == 4) {
        return ImageSource.of(file)
            .crop(
                Double.parseDouble(shares[0]),
                Double.parseDouble(shares[1]),
                Double.parseDouble(shares[2]),
                Double.parseDouble(shares[3]));
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new UserErrorException(
        "the part of "
            + file
            + " is "
            + part
            + ", expected x, y, width and height in shares of the picture from 0 to 1, as in"
            + " #0.2,0.1,0.5,0.8");
  }

  /** The picture file of a name; null if there is none. */
  private static @Nullable Path existing(String name) {
    Path file;
    try {
      file = name.isEmpty() ? null : UnicodePath.existing(Path.of(name));
    } catch (InvalidPathException e) { // then it is no file
      return null;
    }
    if (file != null && Files.isDirectory(file)) {
      throw new UserErrorException("\"" + name + "\" is a folder; name a product's id or a photo");
    }
    return file != null && Files.isRegularFile(file) ? file : null;
  }

  private Merchandising merchandising(List<String> pins) {
    Merchandising wanted = Merchandising.none().pin(pins.toArray(String[]::new));
    for (Filter boost : boosts) {
      wanted = wanted.boost(boost, page.boostBy);
    }
    for (Filter bury : buries) {
      wanted = wanted.bury(bury);
    }
    return wanted;
  }

  private Diversity diversity(Recommender shop) {
    double share = page.diversity;
    Diversity asked =
        unlessRefused(
            "--diversity", share, () -> share == 0 ? Diversity.none() : Diversity.mmr(1 - share));
    for (Map.Entry<String, Integer> limit : limits.entrySet()) {
      asked = asked.atMost(textOf(limit.getKey(), shop), limit.getValue());
    }
    return asked;
  }

  /** What the page is ordered by. */
  Rank order(PurchaseLog purchases) {
    return page.rank != null
        ? page.rank
        : purchases.total() > 0 || page.ranking.given() ? Rank.SALES : Rank.SIMILARITY;
  }

  /** The order in words. */
  String remark(PurchaseLog purchases) {
    return page.ranking.given() ? "by looks and sales as asked" : order(purchases).remark;
  }

  /**
   * What orders the page.
   *
   * @param console told where a day in the future is passed over
   */
  Reranker reranker(PurchaseLog purchases, Console console) {
    Reranker reranker =
        switch (order(purchases)) {
          case SALES ->
              today(page.ranking.with(PopularityReranker.byPurchases()), purchases, console);
          case PAPER -> PopularityReranker.byPurchases();
          case SIMILARITY -> Reranker.bySimilarity();
          case BALANCED ->
              today(page.ranking.with(PopularityReranker.balanced()), purchases, console);
        };
    if (coPurchases != null && coPurchases.customers() == 0) {
      console.note(
          store
              + " does not know who bought what, so that nothing is shown for being bought together;"
              + " index with --purchases and --bought-together");
    }
    return reranker;
  }

  /** As on the last day with a sale, however long ago the store was made. */
  private static Reranker today(
      PopularityReranker reranker, PurchaseLog purchases, Console console) {
    LocalDate last = purchases.lastDay().orElse(LocalDate.EPOCH);
    LocalDate today = LocalDate.now(ZoneOffset.UTC);
    LocalDate day = last;
    if (last.isAfter(today)) {
      day =
          purchases.soldIds().stream()
              .flatMap(id -> purchases.daily(id).keySet().stream())
              .filter(sold -> !sold.isAfter(today))
              .max(Comparator.naturalOrder())
              .orElse(today);
      console.note(
          "the last sale is of "
              + last
              + ", which is yet to come; what counts by age does as on "
              + day);
    }
    return reranker.at(
        InstantSource.fixed(
            day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant().minusSeconds(1)));
  }
}

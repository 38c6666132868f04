package io.lookalike.cli;

import static io.lookalike.cli.UserErrorException.unlessRefused;

import com.fasterxml.jackson.jr.ob.JSON;
import io.lookalike.Candidate;
import io.lookalike.Diversity;
import io.lookalike.Example;
import io.lookalike.Explanation;
import io.lookalike.Merchandising;
import io.lookalike.PopularityReranker;
import io.lookalike.PurchaseLog;
import io.lookalike.Recommendation;
import io.lookalike.RecommendationRequest;
import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.Reranker;
import io.lookalike.Sessions;
import io.lookalike.VariantPolicy;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Ids;
import io.lookalike.catalog.ImageSource;
import io.lookalike.datasets.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** What looks like a product or a photo, and sells. */
@Command(
    name = "similar",
    description = "Shows what looks like a product or a photo, the best-selling first.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lookalike similar --store shop 0215303002",
      "  lookalike similar --store shop found-in-the-street.jpg --html page.html",
      "  lookalike similar --store shop 0215303002 --filter 'price < 40'",
      "  lookalike similar --store shop 0215303002 --rank similarity --json",
      "  lookalike similar --store shop 0215303002 --explain",
      "  lookalike similar --store shop 0215303002 --not-like 0376172001",
      "  lookalike similar --store shop --events events.csv --customer 4711",
    })
@SuppressWarnings("NullAway.Init") // picocli sets the options
final class SimilarCommand implements Callable<Integer> {

  /** So many neighbours the paper ranks by sales. */
  private static final int PAPER_CANDIDATES = 10;

  private static final Pattern LIMIT = Pattern.compile("(.*)=0*([1-9]\\d{0,8})", Pattern.DOTALL);

  /** What the page is ordered by. */
  enum Rank {
    SALES("those that sold, the most sold first"),
    BALANCED("by looks and recent sales alike"),
    SIMILARITY("the nearest first"),
    PAPER("of the nearest ten, those that sold, the most sold first");

    /** The order in words. */
    final String remark;

    Rank(String remark) {
      this.remark = remark;
    }

    /** Returns the name on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** {@link VariantPolicy} as the command line spells them. */
  enum VariantName {
    KEEP(VariantPolicy.KEEP),
    COLLAPSE(VariantPolicy.COLLAPSE),
    EXCLUDE_OWN(VariantPolicy.EXCLUDE_OWN),
    ONLY(VariantPolicy.ONLY);

    private final VariantPolicy policy;

    VariantName(VariantPolicy policy) {
      this.policy = policy;
    }

    /** Returns the name on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @ParentCommand private Main main;

  @Option(
      names = {"-s", "--store"},
      required = true,
      paramLabel = "DIR",
      description = "What index has made.")
  private Path store;

  @Parameters(
      arity = "0..1",
      paramLabel = "ID|PHOTO",
      description =
          "A product of the store, or a picture file. With --customer it may be left out, for a page"
              + " of the customer's own.")
  private @Nullable String consulted;

  @Mixin private ExampleOptions examples;

  @Mixin private RankingOptions ranking;

  @Mixin private ExtractorOptions extractor;

  @Option(
      names = "-k",
      defaultValue = "10",
      paramLabel = "N",
      description = "How many to show. Default: ${DEFAULT-VALUE}.")
  private int k;

  @Option(
      names = "--filter",
      paramLabel = "EXPRESSION",
      description =
          "Show only products whose attributes match: comparisons = != < <= > >= in (...), joined"
              + " by and, or, not and parentheses; or JSON.")
  private @Nullable String filter;

  @Option(
      names = "--exclude",
      paramLabel = "ID[,ID]",
      description = "Do not show these products. May be repeated.")
  private List<String> excluded = List.of();

  @Option(
      names = "--variants",
      paramLabel = "POLICY",
      description =
          "Variants of one design, such as colours. keep: each is a product like any other; collapse:"
              + " one of each design, with the number of the others; exclude-own: none of the"
              + " product asked about; only: nothing else. Default: keep.")
  private VariantName variants = VariantName.KEEP;

  @Option(
      names = "--variants-by",
      defaultValue = "product_code",
      paramLabel = "ATTRIBUTE",
      description = "What variants have in common. Default: ${DEFAULT-VALUE}.")
  private String variantsBy;

  @Option(
      names = "--variants-above",
      paramLabel = "SIMILARITY",
      description =
          "Variants are products at least so similar to each other, whatever their attributes; above"
              + " 0, at most 1.")
  private @Nullable Float variantsAbove;

  @Option(
      names = "--pin",
      paramLabel = "ID[,ID]",
      description = "Show these products first. May be repeated.")
  private List<String> pins = List.of();

  @Option(
      names = "--boost",
      paramLabel = "EXPRESSION",
      description =
          "Multiply the worth of the places of products that match by --boost-by. May be repeated.")
  private List<String> boosts = List.of();

  @Option(
      names = "--boost-by",
      defaultValue = "2",
      paramLabel = "FACTOR",
      description = "What --boost multiplies with, above 1. Default: ${DEFAULT-VALUE}.")
  private double boostBy;

  @Option(
      names = "--bury",
      paramLabel = "EXPRESSION",
      description = "Show products that match after all other candidates. May be repeated.")
  private List<String> buries = List.of();

  @Option(
      names = "--diversity",
      paramLabel = "SHARE",
      description =
          "How much products that differ from each other count against the order, from 0 (not at"
              + " all, the default) to 1.")
  private double diversity;

  @Option(
      names = "--at-most",
      paramLabel = "ATTRIBUTE=N",
      description = "Show at most N products with the same value of an attribute. May be repeated.")
  private List<String> atMost = List.of();

  @Option(
      names = "--rank",
      paramLabel = "ORDER",
      description =
          "sales: of the nearest 2 N, or of more if these do not suffice, those that sold, the most"
              + " sold first; balanced: by similarity and recent sales alike, the never-sold too;"
              + " similarity: the nearest first; paper: of the nearest 10, those that"
              + " sold, the most sold first. Default: sales if any purchase is known, else"
              + " similarity.")
  private @Nullable Rank rank;

  @Option(
      names = "--candidates",
      paramLabel = "N",
      description =
          "How many of the nearest are ranked at first; more give sales more weight. Default: 2 N,"
              + " N being -k's.")
  private @Nullable Integer candidates;

  @Option(
      names = "--only-nearest",
      paramLabel = "N",
      description = "How many of the nearest are ranked and no more, even if the page stays short.")
  private @Nullable Integer onlyNearest;

  @Option(
      names = "--explain",
      description =
          "Instead of the page, show all candidates, what each stage made of them, and why those"
              + " that are not shown are not. With --html, the page tells it on demand.")
  private boolean explain;

  @Option(
      names = "--why-not",
      paramLabel = "ID[,ID]",
      description = "Instead of the page, say why these products are not on it. May be repeated.")
  private List<String> whyNot = List.of();

  @Option(
      names = "--json",
      description = "Write an array of objects with id, score, similarity, sales.")
  private boolean json;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Also write a page to look at: one file with everything in it.")
  private @Nullable Path html;

  /** What --at-most says. */
  private Map<String, Integer> limits = Map.of();

  /** What was ranked last. */
  private List<Candidate> nearest = List.of();

  @Override
  public Integer call() throws IOException {
    if (json && (explain || !whyNot.isEmpty())) {
      throw new UserErrorException("--explain and --why-not write a table; leave --json out");
    }
    if (consulted == null && !examples.namesCustomer()) {
      throw new UserErrorException(
          "neither a product or photo nor --customer was named; name a product's id or a photo");
    }
    if (consulted == null && html != null) {
      throw new UserErrorException(
          "--html shows a page about a product or a photo; name one beside --customer");
    }
    // Said of options that change nothing by themselves too.
    unlessRefused("--boost-by", boostBy, () -> Merchandising.none().boost(Filter.ALL, boostBy));
    if (candidates != null && onlyNearest != null) {
      throw new UserErrorException("--candidates and --only-nearest exclude each other; give one");
    }
    if (ranking.given() && (rank == Rank.SIMILARITY || rank == Rank.PAPER)) {
      throw new UserErrorException(
          "--rank "
              + rank
              + " is an order of its own; leave --popularity, --smoothed, --never-sold"
              + " and --blend out, or rank by sales or balanced");
    }
    if (k < 1) {
      throw new UserErrorException("-k is " + k + ", expected 1 or more");
    }
    Filter wanted = filter == null ? Filter.ALL : parsed(filter);
    limits = limits();
    Console console = main.console();
    Sessions sessions = examples.sessions(console);
    try (Recommender shop = open(sessions)) {
      for (Filter each : filters(wanted)) {
        FilterCheck.check(
            each, shop.searcher().ids().stream().flatMap(id -> shop.product(id).stream()));
      }
      for (String attribute : attributes()) {
        // Refuses an attribute that no product has, by naming those there are.
        FilterCheck.checkAttribute(
            attribute, shop.searcher().ids().stream().flatMap(id -> shop.product(id).stream()));
      }
      var named = new NamedProducts(shop, store);
      String id = consulted == null ? null : named.find(consulted);
      if (variants == VariantName.ONLY && id == null) {
        throw new UserErrorException(
            "--variants only needs a product's id"
                + (consulted == null ? "" : ", and " + consulted + " is a picture"));
      }
      RecommendationRequest asked = null;
      if (consulted != null) {
        Example example = found(named, consulted);
        if (example == null) {
          throw named.neither(consulted);
        }
        asked = RecommendationRequest.like(example);
      }
      RecommendationRequest request = examples.with(asked, named, name -> found(named, name));
      examples.replay(shop, named);
      excluded = named.list("--exclude", excluded);
      pins = named.list("--pin", pins);
      whyNot = named.list(whyNot);
      Reranker reranker = reranker(shop.purchases());
      Explanation explanation =
          explain || !whyNot.isEmpty() ? shop.explain(with(request, wanted, reranker, shop)) : null;
      if (explanation != null && html == null) {
        explain(explanation);
        return 0;
      }
      Reranker noting = (candidates, purchases) -> noted(reranker, candidates, purchases);
      List<Recommendation> page =
          shop.recommend(with(request, wanted, noting, shop)).recommendations();
      if (html != null) {
        var pages =
            new SimilarPage(
                shop, remark(shop.purchases()), explanation, new LinkedHashSet<>(whyNot));
        List<Candidate> byLooks =
            order(shop.purchases()) == Rank.SIMILARITY
                ? List.of()
                : nearest.subList(0, Math.min(k, nearest.size()));
        String name = Objects.requireNonNull(consulted);
        write(
            html,
            id != null
                ? pages.about(shop.product(id).orElseThrow(), page, byLooks)
                : pages.about(Objects.requireNonNull(existing(name)), page, byLooks));
      }
      if (json) {
        console.result(json(page, order(shop.purchases()), collapsed()));
      } else if (!page.isEmpty()) {
        table(page, shop).forEach(console::result);
      }
      if (page.isEmpty()) {
        console.note(whyEmpty(wanted, shop.purchases()));
      }
    }
    return 0;
  }

  private RecommendationRequest with(
      RecommendationRequest request, Filter wanted, Reranker reranker, Recommender shop) {
    RecommendationRequest asked =
        request
            .k(k)
            .where(wanted)
            .excluding(excluded)
            .rankedBy(reranker)
            .diversity(diversity(shop))
            .merchandising(merchandising());
    if (onlyNearest != null) {
      int most = onlyNearest;
      return unlessRefused("--only-nearest", most, () -> asked.onlyNearest(most));
    }
    if (candidates != null) {
      int first = candidates;
      return unlessRefused("--candidates", first, () -> asked.candidates(first));
    }
    return rank == Rank.PAPER ? asked.onlyNearest(PAPER_CANDIDATES) : asked;
  }

  /** Opens the store with what the shop itself must know. */
  private Recommender open(Sessions sessions) throws IOException {
    Recommender shop = open(sessions, variantsBy, ranking.categoryBy());
    String by = textOf(variantsBy, shop);
    String category = ranking.categoryBy() == null ? null : textOf(ranking.categoryBy(), shop);
    if (by.equals(variantsBy) && Objects.equals(category, ranking.categoryBy())) {
      return shop;
    }
    shop.close();
    return open(sessions, by, category);
  }

  private Recommender open(Sessions sessions, String by, @Nullable String category)
      throws IOException {
    RecommenderBuilder opening = Store.builder(store, extractor).sessions(sessions);
    if (variantsAbove == null) {
      unlessRefused(
          "--variants-by", "\"" + by + "\"", () -> opening.variantsBy(by, variants.policy));
    } else {
      float least = variantsAbove;
      unlessRefused("--variants-above", least, () -> opening.variantsAbove(least, variants.policy));
    }
    if (category != null) {
      unlessRefused("--category-by", "\"" + category + "\"", () -> opening.categoryBy(category));
    }
    return opening.open(store);
  }

  /**
   * The attribute that keeps the texts of codes which are also numbers; or the attribute itself.
   */
  private static String textOf(String attribute, Recommender shop) {
    String text = attribute + Catalogue.TEXT_SUFFIX;
    return shop.searcher().ids().stream()
            .flatMap(id -> shop.product(id).stream())
            .anyMatch(product -> product.attributes().get(text) != null)
        ? text
        : attribute;
  }

  /** A product of the store, or a picture; null if there is neither. */
  private @Nullable Example found(NamedProducts named, String name) {
    String id = named.find(name);
    if (id != null) {
      return Example.product(id);
    }
    Path photo = existing(name);
    return photo == null ? null : Example.image(ImageSource.of(photo));
  }

  /** The attributes that options name. */
  private Set<String> attributes() {
    var attributes = new LinkedHashSet<>(limits.keySet());
    if (variants != VariantName.KEEP && variantsAbove == null) {
      attributes.add(variantsBy);
    }
    if (ranking.categoryBy() != null) {
      attributes.add(ranking.categoryBy());
    }
    return attributes;
  }

  /** Reads --at-most; an attribute's name may hold an equals sign. */
  private Map<String, Integer> limits() {
    var limits = new LinkedHashMap<String, Integer>();
    for (String limit : atMost) {
      Matcher parts = LIMIT.matcher(limit);
      if (!parts.matches() || parts.group(1).isBlank()) {
        throw new UserErrorException(
            "--at-most is "
                + limit
                + ", expected an attribute and a number from 1 to 999999999, as in brand=2");
      }
      limits.put(parts.group(1), Integer.valueOf(parts.group(2)));
    }
    return limits;
  }

  /** A filter in either form. */
  private static Filter parsed(String text) {
    return text.strip().startsWith("{") ? Filter.parseJson(text) : Filter.parse(text);
  }

  /** All that choose by attributes. */
  private List<Filter> filters(Filter wanted) {
    var filters = new ArrayList<Filter>(List.of(wanted));
    Stream.of(boosts, buries)
        .flatMap(List::stream)
        .map(SimilarCommand::parsed)
        .forEach(filters::add);
    return filters;
  }

  private Merchandising merchandising() {
    Merchandising wanted = Merchandising.none().pin(pins.toArray(String[]::new));
    for (String boost : boosts) {
      wanted = wanted.boost(parsed(boost), boostBy);
    }
    for (String bury : buries) {
      wanted = wanted.bury(parsed(bury));
    }
    return wanted;
  }

  private Diversity diversity(Recommender shop) {
    Diversity asked =
        unlessRefused(
            "--diversity",
            diversity,
            () -> diversity == 0 ? Diversity.none() : Diversity.mmr(1 - diversity));
    for (Map.Entry<String, Integer> limit : limits.entrySet()) {
      asked = asked.atMost(textOf(limit.getKey(), shop), limit.getValue());
    }
    return asked;
  }

  private Rank order(PurchaseLog purchases) {
    return rank != null
        ? rank
        : purchases.total() > 0 || ranking.given() ? Rank.SALES : Rank.SIMILARITY;
  }

  /** The order in words. */
  private String remark(PurchaseLog purchases) {
    return ranking.given() ? "by looks and sales as asked" : order(purchases).remark;
  }

  private Reranker reranker(PurchaseLog purchases) {
    return switch (order(purchases)) {
      case SALES -> today(ranking.with(PopularityReranker.byPurchases()), purchases);
      case PAPER -> PopularityReranker.byPurchases();
      case SIMILARITY -> Reranker.bySimilarity();
      case BALANCED -> today(ranking.with(PopularityReranker.balanced()), purchases);
    };
  }

  private List<Recommendation> noted(
      Reranker reranker, List<Candidate> candidates, PurchaseLog purchases) {
    nearest = candidates;
    return reranker.rerank(candidates, purchases);
  }

  /** As on the last day with a sale, however long ago the store was made. */
  private Reranker today(PopularityReranker reranker, PurchaseLog purchases) {
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
      main.console()
          .note(
              "the last sale is of "
                  + last
                  + ", which is yet to come; what counts by age does as on "
                  + day);
    }
    return reranker.at(InstantSource.fixed(day.atStartOfDay(ZoneOffset.UTC).toInstant()));
  }

  private void explain(Explanation explanation) {
    if (explain) {
      ExplanationTable.of(explanation).forEach(main.console()::result);
    }
    for (String id : whyNot) {
      main.console().result(id + "  " + ExplanationTable.outcome(explanation.whyNot(id)));
    }
  }

  private void write(Path file, ResultPage page) throws IOException {
    page.write(file).forEach(main.console()::warn);
    main.console().note("wrote " + file);
  }

  private static @Nullable Path existing(String name) {
    for (String form : Ids.forms(name)) {
      try {
        Path file = Path.of(form);
        if (!name.isEmpty() && Files.isDirectory(file)) {
          throw new UserErrorException(
              "\"" + name + "\" is a folder; name a product's id or a photo");
        }
        if (Files.isRegularFile(file)) {
          return file;
        }
      } catch (InvalidPathException e) {
        // then it is no file
      }
    }
    return null;
  }

  /** Rounding may take a cosine past 1, which readers of the figure need not know. */
  private static double cosine(double similarity) {
    return Math.max(-1, Math.min(1, similarity));
  }

  /**
   * What was found, as JSON.
   *
   * @param rank what scores are
   * @param collapsed whether of each design one is shown
   */
  static String json(List<Recommendation> page, Rank rank, boolean collapsed) throws IOException {
    var objects = new ArrayList<Map<String, Object>>();
    for (Recommendation r : page) {
      var object = new LinkedHashMap<String, Object>();
      object.put("id", r.id());
      object.put("score", rank == Rank.SIMILARITY ? cosine(r.score()) : r.score());
      object.put("similarity", (float) cosine(r.similarity()));
      object.put("sales", r.sales());
      if (collapsed) {
        object.put("variants", r.variants());
      }
      objects.add(object);
    }
    return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(objects);
  }

  private boolean collapsed() {
    return variants == VariantName.COLLAPSE;
  }

  private List<String> table(List<Recommendation> page, Recommender shop) {
    int idWidth = page.stream().mapToInt(r -> r.id().length()).max().orElse(0);
    int salesWidth = page.stream().mapToInt(r -> Long.toString(r.sales()).length()).max().orElse(0);
    String format =
        "%4s  %-"
            + Math.max(idWidth, 2)
            + "s  %10s  %"
            + Math.max(salesWidth, 5)
            + "s"
            + (collapsed() ? "  %8s" : "%s")
            + "  %s";
    var lines = new ArrayList<String>();
    lines.add(
        line(
            format,
            "rank",
            "id",
            "similarity",
            "sales",
            collapsed() ? "variants" : "",
            "attributes"));
    for (Recommendation r : page) {
      lines.add(
          line(
              format,
              lines.size(),
              r.id(),
              String.format(Locale.ROOT, "%.3f", r.similarity()),
              r.sales(),
              r.variants() == 0 ? "" : "+" + r.variants(),
              shop.product(r.id()).map(Facts::named).orElse("")));
    }
    return lines;
  }

  private static String line(String format, Object... cells) {
    return String.format(Locale.ROOT, format, cells).stripTrailing();
  }

  private String whyEmpty(Filter wanted, PurchaseLog purchases) {
    String among = wanted.equals(Filter.ALL) ? "" : " that match the filter";
    Rank order = order(purchases);
    return order == Rank.SALES || order == Rank.PAPER
        ? "none of the "
            + (order == Rank.PAPER ? "nearest" : "other")
            + " products"
            + among
            + " has sold; --rank similarity shows them all"
        : "there are no other products" + among;
  }
}

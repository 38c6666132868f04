package io.lookalike.cli;

import static io.lookalike.cli.UserErrorException.unlessRefused;
import static java.util.stream.Collectors.joining;

import io.lookalike.Diversity;
import io.lookalike.Merchandising;
import io.lookalike.PopularityReranker;
import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.datasets.vectors.RowIds;
import io.lookalike.datasets.vectors.VectorFile;
import io.lookalike.datasets.vectors.VectorFileException;
import io.lookalike.datasets.vectors.Vectors;
import io.lookalike.evaluation.Baselines;
import io.lookalike.evaluation.Past;
import io.lookalike.evaluation.RecommenderSetting;
import io.lookalike.evaluation.Setting;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * A file of settings to compare: a line for each, a name, a colon and the options of {@code
 * similar}; {@code {a,b}} in a line makes one setting of each value. Quotes hold a value with
 * spaces or braces together. Lines that begin with # say nothing.
 */
final class SettingsFile {

  /** More than so many settings are a mistake, and would take days. */
  private static final int MOST = 200;

  /** Options of one page, or of the whole replay, with what to do instead. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "-k", "give it to evaluate, for all settings",
          "--filter", "it is for one page",
          "--but", "it is for one page",
          "--exclude", "it is for one page",
          "--pin", "it is for one page");

  private final Path file;
  private final List<Grid> grids;

  private SettingsFile(Path file, List<Grid> grids) {
    this.file = file;
    this.grids = grids;
  }

  /** What a line may hold. */
  @Command(name = "settings")
  static final class Line {
    @Mixin PageOptions page = new PageOptions();

    @Option(names = "--baseline")
    @Nullable String baseline;

    @Option(names = "--transform")
    @Nullable TransformChoice transform;

    @Option(names = "--vectors")
    @Nullable Path vectors;
  }

  /**
   * What lines go by of a shop.
   *
   * @param transform the rule of its own transform, for lines that name none; null if it has none
   *     yet
   * @param textOf the attribute that an option means by a name: that of the texts of codes, where
   *     they are also numbers
   */
  record OfShop(FeatureTransform.@Nullable Rule transform, UnaryOperator<String> textOf) {

    /** What is known before there are products. */
    static final OfShop NONE = new OfShop(null, UnaryOperator.identity());

    static OfShop of(FeatureTransform.@Nullable Rule transform, List<Product> products) {
      Map<String, String> known = new HashMap<>();
      return new OfShop(
          transform,
          name -> known.computeIfAbsent(name, n -> KindOptions.textOf(n, products.stream())));
    }
  }

  /** The rule of a shop's own transform; by the catalogue's size if it has none yet. */
  static FeatureTransform.Rule orBySize(FeatureTransform.@Nullable Rule shops) {
    return shops == null ? TransformChoice.AUTO.rule() : shops;
  }

  /** The baselines by their names on a line. */
  private static Setting baseline(String name, IndexFactory index, OfShop shop) {
    return switch (name) {
      case "random" -> Baselines.random(1);
      case "popular" -> Baselines.popular(7);
      case "popular-in-category" -> Baselines.popularInCategory();
      case "bought-again" -> Baselines.boughtAgain();
      case "co-purchase" -> Baselines.coPurchase();
      case "looks-and-co-purchase" ->
          Baselines.looksAndCoPurchase(Baselines.ours(index, orBySize(shop.transform)));
      case "paper" -> Baselines.paper(index);
      case "default" -> Baselines.ours(index, orBySize(shop.transform));
      default ->
          throw new UserErrorException(
              "--baseline is "
                  + name
                  + ", expected random, popular, popular-in-category, bought-again, co-purchase,"
                  + " looks-and-co-purchase, paper or default");
    };
  }

  /**
   * A line: a setting for each combination of what stands in braces.
   *
   * @param line its number in the file
   * @param name what stands before the colon
   * @param options what stands after it
   */
  record Grid(int line, String name, ChoiceText options) {

    private static Grid of(int line, String text) {
      int colon = text.indexOf(':');
      if (colon < 1 || text.startsWith("-")) {
        throw new UserErrorException(
            "expected a name, a colon and options, as in ours: --rank balanced");
      }
      return new Grid(
          line, text.substring(0, colon).strip(), ChoiceText.of(text.substring(colon + 1).strip()));
    }

    /** The values of each pair of braces. */
    List<List<String>> choices() {
      return options.choices();
    }

    /** The setting of a value for each pair of braces. */
    Setting setting(List<String> values, IndexFactory index, OfShop shop) {
      String called =
          Stream.concat(
                  Stream.of(name),
                  values.stream().map(value -> String.join(" ", ChoiceText.words(value))))
              .collect(joining(" "));
      return SettingsFile.setting(called, options.with(values), index, shop);
    }

    /** The settings of all combinations. */
    private List<Setting> settings(IndexFactory index, OfShop shop) {
      List<List<String>> all = List.of(List.of());
      for (List<String> values : choices()) {
        all =
            all.stream()
                .flatMap(
                    before ->
                        values.stream()
                            .map(
                                value -> Stream.concat(before.stream(), Stream.of(value)).toList()))
                .toList();
        if (all.size() > MOST) {
          throw tooMany();
        }
      }
      return all.stream().map(values -> setting(values, index, shop)).toList();
    }

    /** With what a search begins. */
    List<String> first() {
      return choices().stream().map(values -> values.get(0)).toList();
    }

    /** Each value once, the others being the first. */
    private List<List<String>> eachOnce() {
      var all = new ArrayList<List<String>>();
      all.add(first());
      for (int c = 0; c < choices().size(); c++) {
        for (String value : choices().get(c)) {
          var values = new ArrayList<>(first());
          values.set(c, value);
          all.add(values);
        }
      }
      return all;
    }
  }

  private static UserErrorException tooMany() {
    return new UserErrorException(
        "more than " + MOST + " settings; leave some out, or have --search try a few");
  }

  /**
   * Reads the lines, and makes each value once, so that what is wrong with one is said before hours
   * of work.
   *
   * @throws UserErrorException naming the line, if one is none
   */
  static SettingsFile read(Path file, IndexFactory index) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new UserErrorException("--settings is " + file + ", which is no file");
    }
    var grids = new ArrayList<Grid>();
    List<String> lines = lines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      int number = i + 1;
      if (!line.isEmpty() && !line.startsWith("#")) {
        said(
            file,
            number,
            () -> {
              Grid grid = Grid.of(number, line);
              grid.eachOnce().forEach(values -> grid.setting(values, index, OfShop.NONE));
              grids.add(grid);
            });
      }
    }
    if (grids.isEmpty()) {
      throw new UserErrorException(
          file + " has no settings; write a line for each, such as ours: --rank balanced");
    }
    return new SettingsFile(file, grids);
  }

  private static List<String> lines(Path file) throws IOException {
    try {
      return Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (CharacterCodingException e) {
      throw new UserErrorException(
          file + " holds bytes that are not UTF-8, expected UTF-8; save the file as UTF-8", e);
    }
  }

  /** Does something with a line. What is wrong is said of it. */
  private static void said(Path file, int line, Runnable work) {
    try {
      work.run();
    } catch (ParameterException e) {
      throw new UserErrorException(file + ", line " + line + ": " + Errors.said(e), e);
    } catch (UserErrorException | VectorFileException | IllegalArgumentException e) {
      throw new UserErrorException(file + ", line " + line + ": " + e.getMessage(), e);
    } catch (UncheckedIOException e) {
      throw new UserErrorException(
          file + ", line " + line + ": " + Errors.describe(Objects.requireNonNull(e.getCause())),
          e);
    }
  }

  /** The lines, to be searched. */
  List<Grid> grids() {
    return grids;
  }

  /**
   * All settings of all lines.
   *
   * @throws UserErrorException naming the line, if they are too many
   */
  List<Setting> settings(IndexFactory index, OfShop shop) {
    var settings = new ArrayList<Setting>();
    for (Grid grid : grids) {
      said(
          file,
          grid.line,
          () -> {
            settings.addAll(grid.settings(index, shop));
            if (settings.size() > MOST) {
              throw tooMany();
            }
          });
    }
    return settings;
  }

  /**
   * Checks that products have what options name.
   *
   * @throws UserErrorException naming the line and the attributes that there are, if none has
   */
  void checkAttributes(FilterCheck products) {
    for (Grid grid : grids) {
      for (List<String> values : grid.eachOnce()) {
        said(file, grid.line, () -> checkAttributes(parsed(grid.options.with(values)), products));
      }
    }
  }

  private static void checkAttributes(ParseResult parsed, FilterCheck products) {
    PageOptions page = ((Line) parsed.commandSpec().userObject()).page;
    page.boosts().forEach(products::check);
    page.buries().forEach(products::check);
    page.limits().keySet().forEach(products::checkAttribute);
    page.sameAs.forEach(products::checkAttribute);
    if (parsed.hasMatchedOption("--variants-by")
        || (page.variants != VariantName.KEEP && page.variantsAbove == null)) {
      products.checkAttribute(page.variantsBy);
    }
    if (page.ranking.categoryBy() != null) {
      products.checkAttribute(page.ranking.categoryBy());
    }
  }

  private static ParseResult parsed(String options) {
    return Main.withConverters(new CommandLine(new Line()))
        .parseArgs(ChoiceText.words(options).toArray(String[]::new));
  }

  private static Setting setting(String name, String options, IndexFactory index, OfShop shop) {
    ParseResult parsed = parsed(options);
    var line = (Line) parsed.commandSpec().userObject();
    if (line.baseline != null) {
      if (parsed.matchedOptions().size() > 1) {
        throw new UserErrorException("--baseline stands alone; leave the other options out");
      }
      return named(name, baseline(line.baseline, index, shop));
    }
    for (OptionSpec option : parsed.matchedOptions()) {
      String instead = REFUSED.get(option.longestName());
      if (instead != null) {
        throw new UserErrorException(
            "leave " + option.longestName() + " out of settings; " + instead);
      }
    }
    return recommender(name, options, line, index, shop);
  }

  private static Setting named(String name, Setting setting) {
    return new Setting() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public String description() {
        return setting.description();
      }

      @Override
      public Answers open(Past past) {
        return setting.open(past);
      }
    };
  }

  private static Setting recommender(
      String name, String options, Line line, IndexFactory index, OfShop shop) {
    PageOptions page = line.page;
    page.check();
    RecommenderSetting setting = RecommenderSetting.named(name, index);
    if (page.rank == Rank.PAPER) {
      setting = setting.rankedBy(PopularityReranker.byPurchases());
    } else if (page.rank != Rank.SIMILARITY) {
      setting =
          setting.rankedBy(
              page.ranking.with(
                  page.rank == Rank.SALES
                      ? PopularityReranker.byPurchases()
                      : PopularityReranker.balanced()));
    }
    if (line.vectors != null) {
      setting = setting.features(line.vectors.toString(), features(line.vectors));
    }
    FeatureTransform.Rule rule;
    if (line.transform != null) {
      rule = line.transform.rule();
    } else if (shop.transform == null && page.rank == Rank.PAPER) {
      rule = FeatureTransform.Rule.NONE; // as the paper has it
    } else {
      rule = orBySize(shop.transform);
    }
    if (!rule.name().equals(FeatureTransform.Rule.NONE.name())) {
      setting = setting.transform(rule);
    }
    return setting.shop(options.isEmpty() ? "as it comes" : options, shop(page, shop.textOf));
  }

  /**
   * Features that embed has made, by product id.
   *
   * @throws UserErrorException naming the row, if one is no direction
   */
  static Map<String, float[]> features(Path npy) {
    var features = new HashMap<String, float[]>();
    try (Vectors rows = VectorFile.of(npy).vectors()) {
      List<String> ids = RowIds.read(npy, rows.size());
      int row = 0;
      for (float[] values : rows) {
        String id = ids.get(row);
        NeighborsCommand.checkRow(npy, row, id, values);
        features.put(id, values.clone());
        row++;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return features;
  }

  private static UnaryOperator<RecommenderBuilder> shop(
      PageOptions page, UnaryOperator<String> textOf) {
    Merchandising merchandising = Merchandising.none();
    for (Filter boost : page.boosts()) {
      merchandising = merchandising.boost(boost, page.boostBy);
    }
    for (Filter bury : page.buries()) {
      merchandising = merchandising.bury(bury);
    }
    double share = page.diversity;
    Diversity diversity =
        unlessRefused(
            "--diversity", share, () -> share == 0 ? Diversity.none() : Diversity.mmr(1 - share));
    for (Map.Entry<String, Integer> limit : page.limits().entrySet()) {
      diversity = diversity.atMost(textOf.apply(limit.getKey()), limit.getValue());
    }
    Merchandising rules = merchandising;
    Diversity mixed = diversity;
    UnaryOperator<RecommenderBuilder> shop =
        builder -> {
          builder.merchandising(rules).diversity(mixed);
          if (!page.sameAs.isEmpty()) {
            builder.sameAs(page.sameAs.stream().map(textOf).toArray(String[]::new));
          }
          if (page.variantsAbove != null) {
            builder.variantsAbove(page.variantsAbove, page.variants.policy);
          } else {
            builder.variantsBy(textOf.apply(page.variantsBy), page.variants.policy);
          }
          if (page.ranking.categoryBy() != null) {
            builder.categoryBy(textOf.apply(page.ranking.categoryBy()));
          }
          if (page.onlyNearest != null || page.rank == Rank.PAPER) {
            builder.onlyNearest(
                page.onlyNearest == null ? SimilarQuery.PAPER_CANDIDATES : page.onlyNearest);
          } else if (page.candidates != null) {
            builder.candidates(page.candidates);
          }
          return builder;
        };
    // What the library refuses is said of the line, and before any work.
    var unused = shop.apply(Recommender.builder());
    return shop;
  }
}

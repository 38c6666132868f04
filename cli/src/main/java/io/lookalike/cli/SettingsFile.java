package io.lookalike.cli;

import static io.lookalike.cli.UserErrorException.unlessRefused;
import static java.util.stream.Collectors.joining;

import io.lookalike.Diversity;
import io.lookalike.Merchandising;
import io.lookalike.PopularityReranker;
import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.catalog.Filter;
import io.lookalike.datasets.vectors.RowIds;
import io.lookalike.datasets.vectors.VectorFile;
import io.lookalike.datasets.vectors.Vectors;
import io.lookalike.evaluation.Baselines;
import io.lookalike.evaluation.Past;
import io.lookalike.evaluation.RecommenderSetting;
import io.lookalike.evaluation.Setting;
import io.lookalike.index.IndexFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * A file of settings to compare: a line for each, a name, a colon and the options of {@code
 * similar}; {@code {a,b}} in a line makes one setting of each value. Lines that begin with # say
 * nothing.
 */
final class SettingsFile {

  private static final Pattern CHOICE = Pattern.compile("\\{([^{}]*)\\}");

  /** More than so many settings are a mistake, and would take days. */
  private static final int MOST = 200;

  private SettingsFile() {}

  /** What a line may hold. */
  @Command(name = "settings")
  static final class Line {
    @Mixin PageOptions page = new PageOptions();

    @Option(names = "--baseline")
    @Nullable String baseline;

    @Option(names = "--transform")
    TransformChoice transform = TransformChoice.AUTO;

    @Option(names = "--vectors")
    @Nullable Path vectors;
  }

  /** The baselines by their names on a line. */
  private static Setting baseline(String name, IndexFactory index) {
    return switch (name) {
      case "random" -> Baselines.random(1);
      case "popular" -> Baselines.popular(7);
      case "popular-in-category" -> Baselines.popularInCategory();
      case "bought-again" -> Baselines.boughtAgain();
      case "co-purchase" -> Baselines.coPurchase();
      case "looks-and-co-purchase" -> Baselines.looksAndCoPurchase(Baselines.ours(index));
      case "paper" -> Baselines.paper(index);
      case "default" -> Baselines.ours(index);
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
   * @param name what stands before the colon
   * @param options what stands after it
   * @param choices the values of each pair of braces
   */
  record Grid(String name, String options, List<List<String>> choices) {

    private static Grid of(String text) {
      int colon = text.indexOf(':');
      if (colon < 1) {
        throw new UserErrorException(
            "expected a name, a colon and options, as in ours: --rank balanced");
      }
      String options = text.substring(colon + 1).strip();
      List<List<String>> choices =
          CHOICE
              .matcher(options)
              .results()
              .map(choice -> Stream.of(choice.group(1).split(",", -1)).map(String::strip).toList())
              .toList();
      return new Grid(text.substring(0, colon).strip(), options, choices);
    }

    /** The setting of a value for each pair of braces. */
    Setting setting(List<String> values, IndexFactory index) {
      String chosen = options;
      for (String value : values) {
        chosen = CHOICE.matcher(chosen).replaceFirst(Matcher.quoteReplacement(value));
      }
      String called = Stream.concat(Stream.of(name), values.stream()).collect(joining(" "));
      return SettingsFile.setting(called, chosen, index);
    }

    /** The settings of all combinations. */
    List<Setting> settings(IndexFactory index) {
      List<List<String>> all = List.of(List.of());
      for (List<String> values : choices) {
        all =
            all.stream()
                .flatMap(
                    before ->
                        values.stream()
                            .map(
                                value -> Stream.concat(before.stream(), Stream.of(value)).toList()))
                .toList();
        if (all.size() > MOST) {
          throw new UserErrorException(
              "more than " + MOST + " settings; leave some out, or have --search try a few");
        }
      }
      return all.stream().map(values -> setting(values, index)).toList();
    }

    /** With what a search begins. */
    List<String> first() {
      return choices.stream().map(values -> values.get(0)).toList();
    }

    /** Makes each value once, so that what is wrong with one is said before hours of work. */
    private void check(IndexFactory index) {
      for (int c = 0; c < choices.size(); c++) {
        for (String value : choices.get(c)) {
          var values = new ArrayList<>(first());
          values.set(c, value);
          setting(values, index);
        }
      }
      setting(first(), index);
    }
  }

  /**
   * Reads the settings.
   *
   * @throws UserErrorException naming the line, if one is none
   */
  static List<Setting> read(Path file, IndexFactory index) throws IOException {
    var settings = new ArrayList<Setting>();
    read(
        file,
        grid -> {
          settings.addAll(grid.settings(index));
          if (settings.size() > MOST) {
            throw new UserErrorException("more than " + MOST + " settings; leave some out");
          }
        });
    return settings;
  }

  /**
   * Reads the lines, to be searched.
   *
   * @throws UserErrorException naming the line, if one is none
   */
  static List<Grid> grids(Path file, IndexFactory index) throws IOException {
    var grids = new ArrayList<Grid>();
    read(
        file,
        grid -> {
          grid.check(index);
          grids.add(grid);
        });
    return grids;
  }

  private static void read(Path file, Consumer<Grid> sink) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new UserErrorException("--settings is " + file + ", which is no file");
    }
    boolean any = false;
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        any = true;
        try {
          sink.accept(Grid.of(line));
        } catch (UserErrorException | ParameterException | IllegalArgumentException e) {
          throw new UserErrorException(file + ", line " + (i + 1) + ": " + e.getMessage(), e);
        }
      }
    }
    if (!any) {
      throw new UserErrorException(
          file + " has no settings; write a line for each, such as ours: --rank balanced");
    }
  }

  private static Setting setting(String name, String options, IndexFactory index) {
    var line = new Line();
    String[] args = options.isEmpty() ? new String[0] : options.split("\\s+");
    Main.withConverters(new CommandLine(line)).parseArgs(args);
    if (line.baseline != null) {
      if (args.length > 2) {
        throw new UserErrorException("--baseline stands alone; leave the other options out");
      }
      return named(name, baseline(line.baseline, index));
    }
    return recommender(name, options, line, index);
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

  private static Setting recommender(String name, String options, Line line, IndexFactory index) {
    PageOptions page = line.page;
    page.check();
    if (page.filter != null || !page.excluded.isEmpty() || !page.pins.isEmpty()) {
      throw new UserErrorException(
          "--filter, --exclude and --pin are for one page; leave them out of settings");
    }
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
    if (page.rank != Rank.PAPER && line.transform != TransformChoice.NONE) {
      setting = setting.transform(line.transform.rule());
    }
    return setting.shop(options.isEmpty() ? "as it comes" : options, shop(page));
  }

  /** Features that embed has made, by product id. */
  static Map<String, float[]> features(Path npy) {
    var features = new HashMap<String, float[]>();
    try (Vectors rows = VectorFile.of(npy).vectors()) {
      List<String> ids = RowIds.read(npy, rows.size());
      int row = 0;
      for (float[] values : rows) {
        features.put(ids.get(row++), values.clone());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return features;
  }

  private static UnaryOperator<RecommenderBuilder> shop(PageOptions page) {
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
      diversity = diversity.atMost(limit.getKey(), limit.getValue());
    }
    Merchandising rules = merchandising;
    Diversity mixed = diversity;
    UnaryOperator<RecommenderBuilder> shop =
        builder -> {
          builder.merchandising(rules).diversity(mixed);
          if (page.variantsAbove != null) {
            builder.variantsAbove(page.variantsAbove, page.variants.policy);
          } else {
            builder.variantsBy(page.variantsBy, page.variants.policy);
          }
          if (page.ranking.categoryBy() != null) {
            builder.categoryBy(page.ranking.categoryBy());
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

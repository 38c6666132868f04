package io.lookalike.cli;

import io.lookalike.Blend;
import io.lookalike.NeverSold;
import io.lookalike.Popularity;
import io.lookalike.PopularityReranker;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How sales make an order, where the ready-made ones are not what is wanted. */
final class RankingOptions {

  private static final String POPULARITIES = "purchases, window:DAYS, decay:DAYS or trend:DAYS";
  private static final String POLICIES = "drop, keep, propagate:DISCOUNT or explore:SHARE[:SEED]";
  private static final String BLENDS =
      "popularity, rrf[:CONSTANT:WEIGHT], ranks:WEIGHT or scores:WEIGHT";

  @Option(
      names = "--popularity",
      paramLabel = "NUMBER",
      description =
          "What counts as popular. purchases: all pieces sold; window:DAYS: those of the last days;"
              + " decay:DAYS: each counts half after that number of days; trend:DAYS: the growth from one"
              + " stretch of days to the next.")
  private @Nullable String popularity;

  @Option(
      names = "--smoothed",
      paramLabel = "DAYS",
      description =
          "With window or decay: draw each product towards the mean of its category, by that number"
              + " of days of the mean's sales.")
  private @Nullable Double smoothed;

  @Option(
      names = "--category-by",
      paramLabel = "ATTRIBUTE",
      description = "The category for --smoothed. Default: the whole catalogue is one.")
  private @Nullable String categoryBy;

  @Option(
      names = "--never-sold",
      paramLabel = "POLICY",
      description =
          "What nobody bought yet. drop: is not shown; keep: has popularity 0; propagate:DISCOUNT:"
              + " has a share of its look-alikes'; explore:SHARE[:SEED]: gets a share of the places"
              + " by lot.")
  private @Nullable String neverSold;

  @Option(
      names = "--blend",
      paramLabel = "RULE",
      description =
          "How looks and popularity make one score. popularity: it alone; rrf[:CONSTANT:WEIGHT]:"
              + " reciprocal ranks; ranks:WEIGHT: scaled ranks; scores:WEIGHT: standard scores;"
              + " WEIGHT is the popularity's, from 0 to 1.")
  private @Nullable String blend;

  @Option(
      names = "--bought-together",
      paramLabel = "WEIGHT",
      description =
          "Go by what is bought together with what was asked about, too, and show it though it does"
              + " not look alike: what that weighs, from 0 to 1. The store knows it if index was"
              + " given --bought-together.")
  private @Nullable Double boughtTogether;

  @Nullable String categoryBy() {
    return categoryBy;
  }

  /** Whether any of these was given. */
  boolean given() {
    return popularity != null
        || smoothed != null
        || neverSold != null
        || blend != null
        || boughtTogether != null;
  }

  /** Whether it matters who bought what. */
  boolean goesByCoPurchases() {
    return boughtTogether != null && boughtTogether > 0;
  }

  /** The order with whatever was given in place of its own. */
  PopularityReranker with(PopularityReranker own) {
    PopularityReranker changed = own;
    if (popularity != null || smoothed != null) {
      changed = changed.by(popularity());
    }
    if (neverSold != null) {
      changed = changed.neverSold(neverSold(neverSold));
    }
    if (blend != null) {
      changed = changed.blend(blend(blend));
    }
    Double weight = boughtTogether;
    if (weight == null) {
      return changed;
    }
    PopularityReranker order = changed;
    return UserErrorException.unlessRefused(
        "--bought-together", weight, () -> order.boughtTogether(weight));
  }

  private Popularity popularity() {
    String wanted = popularity == null ? "decay:30" : popularity;
    Parts parts = Parts.of(wanted);
    Popularity found =
        checked(
            "--popularity",
            wanted,
            POPULARITIES,
            () ->
                switch (parts.name) {
                  case "purchases" -> parts.takes(0, Popularity.purchases());
                  case "window" -> parts.takes(1, Popularity.window(parts.whole(0)));
                  case "decay" -> parts.takes(1, Popularity.decay(parts.number(0)));
                  case "trend" -> parts.takes(1, Popularity.trend(parts.whole(0)));
                  default -> null;
                });
    Double days = smoothed;
    if (days == null) {
      return found;
    }
    if (!(found instanceof Popularity.Weighted weighted)) {
      throw new UserErrorException(
          "--smoothed goes with --popularity window:DAYS or decay:DAYS, not with " + wanted);
    }
    return UserErrorException.unlessRefused("--smoothed", days, () -> weighted.smoothed(days));
  }

  private static NeverSold neverSold(String wanted) {
    Parts parts = Parts.of(wanted);
    return checked(
        "--never-sold",
        wanted,
        POLICIES,
        () ->
            switch (parts.name) {
              case "drop" -> parts.takes(0, NeverSold.drop());
              case "keep" -> parts.takes(0, NeverSold.keep());
              case "propagate" -> parts.takes(1, NeverSold.propagate(parts.number(0)));
              case "explore" ->
                  parts.values.length == 1
                      ? NeverSold.explore(parts.number(0), 0)
                      : parts.takes(2, NeverSold.explore(parts.number(0), parts.whole(1)));
              default -> null;
            });
  }

  private static Blend blend(String wanted) {
    Parts parts = Parts.of(wanted);
    return checked(
        "--blend",
        wanted,
        BLENDS,
        () ->
            switch (parts.name) {
              case "popularity" -> parts.takes(0, Blend.popularityFirst());
              case "rrf" ->
                  parts.values.length == 0
                      ? Blend.reciprocalRank()
                      : parts.takes(2, Blend.reciprocalRank(parts.number(0), parts.number(1)));
              case "ranks" -> parts.takes(1, Blend.ranks(parts.number(0)));
              case "scores" -> parts.takes(1, Blend.standardScores(parts.number(0)));
              default -> null;
            });
  }

  /** A name and numbers, with colons between. */
  private record Parts(String name, String[] values) {
    static Parts of(String text) {
      String[] all = text.split(":", -1);
      String[] values = new String[all.length - 1];
      System.arraycopy(all, 1, values, 0, values.length);
      return new Parts(all[0].toLowerCase(Locale.ROOT), values);
    }

    <T> T takes(int count, T made) {
      if (values.length != count) {
        throw new IllegalArgumentException(
            values.length + " numbers follow " + name + ", expected " + count);
      }
      return made;
    }

    double number(int i) {
      if (i >= values.length) {
        throw new IllegalArgumentException("a number is missing after " + name);
      }
      try {
        return Double.parseDouble(values[i]);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("\"" + values[i] + "\" is no number", e);
      }
    }

    int whole(int i) {
      double number = number(i);
      if (number != Math.rint(number) || Math.abs(number) > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "\"" + values[i] + "\" is no whole number of at most " + Integer.MAX_VALUE);
      }
      return (int) number;
    }
  }

  /** What the library says of a bad number, with the option's name. */
  private static <T> T checked(
      String option, String wanted, String expected, Supplier<@Nullable T> making) {
    @Nullable T made;
    try {
      made = making.get();
    } catch (IllegalArgumentException e) {
      throw new UserErrorException(option + " is " + wanted + ": " + e.getMessage());
    }
    if (made == null) {
      throw new UserErrorException(option + " is " + wanted + ", expected " + expected);
    }
    return made;
  }
}

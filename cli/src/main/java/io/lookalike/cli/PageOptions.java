package io.lookalike.cli;

import static io.lookalike.cli.UserErrorException.unlessRefused;

import io.lookalike.Merchandising;
import io.lookalike.catalog.Filter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a page shows, and in which order. */
@SuppressWarnings("NullAway.Init") // picocli sets the options
final class PageOptions {

  private static final Pattern LIMIT = Pattern.compile("(.*)=0*([1-9]\\d{0,8})", Pattern.DOTALL);

  @Mixin RankingOptions ranking;

  @Option(
      names = "-k",
      defaultValue = "10",
      paramLabel = "N",
      description = "How many to show. Default: ${DEFAULT-VALUE}.")
  int k;

  @Option(
      names = "--filter",
      paramLabel = "EXPRESSION",
      description =
          "Show only products whose attributes match: comparisons = != < <= > >= in (...), joined"
              + " by and, or, not and parentheses; or JSON.")
  @Nullable String filter;

  @Option(
      names = "--same-as",
      paramLabel = "ATTRIBUTE[,ATTRIBUTE]",
      split = ",",
      description =
          "Show only products with the same value as what was asked about, such as gender. May be"
              + " repeated.")
  List<String> sameAs = List.of();

  @Option(
      names = "--but",
      paramLabel = "ATTRIBUTE=VALUE",
      description =
          "The same, but with this value, such as color=red: the product's own variants that have it"
              + " first, then what looks alike and has it. May be repeated.")
  List<String> but = List.of();

  @Option(
      names = "--exclude",
      paramLabel = "ID[,ID]",
      description = "Do not show these products. May be repeated.")
  List<String> excluded = List.of();

  @Option(
      names = "--variants",
      paramLabel = "POLICY",
      description =
          "Variants of one design, such as colours. keep: each is a product like any other; collapse:"
              + " one of each design, with the number of the others; exclude-own: none of the"
              + " product asked about; only: nothing else. Default: keep.")
  VariantName variants = VariantName.KEEP;

  @Option(
      names = "--variants-by",
      defaultValue = KindOptions.VARIANTS,
      paramLabel = "ATTRIBUTE",
      description = "What variants have in common. Default: ${DEFAULT-VALUE}.")
  String variantsBy;

  @Option(
      names = "--variants-above",
      paramLabel = "SIMILARITY",
      description =
          "Variants are products at least this similar to each other, whatever their attributes; above"
              + " 0, at most 1.")
  @Nullable Float variantsAbove;

  @Option(
      names = "--pin",
      paramLabel = "ID[,ID]",
      description = "Show these products first. May be repeated.")
  List<String> pins = List.of();

  @Option(
      names = "--boost",
      paramLabel = "EXPRESSION",
      description =
          "Multiply the worth of the places of products that match by --boost-by. May be repeated.")
  List<String> boosts = List.of();

  @Option(
      names = "--boost-by",
      defaultValue = "2",
      paramLabel = "FACTOR",
      description = "What --boost multiplies with, above 1. Default: ${DEFAULT-VALUE}.")
  double boostBy;

  @Option(
      names = "--bury",
      paramLabel = "EXPRESSION",
      description = "Show products that match after all other candidates. May be repeated.")
  List<String> buries = List.of();

  @Option(
      names = "--diversity",
      paramLabel = "SHARE",
      description =
          "How much products that differ from each other count against the order, from 0 (not at"
              + " all, the default) to 1.")
  double diversity;

  @Option(
      names = "--at-most",
      paramLabel = "ATTRIBUTE=N",
      description = "Show at most N products with the same value of an attribute. May be repeated.")
  List<String> atMost = List.of();

  @Option(
      names = "--rank",
      paramLabel = "ORDER",
      description =
          "sales: of the nearest 2 N, or of more if these do not suffice, those that sold, the most"
              + " sold first; balanced: by similarity and recent sales alike, the never-sold too;"
              + " similarity: the nearest first; paper: of the nearest 10, those that"
              + " sold, the most sold first. Default: sales if any purchase is known, else"
              + " similarity.")
  @Nullable Rank rank;

  @Option(
      names = "--candidates",
      paramLabel = "N",
      description =
          "How many of the nearest are ranked at first; more give sales more weight. Default: 2 N,"
              + " N being -k's.")
  @Nullable Integer candidates;

  @Option(
      names = "--only-nearest",
      paramLabel = "N",
      description = "How many of the nearest are ranked and no more, even if the page stays short.")
  @Nullable Integer onlyNearest;

  /**
   * Checks what can be told without the store.
   *
   * @throws UserErrorException if options contradict each other or make no sense
   */
  void check() {
    // Said of options that change nothing by themselves too.
    unlessRefused("--boost-by", boostBy, () -> Merchandising.none().boost(Filter.ALL, boostBy));
    if (candidates != null && onlyNearest != null) {
      throw new UserErrorException("--candidates and --only-nearest exclude each other; give one");
    }
    if (ranking.given() && (rank == Rank.SIMILARITY || rank == Rank.PAPER)) {
      throw new UserErrorException(
          "--rank "
              + rank
              + " is an order of its own; leave --popularity, --smoothed, --never-sold,"
              + " --blend and --bought-together out, or rank by sales or balanced");
    }
    for (String attribute : sameAs) {
      if (attribute.isBlank()) {
        throw new UserErrorException("--same-as names a blank attribute; name one, as in gender");
      }
    }
    but();
    if (k < 1) {
      throw new UserErrorException("-k is " + k + ", expected 1 or more");
    }
  }

  /** What --filter says, in either form. */
  Filter filter() {
    return filter == null ? Filter.ALL : parsed(filter);
  }

  List<Filter> boosts() {
    return boosts.stream().map(PageOptions::parsed).toList();
  }

  List<Filter> buries() {
    return buries.stream().map(PageOptions::parsed).toList();
  }

  private static Filter parsed(String text) {
    return text.strip().startsWith("{") ? Filter.parseJson(text) : Filter.parse(text);
  }

  /** A wish of --but, as it was typed. */
  record But(String attribute, String value) {}

  /** What --but says, all of which products must have. */
  List<But> but() {
    var wanted = new ArrayList<But>();
    for (String each : but) {
      int at = each.indexOf('=');
      if (at < 1 || at == each.length() - 1 || each.substring(0, at).isBlank()) {
        throw new UserErrorException(
            "--but is " + each + ", expected an attribute and a value, as in color=red");
      }
      wanted.add(new But(each.substring(0, at), each.substring(at + 1)));
    }
    return wanted;
  }

  /** What --at-most says; an attribute's name may hold an equals sign. */
  Map<String, Integer> limits() {
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
}

package io.lookalike.cli;

import static io.lookalike.cli.UserErrorException.unlessRefused;

import io.lookalike.Recommender;
import io.lookalike.StoreInfo;
import io.lookalike.features.CatalogueTransform;
import io.lookalike.features.FeatureTransform;
import io.lookalike.features.HeldOutCheck;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoredTransform;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Teaches a store by its own variants. */
@Command(
    name = "learn",
    description =
        "Learns from products that are one design in several colors what tells designs apart, and"
            + " shows how much better designs are found that were kept out. If they are found no"
            + " better, or the store has learnt from something else before, it stays as it was.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lookalike learn --store shop",
      "  lookalike learn --store shop --by style --category-by category",
      "  lookalike learn --store shop --dry-run"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the options
final class LearnCommand implements Callable<Integer> {

  /** Fewer designs teach nothing: {@link CatalogueTransform#byDesigns}. */
  private static final int LEAST_DESIGNS = 40;

  /** What is chosen where an attribute has taught begins so. */
  private static final String LEARNT = "within ";

  @ParentCommand private Main main;

  @Mixin private StoreOption store;

  @Option(
      names = "--by",
      defaultValue = KindOptions.VARIANTS,
      paramLabel = "ATTRIBUTE",
      description = "What variants of one design have in common. Default: ${DEFAULT-VALUE}.")
  private String by;

  @Option(
      names = "--category-by",
      paramLabel = "ATTRIBUTE",
      description =
          "What products of a kind have in common, to learn from that where it is better.")
  private @Nullable String category;

  @Option(names = "--dry-run", description = "Only show what it would gain.")
  private boolean dryRun;

  @Option(
      names = "--replace",
      description = "Let it take the place of what the store has learnt from something else.")
  private boolean replace;

  /** What {@link #by} says, by the attribute's name in the store. */
  private String design;

  @Override
  public Integer call() throws IOException {
    long start = System.nanoTime();
    FeatureTransform.Rule rule = rule();
    try (CatalogueStore opened = store.place.open(main.console())) {
      StoreInfo info = Store.info(store.place, opened);
      StoredFeatures features = StoredFeatures.of(opened, info);
      FeatureTransform fitted = rule.fit(features);
      HeldOutCheck check =
          fitted
              .check()
              .orElseThrow(
                  () ->
                      new UserErrorException(
                          why(features)
                              + "; name another attribute with --by, or one of products of a kind"
                              + " with --category-by"));
      print(check);
      if (!check.shares().containsKey(LEARNT + design)) {
        main.console().note(why(features));
      }
      boolean better = !check.chosen().equals(CatalogueTransform.byCatalogueSize().name());
      if (!better || dryRun) {
        main.console().note(store.place + " stays as it was");
        return 0;
      }
      StoredTransform stored = opened.transform(info.network()).orElse(null);
      String before = stored == null ? "" : learnt(stored, rule);
      if (!replace && before.startsWith(LEARNT) && !before.equals(check.chosen())) {
        main.console()
            .note(
                store.place
                    + " stays as it was, as it has learnt "
                    + before
                    + " before; --replace puts "
                    + check.chosen()
                    + " in its place");
        return 0;
      }
      int version = stored == null ? 1 : 1 + stored.version();
      var learnt = StoredTransform.of(info.network(), version, rule, fitted);
      opened.write(last -> info.changes(Optional.of(learnt)));
      main.console()
          .note(
              "learnt in "
                  + Console.since(start)
                  + ": "
                  + fitted.description()
                  + "; saved in "
                  + store.place);
    }
    return 0;
  }

  /** What a store's transform was chosen for; empty if nothing was tried. */
  private static String learnt(StoredTransform stored, FeatureTransform.Rule rule)
      throws IOException {
    if (!rule.reads(stored.rule())) {
      return "";
    }
    FeatureTransform before =
        rule.read(new DataInputStream(new ByteArrayInputStream(stored.body())));
    return before.check().map(HeldOutCheck::chosen).orElse("");
  }

  /** Why designs teach nothing. */
  private String why(StoredFeatures features) {
    Map<Object, Set<String>> products = new HashMap<>();
    for (int row = 0; row < features.size(); row++) {
      Object value = features.attributes(row).get(design);
      if (value != null) {
        products.computeIfAbsent(value, v -> new HashSet<>()).add(features.id(row));
      }
    }
    return products.values().stream().filter(ids -> ids.size() > 1).count() < LEAST_DESIGNS
        ? store.place
            + " has too few products of equal "
            + by
            + " to learn from, expected "
            + LEAST_DESIGNS
            + " values or more that several products share"
        : "the photos of the products of equal "
            + by
            + " in "
            + store.place
            + " do not differ, so that nothing can be learnt from them";
  }

  private FeatureTransform.Rule rule() throws IOException {
    try (Recommender shop = Store.open(store.place, main.console())) {
      design = attribute(shop, by);
      if (category == null) {
        return unlessRefused("--by", by, () -> CatalogueTransform.byDesigns(design));
      }
      String kind = attribute(shop, category);
      return unlessRefused(
          "--category-by", category, () -> CatalogueTransform.byDesigns(design, kind));
    }
  }

  private static String attribute(Recommender shop, String name) {
    FilterCheck.checkAttribute(name, SimilarQuery.products(shop));
    return SimilarQuery.textOf(name, shop);
  }

  private void print(HeldOutCheck check) {
    Console console = main.console();
    console.result(check.question() + ", " + check.products() + " products kept out:");
    int width = check.shares().keySet().stream().mapToInt(String::length).max().orElse(0);
    for (Map.Entry<String, Double> each : check.shares().entrySet()) {
      console.result(
          String.format(
              Locale.ROOT,
              "  %-" + width + "s  %.3f%s",
              each.getKey(),
              each.getValue(),
              each.getKey().equals(check.chosen()) ? "  used" : ""));
    }
  }
}

package io.lookalike.cli;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.lookalike.Recommender;
import io.lookalike.Suggestion;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.store.CatalogueStore;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Values that products lack, or that do not fit their looks. */
@Command(
    name = "suggest",
    description =
        "Lists products that lack a value, or look unlike the one they have, the most certain first:"
            + " a CSV for a person to check. Its confidence is how often such a majority of"
            + " neighbors is right in this store.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lookalike suggest --store shop --attribute category > check.csv",
      "  lookalike suggest --store shop --attribute category --confidence 0.9",
      "  lookalike suggest --store shop --attribute category --photo found.jpg",
      "  lookalike suggest --store shop --attribute category --check"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the options
final class SuggestCommand implements Callable<Integer> {

  @ParentCommand private Main main;

  @Spec private CommandSpec spec;

  @Mixin private StoreOption store;

  @Option(
      names = "--attribute",
      required = true,
      paramLabel = "ATTRIBUTE",
      description = "What is to be suggested, such as category.")
  private String attribute;

  @Option(
      names = "--confidence",
      defaultValue = "0.5",
      paramLabel = "SHARE",
      description =
          "List only what is at least so certain, from 0 to 1. Default: ${DEFAULT-VALUE}.")
  private double least;

  @Option(
      names = "--photo",
      paramLabel = "FILE",
      description = "Instead, suggest a value for this photo, or for a part of it.")
  private @Nullable String photo;

  @Option(
      names = "--check",
      description =
          "Instead, withhold the values of half of the products, and show how often suggestions are"
              + " right.")
  private boolean check;

  @Option(
      names = "--variants-by",
      paramLabel = "ATTRIBUTE",
      description =
          "For --check, what variants have in common: they are withheld together. Default: "
              + KindOptions.VARIANTS
              + ", where there is one.")
  private @Nullable String variantsBy;

  @Mixin private ExtractorOptions extractor;

  /** A product to check. */
  private record Line(String id, String has, Suggestion suggested) {}

  @Override
  public Integer call() throws IOException {
    if (!(least >= 0 && least <= 1)) {
      throw new UserErrorException("--confidence is " + least + ", expected 0 to 1");
    }
    boolean leastGiven = spec.commandLine().getParseResult().hasMatchedOption("--confidence");
    if (check && leastGiven) {
      throw new UserErrorException(
          "--check tells of every confidence how often it is right; leave --confidence out");
    }
    if (photo != null && leastGiven) {
      throw new UserErrorException(
          "--photo shows a value whatever its confidence; leave --confidence out");
    }
    if (!check && variantsBy != null) {
      throw new UserErrorException(
          "--variants-by tells what --check withholds together; add --check, or leave it out");
    }
    if (check) {
      check();
      extractor.warnIfUnused(main.console());
      return 0;
    }
    try (Recommender shop = Store.open(store.place, extractor, main.console(), settings -> {})) {
      FilterCheck.checkAttribute(attribute, SimilarQuery.products(shop));
      String by = SimilarQuery.textOf(attribute, shop);
      if (shop.searcher().ids().stream()
          .flatMap(id -> shop.product(id).stream())
          .allMatch(product -> product.attributes().get(by) == null)) {
        throw new UserErrorException(
            "no product of "
                + store.place
                + " whose looks are known has "
                + attribute
                + ", so that looks tell nothing of it; index photos of those that have it");
      }
      List<Line> lines = photo == null ? toCheck(shop, by) : List.of(ofPhoto(shop, photo, by));
      print(lines);
      if (photo == null) {
        main.console()
            .note(lines.size() + " of " + shop.size() + " products to be checked for " + attribute);
      }
    }
    extractor.warnIfUnused(main.console());
    return 0;
  }

  private void check() throws IOException {
    if (photo != null) {
      throw new UserErrorException(
          "--check asks about the store's own products; leave --photo out");
    }
    try (CatalogueStore opened = store.place.open(main.console())) {
      new SuggestionCheck(store.place, opened, attribute, variantsBy)
          .lines()
          .forEach(main.console()::result);
    }
  }

  private Line ofPhoto(Recommender shop, String name, String by) {
    ImageSource image = SimilarQuery.photo(name);
    if (image == null) {
      throw new UserErrorException("there is no photo " + name + "; name a picture file");
    }
    return new Line(
        name,
        "",
        shop.suggest(image, by)
            .orElseThrow(
                () ->
                    new UserErrorException(
                        "none of the products that look most like "
                            + name
                            + " has "
                            + attribute
                            + ", so that nothing can be suggested")));
  }

  private List<Line> toCheck(Recommender shop, String by) {
    var lines = new ArrayList<Line>();
    try (Console.Progress bar = main.console().progress("looking", "products", shop.size())) {
      long done = 0;
      for (Product product : shop.products()) {
        Object own = product.attributes().get(by);
        shop.suggest(product.id(), by)
            .filter(s -> s.confidence() >= least && !isOrHas(own, s.value()))
            .ifPresent(
                s ->
                    lines.add(new Line(product.id(), own == null ? "" : Attributes.shown(own), s)));
        bar.progress(++done, shop.size());
      }
    }
    lines.sort(
        Comparator.comparingDouble((Line line) -> -line.suggested.confidence())
            .thenComparingDouble(line -> -line.suggested.share())
            .thenComparing(Line::id));
    return lines;
  }

  private static boolean isOrHas(@Nullable Object own, Object value) {
    return own != null && (own.equals(value) || (own instanceof Set<?> set && set.contains(value)));
  }

  private void print(List<Line> lines) {
    var text = new StringWriter();
    CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text);
    csv.writeRecord("id", "has", "suggested", "confidence", "share", "neighbors");
    for (Line line : lines) {
      Suggestion s = line.suggested;
      csv.writeRecord(
          line.id,
          line.has,
          Attributes.shown(s.value()),
          String.format(Locale.ROOT, "%.4f", s.confidence()),
          String.format(Locale.ROOT, "%.4f", s.share()),
          Integer.toString(s.neighbors()));
    }
    try {
      csv.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    text.toString().lines().forEach(main.console()::result);
  }
}

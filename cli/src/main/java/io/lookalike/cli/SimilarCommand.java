package io.lookalike.cli;

import io.lookalike.Explanation;
import io.lookalike.Recommendation;
import io.lookalike.RecommendationRequest;
import io.lookalike.Recommender;
import io.lookalike.Reranker;
import io.lookalike.index.IndexFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
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
      "  lookalike similar --store shop found.jpg#0.2,0.1,0.5,0.8",
      "  lookalike similar --store shop 0215303002 --but color=red --same-as gender",
      "  lookalike similar --store shop 0215303002 --filter 'price < 40'",
      "  lookalike similar --store shop 0215303002 --rank similarity --json",
      "  lookalike similar --store shop 0215303002 --explain",
      "  lookalike similar --store shop 0215303002 --not-like 0376172001",
      "  lookalike similar --store shop --events events.csv --customer 4711",
    })
@SuppressWarnings("NullAway.Init") // picocli sets the options
final class SimilarCommand implements Callable<Integer> {

  @ParentCommand private Main main;

  @Mixin private StoreOption store;

  @Option(
      names = "--index",
      defaultValue = IndexName.DEFAULT,
      paramLabel = IndexName.LABEL,
      description = IndexName.DESCRIPTION)
  private IndexFactory index;

  @Parameters(
      arity = "0..1",
      paramLabel = "ID|PHOTO",
      description =
          "A product of the store, or a picture file, or a part of it: photo.jpg#0.2,0.1,0.5,0.8 (x,"
              + " y, width, height in shares of the picture). With --customer it may be left out, for a page"
              + " of the customer's own.")
  private @Nullable String consulted;

  @Mixin private ExampleOptions examples;

  @Mixin private PageOptions options;

  @Mixin private ExtractorOptions extractor;

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

  @Override
  public Integer call() throws IOException {
    check();
    var query = new SimilarQuery(store.place, consulted, options, examples);
    Console console = main.console();
    Inputs inputs = query.inputs(extractor);
    if (html != null) {
      inputs.check(html);
    }
    try (Recommender shop = query.open(index, extractor, examples.sessions(console), console)) {
      if (html != null) {
        inputs.photosOf(shop).check(html);
      }
      query.checkAttributes(shop);
      var named = new NamedProducts(shop, store.place);
      String id = query.consultedId(named);
      RecommendationRequest request = query.request(shop, named);
      examples.replay(shop, named);
      List<String> asked = named.list(whyNot);
      Reranker reranker = query.reranker(shop.purchases(), console);
      RecommendationRequest ranked = request.rankedBy(reranker);
      boolean why = explain || !asked.isEmpty();
      if (why && html == null) {
        tell(shop.explain(ranked), asked);
        extractor.warnIfUnused(console);
        return 0;
      }
      Rank order = query.order(shop.purchases());
      List<Recommendation> page;
      if (html == null) {
        page = shop.recommend(ranked).recommendations();
      } else {
        Explanation explanation = shop.explain(ranked);
        page = explanation.page().recommendations();
        var pages =
            new SimilarPage(
                shop,
                query.remark(shop.purchases()),
                why ? explanation : null,
                new LinkedHashSet<>(asked));
        List<Explanation.Step> nearest = explanation.candidates();
        List<Explanation.Step> byLooks =
            order == Rank.SIMILARITY
                ? List.of()
                : nearest.subList(0, Math.min(options.k, nearest.size()));
        write(html, about(pages, id, page, byLooks));
      }
      if (id != null && !page.isEmpty() && shop.searcher().item(id) == null) {
        console.note("nothing is known of the looks of " + id + ", so these need not look like it");
      }
      print(page, shop, order);
      if (page.isEmpty()) {
        console.note(query.whyEmpty(shop, named, ranked));
      }
      extractor.warnIfUnused(console);
    }
    return 0;
  }

  private void check() {
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
  }

  private void tell(Explanation explanation, List<String> asked) {
    if (explain) {
      ExplanationTable.of(explanation).stream().map(Console::plain).forEach(main.console()::result);
    }
    for (String id : asked) {
      main.console()
          .result(Console.plain(id + "  " + ExplanationTable.outcome(explanation.whyNot(id))));
    }
  }

  private ResultPage about(
      SimilarPage pages,
      @Nullable String id,
      List<Recommendation> page,
      List<Explanation.Step> byLooks) {
    if (id != null) {
      return pages.about(id, page, byLooks);
    }
    String name = Objects.requireNonNull(consulted);
    return pages.about(Objects.requireNonNull(SimilarQuery.photo(name)), page, byLooks);
  }

  private void write(Path file, ResultPage page) throws IOException {
    page.write(file).forEach(main.console()::warn);
    main.console().note("wrote " + file);
  }

  private void print(List<Recommendation> page, Recommender shop, Rank order) throws IOException {
    Console console = main.console();
    boolean collapsed = options.variants == VariantName.COLLAPSE;
    if (json) {
      console.result(SimilarJson.of(page, order, collapsed));
    } else if (!page.isEmpty()) {
      SimilarTable.of(page, shop, collapsed).forEach(console::result);
    }
  }
}

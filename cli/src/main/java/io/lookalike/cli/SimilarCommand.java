package io.lookalike.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.lookalike.Candidate;
import io.lookalike.Filter;
import io.lookalike.ImageSource;
import io.lookalike.PopularityReranker;
import io.lookalike.Product;
import io.lookalike.PurchaseLog;
import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import io.lookalike.Reranker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
      "  lookalike similar --store shop found-in-the-street.jpg -k 5",
      "  lookalike similar --store shop 0215303002 --filter 'category = dress and price < 40'",
      "  lookalike similar --store shop 0215303002 --rank similarity --json",
    })
@SuppressWarnings("NullAway.Init") // picocli sets the options
final class SimilarCommand implements Callable<Integer> {

  /** So many neighbours the paper ranks by sales. */
  private static final int PAPER_CANDIDATES = 10;

  /** What the page is ordered by. */
  enum Rank {
    SALES,
    SIMILARITY,
    PAPER;

    /** Returns the name on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @ParentCommand private Main main;

  @Option(
      names = {"-s", "--store"},
      required = true,
      paramLabel = "DIR",
      description = "What index has made.")
  private Path store;

  @Parameters(paramLabel = "ID|PHOTO", description = "A product of the store, or a picture file.")
  private String consulted;

  @Option(
      names = "-k",
      defaultValue = "10",
      paramLabel = "N",
      description = "How many to show. Default: ${DEFAULT-VALUE}.")
  private int k;

  @Option(
      names = "--filter",
      paramLabel = "EXPRESSION",
      description = {
        "Show only products whose attributes match. Comparisons = != < <= > >= in (...),",
        "joined by and, or, not and parentheses."
      })
  private @Nullable String filter;

  @Option(
      names = "--rank",
      paramLabel = "ORDER",
      description = {
        "sales: of the nearest 5 k (at least 50), those that sold, the most sold first;",
        "similarity: the nearest first; paper: of the nearest 10, those that sold, the most",
        "sold first. Default: sales if any purchase is known, else similarity."
      })
  private @Nullable Rank rank;

  @Option(
      names = "--json",
      description = "Write an array of objects with id, score, similarity," + " sales.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    if (k < 1) {
      throw new UserErrorException("-k is " + k + ", expected 1 or more");
    }
    Filter wanted = filter == null ? Filter.ALL : Filter.parse(filter);
    Console console = main.console();
    // The order hangs on the purchases, which are in the store.
    Recommender.Builder builder = Store.builder(store).reranker(this::order);
    if (rank == Rank.PAPER) {
      builder.candidates(PAPER_CANDIDATES);
    }
    try (Recommender shop = builder.open(store)) {
      List<Recommendation> page = page(shop, wanted);
      if (json) {
        console.result(json(page));
      } else {
        table(page, shop).forEach(console::result);
      }
      if (page.isEmpty()) {
        console.note(whyEmpty(wanted));
      }
    }
    return 0;
  }

  private List<Recommendation> order(List<Candidate> candidates, PurchaseLog purchases) {
    boolean bySales = rank == null ? purchases.total() > 0 : rank != Rank.SIMILARITY;
    Reranker order = bySales ? PopularityReranker.byPurchases() : Reranker.bySimilarity();
    return order.rerank(candidates, purchases);
  }

  private List<Recommendation> page(Recommender shop, Filter wanted) {
    if (shop.product(consulted).isPresent()) {
      return shop.similarTo(consulted, k, wanted);
    }
    Path photo = existing(consulted);
    if (photo == null) {
      throw new UserErrorException(
          "\""
              + consulted
              + "\" is neither a product among the "
              + shop.size()
              + " of "
              + store
              + " nor a file; name a product's id or a photo");
    }
    return shop.similarTo(ImageSource.of(photo), k, wanted);
  }

  private static @Nullable Path existing(String name) {
    try {
      Path file = Path.of(name);
      return Files.isRegularFile(file) ? file : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private static String json(List<Recommendation> page) throws IOException {
    var objects = new ArrayList<Map<String, Object>>();
    for (Recommendation r : page) {
      var object = new LinkedHashMap<String, Object>();
      object.put("id", r.id());
      object.put("score", r.score());
      object.put("similarity", r.similarity());
      object.put("sales", r.sales());
      objects.add(object);
    }
    return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(objects);
  }

  private static List<String> table(List<Recommendation> page, Recommender shop) {
    int idWidth = page.stream().mapToInt(r -> r.id().length()).max().orElse(0);
    int salesWidth = page.stream().mapToInt(r -> Long.toString(r.sales()).length()).max().orElse(0);
    String format =
        "%4s  %-" + Math.max(idWidth, 2) + "s  %10s  %" + Math.max(salesWidth, 5) + "s  %s";
    var lines = new ArrayList<String>();
    lines.add(line(format, "rank", "id", "similarity", "sales", "attributes"));
    for (Recommendation r : page) {
      lines.add(
          line(
              format,
              lines.size(),
              r.id(),
              String.format(Locale.ROOT, "%.3f", r.similarity()),
              r.sales(),
              shop.product(r.id()).map(SimilarCommand::attributes).orElse("")));
    }
    return lines;
  }

  private static String line(String format, Object... cells) {
    return String.format(Locale.ROOT, format, cells).stripTrailing();
  }

  private static String attributes(Product product) {
    String text = product.attributes().toString();
    return text.substring(1, text.length() - 1);
  }

  private String whyEmpty(Filter wanted) {
    String among = wanted.equals(Filter.ALL) ? "" : " that match the filter";
    return rank == Rank.SIMILARITY
        ? "there are no other products" + among
        : "none of the nearest products" + among + " has sold; --rank similarity shows them all";
  }
}

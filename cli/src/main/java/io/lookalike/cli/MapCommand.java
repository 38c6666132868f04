package io.lookalike.cli;

import io.lookalike.Recommender;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.evaluation.CatalogueMap;
import io.lookalike.extractor.Thumbnail;
import io.lookalike.index.IndexItem;
import io.lookalike.index.bruteforce.BruteForceIndex;
import io.lookalike.index.bruteforce.NeighborTable;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** A store as a map. */
@Command(
    name = "map",
    description = "Writes a page on which products that look alike lie together, to zoom into.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lookalike map --store shop --out map.html",
      "  lookalike map --store shop --category-by color --out map.html"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the options
final class MapCommand implements Callable<Integer> {

  /** What a browser moves without stutter, and an editor still opens. */
  private static final int MOST = 50_000;

  private static final int NEAREST = 10;

  /** The side of a photo, in pixels; the map makes it smaller where there are many. */
  private static final int PHOTO = 96;

  /** Attributes that are shown of each product. */
  private static final int ATTRIBUTES = 5;

  @ParentCommand private Main main;

  @Mixin private StoreOption store;

  @Option(
      names = "--category-by",
      defaultValue = Facts.CATEGORY,
      paramLabel = "ATTRIBUTE",
      description = "What colors products. Default: ${DEFAULT-VALUE}.")
  private String categoryBy;

  @Option(names = "--no-photos", description = "Show points instead of photos.")
  private boolean noPhotos;

  @Option(
      names = {"-o", "--out"},
      required = true,
      paramLabel = "FILE.html",
      description = "Where to write the page, one file with the photos inside.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    Console console = main.console();
    long start = System.nanoTime();
    Inputs inputs = new Inputs().store(store.place);
    NewFile.at(out, inputs).close(); // what is wrong with it is said before the work
    try (Recommender shop = Store.open(store.place, console)) {
      inputs.photosOf(shop).check(out);
      List<String> ids = new ArrayList<>(shop.searcher().ids());
      ids.sort(null);
      if (ids.size() < 2 || ids.size() > MOST) {
        throw new UserErrorException(
            String.format(
                Locale.ROOT,
                "%s has %d products with photos, expected 2 to %d on a map",
                store.place,
                ids.size(),
                MOST));
      }
      List<Product> products = ids.stream().flatMap(id -> shop.product(id).stream()).toList();
      if (!categoryBy.equals(Facts.CATEGORY)) {
        FilterCheck.checkAttribute(categoryBy, products.stream());
      }
      List<CatalogueMap.Item> items = items(products, shop, console);
      Map<String, byte[]> photos = noPhotos ? Map.of() : photos(products, console);
      CatalogueMap.of(items)
          .title("What looks alike in " + store.place)
          .categoryBy(KindOptions.textOf(categoryBy, products.stream()))
          .products(attributes(products), Facts::name, product -> photos.get(product.id()))
          .write(out);
      console.note(
          String.format(
              Locale.ROOT, "placed %,d products in %s", items.size(), Console.since(start)));
      console.result(out.toString());
      return 0;
    }
  }

  private static List<CatalogueMap.Item> items(
      List<Product> products, Recommender shop, Console console) throws IOException {
    // Of products with several photos the first is what they look like here.
    var looks = new LinkedHashMap<Product, IndexItem>();
    for (Product product : products) {
      UnitVector vector = shop.searcher().vector(product.id());
      if (vector != null) {
        looks.put(product, new IndexItem(product.id(), vector, Attributes.none()));
      }
    }
    NeighborTable table;
    try (Console.Progress bar = console.progress("neighbors", "products", products.size());
        var index =
            (BruteForceIndex) BruteForceIndex.factory().create(shop.searcher().dimension())) {
      index.upsertAll(List.copyOf(looks.values()));
      table = NeighborTable.builder().k(NEAREST).progress(bar).build(index);
    }
    var items = new ArrayList<CatalogueMap.Item>(products.size());
    looks.forEach(
        (product, look) ->
            items.add(
                new CatalogueMap.Item(product, look.vector(), table.neighbors(product.id()))));
    return items;
  }

  /** Small photos by id, of those that can be read. */
  private static Map<String, byte[]> photos(List<Product> products, Console console) {
    Map<String, byte[]> photos = new ConcurrentHashMap<>();
    var unreadable = new ConcurrentLinkedQueue<String>();
    var done = new AtomicInteger();
    try (Console.Progress bar = console.progress("photos", "photos", products.size())) {
      products.parallelStream()
          .forEach(
              product -> {
                ImageSource photo = Facts.photo(product);
                if (photo != null) {
                  try {
                    photos.put(product.id(), Thumbnail.jpeg(photo, PHOTO, PHOTO));
                  } catch (UnreadableImageException e) {
                    unreadable.add(String.valueOf(e.getMessage()));
                  }
                }
                bar.progress(done.incrementAndGet(), products.size());
              });
    }
    if (!unreadable.isEmpty()) {
      console.warn(
          "photos that cannot be read, whose products are points: "
              + unreadable.size()
              + ", such as "
              + unreadable.peek());
    }
    return photos;
  }

  /** The attributes that most products show. */
  private List<String> attributes(List<Product> products) {
    Map<String, Integer> counts = new HashMap<>();
    for (Product product : products) {
      Facts.attributes(product).forEach(attribute -> counts.merge(attribute, 1, Integer::sum));
    }
    return counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(ATTRIBUTES)
        .map(Map.Entry::getKey)
        .toList();
  }
}

package io.lookalike.cluster;

import static io.lookalike.RecommendationRequest.like;

import io.lookalike.Recommender;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.index.opensearch.OpenSearchIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A shop in a process of its own, for tests that kill it: has products come and go, says which, and
 * shows pages meanwhile. Ends when its standard input does.
 */
final class ShopHost {

  static final int DIMENSION = 2_000;
  static final int STAYING = 400;
  private static final int PRESENT = 50;

  private ShopHost() {}

  /** A product with features of its own. */
  static ProductFeatures product(String id) {
    var random = new Random(id.hashCode());
    var features = new float[DIMENSION];
    for (int d = 0; d < DIMENSION; d++) {
      features[d] = (float) random.nextGaussian();
    }
    return new ProductFeatures(Product.of(id).with("length", id.length()), features);
  }

  static Recommender open(Path store, String index, String... urls) {
    return Recommender.builder()
        .dimension(DIMENSION)
        .index(
            OpenSearchIndex.builder()
                .url(urls)
                .index(index)
                .searchLimit(Duration.ofSeconds(30))
                .writeLimit(Duration.ofMinutes(4))
                .factory())
        .store(store)
        .build();
  }

  /** Begins with a store, an index, what to do, the number of the next product, and URLs. */
  public static void main(String[] args) throws Exception {
    var parent = new Thread(ShopHost::endWithInput);
    parent.setDaemon(true);
    parent.start();
    int first = Integer.parseInt(args[3]);
    Recommender shop = open(Path.of(args[0]), args[1], args[4].split(","));
    if (shop.size() == 0) {
      List<ProductFeatures> staying = new ArrayList<>();
      for (int i = 0; i < STAYING; i++) {
        staying.add(product("s" + i));
      }
      shop.addAll(staying);
    }
    say("ready");
    if (args[2].equals("reindex")) {
      shop.reindex((done, total) -> say("read " + done));
      say("done");
      return;
    }
    var reader = new Thread(() -> read(shop));
    reader.setDaemon(true);
    reader.start();
    for (int n = first; ; n++) {
      say("adding c" + n);
      shop.add(product("c" + n).product(), product("c" + n).features());
      say("added c" + n);
      if (n - first >= PRESENT) {
        say("removing c" + (n - PRESENT));
        shop.remove("c" + (n - PRESENT));
        say("removed c" + (n - PRESENT));
      }
    }
  }

  private static void read(Recommender shop) {
    var random = new Random(1);
    while (true) {
      String consulted = "s" + random.nextInt(STAYING);
      List<String> page = shop.recommend(like(consulted).k(10)).ids();
      say(
          page.size() == 10 && !page.contains(consulted)
              ? "page"
              : "wrong page of " + consulted + ": " + page);
    }
  }

  private static void say(String line) {
    System.out.println(line); // whole, as it is locked
  }

  private static void endWithInput() {
    try {
      while (System.in.read() >= 0) {
        // nothing is said to it
      }
    } catch (IOException e) {
      // as good as the end
    }
    Runtime.getRuntime().halt(0);
  }
}

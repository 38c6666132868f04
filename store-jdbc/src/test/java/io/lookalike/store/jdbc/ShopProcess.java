package io.lookalike.store.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.lookalike.Customer;
import io.lookalike.Event;
import io.lookalike.Purchase;
import io.lookalike.RecommendationRequest;
import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.Sessions;
import io.lookalike.UnknownProductException;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import io.lookalike.store.StoreException;
import io.lookalike.testkit.NaiveIndex;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A shop in a process of its own, on a database of several: it does one deed after the other, tells
 * what came of each, and answers when it is asked.
 */
final class ShopProcess {

  /** Products of which all processes write. */
  static final List<String> SHARED = List.of("s0", "s1", "s2", "s3", "s4", "s5");

  static final Instant BEGIN = Instant.parse("2024-05-01T00:00:00Z");

  /** How long the store waits for anything, so that a cut is noticed soon. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final int DIMENSION = 8;

  private final Recommender shop;
  private final String name;
  private final long seed;
  private final CountDownLatch goOn = new CountDownLatch(1);
  private volatile boolean writing;
  private int next;

  private ShopProcess(Recommender shop, String name, long seed) {
    this.shop = shop;
    this.name = name;
    this.seed = seed;
  }

  /** What a process does as its number-th deed. */
  record Deed(String who, int number, Kind kind, String id) {
    enum Kind {
      PUT,
      REMOVE,
      UPDATE,
      SELL,
      SEE
    }

    private static final List<Kind> KINDS =
        List.of(
            Kind.PUT,
            Kind.PUT,
            Kind.PUT,
            Kind.REMOVE,
            Kind.UPDATE,
            Kind.UPDATE,
            Kind.SELL,
            Kind.SELL,
            Kind.SEE);

    static Deed of(long seed, String who, int number) {
      var random = new Random((seed * 31 + who.hashCode()) * 1_000_003 + number);
      random.nextInt(); // the first hardly differs from one seed to the next
      Kind kind = KINDS.get(random.nextInt(KINDS.size()));
      String id =
          switch (kind) {
            case PUT, REMOVE -> who + random.nextInt(12); // of this process alone
            case UPDATE -> SHARED.get(random.nextInt(SHARED.size()));
            case SELL, SEE -> SHARED.get(number % SHARED.size());
          };
      return new Deed(who, number, kind, id);
    }

    Product product() {
      return new Product(id, Attributes.none().with("deed", number));
    }

    /** Every fourth is delivered to two processes and must count once. */
    Purchase purchase() {
      String which = number % 4 == 0 ? "both-" + number : who + "-" + number;
      return new Purchase(id, BEGIN.plusSeconds(3_600L * number), 1 + number % 3, which);
    }

    Event event() {
      return new Event(
          Customer.of(who + "-" + number % 3), Event.Kind.VIEWED, id, BEGIN.plusSeconds(number));
    }

    void in(Recommender shop) {
      switch (kind) {
        case PUT -> shop.add(product(), features(id, number));
        case REMOVE -> shop.remove(id);
        case UPDATE ->
            shop.update(
                id, a -> a.with(who, number).with("sum", a.number("sum").orElseThrow() + 1));
        case SELL -> shop.purchases().record(purchase());
        case SEE -> shop.record(event());
      }
    }
  }

  static float[] features(String id, int number) {
    var random = new Random((id + number).hashCode());
    var features = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      features[i] = (float) random.nextGaussian();
    }
    return features;
  }

  /** The settings of all, and of the oracle. */
  static RecommenderBuilder builder() {
    return Recommender.builder()
        .dimension(DIMENSION)
        .index(NaiveIndex.factory())
        .sessions(
            Sessions.builder()
                .timeToLive(Duration.ofDays(100_000))
                .clock(() -> BEGIN.plusSeconds(86_400))
                .build());
  }

  /** Opens the store, as whoever starts a process does again that has not come up. */
  private static JdbcStore store(DataSource source, String schema) throws StoreException {
    JdbcStore.Builder builder = JdbcStore.builder(source).schema(schema).patience(PATIENCE);
    for (int i = 0; i < 5; i++) {
      try {
        return builder.open();
      } catch (StoreException e) {
        System.err.println("once more: " + e.getMessage());
      }
    }
    return builder.open();
  }

  /** What another process removes meanwhile is asked about in vain; then all is asked again. */
  private static String answered(Recommender shop) {
    while (true) {
      try {
        return answers(shop);
      } catch (UnknownProductException e) {
        Thread.onSpinWait(); // its removal has just been followed
      }
    }
  }

  /** All that a shop shows, to be compared. */
  static String answers(Recommender shop) {
    var text = new StringBuilder();
    var products = new TreeMap<String, Attributes>();
    shop.products().forEach(product -> products.put(product.id(), product.attributes()));
    products.forEach(
        (id, attributes) ->
            text.append(id).append(' ').append(new TreeMap<>(attributes.asMap())).append('\n'));
    text.append("best sellers:");
    shop.purchases().bestSellers().forEach(id -> text.append(' ').append(id));
    text.append('\n');
    for (String id : new TreeSet<>(shop.purchases().soldIds())) {
      text.append(id).append(" sold ").append(new TreeMap<>(shop.purchases().daily(id)));
      text.append('\n');
    }
    for (String id : products.keySet()) {
      page(text, RecommendationRequest.like(id).k(10), shop);
    }
    text.append(shop.sessions().size()).append(" sessions\n");
    for (String who : List.of("a", "b", "c", "d")) {
      for (int i = 0; i < 3; i++) {
        Customer customer = Customer.of(who + "-" + i);
        page(text, RecommendationRequest.like("s0").inSessionOf(customer).k(5), shop);
      }
    }
    return text.toString();
  }

  private static void page(StringBuilder text, RecommendationRequest request, Recommender shop) {
    // Without similarities, whose last digit is another where the JVM has SIMD.
    text.append(shop.recommend(request).ids()).append('\n');
  }

  /** Named: the address, the schema, the process, the seed, and whether it has a pool. */
  public static void main(String[] args) throws Exception {
    var plain = new PGSimpleDataSource();
    plain.setUrl(args[0]);
    plain.setLoginTimeout(2);
    plain.setConnectTimeout(2);
    DataSource source = plain;
    if (args[4].equals("pool")) {
      var config = new HikariConfig();
      config.setDataSource(plain);
      config.setMaximumPoolSize(4);
      config.setConnectionTimeout(2_000);
      config.setValidationTimeout(1_000);
      source = new HikariDataSource(config);
    }
    try (Recommender shop = builder().keepSessions().store(store(source, args[1])).build()) {
      new ShopProcess(shop, args[2], Long.parseLong(args[3])).run();
    }
  }

  private void run() throws Exception {
    Thread writer = new Thread();
    say("ready");
    try (var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        switch (line) {
          case "write" -> {
            writing = true;
            writer = new Thread(this::write);
            writer.start();
          }
          case "pause" -> {
            writing = false;
            writer.join();
            say("paused");
          }
          case "hold" -> new Thread(this::hold).start();
          case "go on" -> goOn.countDown();
          case "ask" -> say(answered(shop) + ".");
          default -> throw new IOException("unknown: " + line);
        }
      }
    }
  }

  private static void say(String line) {
    synchronized (System.out) {
      System.out.println(line);
      System.out.flush();
    }
  }

  private void write() {
    try {
      while (writing) {
        int number = next++;
        say("begins " + number);
        String outcome = outcome(() -> Deed.of(seed, name, number).in(shop));
        say(outcome + " " + number);
        Thread.sleep(outcome.equals("done") ? 2 : 100);
      }
    } catch (InterruptedException | RuntimeException | Error e) {
      say("failed: " + e);
    }
  }

  /** Is in the middle of a change, and keeps all others from writing, until it is told to go on. */
  private void hold() {
    Runnable change =
        () ->
            shop.update(
                "held",
                before -> {
                  say("holding");
                  try {
                    goOn.await();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                  return before.with("by", name);
                });
    say("held: " + outcome(change));
  }

  private static String outcome(Runnable change) {
    try {
      change.run();
      return "done";
    } catch (UncheckedIOException e) {
      return String.valueOf(e.getMessage()).contains("not known") ? "unknown" : "refused";
    }
  }
}

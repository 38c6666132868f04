package io.lookalike.benchmarks;

import io.lookalike.Customer;
import io.lookalike.Diversity;
import io.lookalike.Event;
import io.lookalike.Explanation;
import io.lookalike.PopularityReranker;
import io.lookalike.Purchase;
import io.lookalike.RecommendationPage;
import io.lookalike.RecommendationRequest;
import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.Sessions;
import io.lookalike.VariantPolicy;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductFeatures;
import io.lookalike.extractor.EfficientNetLite;
import io.lookalike.index.hnsw.HnswIndex;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import javax.imageio.ImageIO;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * A shop under load: readers, a writer and events at once, each at a steady rate, on 50,000
 * products of 128 features. A page's latency counts from when it was due, so that what waits behind
 * a slow one counts too. At the end every event is looked for.
 *
 * <pre>
 * ShopLoad [SECONDS] [PAGES_A_SECOND] [EVENTS_A_SECOND] [WRITES_A_SECOND] [HISTOGRAM_FILE]
 *     [PICTURES] [platform | virtual] [STORE] [SECONDS_BETWEEN_REFITS]
 * </pre>
 *
 * <p>With PICTURES above 0, that number of calls at any time asks the built-in network about a
 * picture beside all that. All threads are platform threads, or virtual ones (JDK 21 and later).
 * STORE is a new folder, in which the shop is durable. Where SECONDS_BETWEEN_REFITS is given, the
 * shop is refitted and its index saved again and again; {@code max} of the writes is then the
 * longest wait of a writer. {@code -Dproducts=100000} takes more products.
 *
 * <p>A line of JSON for pages, for events, for writes and for pictures; exit code 1 if anything
 * went wrong.
 */
public final class ShopLoad {

  private static final int PRODUCTS = Integer.getInteger("products", 50_000);
  private static final int DIMENSION = 128;
  private static final int CLUSTERS = 1_000;
  private static final int CUSTOMERS = 10_000;
  private static final int READERS = 2;
  private static final long HIGHEST_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long SPIN_NANOS = 60_000;
  private static final List<Event.Kind> KINDS = List.of(Event.Kind.values());
  private static final Filter IN_STOCK = Filter.greaterThan("stock", 0);

  private final float[][] centres = new float[CLUSTERS][];
  private final Recommender shop;
  private final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();
  private final AtomicLong bought = new AtomicLong();
  private final String[] dismissed = new String[CUSTOMERS];

  private final Function<Runnable, Thread> starter;
  private final boolean virtual;

  /** 0 if the shop is not refitted. */
  private int refitSeconds;

  private ShopLoad(boolean virtual, String store) throws ReflectiveOperationException {
    this.virtual = virtual;
    this.starter = virtual ? virtual() : ShopLoad::platform;
    RecommenderBuilder settings =
        Recommender.builder()
            .dimension(DIMENSION)
            .index(HnswIndex.factory())
            .reranker(PopularityReranker.balanced())
            .variantsBy("design", VariantPolicy.COLLAPSE)
            .categoryBy("category")
            .diversity(Diversity.mmr(.7))
            .sessions(Sessions.builder().build());
    if (!store.isEmpty()) {
      settings.store(Path.of(store)).purchasesDurableWithin(Duration.ofMillis(10));
    }
    shop = settings.build();
  }

  /**
   * Runs the load.
   *
   * @param args see above
   * @throws Exception if a thread is interrupted or the file cannot be written
   */
  public static void main(String[] args) throws Exception {
    int seconds = args.length < 1 ? 60 : Integer.parseInt(args[0]);
    double pages = args.length < 2 ? 400 : Double.parseDouble(args[1]);
    double events = args.length < 3 ? 10_000 : Double.parseDouble(args[2]);
    double writes = args.length < 4 ? 200 : Double.parseDouble(args[3]);
    String file = args.length < 5 ? "" : args[4];
    int pictures = args.length < 6 ? 0 : Integer.parseInt(args[5]);
    boolean virtual = args.length > 6 && args[6].equals("virtual");
    var load = new ShopLoad(virtual, args.length > 7 ? args[7] : "");
    load.refitSeconds = args.length > 8 ? Integer.parseInt(args[8]) : 0;
    load.fill();
    load.run(10, pages, events, writes, "", pictures); // until the compiler has settled
    load.run(seconds, pages, events, writes, file, pictures);
    load.check();
    load.shop.close();
    load.errors.stream().limit(10).forEach(System.err::println);
    System.exit(load.errors.isEmpty() ? 0 : 1);
  }

  private static Thread platform(Runnable work) {
    var thread = new Thread(work);
    thread.start();
    return thread;
  }

  /** By reflection, as JDK 17 has none. */
  private static Function<Runnable, Thread> virtual() throws ReflectiveOperationException {
    Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
    return work -> {
      try {
        return (Thread) start.invoke(null, work);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("no virtual threads", e);
      }
    };
  }

  private void fill() {
    var random = new Random(1);
    for (int c = 0; c < CLUSTERS; c++) {
      centres[c] = gaussian(random, new float[DIMENSION], 1);
    }
    var items = new ArrayList<ProductFeatures>(PRODUCTS);
    for (int i = 0; i < PRODUCTS; i++) {
      items.add(new ProductFeatures(product(i, random), features(i, random)));
    }
    shop.addAll(items);
    var sold = new ArrayList<Purchase>();
    for (int i = 0; i < 200_000; i++) {
      int product = (int) (PRODUCTS * Math.pow(random.nextDouble(), 3)); // a long tail
      sold.add(
          Purchase.of("p" + product, Instant.now().minusSeconds(random.nextInt(365) * 86_400L)));
    }
    shop.recordPurchases(sold);
    bought.set(sold.size());
  }

  private static Product product(int i, Random random) {
    return Product.of("p" + i)
        .with("category", "c" + i % 40)
        .with("design", "d" + i % (PRODUCTS / 3))
        .with("stock", random.nextInt(10))
        .with("price", random.nextInt(100));
  }

  private float[] features(int i, Random random) {
    return gaussian(random, centres[i % CLUSTERS], .7f);
  }

  private static float[] gaussian(Random random, float[] centre, float spread) {
    var vector = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      vector[i] = centre[i] + spread * (float) random.nextGaussian();
    }
    return vector;
  }

  private interface Action {
    void run(Random random);
  }

  private void run(
      int seconds, double pages, double events, double writes, String file, int pictures)
      throws InterruptedException, IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    var seeds = new Random(seconds);
    List<Histogram> reading = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      reading.add(start(threads, pages / READERS, end, seeds.nextLong(), this::page));
    }
    Histogram recording = start(threads, events, end, seeds.nextLong(), this::event);
    Histogram writing = start(threads, writes, end, seeds.nextLong(), this::write);
    if (refitSeconds > 0) {
      threads.add(platform(() -> refit(end)));
    }
    var looking = new ConcurrentHistogram(HIGHEST_NANOS, 3);
    if (pictures > 0) {
      try (EfficientNetLite network = EfficientNetLite.builtIn()) {
        look(network, pictures, end, looking);
      }
    }
    for (Thread thread : threads) {
      thread.join();
    }
    var all = new Histogram(HIGHEST_NANOS, 3);
    reading.forEach(all::add);
    print("page", seconds, all);
    print("event", seconds, recording);
    print("write", seconds, writing);
    if (pictures > 0) {
      print("picture", seconds, looking);
    }
    if (!file.isEmpty()) {
      try (var out = new PrintStream(new FileOutputStream(file), false, StandardCharsets.UTF_8)) {
        all.outputPercentileDistribution(out, 1e3);
      }
    }
  }

  private void refit(long end) {
    int refits = 0;
    try {
      while (System.nanoTime() < end) {
        shop.refit();
        shop.save();
        refits++;
        TimeUnit.SECONDS.sleep(refitSeconds);
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      errors.add("refit: " + e);
    }
    System.out.printf(Locale.ROOT, "{\"what\":\"refit and save\",\"count\":%d}%n", refits);
  }

  /**
   * That number of calls at once, each with a photo that a phone may have sent; the next when one
   * ends.
   */
  private void look(EfficientNetLite network, int pictures, long end, Histogram looking)
      throws InterruptedException, IOException {
    ImageSource photo = ImageSource.of("photo", photo());
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < pictures; i++) {
      callers.add(
          starter.apply(
              () -> {
                while (System.nanoTime() < end) {
                  long begin = System.nanoTime();
                  try {
                    network.extract(photo);
                  } catch (RuntimeException | Error e) {
                    errors.add(e.toString());
                  }
                  looking.recordValue(Math.min(HIGHEST_NANOS, System.nanoTime() - begin));
                }
              }));
    }
    for (Thread caller : callers) {
      caller.join();
    }
  }

  private static byte[] photo() throws IOException {
    var image = new BufferedImage(600, 800, BufferedImage.TYPE_INT_RGB);
    var random = new Random(3);
    Graphics2D graphics = image.createGraphics();
    for (int i = 0; i < 500; i++) {
      graphics.setColor(new Color(random.nextInt(1 << 24)));
      graphics.fillOval(random.nextInt(600), random.nextInt(800), 90, 90);
    }
    var bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "jpeg", bytes);
    return bytes.toByteArray();
  }

  /** Does something at a steady rate, and notes how long after it was due each time was done. */
  @SuppressWarnings("ThreadPriorityCheck") // a request that ends lets others have the processor
  private Histogram start(
      List<Thread> threads, double perSecond, long end, long seed, Action action) {
    var histogram = new Histogram(HIGHEST_NANOS, 3);
    var random = new Random(seed);
    double interval = 1e9 / perSecond;
    long begin = System.nanoTime();
    var thread =
        starter.apply(
            () -> {
              for (long i = 0; ; i++) {
                long due = begin + (long) (i * interval);
                if (due >= end) {
                  return;
                }
                while (due - System.nanoTime() > SPIN_NANOS) {
                  LockSupport.parkNanos(due - System.nanoTime() - SPIN_NANOS / 2);
                }
                try {
                  action.run(random);
                } catch (RuntimeException | Error e) {
                  errors.add(e.toString());
                }
                histogram.recordValue(
                    Math.min(HIGHEST_NANOS, Math.max(0, System.nanoTime() - due)));
                if (virtual) {
                  Thread.yield(); // as one that serves one page would end
                }
              }
            });
    threads.add(thread);
    return histogram;
  }

  private void page(Random random) {
    Customer customer = customer(random.nextInt(CUSTOMERS));
    // Of those that are never removed, see write.
    String consulted = "p" + random.nextInt(PRODUCTS / 2);
    RecommendationPage page =
        switch (random.nextInt(10)) {
          case 0 -> shop.recommend(RecommendationRequest.forCustomer(customer));
          case 1, 2, 3 ->
              shop.recommend(
                  RecommendationRequest.like(consulted).inSessionOf(customer).where(IN_STOCK));
          case 4, 5 -> shop.recommend(RecommendationRequest.like(consulted).where(IN_STOCK));
          default -> shop.recommend(RecommendationRequest.like(consulted));
        };
    if (page.ids().size() != 10) {
      errors.add("a page of " + page.ids().size());
    }
  }

  private void event(Random random) {
    int customer = random.nextInt(CUSTOMERS);
    Event.Kind kind = KINDS.get(random.nextInt(KINDS.size()));
    String product = "p" + random.nextInt(PRODUCTS);
    shop.record(new Event(customer(customer), kind, product, Instant.now()));
    if (kind == Event.Kind.BOUGHT) {
      bought.incrementAndGet();
    }
    dismissed[customer] = kind == Event.Kind.DISMISSED ? product : "";
  }

  private void write(Random random) {
    int i = random.nextInt(PRODUCTS);
    if (random.nextInt(10) == 0 && i >= PRODUCTS / 2) {
      shop.remove("p" + i);
      shop.add(product(i, random), features(i, random));
    } else {
      shop.update(product(i, random));
    }
  }

  private static Customer customer(int i) {
    return Customer.of("customer " + i);
  }

  /** Every purchase is counted, and whoever dismissed something last is not shown it. */
  private void check() {
    if (shop.purchases().total() != bought.get()) {
      errors.add(shop.purchases().total() + " purchases counted of " + bought.get());
    }
    int checked = 0;
    for (int i = 0; i < CUSTOMERS && checked < 1000; i++) {
      String last = dismissed[i];
      if (last != null && !last.isEmpty() && shop.product(last).isPresent()) {
        checked++;
        var request =
            RecommendationRequest.like(last.equals("p1") ? "p2" : "p1").inSessionOf(customer(i));
        Explanation.Stage stage = shop.explain(request).whyNot(last).stage();
        if (stage != Explanation.Stage.EXCLUSION) {
          errors.add("customer " + i + " dismissed " + last + ", which is at " + stage);
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "{\"purchases\":%d,\"dismissalsChecked\":%d,\"errors\":%d}%n",
        bought.get(),
        checked,
        errors.size());
  }

  private static void print(String what, int seconds, Histogram histogram) {
    System.out.printf(
        Locale.ROOT,
        "{\"jdk\":\"%s\",\"what\":\"%s\",\"seconds\":%d,\"count\":%d,\"p50Micros\":%.0f,"
            + "\"p90Micros\":%.0f,\"p99Micros\":%.0f,\"p999Micros\":%.0f,\"maxMicros\":%.0f}%n",
        System.getProperty("java.version"),
        what,
        seconds,
        histogram.getTotalCount(),
        histogram.getValueAtPercentile(50) / 1e3,
        histogram.getValueAtPercentile(90) / 1e3,
        histogram.getValueAtPercentile(99) / 1e3,
        histogram.getValueAtPercentile(99.9) / 1e3,
        histogram.getMaxValue() / 1e3);
  }
}

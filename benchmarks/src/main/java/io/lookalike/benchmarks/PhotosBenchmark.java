package io.lookalike.benchmarks;

import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.index.IndexProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What several photos a product cost: microseconds for the ten products nearest to a picture, and,
 * printed when the catalogue is there, the heap that it takes. 20,000 products of 256 features in
 * 1,000 clusters; a product's photos lie around its own.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx3g", "--add-modules=jdk.incubator.vector", "-Dlookalike.simd=require"})
@SuppressWarnings("NullAway.Init") // JMH calls fill first
public class PhotosBenchmark {
  private static final int PRODUCTS = 20_000;
  private static final int DIMENSION = 256;
  private static final int CLUSTERS = 1_000;

  /** How many photos a product has. */
  @Param({"1", "2", "5"})
  public int photos;

  /** Which index searches. */
  @Param({"bruteforce", "hnsw"})
  public String index;

  private final List<float[]> questions = new ArrayList<>();
  private Recommender shop;
  private int next;

  /** Fills the catalogue. */
  @Setup
  public void fill() {
    long before = UsedHeap.bytes();
    shop = Recommender.builder().extractor(new Decoder()).index(IndexProvider.named(index)).build();
    var random = new Random(5);
    float[][] centres = new float[CLUSTERS][];
    for (int i = 0; i < CLUSTERS; i++) {
      centres[i] = around(random, new float[DIMENSION], 1);
    }
    var batch = new ArrayList<ProductImage>();
    for (int i = 0; i < PRODUCTS; i++) {
      float[] own = around(random, centres[i % CLUSTERS], .7);
      var images = new ArrayList<ImageSource>();
      for (int photo = 0; photo < photos; photo++) {
        images.add(encoded(around(random, own, .5)));
      }
      batch.add(new ProductImage(Product.of("p" + i), images));
      if (questions.size() < 1_000) {
        questions.add(around(random, own, .5));
      }
    }
    shop.addAll(batch);
    batch.clear();
    System.out.printf(
        "heap of %d photos a product: %d MB%n", photos, UsedHeap.bytes() - before >> 20);
  }

  private static float[] around(Random random, float[] centre, double distance) {
    float[] near = centre.clone();
    for (int i = 0; i < DIMENSION; i++) {
      near[i] += (float) (distance * random.nextGaussian());
    }
    return near;
  }

  private static ImageSource encoded(float[] features) {
    ByteBuffer bytes = ByteBuffer.allocate(DIMENSION * Float.BYTES);
    bytes.asFloatBuffer().put(features);
    return ImageSource.of("photo", bytes.array());
  }

  /** Closes the catalogue. */
  @TearDown
  public void close() {
    shop.close();
  }

  /**
   * The ten products nearest to a picture.
   *
   * @return the page
   */
  @Benchmark
  public List<Recommendation> nearest() {
    next = (next + 1) % questions.size();
    return shop.similarTo(questions.get(next), 10);
  }

  private record Decoder() implements FeatureExtractor {
    @Override
    public String identity() {
      return "decoder/1";
    }

    @Override
    public int dimension() {
      return DIMENSION;
    }

    @Override
    public float[] extract(ImageSource image) {
      try (InputStream in = image.open()) {
        var features = new float[DIMENSION];
        ByteBuffer.wrap(in.readAllBytes()).asFloatBuffer().get(features);
        return features;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {}
  }
}

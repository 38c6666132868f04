package io.lookalike.benchmarks;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.ProductImage;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.datasets.Catalogue;
import io.lookalike.evaluation.LooksEvaluation;
import io.lookalike.evaluation.ReplayCatalogue;
import io.lookalike.extractor.EfficientNetLite;
import io.lookalike.extractor.OnnxExtractor;
import io.lookalike.extractor.Picture;
import io.lookalike.extractor.Preprocessing;
import io.lookalike.features.CatalogueTransform;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.features.FeatureTransform;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;

/**
 * What else could be made of a photo than the built-in features, and what it gains: other exponents
 * of the pooling, maps from the middle of the network, the photo mirrored, parts of it, colors and
 * textures. For each the share of the ten nearest that are of the product's category, and how often
 * another variant is among them, with the features as they are and with what half of the products
 * teach; the other half is asked about.
 *
 * <pre>
 * DescriptorBenchmark PHOTOS|CSV [CATEGORY [VARIANTS [HALVES]]]
 * </pre>
 */
public final class DescriptorBenchmark {

  private static final int SIDE = 288;
  private static final int HALF_SIDE = 144;

  /** What the head of the network makes, before it is pooled. */
  private static final String HEAD = "/Clip_32_output_0";

  private static final int HEAD_MAPS = 1_280;

  /** Maps from the middle of the network. */
  private static final List<Maps> MIDDLE =
      List.of(
          new Maps("block 10", "/Add_5_output_0", 112),
          new Maps("block 11 inside", "/Clip_22_output_0", 672),
          new Maps("block 14", "/Add_8_output_0", 192),
          new Maps("block 15 inside", "/Clip_31_output_0", 1_152));

  private record Maps(String name, String output, int count) {}

  private final List<ProductImage> items;
  private final String category;
  private final String variants;
  private final int halves;

  /** Rows of a catalogue, and the processor's seconds for each. */
  private record Rows(float[][] values, double seconds) {

    /** Both side by side, each of length 1, the second with a weight. */
    Rows with(Rows other, double weight) {
      var both = new float[values.length][];
      for (int i = 0; i < both.length; i++) {
        float[] a = unit(values[i], 1);
        float[] b = unit(other.values[i], weight);
        both[i] = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both[i], a.length, b.length);
      }
      return new Rows(both, seconds + other.seconds);
    }

    /** The mean of both. */
    Rows mean(Rows other) {
      var means = new float[values.length][];
      for (int i = 0; i < means.length; i++) {
        means[i] = unit(values[i], 1);
        float[] b = unit(other.values[i], 1);
        for (int j = 0; j < b.length; j++) {
          means[i][j] += b[j];
        }
      }
      return new Rows(means, seconds + other.seconds);
    }

    /** Each value, none of which is below 0, to a power. */
    Rows power(double exponent) {
      var powers = new float[values.length][];
      for (int i = 0; i < powers.length; i++) {
        powers[i] = values[i].clone();
        for (int j = 0; j < powers[i].length; j++) {
          powers[i][j] = (float) Math.pow(powers[i][j], exponent);
        }
      }
      return new Rows(powers, seconds);
    }

    /** Some columns, for no time of their own. */
    Rows columns(int from, int to) {
      return new Rows(
          Arrays.stream(values)
              .map(row -> Arrays.copyOfRange(row, from, to))
              .toArray(float[][]::new),
          0);
    }

    private static float[] unit(float[] row, double length) {
      double squares = 0;
      for (float value : row) {
        squares += (double) value * value;
      }
      var unit = new float[row.length];
      for (int i = 0; i < row.length; i++) {
        unit[i] = (float) (length * row[i] / Math.sqrt(Math.max(1e-12, squares)));
      }
      return unit;
    }
  }

  private DescriptorBenchmark(
      List<ProductImage> items, String category, String variants, int halves) {
    this.items = items;
    this.category = category;
    this.variants = variants;
    this.halves = halves;
  }

  /**
   * Measures and prints.
   *
   * @param args a folder of photos or a CSV file; the attribute that is the category, by default
   *     {@code category}; that which variants have in common, {@code product_code}; in how many
   *     ways the products are halved, 3
   * @throws IOException if they cannot be read
   */
  public static void main(String[] args) throws IOException {
    var items = new ArrayList<ProductImage>();
    Catalogue.of(Path.of(args[0])).strict().read(items::add);
    new DescriptorBenchmark(
            items,
            args.length > 1 ? args[1] : "category",
            args.length > 2 ? args[2] : "product_code",
            args.length > 3 ? Integer.parseInt(args[3]) : 3)
        .run();
  }

  private void run() throws IOException {
    Path network = Files.createTempFile("descriptors", ".onnx");
    try {
      Files.write(network, withMoreOutputs());
      measure(network);
    } finally {
      Files.delete(network);
    }
  }

  private void measure(Path network) throws IOException {
    Rows whole;
    try (FeatureExtractor extractor = EfficientNetLite.builtIn()) {
      whole = rows(extractor, Function.identity());
    }
    System.out.printf(
        Locale.ROOT,
        "%d products, %.1f ms of processor time each; %s, %s, mean of %d halves%n%-40s %6s %9s %9s"
            + " %9s %9s%n",
        items.size(),
        whole.seconds * 1e3,
        category,
        variants,
        halves,
        "descriptor",
        "time",
        "as it is",
        "pca 256",
        "learnt",
        "variants");
    print("built in", whole, whole);
    print("square roots of its features", whole.power(.5), whole);
    print("squares of its features", whole.power(2), whole);
    try (FeatureExtractor extractor =
        OnnxExtractor.builder()
            .model(network)
            .output("parts")
            .preprocessing(Preprocessing.EFFICIENTNET_LITE)
            .area(SIDE, 32)
            .build()) {
      Rows parts = rows(extractor, Function.identity());
      int from = 0;
      for (String exponent : List.of("1", "2", "5", "10", "maximum")) {
        Rows pooled = parts.columns(from, from + HEAD_MAPS);
        print("pooled with exponent " + exponent, new Rows(pooled.values, whole.seconds), whole);
        from += HEAD_MAPS;
      }
      for (Maps maps : MIDDLE) {
        Rows map = parts.columns(from, from + maps.count);
        print("with " + maps.count + " maps of " + maps.name, whole.with(map, .5), whole);
        from += maps.count;
      }
    }
    try (FeatureExtractor extractor = EfficientNetLite.builtIn();
        FeatureExtractor small = EfficientNetLite.builder().side(HALF_SIDE).build()) {
      print(
          "mean with the mirrored photo",
          whole.mean(rows(extractor, DescriptorBenchmark::mirrored)),
          whole);
      Function<ImageSource, ImageSource> middle = photo -> photo.crop(.2, .1, .6, .8);
      Function<ImageSource, ImageSource> upper = photo -> photo.crop(0, 0, 1, .5);
      print("with the middle", whole.with(rows(extractor, middle), .7), whole);
      print("with the upper half", whole.with(rows(extractor, upper), .7), whole);
      print("with the middle, 144", whole.with(rows(small, middle), .5), whole);
      print("with the upper half, 144", whole.with(rows(small, upper), .5), whole);
      print("with itself, 144", whole.with(rows(small, Function.identity()), .5), whole);
    }
    Rows colors = rows(new Drawn("colors", Drawn::colors), Function.identity());
    Rows edges = rows(new Drawn("edges", Drawn::edges), Function.identity());
    print("with colors", whole.with(colors, .3), whole);
    print("with directions of edges", whole.with(edges, .3), whole);
    print("with both", whole.with(colors, .3).with(edges, .3), whole);
  }

  private Rows rows(FeatureExtractor extractor, Function<ImageSource, ImageSource> view) {
    List<ImageSource> photos = items.stream().map(item -> view.apply(item.image())).toList();
    extractor.extract(photos.get(0)); // what is made once
    var values = new float[photos.size()][];
    double start = processor();
    extractor.extractAll(
        photos,
        new FeatureExtractor.Sink() {
          @Override
          public void extracted(int index, float[] features) {
            values[index] = features;
          }

          @Override
          public void unreadable(int index, UnreadableImageException reason) {
            throw reason;
          }
        });
    return new Rows(values, (processor() - start) / photos.size());
  }

  private static double processor() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime() / 1e9
        : Double.NaN;
  }

  private static ImageSource mirrored(ImageSource photo) {
    Picture picture = Picture.read(photo);
    byte[] rgb = picture.rgb();
    var image = new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0, at = 0; y < picture.height(); y++) {
      for (int x = picture.width() - 1; x >= 0; x--, at += 3) {
        image.setRGB(x, y, (rgb[at] & 255) << 16 | (rgb[at + 1] & 255) << 8 | rgb[at + 2] & 255);
      }
    }
    return ImageSource.of(photo.name(), image);
  }

  private void print(String name, Rows rows, Rows whole) {
    ReplayCatalogue.Builder builder =
        ReplayCatalogue.builder().categoryBy(category).variantsBy(variants);
    for (int i = 0; i < items.size(); i++) {
      builder.add(items.get(i).product(), rows.values[i]);
    }
    LooksEvaluation looks = LooksEvaluation.of(builder.build(), 10);
    List<FeatureTransform.Rule> rules =
        List.of(
            FeatureTransform.Rule.NONE,
            CatalogueTransform.pca(256),
            CatalogueTransform.byDesigns(variants, category));
    var shares = new double[rules.size() + 1];
    for (int half = 1; half <= halves; half++) {
      for (int rule = 0; rule < rules.size(); rule++) {
        LooksEvaluation transformed = looks.transformed(rules.get(rule), half);
        shares[rule] += transformed.sameCategory().value() / halves;
        if (rule == rules.size() - 1) {
          shares[rule + 1] += transformed.variants().value() / halves;
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%-40s %6.2f %9.4f %9.4f %9.4f %9.4f%n",
        name,
        rows.seconds / whole.seconds,
        shares[0],
        shares[1],
        shares[2],
        shares[3]);
  }

  // ---- the network with more outputs

  /**
   * The built-in network, to which nodes are appended that pool its maps and lay them side by side:
   * a message of protobuf after another of the same kind adds to its lists.
   */
  private static byte[] withMoreOutputs() throws IOException {
    byte[] weights;
    try (InputStream in =
        EfficientNetLite.class.getResourceAsStream("efficientnet-lite0-gem.onnx")) {
      weights = Objects.requireNonNull(in).readAllBytes();
    }
    var graph = new ByteArrayOutputStream();
    var parts = new ArrayList<String>();
    parts.add(pooled(graph, HEAD, "GlobalAveragePool", 0));
    for (int exponent : new int[] {2, 5, 10}) {
      parts.add(pooled(graph, HEAD, "GlobalLpPool", exponent));
    }
    parts.add(pooled(graph, HEAD, "GlobalMaxPool", 0));
    for (Maps maps : MIDDLE) {
      parts.add(
          maps.name.endsWith("inside") // where values are none below 0
              ? pooled(graph, maps.output, "GlobalLpPool", 3)
              : pooled(graph, maps.output, "GlobalAveragePool", 0));
    }
    node(graph, "Concat", parts, "parts", "axis", 1);
    field(graph, 12, message(value -> field(value, 1, "parts")));
    var model = new ByteArrayOutputStream();
    model.write(weights);
    field(model, 7, graph.toByteArray());
    return model.toByteArray();
  }

  private static String pooled(
      ByteArrayOutputStream graph, String map, String pooling, int exponent) {
    String name = map + "/" + pooling + exponent;
    node(graph, pooling, List.of(map), name, "p", exponent);
    node(graph, "Flatten", List.of(name), name + "/flat", "axis", 1);
    return name + "/flat";
  }

  private static void node(
      ByteArrayOutputStream graph,
      String operator,
      List<String> inputs,
      String output,
      String attribute,
      int value) {
    field(
        graph,
        1,
        message(
            node -> {
              inputs.forEach(input -> field(node, 1, input));
              field(node, 2, output);
              field(node, 4, operator);
              if (value > 0) {
                field(
                    node,
                    5,
                    message(
                        attributed -> {
                          field(attributed, 1, attribute);
                          attributed.write(3 << 3); // a whole number
                          attributed.write(value);
                          attributed.write(0xA0); // field 20, its type: INT
                          attributed.write(0x01);
                          attributed.write(2);
                        }));
              }
            }));
  }

  private interface Filling {
    void fill(ByteArrayOutputStream message);
  }

  private static byte[] message(Filling filling) {
    var message = new ByteArrayOutputStream();
    filling.fill(message);
    return message.toByteArray();
  }

  private static void field(ByteArrayOutputStream message, int number, String text) {
    field(message, number, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void field(ByteArrayOutputStream message, int number, byte[] bytes) {
    message.write(number << 3 | 2);
    int length = bytes.length;
    for (; length > 127; length >>>= 7) {
      message.write(length & 127 | 128);
    }
    message.write(length);
    message.writeBytes(bytes);
  }

  /** Histograms of a photo's pixels, of which square roots are compared. */
  private record Drawn(String identity, Function<Picture, float[]> draw)
      implements FeatureExtractor {

    @Override
    public int dimension() {
      return 1;
    }

    @Override
    public float[] extract(ImageSource image) {
      float[] counts = draw.apply(Picture.read(image));
      for (int i = 0; i < counts.length; i++) {
        counts[i] = (float) Math.sqrt(counts[i]);
      }
      return counts;
    }

    @Override
    public void close() {}

    /** Of each quarter of the photo 8 hues, 3 saturations and 3 brightnesses. */
    static float[] colors(Picture picture) {
      byte[] rgb = picture.rgb();
      var counts = new float[4 * 72];
      var hsb = new float[3];
      for (int y = 0; y < picture.height(); y += 4) {
        for (int x = 0; x < picture.width(); x += 4) {
          int at = 3 * (y * picture.width() + x);
          Color.RGBtoHSB(rgb[at] & 255, rgb[at + 1] & 255, rgb[at + 2] & 255, hsb);
          int quarter = 2 * (2 * y / picture.height()) + 2 * x / picture.width();
          int bin =
              9 * Math.min(7, (int) (8 * hsb[0]))
                  + 3 * Math.min(2, (int) (3 * hsb[1]))
                  + Math.min(2, (int) (3 * hsb[2]));
          counts[72 * quarter + bin]++;
        }
      }
      return counts;
    }

    /** Of each of 16 parts of the photo 8 directions, by how much brightness changes. */
    static float[] edges(Picture picture) {
      byte[] rgb = picture.rgb();
      int row = 3 * picture.width();
      var counts = new float[16 * 8];
      counts[0] = 1e-3f; // a plain photo has no edges, and must not be nothing
      for (int y = 2; y < picture.height() - 2; y += 2) {
        for (int x = 2; x < picture.width() - 2; x += 2) {
          int at = y * row + 3 * x + 1; // green
          int right = (rgb[at + 6] & 255) - (rgb[at - 6] & 255);
          int down = (rgb[at + 2 * row] & 255) - (rgb[at - 2 * row] & 255);
          double turn = Math.atan2(down, right) / Math.PI; // both ways of an edge are one
          int part = 4 * (4 * y / picture.height()) + 4 * x / picture.width();
          int bin = Math.floorMod((int) Math.floor(8 * turn), 8);
          counts[8 * part + bin] += (float) Math.hypot(right, down);
        }
      }
      return counts;
    }
  }
}

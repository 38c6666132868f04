package io.lookalike.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lookalike.catalog.Attributes;
import io.lookalike.math.UnitVector;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What products of one design teach, on catalogues whose designs differ along known directions. */
class DesignTransformTest {

  private static final int DIMENSION = 40;

  /** Directions along which photos of one design differ, and most of all. */
  private static final int COLORS = 8;

  private record Shop(float[][] rows, Attributes[] attributes, int photos) implements FeatureSet {
    Shop(float[][] rows, Attributes[] attributes) {
      this(rows, attributes, 1);
    }

    @Override
    public int size() {
      return rows.length;
    }

    @Override
    public int dimension() {
      return rows[0].length;
    }

    @Override
    public void copyRow(int row, float[] target, int offset) {
      System.arraycopy(rows[row], 0, target, offset, dimension());
    }

    @Override
    public String id(int row) {
      return "p" + row / photos;
    }

    @Override
    public Attributes attributes(int row) {
      return attributes[row];
    }
  }

  /** Designs of three colors; category is that of the design, noise is a label without sense. */
  private static Shop shop(long seed, int designs) {
    return shop(seed, designs, 4, .3);
  }

  /** With so much difference between photos of a design along its colors, and along the rest. */
  private static Shop shop(long seed, int designs, double colors, double rest) {
    var random = new Random(seed);
    var rows = new float[3 * designs][DIMENSION];
    var attributes = new Attributes[rows.length];
    for (int design = 0; design < designs; design++) {
      int category = design % 5;
      var base = new float[DIMENSION];
      for (int i = COLORS; i < DIMENSION; i++) {
        base[i] = (float) random.nextGaussian() + (i % 5 == category ? 2 : 0);
      }
      for (int color = 0; color < 3; color++) {
        int row = 3 * design + color;
        for (int i = 0; i < DIMENSION; i++) {
          rows[row][i] =
              (float) (base[i] + (i < COLORS ? colors : rest) * random.nextGaussian()) + 1;
        }
        attributes[row] =
            Attributes.none()
                .with("design", "d" + design)
                .with("category", "c" + category)
                .with("noise", random.nextInt(designs))
                .with("number", row);
      }
    }
    return new Shop(rows, attributes);
  }

  /** The share of products whose nearest is of their design. */
  private static double found(Shop shop, FeatureTransform transform) {
    UnitVector[] vectors =
        Arrays.stream(shop.rows)
            .map(row -> UnitVector.of(transform.apply(row)))
            .toArray(UnitVector[]::new);
    return IntStream.range(0, vectors.length)
            .filter(
                i ->
                    IntStream.range(0, vectors.length)
                                .filter(j -> j != i)
                                .boxed()
                                .max(
                                    (a, b) ->
                                        Float.compare(
                                            vectors[i].cosine(vectors[a]),
                                            vectors[i].cosine(vectors[b])))
                                .orElseThrow()
                            / 3
                        == i / 3)
            .count()
        / (double) vectors.length;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void learnsWhatDesignsDifferIn(long seed) {
    FeatureTransform learnt = CatalogueTransform.byDesigns("design").fit(shop(seed, 100));
    HeldOutCheck check = learnt.check().orElseThrow();
    assertThat(check.chosen()).as("seed %d", seed).isEqualTo("within design");
    assertThat(check.question()).isEqualTo("another of the same design in the ten nearest");
    assertThat(check.products()).isEqualTo(300);
    assertThat(check.shares().keySet()).containsExactly("none", "catalogue-size", "within design");
    assertThat(learnt.description())
        .contains("within 100 groups of equal design")
        .endsWith(check.toString());

    Shop strangers = shop(seed + 100, 60);
    double before = found(strangers, FeatureTransform.identity(DIMENSION));
    assertThat(found(strangers, learnt))
        .as("seed %d, before %.3f", seed, before)
        .isGreaterThan(before + .3);
  }

  /** Where photos of a design differ alike in all directions, there is nothing to learn. */
  @ParameterizedTest
  @ValueSource(longs = {4, 5, 6, 7})
  void whatFindsDesignsNoBetterIsNotUsed(long seed) {
    Shop shop = shop(seed, 100, 1.5, 1.5);
    FeatureTransform fitted = CatalogueTransform.byDesigns("design").fit(shop);
    HeldOutCheck check = fitted.check().orElseThrow();
    assertThat(check.chosen()).as("seed %d: %s", seed, check).isEqualTo("catalogue-size");
    assertThat(fitted.apply(shop.rows[0]))
        .isEqualTo(CatalogueTransform.byCatalogueSize().fit(shop).apply(shop.rows[0]));
  }

  /** Three products of a design, told as a chain of pairs, one after the other or mixed. */
  @ParameterizedTest
  @ValueSource(longs = {11, 12})
  void pairsTeachWhatTheAttributeDoes(long seed) {
    Shop shop = shop(seed, 100);
    var pairs = new ArrayList<List<String>>();
    for (int row = 0; row < shop.size(); row += 3) {
      pairs.add(List.of("p" + (row + 1), "p" + row));
      pairs.add(List.of("p" + (row + 2), "p" + (row + 1)));
      pairs.add(List.of("gone" + row, "alone"));
    }
    Collections.shuffle(pairs, new Random(seed));
    FeatureTransform.Rule rule = CatalogueTransform.byDesigns(pairs);
    assertThat(rule.name()).isEqualTo("pairs");
    FeatureTransform learnt = rule.fit(shop);
    FeatureTransform byAttribute = CatalogueTransform.byDesigns("design").fit(shop);
    assertThat(learnt.apply(shop.rows[5]))
        .as("seed %d", seed)
        .isEqualTo(byAttribute.apply(shop.rows[5]));
    assertThat(CatalogueTransform.byDesigns(List.of()).fit(shop))
        .isEqualTo(CatalogueTransform.byCatalogueSize().fit(shop));
    assertThat(CatalogueTransform.byDesigns("design").reads("pairs")).isTrue();
    assertThat(rule.reads("designs-design")).isTrue();
  }

  @Test
  void withoutEnoughDesignsNothingIsLearntFromThem() {
    Shop shop = shop(5, 39);
    FeatureTransform bySize = CatalogueTransform.byCatalogueSize().fit(shop);
    assertThat(CatalogueTransform.byDesigns("design").fit(shop)).isEqualTo(bySize);
    assertThat(CatalogueTransform.byDesigns("missing").fit(shop)).isEqualTo(bySize);
    assertThat(CatalogueTransform.byDesigns("number").fit(shop)).isEqualTo(bySize);
  }

  @Test
  void categoriesTeachWhereDesignsDoNot() {
    Shop shop = shop(6, 100);
    HeldOutCheck check =
        CatalogueTransform.byDesigns("missing", "category").fit(shop).check().orElseThrow();
    assertThat(check.question()).isEqualTo("the same category among the ten nearest");
    assertThat(check.chosen()).isEqualTo("within category");
    HeldOutCheck both =
        CatalogueTransform.byDesigns("design", "category").fit(shop).check().orElseThrow();
    assertThat(both.shares().keySet())
        .containsExactly("none", "catalogue-size", "within design", "within category");
    assertThat(both.chosen()).isEqualTo("within design");
  }

  @Test
  void designsOfEqualPhotosTeachNothing() {
    Shop shop = shop(7, 60);
    for (int row = 0; row < shop.rows.length; row++) {
      shop.rows[row] = shop.rows[row / 3 * 3].clone();
    }
    assertThat(CatalogueTransform.byDesigns("design").fit(shop))
        .isEqualTo(CatalogueTransform.byCatalogueSize().fit(shop));
  }

  /** Then the other attribute may teach. */
  @Test
  void categoriesTeachWhereDesignsAreOfEqualPhotos() {
    Shop shop = shop(13, 100);
    for (int row = 0; row < shop.rows.length; row++) {
      shop.rows[row] = shop.rows[row / 3 * 3].clone();
    }
    HeldOutCheck check =
        CatalogueTransform.byDesigns("design", "category").fit(shop).check().orElseThrow();
    assertThat(check.shares().keySet())
        .containsExactly("none", "catalogue-size", "within category");
  }

  /** A product's second photo, much like its first, is not another of its design. */
  @ParameterizedTest
  @ValueSource(longs = {14, 15})
  void severalPhotosOfAProductAreNoAnswer(long seed) {
    Shop shop = shop(seed, 100);
    var random = new Random(seed);
    var rows = new float[2 * shop.size()][];
    var attributes = new Attributes[rows.length];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = shop.rows[row / 2].clone();
      attributes[row] = shop.attributes[row / 2];
      for (int i = 0; row % 2 == 1 && i < DIMENSION; i++) {
        rows[row][i] += (float) (.01 * random.nextGaussian());
      }
    }
    HeldOutCheck one = CatalogueTransform.byDesigns("design").fit(shop).check().orElseThrow();
    FeatureTransform learnt =
        CatalogueTransform.byDesigns("design").fit(new Shop(rows, attributes, 2));
    HeldOutCheck two = learnt.check().orElseThrow();
    assertThat(learnt.description()).contains("fitted on 300 products");
    assertThat(
            CatalogueTransform.byCatalogueSize()
                .fit(new Shop(Arrays.copyOf(rows, 98), Arrays.copyOf(attributes, 98), 2)))
        .as("of 49 products")
        .isEqualTo(FeatureTransform.identity(DIMENSION));
    assertThat(two.chosen()).as("seed %d: %s", seed, two).isEqualTo("within design");
    assertThat(two.shares().get("none"))
        .as("seed %d: %s", seed, two)
        .isCloseTo(one.shares().get("none"), within(.15));
    // Photos of one product alone are no design.
    for (int row = 0; row < rows.length; row++) {
      attributes[row] = attributes[row].with("own", row / 2);
    }
    assertThat(CatalogueTransform.byDesigns("own").fit(new Shop(rows, attributes, 2)).check())
        .isEmpty();
  }

  /** Sizes of an article show its photo again, which says nothing of its other colors. */
  @ParameterizedTest
  @ValueSource(longs = {16, 17})
  void theSamePhotoOfAnotherProductIsNoAnswer(long seed) {
    Shop shop = shop(seed, 100);
    var rows = new float[2 * shop.size()][];
    var attributes = new Attributes[rows.length];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = shop.rows[row / 2].clone();
      attributes[row] = shop.attributes[row / 2];
    }
    HeldOutCheck check =
        CatalogueTransform.byDesigns("design")
            .fit(new Shop(rows, attributes))
            .check()
            .orElseThrow();
    assertThat(check.chosen()).as("seed %d: %s", seed, check).isEqualTo("within design");
  }

  /**
   * The definition: the shrunk covariance within designs becomes the identity, and the coordinates
   * of all products do not vary together, the strongest first.
   */
  @Test
  void makesTheCovarianceWithinDesignsTheIdentity() {
    Shop shop = shop(8, 80);
    FeatureTransform learnt = CatalogueTransform.byDesigns("design").fit(shop);
    assertThat(learnt.outputDimension()).isEqualTo(DIMENSION);
    double shrinkage =
        Double.parseDouble(learnt.description().replaceAll(".*shrunk by ([0-9.]+) %.*", "$1"))
            / 100;
    double[][] units = new double[shop.size()][DIMENSION];
    double[][] vectors = new double[shop.size()][DIMENSION];
    for (int row = 0; row < units.length; row++) {
      float[] unit = UnitVector.of(shop.rows[row]).toArray();
      float[] vector = learnt.apply(shop.rows[row]);
      for (int i = 0; i < DIMENSION; i++) {
        units[row][i] = unit[i];
        vectors[row][i] = vector[i];
      }
    }
    double[][] inside = withinDesigns(vectors);
    double[][] original = withinDesigns(units);
    double average =
        IntStream.range(0, DIMENSION).mapToDouble(i -> original[i][i]).sum() / DIMENSION;
    // y = P'u: W' = (1 - s) W + s t I becomes (1 - s) P'W P + s t P'P, and P is found from y.
    double[][] p = new double[DIMENSION][];
    for (int i = 0; i < DIMENSION; i++) {
      p[i] = column(learnt, i);
    }
    for (int a = 0; a < DIMENSION; a++) {
      for (int b = 0; b <= a; b++) {
        double dot = 0;
        for (int i = 0; i < DIMENSION; i++) {
          dot += p[i][a] * p[i][b];
        }
        assertThat((1 - shrinkage) * inside[a][b] + shrinkage * average * dot)
            .as("%d, %d", a, b)
            .isCloseTo(a == b ? 1 : 0, within(.02));
      }
    }
  }

  /** How the result changes with element i of a unit vector: half the way from -e to e. */
  private static double[] column(FeatureTransform learnt, int i) {
    var plus = new float[DIMENSION];
    var minus = new float[DIMENSION];
    plus[i] = 1;
    minus[i] = -1;
    float[] a = learnt.apply(plus);
    float[] b = learnt.apply(minus);
    return IntStream.range(0, DIMENSION).mapToDouble(j -> (a[j] - b[j]) / 2).toArray();
  }

  private static double[][] withinDesigns(double[][] rows) {
    var covariance = new double[DIMENSION][DIMENSION];
    for (int design = 0; design < rows.length / 3; design++) {
      for (int i = 0; i < DIMENSION; i++) {
        for (int j = 0; j < DIMENSION; j++) {
          double si = 0;
          double sj = 0;
          double product = 0;
          for (int c = 0; c < 3; c++) {
            si += rows[3 * design + c][i] / 3;
            sj += rows[3 * design + c][j] / 3;
          }
          for (int c = 0; c < 3; c++) {
            product += (rows[3 * design + c][i] - si) * (rows[3 * design + c][j] - sj);
          }
          covariance[i][j] += product / (rows.length / 3 * 2);
        }
      }
    }
    return covariance;
  }

  @Test
  void theSameCatalogueGivesTheSameTransform() throws IOException {
    FeatureTransform.Rule rule = CatalogueTransform.byDesigns("design", "category");
    assertThat(bytes(rule.fit(shop(9, 70)))).isEqualTo(bytes(rule.fit(shop(9, 70))));
  }

  @Test
  void whatIsWrittenIsReadByEveryRule() throws IOException {
    Shop shop = shop(10, 70);
    FeatureTransform.Rule[] rules = {
      CatalogueTransform.byDesigns("design"),
      CatalogueTransform.byDesigns("noise"),
      CatalogueTransform.byCatalogueSize(),
      CatalogueTransform.whitening(20, .25)
    };
    for (FeatureTransform.Rule writer : rules) {
      FeatureTransform written = writer.fit(shop);
      for (FeatureTransform.Rule reader : rules) {
        assertThat(reader.reads(writer.name())).isTrue();
        FeatureTransform read =
            reader.read(new DataInputStream(new ByteArrayInputStream(bytes(written))));
        assertThat(read).isEqualTo(written).hasSameHashCodeAs(written);
        assertThat(read.description()).isEqualTo(written.description());
        assertThat(read.check()).isEqualTo(written.check());
        assertThat(read.apply(shop.rows[3])).isEqualTo(written.apply(shop.rows[3]));
      }
      assertThat(writer.reads("another-rule")).isFalse();
    }
  }

  /** Files of former versions: each is read, and does to a vector what it did then. */
  @ParameterizedTest
  @ValueSource(strings = {"pca-20", "whitening-20", "designs-design"})
  void readsTheFilesOfFormerVersions(String name) throws IOException {
    try (var in =
        new DataInputStream(Objects.requireNonNull(resource(name + ".transform"), name))) {
      FeatureTransform read = CatalogueTransform.byCatalogueSize().read(in);
      int length = in.readInt();
      var features = new float[DIMENSION];
      for (int i = 0; i < DIMENSION; i++) {
        features[i] = 1 + i % 7;
      }
      float[] now = read.apply(features);
      assertThat(now).hasSize(length);
      for (float value : now) {
        assertThat(value).isCloseTo(in.readFloat(), within(1e-5f));
      }
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  private static @Nullable InputStream resource(String name) {
    return DesignTransformTest.class.getResourceAsStream(name);
  }

  @Test
  void damagedFilesAreNotRead() throws IOException {
    FeatureTransform.Rule rule = CatalogueTransform.byDesigns("design");
    byte[] good = bytes(rule.fit(shop(11, 70)));
    for (int length : new int[] {3, 20, 80, good.length - 1}) {
      assertThatThrownBy(
              () -> rule.read(new DataInputStream(new ByteArrayInputStream(good, 0, length))))
          .isInstanceOf(IOException.class);
    }
    byte[] nothingAsked = good.clone();
    int products = 4 + 2 + "another of the same design in the ten nearest".length();
    Arrays.fill(nothingAsked, products, products + 4, (byte) 0);
    assertThatThrownBy(() -> rule.read(new DataInputStream(new ByteArrayInputStream(nothingAsked))))
        .isInstanceOf(IOException.class)
        .hasMessage("the transform's check is damaged; fit it again");
  }

  @Test
  void badNamesAreRefused() {
    for (String bad : new String[] {"", "  ", "a\nb"}) {
      assertThatThrownBy(() -> CatalogueTransform.byDesigns(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "attribute is '"
                  + bad
                  + "', expected an attribute's name without control characters");
      assertThatThrownBy(() -> CatalogueTransform.byDesigns("design", bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("category is '" + bad);
    }
  }

  private static byte[] bytes(FeatureTransform transform) throws IOException {
    var bytes = new ByteArrayOutputStream();
    transform.write(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }
}

package io.lookalike.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lookalike.math.UnitVector;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogueTransformTest {

  private record Rows(float[][] rows) implements FeatureSet {
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
  }

  /** More products than dimensions, fewer, and equally many: two ways to the same axes. */
  @ParameterizedTest
  @CsvSource({"200, 30", "60, 60", "55, 90", "500, 17"})
  void rotatesOntoTheSingularVectors(int products, int dimension) {
    for (long seed = 0; seed < 5; seed++) {
      float[][] rows = random(seed, products, dimension);
      int kept = 12;
      FeatureTransform transform = CatalogueTransform.pca(kept).fit(new Rows(rows));
      double[][] centred = centred(rows);
      double[][] expected = singular(centred, kept);

      assertThat(transform.inputDimension()).isEqualTo(dimension);
      assertThat(transform.outputDimension()).isEqualTo(kept);
      for (int i = 0; i < kept; i++) {
        // A singular vector is known up to its sign, so each coordinate is too.
        double sign = Math.signum(transform.apply(rows[0])[i] * dot(centred[0], expected[i]));
        for (int row = 0; row < products; row++) {
          assertThat((double) transform.apply(rows[row])[i])
              .as("seed %d, product %d, coordinate %d", seed, row, i)
              .isCloseTo(sign * dot(centred[row], expected[i]), within(2e-5));
        }
      }
    }
  }

  @Test
  void allAxesTogetherKeepEveryDistance() {
    for (long seed = 0; seed < 5; seed++) {
      float[][] rows = random(seed, 150, 25);
      FeatureTransform transform = CatalogueTransform.pca(1_000).fit(new Rows(rows));
      assertThat(transform.outputDimension()).isEqualTo(25);
      float[][] strangers = random(seed + 1_000, 20, 25);
      for (float[] a : strangers) {
        for (float[] b : strangers) {
          assertThat(distance(doubles(transform.apply(a)), doubles(transform.apply(b))))
              .as("seed %d", seed)
              .isCloseTo(distance(unit(a), unit(b)), within(1e-5));
        }
      }
    }
  }

  /** The definition: coordinates do not vary together, and each varies as the exponent says. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.125, 0.25, 0.375, 0.5})
  void whiteningDividesByThePowerOfTheShrunkEigenvalue(double exponent) {
    for (long seed = 0; seed < 3; seed++) {
      for (int dimension : new int[] {24, 140}) {
        float[][] rows = random(seed, 120, dimension);
        int kept = 10;
        FeatureTransform.Rule rule =
            exponent == 0
                ? CatalogueTransform.pca(kept)
                : CatalogueTransform.whitening(kept, exponent);
        double[][] result = transformed(rule.fit(new Rows(rows)), rows);
        double[][] rotated = transformed(CatalogueTransform.pca(kept).fit(new Rows(rows)), rows);
        double[][] centred = centred(rows);
        double shrinkage = exponent == 0 ? 0 : ledoitWolf(centred);
        double average =
            IntStream.range(0, dimension).mapToDouble(i -> cov(centred, i, i)).sum() / dimension;
        for (int i = 0; i < kept; i++) {
          double eigenvalue = cov(rotated, i, i);
          double shrunk = (1 - shrinkage) * eigenvalue + shrinkage * average;
          double expected = eigenvalue / Math.pow(shrunk, 2 * exponent);
          assertThat(cov(result, i, i))
              .as("seed %d, %d dimensions, coordinate %d", seed, dimension, i)
              .isCloseTo(expected, within(1e-4 * expected));
          for (int j = 0; j < i; j++) {
            assertThat(cov(result, i, j) / Math.sqrt(cov(result, i, i) * cov(result, j, j)))
                .as("seed %d, %d dimensions, correlation of %d and %d", seed, dimension, i, j)
                .isCloseTo(0, within(1e-4));
          }
        }
      }
    }
  }

  @Test
  void coordinatesComeByFallingVariance() {
    float[][] rows = random(7, 300, 40);
    double[][] result = transformed(CatalogueTransform.pca(40).fit(new Rows(rows)), rows);
    double total = 0;
    for (int i = 0; i < 40; i++) {
      total += cov(result, i, i);
      if (i > 0) {
        assertThat(cov(result, i, i)).isLessThanOrEqualTo(cov(result, i - 1, i - 1) * 1.00001);
      }
    }
    double[][] centred = centred(rows);
    assertThat(total)
        .isCloseTo(
            IntStream.range(0, 40).mapToDouble(i -> cov(centred, i, i)).sum(),
            within(1e-5 * total));
  }

  @Test
  void theSizeOfFeaturesDoesNotMatter() {
    float[][] rows = random(3, 100, 30);
    float[][] scaled = random(3, 100, 30);
    for (int row = 0; row < scaled.length; row++) {
      for (int i = 0; i < 30; i++) {
        scaled[row][i] *= 4 << (row % 5);
      }
    }
    FeatureTransform transform = CatalogueTransform.pca(20).fit(new Rows(rows));
    assertThat(CatalogueTransform.pca(20).fit(new Rows(scaled))).isEqualTo(transform);
    assertThat(transform.apply(scaled[4])).isEqualTo(transform.apply(rows[4]));
  }

  @Test
  void theDefaultRuleGoesByTheNumberOfProducts() {
    float[][] rows = random(1, 5_000, 270);

    FeatureTransform large = CatalogueTransform.byCatalogueSize().fit(new Rows(rows));
    FeatureTransform small =
        CatalogueTransform.byCatalogueSize().fit(new Rows(Arrays.copyOf(rows, 4_999)));

    assertThat(large).isEqualTo(CatalogueTransform.whitening(512, 0.25).fit(new Rows(rows)));
    assertThat(large.outputDimension()).isEqualTo(270);
    assertThat(large.description())
        .matches(
            "centred, PCA 270 -> 270 \\(100\\.0 % of the variance\\), divided by eigenvalue\\^0\\.25,"
                + " shrunk by \\d\\.\\d %, fitted on 5000 products");
    assertThat(small)
        .isEqualTo(CatalogueTransform.pca(256).fit(new Rows(Arrays.copyOf(rows, 4_999))));
    assertThat(small.description())
        .matches(
            "centred, PCA 270 -> 256 \\((99|100)\\.\\d % of the variance\\), fitted on 4999 products");
  }

  @Test
  void catalogueTooSmallOrTooAlikeGetTheIdentity() {
    for (FeatureTransform.Rule rule : rules()) {
      for (int products : new int[] {1, 2, 49}) {
        assertThat(rule.fit(new Rows(random(1, products, 30))))
            .isEqualTo(FeatureTransform.identity(30));
      }
      var same = new float[60][];
      Arrays.fill(same, random(2, 1, 30)[0]);
      assertThat(rule.fit(new Rows(same))).isEqualTo(FeatureTransform.identity(30));
      // Three pictures over and over span two axes.
      var three = new float[99][];
      Arrays.setAll(three, i -> random(i % 3, 1, 30)[0]);
      assertThat(rule.fit(new Rows(three))).isEqualTo(FeatureTransform.identity(30));
      assertThat(rule.fit(new Rows(random(1, 50, 30))).outputDimension())
          .isEqualTo(rule.name().startsWith("pca") ? 20 : 30);
    }
  }

  @Test
  void thereAreFewerAxesThanProducts() {
    float[][] rows = random(1, 60, 200);
    assertThat(CatalogueTransform.pca(128).fit(new Rows(rows)).outputDimension()).isEqualTo(59);
  }

  @Test
  void manyProductsAreSampledEvenly() {
    float[][] rows = random(5, 2 * PrincipalAxes.MAX_ROWS, 17);
    var sample = new float[PrincipalAxes.MAX_ROWS][];
    Arrays.setAll(sample, i -> rows[2 * i]);

    FeatureTransform all = CatalogueTransform.pca(17).fit(new Rows(rows));
    FeatureTransform sampled = CatalogueTransform.pca(17).fit(new Rows(sample));

    for (int i = 0; i < 100; i++) {
      assertThat(all.apply(rows[i])).isEqualTo(sampled.apply(rows[i]));
    }
  }

  @Test
  void aVectorThatTheAxesCannotTellFromTheMeanGetsTheFirstAxis() {
    // With every vector's opposite in the catalogue, the mean is 0; the last dimension is unused.
    float[][] half = random(1, 50, 21);
    var rows = new float[100][];
    for (int i = 0; i < 50; i++) {
      half[i][20] = 0;
      rows[2 * i] = half[i];
      rows[2 * i + 1] = new float[21];
      for (int j = 0; j < 21; j++) {
        rows[2 * i + 1][j] = -half[i][j];
      }
    }
    var last = new float[21];
    last[20] = 3;
    for (FeatureTransform.Rule rule : rules()) {
      float[] result = rule.fit(new Rows(rows)).apply(last);
      var first = new float[20];
      first[0] = 1;
      assertThat(result).isEqualTo(first);
    }
  }

  @Test
  void comesBackFromItsWrittenFormBitByBit() throws IOException {
    float[][] rows = random(9, 80, 33);
    for (FeatureTransform.Rule rule : rules()) {
      for (float[][] catalogue : new float[][][] {rows, Arrays.copyOf(rows, 3)}) {
        FeatureTransform written = rule.fit(new Rows(catalogue));
        FeatureTransform read = rule.read(new DataInputStream(in(bytes(written))));
        assertThat(read).isEqualTo(written).hasSameHashCodeAs(written);
        assertThat(read.description()).isEqualTo(written.description());
        assertThat(bytes(read)).isEqualTo(bytes(written));
        assertThat(read.apply(rows[5])).isEqualTo(written.apply(rows[5]));
      }
    }
  }

  @Test
  void whatIsNoTransformIsNotRead() throws IOException {
    FeatureTransform.Rule rule = CatalogueTransform.pca(20);
    byte[] good = bytes(rule.fit(new Rows(random(9, 80, 33))));
    assertThatThrownBy(() -> rule.read(new DataInputStream(in(Arrays.copyOf(good, 200)))))
        .isInstanceOf(EOFException.class);
    byte[] otherFormat = good.clone();
    otherFormat[3] = -9;
    assertThatThrownBy(() -> rule.read(new DataInputStream(in(otherFormat))))
        .isInstanceOf(IOException.class)
        .hasMessage("the transform begins with -9, expected -3 to -1; fit it again");
    byte[] noDimensions = good.clone();
    Arrays.fill(noDimensions, 4, 8, (byte) 0);
    assertThatThrownBy(() -> rule.read(new DataInputStream(in(noDimensions))))
        .isInstanceOf(IOException.class)
        .hasMessage("the transform maps 0 to 20 dimensions; fit it again");
  }

  @Test
  void badArgumentsAreRefused() {
    assertThatThrownBy(() -> CatalogueTransform.pca(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dimensions is 0, expected 1 or more");
    assertThatThrownBy(() -> CatalogueTransform.whitening(-3, 0.25))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dimensions is -3, expected 1 or more");
    for (double exponent : new double[] {0, -1, Double.NaN}) {
      assertThatThrownBy(() -> CatalogueTransform.whitening(64, exponent))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "exponent is " + exponent + ", expected more than 0; use pca to rotate alone");
    }
    assertThatThrownBy(() -> CatalogueTransform.whitening(64, 0.75))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("exponent is 0.75, expected at most 0.5");
    FeatureTransform transform = CatalogueTransform.pca(20).fit(new Rows(random(1, 60, 30)));
    assertThatThrownBy(() -> transform.apply(new float[29]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("features have 29 dimensions, expected 30");
    assertThatThrownBy(() -> transform.apply(new float[30]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("all 30 elements of the vector are 0");
    float[] broken = random(1, 1, 30)[0];
    broken[7] = Float.NaN;
    assertThatThrownBy(() -> transform.apply(broken))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("element 7 of the vector is NaN");
  }

  /** Large dimensions are decomposed iteratively; here small ones are, to compare. */
  @ParameterizedTest
  @CsvSource({"400, 150", "160, 300"})
  void theIterativeDecompositionFindsTheSameAxes(int products, int dimension) {
    for (long seed = 0; seed < 5; seed++) {
      var features = new Rows(random(seed, products, dimension));
      PrincipalAxes exact = PrincipalAxes.of(features, 20);
      PrincipalAxes iterative = PrincipalAxes.of(features, 20, 10);
      assertThat(iterative.totalVariance()).isEqualTo(exact.totalVariance());
      assertThat(iterative.shrinkage()).isEqualTo(exact.shrinkage());
      for (int a = 0; a < 20; a++) {
        assertThat(iterative.eigenvalues()[a])
            .as("seed %d, eigenvalue %d", seed, a)
            .isCloseTo(exact.eigenvalues()[a], within(1e-3 * exact.eigenvalues()[a]));
      }
      // The first axes are far enough apart to be told from one another.
      for (int a = 0; a < 3; a++) {
        assertThat(dot(axis(exact, a), axis(iterative, a)))
            .as("seed %d, axis %d", seed, a)
            .isCloseTo(1, within(1e-4));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"200, 30, 2048", "60, 100, 2048", "200, 100, 10", "100, 200, 10"})
  void axesAreOrthonormalWithTheirLargestElementPositive(
      int products, int dimension, int maxOrder) {
    PrincipalAxes axes = PrincipalAxes.of(new Rows(random(4, products, dimension)), 25, maxOrder);
    assertThat(axes.count()).isEqualTo(25);
    for (int a = 0; a < 25; a++) {
      for (int b = 0; b <= a; b++) {
        assertThat(dot(axis(axes, a), axis(axes, b))).isCloseTo(a == b ? 1 : 0, within(1e-9));
      }
      double[] magnitudes = Arrays.stream(axis(axes, a)).map(Math::abs).toArray();
      assertThat(Arrays.stream(axis(axes, a)).max().orElseThrow())
          .isEqualTo(Arrays.stream(magnitudes).max().orElseThrow());
    }
  }

  private static FeatureTransform.Rule[] rules() {
    return new FeatureTransform.Rule[] {
      CatalogueTransform.byCatalogueSize(),
      CatalogueTransform.pca(20),
      CatalogueTransform.whitening(100, 0.25)
    };
  }

  /** Features with a mean of their own and a spectrum that falls, as an extractor's do. */
  private static float[][] random(long seed, int count, int dimension) {
    var random = new Random(seed);
    var mix = new double[dimension][dimension];
    for (double[] row : mix) {
      Arrays.setAll(row, i -> random.nextGaussian() / (1 + i));
    }
    var rows = new float[count][dimension];
    var hidden = new double[dimension];
    for (float[] row : rows) {
      Arrays.setAll(hidden, i -> random.nextGaussian());
      for (int i = 0; i < dimension; i++) {
        row[i] = (float) (0.5 + dot(mix[i], hidden));
      }
    }
    return rows;
  }

  private static double[][] singular(double[][] centred, int count) {
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(centred.length, centred[0].length, true, true, true);
    assertThat(svd.decompose(new DMatrixRMaj(centred))).isTrue();
    DMatrixRMaj u = svd.getU(null, false);
    DMatrixRMaj w = svd.getW(null);
    DMatrixRMaj v = svd.getV(null, false);
    SingularOps_DDRM.descendingOrder(u, false, w, v, false);
    var axes = new double[count][centred[0].length];
    for (int a = 0; a < count; a++) {
      for (int i = 0; i < axes[a].length; i++) {
        axes[a][i] = v.get(i, a);
      }
    }
    return axes;
  }

  /** By the definition in the paper, product by product. */
  private static double ledoitWolf(double[][] x) {
    int n = x.length;
    int d = x[0].length;
    var s = new double[d][d];
    double trace = 0;
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        s[i][j] = cov(x, i, j);
      }
      trace += s[i][i];
    }
    double distance = 0;
    double error = 0;
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        double target = i == j ? trace / d : 0;
        distance += (s[i][j] - target) * (s[i][j] - target);
        for (double[] row : x) {
          double difference = row[i] * row[j] - s[i][j];
          error += difference * difference / n / n;
        }
      }
    }
    return Math.min(error, distance) / distance;
  }

  private static double[][] centred(float[][] rows) {
    double[][] units =
        Arrays.stream(rows).map(CatalogueTransformTest::unit).toArray(double[][]::new);
    var mean = new double[rows[0].length];
    for (double[] row : units) {
      Arrays.setAll(mean, i -> mean[i] + row[i] / units.length);
    }
    for (double[] row : units) {
      Arrays.setAll(row, i -> row[i] - mean[i]);
    }
    return units;
  }

  private static double[][] transformed(FeatureTransform transform, float[][] rows) {
    return Arrays.stream(rows).map(r -> doubles(transform.apply(r))).toArray(double[][]::new);
  }

  /** The covariance of two columns, each of which has mean 0. */
  private static double cov(double[][] rows, int i, int j) {
    return Arrays.stream(rows).mapToDouble(r -> r[i] * r[j]).sum() / rows.length;
  }

  private static double[] axis(PrincipalAxes axes, int a) {
    int d = axes.mean().length;
    return Arrays.copyOfRange(axes.axes(), a * d, (a + 1) * d);
  }

  private static double[] unit(float[] row) {
    return doubles(UnitVector.of(row).toArray());
  }

  private static double[] doubles(float[] row) {
    return IntStream.range(0, row.length).mapToDouble(i -> row[i]).toArray();
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double distance(double[] a, double[] b) {
    return Math.sqrt(
        IntStream.range(0, a.length).mapToDouble(i -> (a[i] - b[i]) * (a[i] - b[i])).sum());
  }

  private static byte[] bytes(FeatureTransform transform) throws IOException {
    var bytes = new ByteArrayOutputStream();
    transform.write(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static ByteArrayInputStream in(byte[] bytes) {
    return new ByteArrayInputStream(bytes);
  }
}

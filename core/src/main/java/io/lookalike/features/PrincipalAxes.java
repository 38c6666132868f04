package io.lookalike.features;

import io.lookalike.math.UnitVector;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.ojalgo.matrix.decomposition.Eigenvalue;
import org.ojalgo.matrix.decomposition.QR;
import org.ojalgo.matrix.store.MatrixStore;
import org.ojalgo.matrix.store.R064Store;

/**
 * The mean of a catalogue's unit vectors and the leading eigenvectors of their covariance.
 *
 * <p>Everything is computed in double by plain Java arithmetic, which IEEE 754 fixes to the bit,
 * and each number by one thread, so that the result depends on the features alone.
 */
record PrincipalAxes(
    double[] mean,
    double[] eigenvalues,
    double[] axes,
    int rank,
    double totalVariance,
    double shrinkage) {

  /** More products than this are sampled: 25 for each of 1,280 dimensions is plenty. */
  static final int MAX_ROWS = 32_768;

  /** Up to this order a matrix is decomposed in full, which takes seconds; beyond, iteratively. */
  private static final int MAX_ORDER = 2_048;

  /** Relative to the largest; what is smaller is rounding of the float features. */
  private static final double NEGLIGIBLE = 1e-10;

  private static final int OVERSAMPLING = 32;
  private static final int ITERATIONS = 6;
  static final int CHUNK = 128;

  /** Numbers of the rows that are held at a time where there are fewer than dimensions: 2 GiB. */
  private static final int MOST_NUMBERS = 1 << 28;

  private static final int BAND = 16;

  static PrincipalAxes of(FeatureSet features, int dimensions) {
    return of(features, dimensions, MAX_ORDER);
  }

  /** With a limit to the order of what is decomposed in full, so that tests can do without. */
  static PrincipalAxes of(FeatureSet features, int dimensions, int maxOrder) {
    int d = features.dimension();
    int n = Math.min(features.size(), MAX_ROWS);
    if (n < d) {
      n = Math.min(n, Math.max(1, MOST_NUMBERS / d));
    }
    double[] mean = mean(features, n);
    return n < d
        ? ofGram(features, n, mean, dimensions, maxOrder)
        : ofCovariance(features, n, mean, dimensions, maxOrder);
  }

  int count() {
    return eigenvalues.length;
  }

  /** The same with no more axes than these. */
  PrincipalAxes first(int axesToKeep) {
    return axesToKeep >= count()
        ? this
        : new PrincipalAxes(
            mean,
            Arrays.copyOf(eigenvalues, axesToKeep),
            Arrays.copyOf(axes, axesToKeep * mean.length),
            rank,
            totalVariance,
            shrinkage);
  }

  /** Many products: the eigenvectors of the d x d covariance. */
  private static PrincipalAxes ofCovariance(
      FeatureSet features, int n, double[] mean, int dimensions, int maxOrder) {
    int d = mean.length;
    var covariance = new double[d * d];
    var rows = new double[CHUNK * d];
    double fourthPowers = 0;
    for (int from = 0; from < n; from += CHUNK) {
      int count = Math.min(CHUNK, n - from);
      Arrays.fill(rows, 0);
      fourthPowers += centredRows(features, n, mean, from, count, rows);
      addProducts(rows, CHUNK, d, covariance);
    }
    double total = finish(covariance, d, n);
    Eigen eigen = leading(covariance, d, dimensions, maxOrder);
    return of(mean, eigen, eigen.vectors, covariance, total, n, fourthPowers);
  }

  /**
   * Few products: with the centred rows X (n x d), the covariance X'X / n and the smaller XX' / n
   * have the same eigenvalues, and an eigenvector w of the latter gives X'w of the former.
   */
  private static PrincipalAxes ofGram(
      FeatureSet features, int n, double[] mean, int dimensions, int maxOrder) {
    int d = mean.length;
    var rows = new double[n * d];
    double fourthPowers = centredRows(features, n, mean, 0, n, rows);
    var columns = new double[CHUNK * n];
    var gram = new double[n * n];
    for (int from = 0; from < d; from += CHUNK) {
      int count = Math.min(CHUNK, d - from);
      Arrays.fill(columns, 0);
      for (int i = 0; i < n; i++) {
        for (int c = 0; c < count; c++) {
          columns[c * n + i] = rows[i * d + from + c];
        }
      }
      addProducts(columns, CHUNK, n, gram);
    }
    double total = finish(gram, n, n);
    Eigen eigen = leading(gram, n, dimensions, maxOrder);
    // Rows one after the other are the columns of X', which give each eigenvector's axis a column.
    double[] axes = product(R064Store.wrap(rows, d), R064Store.wrap(eigen.vectors, n)).data;
    for (int a = 0; a < eigen.values.length; a++) {
      normalize(axes, a * d, d);
    }
    return of(mean, eigen, axes, gram, total, n, fourthPowers);
  }

  private static PrincipalAxes of(
      double[] mean,
      Eigen eigen,
      double[] axes,
      double[] matrix,
      double total,
      int n,
      double fourthPowers) {
    int d = mean.length;
    for (int a = 0; a < eigen.values.length; a++) {
      fixSign(axes, a * d, d);
    }
    return new PrincipalAxes(
        mean, eigen.values, axes, eigen.rank, total, shrinkage(matrix, total, d, n, fourthPowers));
  }

  /**
   * Ledoit and Wolf's estimate, with S the covariance and t its mean eigenvalue: the sampling error
   * of S, (mean |x|^4 - |S|^2) / n, as a share of its distance from t I, |S|^2 - d t^2.
   */
  private static double shrinkage(
      double[] matrix, double total, int d, int n, double fourthPowers) {
    double squares = 0;
    for (double value : matrix) {
      squares += value * value;
    }
    double error = (fourthPowers / n - squares) / n;
    double distance = squares - total * total / d;
    return distance > 0 ? Math.min(1, Math.max(0, error / distance)) : 1;
  }

  private static double[] mean(FeatureSet features, int n) {
    int d = features.dimension();
    var mean = new double[d];
    var row = new float[d];
    for (int i = 0; i < n; i++) {
      float[] unit = unit(features, n, i, row);
      for (int j = 0; j < d; j++) {
        mean[j] += unit[j];
      }
    }
    for (int j = 0; j < d; j++) {
      mean[j] /= n;
    }
    return mean;
  }

  /** Fills in some of the rows, centred; returns the sum of the fourth powers of their norms. */
  private static double centredRows(
      FeatureSet features, int n, double[] mean, int from, int count, double[] target) {
    int d = mean.length;
    var row = new float[d];
    double fourthPowers = 0;
    for (int i = 0; i < count; i++) {
      float[] unit = unit(features, n, from + i, row);
      double square = 0;
      for (int j = 0; j < d; j++) {
        double centred = unit[j] - mean[j];
        target[i * d + j] = centred;
        square += centred * centred;
      }
      fourthPowers += square * square;
    }
    return fourthPowers;
  }

  /** Row i of the n that are used, evenly spread over all. */
  private static float[] unit(FeatureSet features, int n, int i, float[] row) {
    features.copyRow((int) ((long) i * features.size() / n), row, 0);
    return UnitVector.of(row).toArray();
  }

  /**
   * Adds X'X to the upper triangle of {@code sum}, for X with {@code count} rows, a multiple of 8,
   * of length d. Eight rows at a time, so that each sum is loaded and stored an eighth as often.
   */
  static void addProducts(double[] x, int count, int d, double[] sum) {
    IntStream.range(0, (d + BAND - 1) / BAND)
        .parallel()
        .forEach(
            band -> {
              for (int from = 0; from < count; from += CHUNK) {
                for (int i = band * BAND; i < Math.min(d, (band + 1) * BAND); i++) {
                  for (int row = from; row < Math.min(count, from + CHUNK); row += 8) {
                    addProducts(x, row * d, d, i, sum);
                  }
                }
              }
            });
  }

  private static void addProducts(double[] x, int r0, int d, int i, double[] sum) {
    int r1 = r0 + d;
    int r2 = r1 + d;
    int r3 = r2 + d;
    int r4 = r3 + d;
    int r5 = r4 + d;
    int r6 = r5 + d;
    int r7 = r6 + d;
    double x0 = x[r0 + i];
    double x1 = x[r1 + i];
    double x2 = x[r2 + i];
    double x3 = x[r3 + i];
    double x4 = x[r4 + i];
    double x5 = x[r5 + i];
    double x6 = x[r6 + i];
    double x7 = x[r7 + i];
    int s = i * d;
    for (int j = i; j < d; j++) {
      sum[s + j] +=
          x0 * x[r0 + j]
              + x1 * x[r1 + j]
              + x2 * x[r2 + j]
              + x3 * x[r3 + j]
              + x4 * x[r4 + j]
              + x5 * x[r5 + j]
              + x6 * x[r6 + j]
              + x7 * x[r7 + j];
    }
  }

  /** Makes of the upper triangle of sums a symmetric matrix of means; returns its trace. */
  static double finish(double[] sums, int order, int n) {
    double trace = 0;
    for (int i = 0; i < order; i++) {
      for (int j = i; j < order; j++) {
        double mean = sums[i * order + j] * (1.0 / n);
        sums[i * order + j] = mean;
        sums[j * order + i] = mean;
      }
      trace += sums[i * order + i];
    }
    return trace;
  }

  /**
   * Eigenvalues in falling order with unit eigenvectors, one after the other; none is negligible.
   */
  record Eigen(double[] values, double[] vectors, int rank) {}

  /** The leading eigenvectors of a symmetric matrix without negative eigenvalues. */
  private static Eigen leading(double[] values, int order, int count, int maxOrder) {
    R064Store matrix = R064Store.wrap(values, order);
    if (order <= maxOrder || count + OVERSAMPLING >= order) {
      return decompose(matrix, count);
    }
    MatrixStore<Double> range = range(matrix, count + OVERSAMPLING);
    R064Store small = product(range.transpose(), product(matrix, range));
    Eigen eigen = decompose(small, count);
    R064Store vectors = product(range, R064Store.wrap(eigen.vectors, count + OVERSAMPLING));
    return new Eigen(eigen.values, vectors.data, eigen.rank);
  }

  static R064Store product(MatrixStore<Double> left, MatrixStore<Double> right) {
    R064Store product = R064Store.FACTORY.make(left.countRows(), right.countColumns());
    product.fillByMultiplying(left, right);
    return product;
  }

  /**
   * An orthonormal basis of nearly the space of the leading eigenvectors, by subspace iteration
   * from random vectors (Halko, Martinsson and Tropp, <i>Finding structure with randomness</i>,
   * SIAM Review 53, 2011, algorithm 4.4).
   */
  private static MatrixStore<Double> range(R064Store matrix, int count) {
    var random = new Random(1);
    var first = R064Store.FACTORY.make(matrix.countRows(), count);
    Arrays.setAll(first.data, i -> random.nextGaussian());
    MatrixStore<Double> basis = first;
    for (int i = 0; i < ITERATIONS; i++) {
      QR<Double> qr = QR.R064.make(basis);
      if (!qr.decompose(product(matrix, basis))) {
        throw new IllegalStateException("the QR decomposition failed");
      }
      basis = qr.getQ();
    }
    return basis;
  }

  static Eigen decompose(R064Store matrix, int count) {
    int order = Math.toIntExact(matrix.countRows());
    Eigenvalue<Double> eigen = Eigenvalue.R064.make(order, true);
    if (!eigen.decompose(matrix)) {
      throw new IllegalStateException("the eigenvalues of the covariance did not converge");
    }
    var all = new double[order];
    eigen.getEigenvalues(all, Optional.empty()); // in falling order, as it is symmetric
    int rank = 0;
    while (rank < order && all[rank] > NEGLIGIBLE * all[0]) {
      rank++;
    }
    int kept = Math.min(count, rank);
    var vectors = new double[kept * order];
    MatrixStore<Double> columns = eigen.getV();
    for (int a = 0; a < kept; a++) {
      for (int i = 0; i < order; i++) {
        vectors[a * order + i] = columns.doubleValue(i, a);
      }
    }
    return new Eigen(Arrays.copyOf(all, kept), vectors, rank);
  }

  static void normalize(double[] values, int from, int length) {
    double squares = 0;
    for (int i = from; i < from + length; i++) {
      squares += values[i] * values[i];
    }
    double norm = Math.sqrt(squares);
    for (int i = from; i < from + length; i++) {
      values[i] /= norm;
    }
  }

  static void fixSign(double[] values, int from, int length) {
    int largest = from;
    for (int i = from; i < from + length; i++) {
      if (Math.abs(values[i]) > Math.abs(values[largest])) {
        largest = i;
      }
    }
    if (values[largest] < 0) {
      for (int i = from; i < from + length; i++) {
        values[i] = -values[i];
      }
    }
  }
}

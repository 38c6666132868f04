package io.lookalike.features;

import static io.lookalike.features.PrincipalAxes.CHUNK;

import io.lookalike.features.PrincipalAxes.Eigen;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.ojalgo.matrix.store.R064Store;

/**
 * How far products of one group lie from each other, along the principal axes of all: the pooled
 * covariance within groups. In plain double, as {@link PrincipalAxes}.
 */
final class WithinCovariance {

  /** More rows than this are sampled: 32 for each of 512 axes. */
  private static final int MAX_ROWS = 16_384;

  /** The least shrinkage: photos of designs to come vary in more ways than those seen. */
  private static final double MIN_SHRINKAGE = 0.1;

  /** As a share of all variance; groups that vary less are of equal photos and teach nothing. */
  private static final double NEGLIGIBLE = 1e-6;

  private final PrincipalAxes axes;
  private final double[] sums;
  private int rows;
  private int groups;
  private double fourthPowers;

  private WithinCovariance(PrincipalAxes axes) {
    this.axes = axes;
    this.sums = new double[axes.count() * axes.count()];
  }

  static WithinCovariance of(FeatureSet features, PrincipalAxes axes, RowGroups by) {
    var within = new WithinCovariance(axes);
    List<int[]> parts = parts(by);
    var buffer = new double[CHUNK * axes.mean().length];
    for (int from = 0; from < parts.size(); ) {
      int to = from;
      int filled = 0;
      while (to < parts.size() && filled + parts.get(to).length <= CHUNK) {
        for (int row : parts.get(to++)) {
          copyUnit(features, row, buffer, filled++);
        }
      }
      within.add(coordinates(axes, buffer, filled), parts.subList(from, to));
      from = to;
    }
    return within;
  }

  /** Groups that fit into a chunk; those of a larger one vary as it does. */
  private static List<int[]> parts(RowGroups by) {
    var parts = new ArrayList<int[]>();
    for (int[] group : by.groups()) {
      int count = (group.length + CHUNK - 1) / CHUNK;
      for (int p = 0; p < count; p++) {
        parts.add(
            Arrays.copyOfRange(
                group,
                (int) ((long) p * group.length / count),
                (int) ((long) (p + 1) * group.length / count)));
      }
    }
    int every = (by.rows() + MAX_ROWS - 1) / MAX_ROWS;
    if (every <= 1) {
      return parts;
    }
    var some = new ArrayList<int[]>();
    for (int p = 0; p < parts.size(); p += every) {
      some.add(parts.get(p));
    }
    return some;
  }

  static void copyUnit(FeatureSet features, int row, double[] target, int place) {
    var values = new float[features.dimension()];
    features.copyRow(row, values, 0);
    float[] unit = UnitVector.of(values).toArray();
    for (int i = 0; i < unit.length; i++) {
      target[place * unit.length + i] = unit[i];
    }
  }

  /** Unit vectors, one after the other, along the axes; again one after the other. */
  static double[] coordinates(PrincipalAxes axes, double[] units, int count) {
    int d = axes.mean().length;
    var centred = new double[count * d];
    for (int i = 0; i < centred.length; i++) {
      centred[i] = units[i] - axes.mean()[i % d];
    }
    return PrincipalAxes.product(
            R064Store.wrap(axes.axes(), d).transpose(), R064Store.wrap(centred, d))
        .data;
  }

  private void add(double[] coordinates, List<int[]> parts) {
    int k = axes.count();
    var centred = new double[CHUNK * k];
    int first = 0;
    for (int[] part : parts) {
      double scale = Math.sqrt(part.length / (part.length - 1.0));
      for (int j = 0; j < k; j++) {
        double mean = 0;
        for (int i = first; i < first + part.length; i++) {
          mean += coordinates[i * k + j] / part.length;
        }
        for (int i = first; i < first + part.length; i++) {
          centred[i * k + j] = (coordinates[i * k + j] - mean) * scale;
        }
      }
      first += part.length;
    }
    for (int i = 0; i < first; i++) {
      double square = 0;
      for (int j = 0; j < k; j++) {
        square += centred[i * k + j] * centred[i * k + j];
      }
      fourthPowers += square * square;
    }
    PrincipalAxes.addProducts(centred, CHUNK, k, sums);
    rows += first;
    groups += parts.size();
  }

  /** That of the groups of both. */
  WithinCovariance plus(WithinCovariance other) {
    var both = new WithinCovariance(axes);
    Arrays.setAll(both.sums, i -> sums[i] + other.sums[i]);
    both.rows = rows + other.rows;
    both.groups = groups + other.groups;
    both.fourthPowers = fourthPowers + other.fourthPowers;
    return both;
  }

  /**
   * What makes of coordinates along the principal axes such that vary alike within groups, those
   * first in which products differ most.
   *
   * @param map {@code axes.count()} rows, {@code dimensions} columns, one column after the other
   * @param shrinkage the share of the mean variance in the covariance that was used
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Normalization(double[] map, int dimensions, double shrinkage) {}

  /** Null if products of one group do not differ. */
  @Nullable Normalization normalization(int dimensions) {
    if (rows == 0) {
      return null;
    }
    int k = axes.count();
    double[] covariance = sums.clone();
    double trace = PrincipalAxes.finish(covariance, k, rows);
    if (!(trace > NEGLIGIBLE * axes.totalVariance())) {
      return null;
    }
    double shrinkage = shrinkage(covariance, trace);
    for (int i = 0; i < covariance.length; i++) {
      covariance[i] *= 1 - shrinkage;
    }
    for (int i = 0; i < k; i++) {
      covariance[i * k + i] += shrinkage * trace / k;
    }
    Eigen within = PrincipalAxes.decompose(R064Store.wrap(covariance, k), k);
    double[] whitened = within.vectors();
    double[] stretched = whitened.clone();
    int order = within.values().length;
    for (int a = 0; a < order; a++) {
      double scale = 1 / Math.sqrt(within.values()[a]);
      for (int i = 0; i < k; i++) {
        whitened[a * k + i] *= scale;
        stretched[a * k + i] = whitened[a * k + i] * axes.eigenvalues()[i];
      }
    }
    // The covariance of all products, which is diagonal along their axes, in the new coordinates.
    R064Store map = R064Store.wrap(whitened, k);
    R064Store all = PrincipalAxes.product(map.transpose(), R064Store.wrap(stretched, k));
    Eigen most = PrincipalAxes.decompose(all, dimensions);
    int kept = most.values().length;
    return new Normalization(
        PrincipalAxes.product(map, R064Store.wrap(most.vectors(), order)).data, kept, shrinkage);
  }

  /** As {@link PrincipalAxes}, with the rows that are left when each group has given its mean. */
  private double shrinkage(double[] covariance, double trace) {
    double squares = 0;
    for (double value : covariance) {
      squares += value * value;
    }
    double error = (fourthPowers / rows - squares) / (rows - groups);
    double distance = squares - trace * trace / axes.count();
    double estimate = distance > 0 ? error / distance : 1;
    return Math.min(1, Math.max(MIN_SHRINKAGE, estimate));
  }
}

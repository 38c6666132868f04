package io.lookalike.features;

import io.lookalike.catalog.Attributes;
import java.util.Objects;

/** A catalogue's features as rows of equal length, read by row. */
public interface FeatureSet {

  /**
   * Number of rows.
   *
   * @return at least 0
   */
  int size();

  /**
   * The length of every row.
   *
   * @return at least 1
   */
  int dimension();

  /**
   * Copies one row.
   *
   * @param row from 0 to {@code size() - 1}
   * @param target receives {@link #dimension()} numbers
   * @param offset where in {@code target} they begin
   * @throws IndexOutOfBoundsException if there is no such row or no room
   */
  void copyRow(int row, float[] target, int offset);

  /**
   * Which product a row belongs to. Several rows may be of one product, which then has several
   * photos.
   *
   * @param row from 0 to {@code size() - 1}
   * @return the product's id; empty where the rows come without, as those of a file
   * @throws IndexOutOfBoundsException if there is no such row
   */
  default String id(int row) {
    Objects.checkIndex(row, size());
    return "";
  }

  /**
   * What else is known of the product that a row belongs to.
   *
   * @param row from 0 to {@code size() - 1}
   * @return its attributes; none where the rows come without, as those of a file
   * @throws IndexOutOfBoundsException if there is no such row
   */
  default Attributes attributes(int row) {
    Objects.checkIndex(row, size());
    return Attributes.none();
  }
}

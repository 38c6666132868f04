package io.lookalike.datasets.vectors;

import java.util.List;

/**
 * Rows that have been read into memory.
 *
 * @param rows at least one, all of one length
 */
record VectorList(List<float[]> rows) implements Vectors {

  @Override
  public int size() {
    return rows.size();
  }

  @Override
  public int dimension() {
    return rows.get(0).length;
  }

  @Override
  public void copyRow(int index, float[] target, int offset) {
    System.arraycopy(rows.get(index), 0, target, offset, dimension());
  }

  @Override
  public void close() {}
}

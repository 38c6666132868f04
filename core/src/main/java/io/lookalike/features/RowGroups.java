package io.lookalike.features;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Rows that belong together because their products have the same value of an attribute, in the
 * order of the rows. Rows without a value, with several, or with one that no other product has, are
 * left out.
 */
record RowGroups(String attribute, List<int[]> groups) {

  static RowGroups by(FeatureSet features, String attribute) {
    return by(features, attribute, row -> features.attributes(row).get(attribute));
  }

  /**
   * Rows of which something has the same value.
   *
   * @param attribute what that is called
   */
  static RowGroups by(
      FeatureSet features, String attribute, IntFunction<? extends @Nullable Object> valueOf) {
    Map<Object, List<Integer>> rows = new LinkedHashMap<>();
    for (int row = 0; row < features.size(); row++) {
      Object value = valueOf.apply(row);
      if (value != null && !(value instanceof Set<?>)) {
        rows.computeIfAbsent(value, v -> new ArrayList<>()).add(row);
      }
    }
    return new RowGroups(
        attribute,
        rows.values().stream()
            .map(group -> group.stream().mapToInt(Integer::intValue).toArray())
            .filter(group -> isOfSeveral(features, group))
            .toList());
  }

  /** Photos of one product alone make no group; rows without an id are of a product each. */
  private static boolean isOfSeveral(FeatureSet features, int[] rows) {
    String first = features.id(rows[0]);
    return Arrays.stream(rows)
        .skip(1)
        .mapToObj(features::id)
        .anyMatch(id -> id.isEmpty() || !id.equals(first));
  }

  int count() {
    return groups.size();
  }

  int rows() {
    return groups.stream().mapToInt(group -> group.length).sum();
  }

  /** What is left of the groups of some rows, or of all but those. */
  RowGroups of(BitSet some, boolean those) {
    var left = new ArrayList<int[]>();
    for (int[] group : groups) {
      int[] rows = Arrays.stream(group).filter(row -> some.get(row) == those).toArray();
      if (rows.length > 1) {
        left.add(rows);
      }
    }
    return new RowGroups(attribute, left);
  }

  /** By row, the number of its group, or -1. */
  int[] numbers(int size) {
    var numbers = new int[size];
    Arrays.fill(numbers, -1);
    for (int g = 0; g < groups.size(); g++) {
      for (int row : groups.get(g)) {
        numbers[row] = g;
      }
    }
    return numbers;
  }
}

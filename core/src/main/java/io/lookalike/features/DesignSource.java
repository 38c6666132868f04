package io.lookalike.features;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Where a rule learns from which products are of one design. */
sealed interface DesignSource {

  /** What products of one design have in common. */
  String name();

  /** The rows of each design of several. */
  RowGroups of(FeatureSet features);

  /** An attribute of which they have the same value. */
  record ByAttribute(String name) implements DesignSource {
    @Override
    public RowGroups of(FeatureSet features) {
      return RowGroups.by(features, name);
    }
  }

  /**
   * Sets of products that somebody has put together.
   *
   * @param designs by product, one that stands for its design
   */
  record Given(Map<String, String> designs) implements DesignSource {

    /** Sets that share a product are one. */
    static Given of(Collection<? extends Collection<String>> together) {
      Map<String, String> parents = new HashMap<>();
      for (Collection<String> set : together) {
        String first = null;
        for (String id : set) {
          String root = root(parents, Objects.requireNonNull(id, "a product's id"));
          first = first == null ? root : first;
          parents.put(root, first);
        }
      }
      Map<String, String> designs = new HashMap<>();
      parents.keySet().forEach(id -> designs.put(id, root(parents, id)));
      return new Given(Map.copyOf(designs));
    }

    /** What is last in the chain of an id's parents; halves the chain on the way. */
    private static String root(Map<String, String> parents, String id) {
      String at = id;
      String parent = parents.getOrDefault(at, at);
      while (!parent.equals(at)) {
        String next = parents.getOrDefault(parent, parent);
        parents.put(at, next);
        at = next;
        parent = parents.getOrDefault(at, at);
      }
      return at;
    }

    @Override
    public String name() {
      return "design";
    }

    @Override
    public RowGroups of(FeatureSet features) {
      return RowGroups.by(features, name(), row -> designs.get(features.id(row)));
    }
  }
}

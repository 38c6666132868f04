package io.lookalike.index;

import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeSet;

/**
 * Makes empty indexes of one kind with one configuration. Usually handed over directly, as in
 * {@code builder.index(HnswIndex.factory())}; a command line or a configuration file finds it by
 * {@linkplain #named name} among the providers that {@link ServiceLoader} knows.
 */
public interface IndexFactory {

  /**
   * The kind of index, as configuration files spell it.
   *
   * @return a lower-case word such as {@code bruteforce} or {@code hnsw}
   */
  String name();

  /**
   * Makes an empty index.
   *
   * @param dimension the length of its vectors, at least 1
   * @return a new index, to be closed by the caller
   * @throws IllegalArgumentException if the dimension is less than 1 or more than the index allows
   */
  NeighborIndex create(int dimension);

  /**
   * Finds a provider on the class path or module path.
   *
   * @param name the kind of index
   * @return its factory with default settings
   * @throws IllegalArgumentException if no provider has this name, listing those there are, or if
   *     two have it
   */
  static IndexFactory named(String name) {
    List<IndexFactory> all;
    try {
      all =
          ServiceLoader.load(IndexFactory.class).stream().map(ServiceLoader.Provider::get).toList();
    } catch (ServiceConfigurationError e) {
      throw new IllegalArgumentException("an index provider is broken: " + e.getMessage(), e);
    }
    List<IndexFactory> found = all.stream().filter(f -> f.name().equals(name)).toList();
    if (found.size() == 1) {
      return found.get(0);
    }
    if (found.isEmpty()) {
      var names = new TreeSet<String>();
      all.forEach(f -> names.add(f.name()));
      throw new IllegalArgumentException(
          "no index is named \""
              + name
              + "\"; there are "
              + names
              + (names.isEmpty()
                  ? ": add lookalike-index-bruteforce or lookalike-index-hnsw"
                  : ""));
    }
    throw new IllegalArgumentException(
        "two index providers are named \""
            + name
            + "\": "
            + found.get(0).getClass().getName()
            + " and "
            + found.get(1).getClass().getName()
            + "; remove one from the class path");
  }
}

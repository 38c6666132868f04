package io.lookalike.index;

import io.lookalike.internal.Providers;
import java.util.List;
import java.util.ServiceLoader;
import java.util.TreeSet;

/**
 * Lets a command line or a configuration file find a kind of index by name, through {@link
 * ServiceLoader}. Code hands an {@link IndexFactory} over directly.
 */
public interface IndexProvider {

  /**
   * The kind of index, as configuration files spell it.
   *
   * @return a lower-case word such as {@code bruteforce} or {@code hnsw}
   */
  String name();

  /**
   * The kind's factory.
   *
   * @return with default settings
   */
  IndexFactory factory();

  /**
   * All providers that the thread's class loader or this library's own knows.
   *
   * @return each class once
   * @throws IllegalArgumentException if one of them cannot be loaded
   */
  static List<IndexProvider> all() {
    return Providers.all(IndexProvider.class);
  }

  /**
   * Finds a provider on the class path or module path.
   *
   * @param name the kind of index
   * @return its factory with default settings
   * @throws IllegalArgumentException if no provider has this name, listing those there are, or if
   *     two have it
   */
  static IndexFactory named(String name) {
    List<IndexProvider> all = all();
    List<IndexProvider> found = all.stream().filter(p -> p.name().equals(name)).toList();
    if (found.size() == 1) {
      return found.get(0).factory();
    }
    if (found.isEmpty()) {
      var names = new TreeSet<String>();
      all.forEach(p -> names.add(p.name()));
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

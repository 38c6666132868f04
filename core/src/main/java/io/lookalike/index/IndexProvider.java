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
   * The kind's factory of indexes at an address, where they are in another process.
   *
   * @param address what follows the name and a colon, as in {@code
   *     opensearch:https://localhost:9200}
   * @return with default settings
   * @throws IllegalArgumentException if the address is none, or if the kind has no need of one
   */
  default IndexFactory at(String address) {
    throw new IllegalArgumentException(
        name() + " is in this process and has no address; leave \":" + address + "\" out");
  }

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
   * @param nameAndAddress the kind of index, and where it is if it is elsewhere, with a colon
   *     between them
   * @return its factory with default settings
   * @throws IllegalArgumentException if no provider has this name, listing those there are, if two
   *     have it, or if it cannot do with the address or without one
   */
  static IndexFactory named(String nameAndAddress) {
    int colon = nameAndAddress.indexOf(':');
    String name = colon < 0 ? nameAndAddress : nameAndAddress.substring(0, colon);
    List<IndexProvider> all = all();
    List<IndexProvider> found = all.stream().filter(p -> p.name().equals(name)).toList();
    if (found.size() == 1) {
      IndexProvider provider = found.get(0);
      return colon < 0 ? provider.factory() : provider.at(nameAndAddress.substring(colon + 1));
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

package io.lookalike.bench;

import io.lookalike.index.IndexProvider;
import io.lookalike.internal.Providers;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/** The indexes that can be measured here. */
public final class Contestants {

  private Contestants() {}

  /**
   * Finds the indexes of this project ({@code exact}, {@code scan}, {@code hnsw}, {@code hnswlib}),
   * and the {@link Contestant}s that the class path has beside them.
   *
   * @param leftOut is told of each that cannot be loaded, and why
   * @return by name, those of this project first
   */
  public static Map<String, Contestant> find(Consumer<String> leftOut) {
    var found = new LinkedHashMap<String, Contestant>();
    OwnContestant.all().forEach(each -> found.put(each.name(), each));
    var told = new HashSet<String>();
    for (ClassLoader loader : Providers.loaders(Contestant.class)) {
      Iterator<Contestant> others = ServiceLoader.load(Contestant.class, loader).iterator();
      boolean more = true;
      while (more) {
        try {
          more = others.hasNext();
          if (more) {
            Contestant each = others.next();
            found.putIfAbsent(each.name(), each);
          }
        } catch (ServiceConfigurationError | LinkageError e) { // and the iterator goes on
          if (told.add(String.valueOf(e.getMessage()))) { // by the first that has it
            leftOut.accept(String.valueOf(e.getMessage()));
          }
        }
      }
    }
    return found;
  }

  /**
   * An index in another process, with the settings that it has by itself.
   *
   * @param name as {@link IndexProvider#named} takes it, such as {@code
   *     opensearch:https://localhost:9200}
   * @return the contestant, called so
   * @throws IllegalArgumentException as {@link IndexProvider#named}
   */
  public static Contestant elsewhere(String name) {
    return OwnContestant.of(name, IndexProvider.named(name));
  }
}

package io.lookalike.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/** Services that the class path or module path offers. */
public final class Providers {

  private Providers() {}

  /**
   * All providers that the thread's class loader or this library's own knows.
   *
   * @param service the kind; core's module must say that it uses it
   * @param <T> the kind
   * @return one of each class
   * @throws IllegalArgumentException if one of them cannot be loaded
   */
  public static <T> List<T> all(Class<T> service) {
    try {
      // On pool threads the context class loader may be one that knows nothing of the application.
      List<ServiceLoader.Provider<T>> found =
          Stream.concat(
                  ServiceLoader.load(service).stream(),
                  ServiceLoader.load(service, service.getClassLoader()).stream())
              .toList();
      var classes = new ArrayList<Class<?>>();
      var providers = new ArrayList<T>();
      for (ServiceLoader.Provider<T> provider : found) {
        if (!classes.contains(provider.type())) {
          classes.add(provider.type());
          providers.add(provider.get());
        }
      }
      return providers;
    } catch (ServiceConfigurationError e) {
      throw new IllegalArgumentException(
          "a provider of " + service.getSimpleName() + " is broken: " + e.getMessage(), e);
    }
  }
}

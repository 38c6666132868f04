package io.lookalike.internal;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;

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
      List<ServiceLoader.Provider<T>> found =
          loaders(service).stream()
              .flatMap(loader -> ServiceLoader.load(service, loader).stream())
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

  /**
   * Where providers are looked for. On pool threads the context class loader may be one that knows
   * nothing of the application, or another application's, with its own copy of this library, of
   * which no provider is one of this copy's.
   *
   * @param service the kind
   * @return the thread's class loader, if it has the same kind, and the kind's own
   */
  public static Set<ClassLoader> loaders(Class<?> service) {
    var loaders = new LinkedHashSet<ClassLoader>();
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    if (context == null) {
      context = ClassLoader.getSystemClassLoader();
    }
    try {
      if (context.loadClass(service.getName()) == service) {
        loaders.add(context);
      }
    } catch (ClassNotFoundException | LinkageError e) {
      // Then nothing that it has is of this kind.
    }
    loaders.add(service.getClassLoader());
    return loaders;
  }
}

package io.lookalike.index.bruteforce;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.index.IndexProvider;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two web applications of one JVM, each with a copy of the library. */
class OtherCopyTest {

  @Test
  void onAThreadOfAnotherApplicationOnesOwnIndexIsFound() throws Exception {
    List<URL> jars = new ArrayList<>();
    for (String each : System.getProperty("java.class.path").split(File.pathSeparator)) {
      jars.add(Path.of(each).toUri().toURL());
    }
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (var other =
        new URLClassLoader(jars.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      assertThat(other.loadClass(IndexProvider.class.getName())).isNotSameAs(IndexProvider.class);
      thread.setContextClassLoader(other);

      assertThat(IndexProvider.named("bruteforce")).isNotNull();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}

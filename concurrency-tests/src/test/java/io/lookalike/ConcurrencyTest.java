package io.lookalike;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openjdk.jcstress.JCStress;
import org.openjdk.jcstress.Options;

/** Runs all classes here that are annotated with {@code JCStressTest}. */
@Tag("stress")
class ConcurrencyTest {

  @Test
  void nothingForbiddenIsSeen() throws Exception {
    String settings =
        System.getProperty(
            "lookalike.stress",
            "-m quick -time 300 -sc false -af NONE -jvmArgs -XX:+UseParallelGC");
    String report = Path.of("target", "jcstress").toAbsolutePath().toString();
    var options = new Options((settings + " -r " + report).split(" +"));
    if (!options.parse()) {
      throw new IllegalArgumentException("jcstress does not understand " + settings);
    }
    new JCStress(options).run(); // throws if an outcome was seen that is forbidden
  }
}

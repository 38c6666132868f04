package io.lookalike.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class VectorMathProviderTest {

  private static final Logger LOG = LoggerFactory.getLogger(VectorMath.class);
  private static final String OBSTACLE = "the obstacle";

  /** The build says which kernels it means to test, so that a silent fallback fails. */
  @Test
  void theKernelsAreThoseThatTheBuildExpects() {
    String expected = System.getProperty("lookalike.test.math");
    assumeThat(expected).as("system property lookalike.test.math, set by the build").isNotNull();
    assertThat(VectorMath.active().name()).matches(expected + "(-\\d+)?");
  }

  @Test
  void scalarIsChosenWhenAskedFor() {
    assertThat(VectorMathProvider.choose("scalar", null, () -> LOG).name()).isEqualTo("scalar");
    assertThat(VectorMathProvider.choose("SCALAR", OBSTACLE, () -> LOG).name()).isEqualTo("scalar");
  }

  @Test
  void anObstacleMakesAutoScalarWithOneLineInTheLog() {
    PrintStream err = System.err;
    var written = new ByteArrayOutputStream();
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    try {
      assertThat(VectorMathProvider.choose("auto", OBSTACLE, () -> LOG).name()).isEqualTo("scalar");
    } finally {
      System.setErr(err);
    }
    assertThat(written.toString(StandardCharsets.UTF_8).lines())
        .singleElement()
        .asString()
        .contains("WARN", "SIMD is off", OBSTACLE);
  }

  @Test
  void requireFailsWithTheObstacle() {
    assertThatThrownBy(() -> VectorMathProvider.choose("require", OBSTACLE, () -> LOG))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("lookalike.simd is require")
        .hasMessageContaining(OBSTACLE);
  }

  @Test
  void theMissingModuleNamesTheFlag() {
    assumeThat(ModuleLayer.boot().findModule("jdk.incubator.vector")).isEmpty();
    assertThat(VectorMathProvider.obstacle()).contains("--add-modules jdk.incubator.vector");
  }

  @Test
  void whereTheModuleIsThereNothingStandsAgainstIt() {
    assumeThat(ModuleLayer.boot().findModule("jdk.incubator.vector")).isPresent();
    assertThat(VectorMathProvider.obstacle()).isNull();
    assertThat(VectorMathProvider.choose("auto", null, () -> LOG).name()).startsWith("simd-");
    assertThat(VectorMathProvider.choose("require", null, () -> LOG).name()).startsWith("simd-");
  }

  private static String obstacle(
      boolean resolved, boolean present, String vm, String info, Map<String, String> options) {
    return VectorMathProvider.obstacle(resolved, present, vm, info, options::get);
  }

  @Test
  void simdIsLeftToHotSpotsOptimizingCompiler() {
    String vm = "OpenJDK 64-Bit Server VM";
    String info = "mixed mode, sharing";
    assertThat(obstacle(true, true, vm, info, Map.of())).isNull();
    assertThat(obstacle(true, true, "Java HotSpot(TM) 64-Bit Server VM", info, Map.of())).isNull();
    Map<String, String> usual =
        Map.of("TieredStopAtLevel", "4", "EnableJVMCI", "false", "UseJVMCICompiler", "false");
    assertThat(obstacle(true, true, vm, info, usual)).isNull();

    assertThat(obstacle(false, true, vm, info, usual))
        .isEqualTo("start Java with --add-modules jdk.incubator.vector");
    assertThat(obstacle(false, false, vm, info, usual))
        .isEqualTo(
            "this runtime was linked without jdk.incubator.vector; link it with jlink --add-modules"
                + " jdk.incubator.vector");
    for (String other : List.of("Eclipse OpenJ9 VM", "Substrate VM", "Zing 64-Bit Tiered VM", "")) {
      assertThat(obstacle(true, true, other, info, usual))
          .isEqualTo("this JVM (" + other + ") is not HotSpot; run on one that is");
    }
    for (String slow : List.of("interpreted mode, sharing", "mixed mode, emulated-client")) {
      assertThat(obstacle(true, true, vm, slow, usual))
          .isEqualTo(
              "this JVM runs without its optimising compiler (OpenJDK 64-Bit Server VM, "
                  + slow
                  + "); leave out -Xint and -XX:TieredStopAtLevel");
    }
    for (String name : List.of("OpenJDK Client VM", "OpenJDK 64-Bit Zero VM")) {
      assertThat(obstacle(true, true, name, info, usual)).contains("optimising compiler");
    }
    assertThat(obstacle(true, true, vm, info, Map.of("TieredStopAtLevel", "3")))
        .contains("optimising compiler");
    for (String option : List.of("EnableJVMCI", "UseJVMCICompiler")) {
      assertThat(obstacle(true, true, vm, info, Map.of(option, "true")))
          .startsWith("this JVM compiles by JVMCI; leave out ")
          .contains(option);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "on", "simd", "auto "})
  void anyOtherValueIsRefused(String mode) {
    assertThatThrownBy(() -> VectorMathProvider.choose(mode, null, () -> LOG))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(
            "lookalike.simd is \"" + mode + "\", expected auto, scalar or require");
  }
}

package io.lookalike.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
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
    assertThat(VectorMathProvider.choose("scalar", null, LOG).name()).isEqualTo("scalar");
    assertThat(VectorMathProvider.choose("SCALAR", OBSTACLE, LOG).name()).isEqualTo("scalar");
  }

  @Test
  void anObstacleMakesAutoScalarWithOneLineInTheLog() {
    PrintStream err = System.err;
    var written = new ByteArrayOutputStream();
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    try {
      assertThat(VectorMathProvider.choose("auto", OBSTACLE, LOG).name()).isEqualTo("scalar");
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
    assertThatThrownBy(() -> VectorMathProvider.choose("require", OBSTACLE, LOG))
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
    assertThat(VectorMathProvider.choose("auto", null, LOG).name()).startsWith("simd-");
    assertThat(VectorMathProvider.choose("require", null, LOG).name()).startsWith("simd-");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "on", "simd", "auto "})
  void anyOtherValueIsRefused(String mode) {
    assertThatThrownBy(() -> VectorMathProvider.choose(mode, null, LOG))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(
            "lookalike.simd is \"" + mode + "\", expected auto, scalar or require");
  }
}

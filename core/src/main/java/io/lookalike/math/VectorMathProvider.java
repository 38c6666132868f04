package io.lookalike.math;

import java.lang.module.ModuleFinder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the implementation, once. */
final class VectorMathProvider {

  private static final String PROPERTY = "lookalike.simd";
  private static final String MODULE = "jdk.incubator.vector";
  private static final String FLAG = "--add-modules " + MODULE;

  private static final @Nullable VectorMath ACTIVE;
  private static final String FAILURE;

  static {
    VectorMath chosen = null;
    String failure = "";
    try {
      chosen =
          choose(
              System.getProperty(PROPERTY, "auto"),
              obstacle(),
              LoggerFactory.getLogger(VectorMath.class));
    } catch (IllegalStateException e) {
      failure = String.valueOf(e.getMessage());
    }
    ACTIVE = chosen;
    FAILURE = failure;
  }

  private VectorMathProvider() {}

  static VectorMath active() {
    VectorMath active = ACTIVE;
    if (active == null) {
      throw new IllegalStateException(FAILURE);
    }
    return active;
  }

  /** The kernels for codes that go with {@link #active()}. */
  static CodeMath activeCodes() {
    return Codes.ACTIVE;
  }

  private static final class Codes {
    static final CodeMath ACTIVE =
        active() instanceof ScalarVectorMath || !SimdCodeMath.AVAILABLE
            ? new ScalarCodeMath()
            : new SimdCodeMath();
  }

  /**
   * Decides.
   *
   * @param mode the system property's value
   * @param obstacle what stands against SIMD, or null
   */
  static VectorMath choose(String mode, @Nullable String obstacle, Logger log) {
    boolean required = mode.equalsIgnoreCase("require");
    if (mode.equalsIgnoreCase("scalar")) {
      return new ScalarVectorMath();
    }
    if (!required && !mode.equalsIgnoreCase("auto")) {
      throw new IllegalStateException(
          "system property " + PROPERTY + " is \"" + mode + "\", expected auto, scalar or require");
    }
    if (obstacle == null) {
      return new SimdVectorMath();
    }
    if (required) {
      throw new IllegalStateException(
          "system property " + PROPERTY + " is require, but SIMD cannot be had: " + obstacle);
    }
    log.warn("SIMD is off, similarities take several times as long: {}", obstacle);
    return new ScalarVectorMath();
  }

  /** What stands against SIMD in this JVM, with what to do about it, or null. */
  static @Nullable String obstacle() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return ModuleFinder.ofSystem().find(MODULE).isPresent()
          ? "start Java with " + FLAG
          : "this Java has no module " + MODULE + "; use a whole JDK, or add the module with jlink";
    }
    // Without the C2 compiler every vector is an object on the heap.
    String vm = System.getProperty("java.vm.info", "");
    if (vm.contains("interpreted") || vm.contains("emulated-client")) {
      return "this JVM runs without its optimising compiler ("
          + vm
          + "); leave out -Xint and -XX:TieredStopAtLevel";
    }
    return null;
  }
}

package io.lookalike.math;

import java.lang.module.ModuleFinder;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
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
              () -> LoggerFactory.getLogger(VectorMath.class));
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
   * @param log asked for where there is something to say: most often nothing is, and loggers take
   *     50 ms of a first answer
   */
  static VectorMath choose(String mode, @Nullable String obstacle, Supplier<Logger> log) {
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
    log.get().warn("SIMD is off, similarities take several times as long: {}", obstacle);
    return new ScalarVectorMath();
  }

  /** What stands against SIMD in this JVM, with what to do about it, or null. */
  static @Nullable String obstacle() {
    Optional<Module> vectors = ModuleLayer.boot().findModule(MODULE);
    String obstacle =
        obstacle(
            vectors.isPresent(),
            vectors.isPresent() || ModuleFinder.ofSystem().find(MODULE).isPresent(),
            System.getProperty("java.vm.name", ""),
            System.getProperty("java.vm.info", ""),
            HotSpotOptions::get);
    if (obstacle == null && vectors.isPresent()) {
      // Not in the descriptor, where it would warn whoever compiles against this module.
      VectorMathProvider.class.getModule().addReads(vectors.get());
    }
    return obstacle;
  }

  /**
   * What stands against SIMD, after Lucene's {@code VectorizationProvider}: where the C2 compiler
   * does not make registers of them, vectors are objects on the heap.
   *
   * @param resolved whether the vector module is among those that the JVM started with
   * @param present whether it is in the runtime at all
   * @param vm the JVM's name
   * @param info how it runs
   * @param option the value of an option of HotSpot's, or null where it cannot be told
   */
  static @Nullable String obstacle(
      boolean resolved,
      boolean present,
      String vm,
      String info,
      Function<String, @Nullable String> option) {
    if (!present) {
      return "this runtime was linked without " + MODULE + "; link it with jlink " + FLAG;
    }
    if (!resolved) {
      return "start Java with " + FLAG;
    }
    if (!vm.contains("OpenJDK") && !vm.contains("HotSpot")) {
      return "this JVM (" + vm + ") is not HotSpot; run on one that is";
    }
    String level = option.apply("TieredStopAtLevel");
    if (vm.contains("Client")
        || vm.contains("Zero")
        || info.contains("interpreted")
        || info.contains("emulated-client")
        || (level != null && !level.equals("4"))) {
      return "this JVM runs without its optimising compiler ("
          + vm
          + ", "
          + info
          + "); leave out -Xint and -XX:TieredStopAtLevel";
    }
    if ("true".equals(option.apply("UseJVMCICompiler"))
        || "true".equals(option.apply("EnableJVMCI"))) {
      return "this JVM compiles by JVMCI; leave out -XX:+EnableJVMCI and -XX:+UseJVMCICompiler, or"
          + " run on one with the C2 compiler";
    }
    return null;
  }

  /** By reflection, as a linked runtime may lack the modules that tell them. */
  private static final class HotSpotOptions {
    static @Nullable String get(String name) {
      try {
        Class<?> bean = Class.forName("com.sun.management.HotSpotDiagnosticMXBean");
        Object options =
            Class.forName("java.lang.management.ManagementFactory")
                .getMethod("getPlatformMXBean", Class.class)
                .invoke(null, bean);
        Object option = bean.getMethod("getVMOption", String.class).invoke(options, name);
        return String.valueOf(option.getClass().getMethod("getValue").invoke(option));
      } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
        return null; // no such module, or no such option: then it is not in use
      }
    }
  }
}

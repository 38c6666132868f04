package io.lookalike.extractor;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import io.lookalike.internal.TemporaryFolder;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether ONNX Runtime, on which the networks here run, works in this JVM. Its native library comes
 * in its jar and is copied to the folder for temporary files when it is first needed; what is wrong
 * with that folder stops it more often than anything else. Safe for use by several threads.
 */
public final class OnnxRuntime {
  private static final String TEMPORARY = TemporaryFolder.PROPERTY;
  private static final String NATIVE_PATH = "onnxruntime.native.path";

  /** A class that could not be loaded once never can be, and then no longer says why. */
  private static @Nullable String obstacle;

  private static boolean loaded;

  private OnnxRuntime() {}

  /**
   * Loads ONNX Runtime if that has not been done.
   *
   * @return why it cannot be loaded and what to do, in one line; empty if it is loaded
   */
  public static Optional<String> obstacle() {
    try {
      environment();
      return Optional.empty();
    } catch (IllegalStateException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * The version.
   *
   * @return such as 1.28.0
   * @throws IllegalStateException if it cannot be loaded, saying why
   */
  public static String version() {
    return environment().getVersion();
  }

  /** ONNX Runtime itself, loaded by the first call. */
  static OrtEnvironment environment() {
    load();
    return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
  }

  private static synchronized void load() {
    if (loaded) {
      return;
    }
    if (obstacle != null) {
      throw new IllegalStateException(obstacle);
    }
    String folder = folderProblem(0);
    if (folder != null) {
      throw new IllegalStateException(folder); // may be mended meanwhile
    }
    try {
      OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      loaded = true;
    } catch (LinkageError | RuntimeException e) {
      obstacle = explained(e);
      throw new IllegalStateException(obstacle, e);
    }
  }

  /**
   * What is wrong with the folder for temporary files if so many bytes are to go there, or null.
   */
  private static @Nullable String folderProblem(long bytes) {
    return TemporaryFolder.problem(
        "ONNX Runtime cannot be loaded",
        System.getProperty(TEMPORARY, ""),
        TEMPORARY,
        System.getProperty(NATIVE_PATH) == null
            ? ""
            : " (it is needed even with " + NATIVE_PATH + ")",
        bytes,
        false);
  }

  private static String explained(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = String.valueOf(root.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
    if (message.contains("failed to map segment") || message.contains("Operation not permitted")) {
      return "ONNX Runtime cannot be loaded: nothing in the folder of its library may be executed"
          + " (noexec): "
          + message
          + "; name another folder with -D"
          + TEMPORARY
          + "=FOLDER, or unpack the library from its jar and name its folder with -D"
          + NATIVE_PATH
          + "=FOLDER";
    }
    if (message.contains("ld-linux") || message.contains("GLIBC_") || message.contains("ld-musl")) {
      return "ONNX Runtime cannot be loaded: its library needs GNU libc 2.27 or newer, which Alpine"
          + " Linux does not have: "
          + message
          + "; use an image of Debian, Ubuntu or Red Hat";
    }
    if (message.contains("already loaded in another classloader")) {
      return "ONNX Runtime cannot be loaded: another application of this JVM, or an earlier start of"
          + " this one, has it: "
          + message
          + "; put ONNX Runtime's jar where all applications share it";
    }
    if (System.getProperty(NATIVE_PATH) != null && message.contains("not found at")) {
      return "ONNX Runtime cannot be loaded: " + message + " (" + NATIVE_PATH + ")";
    }
    if (message.startsWith("no onnxruntime")) {
      long size = librarySize();
      String problem = size < 0 ? null : folderProblem(size);
      if (problem != null) {
        return problem;
      }
      if (size < 0) {
        return "ONNX Runtime has no native library for this platform, " + platform();
      }
    }
    return "ONNX Runtime's native library cannot be loaded on " + platform() + ": " + message;
  }

  private static String platform() {
    return System.getProperty("os.name") + " " + System.getProperty("os.arch");
  }

  /** How large the library for this platform is, in bytes; -1 if the jar has none. */
  private static long librarySize() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch", "");
    String folder =
        (os.contains("mac") ? "osx" : os.contains("win") ? "win" : "linux")
            + '-'
            + (arch.equals("amd64") ? "x64" : arch);
    String name = new File(System.mapLibraryName("onnxruntime")).getName();
    String resource = "/ai/onnxruntime/native/" + folder + "/" + name;
    try (InputStream in = OrtEnvironment.class.getResourceAsStream(resource)) {
      return in == null ? -1 : in.skip(Long.MAX_VALUE);
    } catch (IOException | LinkageError e) {
      return -1;
    }
  }
}

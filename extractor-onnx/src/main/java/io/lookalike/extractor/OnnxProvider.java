package io.lookalike.extractor;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What ONNX Runtime may run a network on. */
enum OnnxProvider {
  CPU(OrtProvider.CPU, ""),
  CUDA(OrtProvider.CUDA, "com.microsoft.onnxruntime:onnxruntime_gpu"),
  COREML(OrtProvider.CORE_ML, "a build of ONNX Runtime with CoreML"),
  DIRECTML(OrtProvider.DIRECT_ML, "a build of ONNX Runtime with DirectML");

  private final OrtProvider provider;

  /** What has it. */
  private final String runtime;

  OnnxProvider(OrtProvider provider, String runtime) {
    this.provider = provider;
    this.runtime = runtime;
  }

  static OnnxProvider of(String name) {
    for (OnnxProvider each : values()) {
      if (each.toString().equals(name)) {
        return each;
      }
    }
    throw new IllegalArgumentException(
        "the provider is \""
            + name
            + "\", expected one of "
            + Arrays.stream(values())
                .map(OnnxProvider::toString)
                .collect(Collectors.joining(", ")));
  }

  /**
   * Has a session run on it.
   *
   * @throws IllegalStateException if this ONNX Runtime, or this machine, has it not
   */
  void addTo(OrtSession.SessionOptions options) {
    if (!OrtEnvironment.getAvailableProviders().contains(provider)) {
      throw new IllegalStateException(
          "the ONNX Runtime on the class path has no provider "
              + this
              + "; put "
              + runtime
              + " in its place, or leave provider out");
    }
    try {
      switch (this) {
        case CPU -> {}
        case CUDA -> options.addCUDA();
        case COREML -> options.addCoreML();
        case DIRECTML -> options.addDirectML(0);
      }
    } catch (OrtException e) {
      throw new IllegalStateException(
          "ONNX Runtime's provider "
              + this
              + " does not work on this machine: "
              + e.getMessage()
              + "; install what it needs, or leave provider out",
          e);
    }
  }

  /** Returns the name as users write it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

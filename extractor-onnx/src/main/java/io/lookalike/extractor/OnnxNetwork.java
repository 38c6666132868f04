package io.lookalike.extractor;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A network on ONNX Runtime, on the processor. */
final class OnnxNetwork implements Network {
  private final OrtSession session;
  private final String input;
  private final Map<String, OnnxTensor> weights;
  private final String output;
  private final @Nullable Pooling pooling;

  /**
   * Takes a session over.
   *
   * @param session closed with this network
   * @param input which of its inputs takes the picture
   * @param weights what its other inputs are given each time, closed with this network
   * @param output which of its outputs are the features
   * @param pooling of a map, or null
   */
  OnnxNetwork(
      OrtSession session,
      String input,
      Map<String, OnnxTensor> weights,
      String output,
      @Nullable Pooling pooling) {
    this.session = session;
    this.input = input;
    this.weights = weights;
    this.output = output;
    this.pooling = pooling;
  }

  /**
   * Settings for a session that runs each picture on one thread: several pictures at once use the
   * processor better than several threads for one, and a thread pool of the runtime's own would
   * spin. What goes wrong is thrown, not logged; and nothing is reported to the runtime's makers,
   * which on Windows their builds would do.
   */
  static OrtSession.SessionOptions options() throws OrtException {
    OnnxRuntime.environment().setTelemetry(false);
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    options.setInterOpNumThreads(1);
    options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
    return options;
  }

  @Override
  public float[] run(FloatBuffer planes, int width, int height) {
    long[] shape = {1, 3, height, width};
    try (OnnxTensor tensor = OnnxTensor.createTensor(OnnxRuntime.environment(), planes, shape)) {
      Map<String, OnnxTensor> inputs = new HashMap<>(weights);
      inputs.put(input, tensor);
      try (OrtSession.Result result = session.run(inputs, Set.of(output))) {
        if (!(result.get(0) instanceof OnnxTensor features) || features.getFloatBuffer() == null) {
          throw new IllegalStateException(
              "its output " + output + " is " + result.get(0).getInfo() + ", expected numbers");
        }
        float[] values = new float[(int) features.getInfo().getNumElements()];
        features.getFloatBuffer().get(values);
        return Pooling.features(values, features.getInfo().getShape(), pooling);
      }
    } catch (OrtException e) {
      throw new IllegalStateException(
          "it fails on a picture of " + width + " x " + height + " pixels: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try {
      close(session);
    } finally {
      weights.values().forEach(OnnxTensor::close);
    }
  }

  static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot free the network", e);
    }
  }
}

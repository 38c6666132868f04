package io.lookalike.extractor;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Features by any network in an ONNX file, on ONNX Runtime and the processor: a classification
 * network without its last layer, the image tower of a CLIP model, a network of one's own. It takes
 * one input, 32-bit floating point numbers of shape (pictures, 3, height, width); its output is a
 * vector, or a map that is {@linkplain Builder#pooling pooled}.
 *
 * <p>A picture is turned upright as its Exif orientation says, transparent parts are laid onto
 * white, and embedded colour profiles of RGB pictures are ignored. JPEG (also grey, CMYK and
 * progressive), PNG, WebP, GIF (the first frame) and BMP are read.
 *
 * <p>Instances are safe for use by several threads; pictures run on threads of the extractor's own.
 */
public final class OnnxExtractor extends PictureExtractor {

  private OnnxExtractor(
      String identity, Network network, int dimension, InputSize size, Builder builder) {
    super(identity, network, dimension, builder.preprocessing(), size, builder);
  }

  /**
   * Begins to describe an extractor: {@link Builder#model model} and {@link Builder#preprocessing
   * preprocessing} must be set.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of an {@link OnnxExtractor}. Each may be set once. Not safe for several threads. */
  public static final class Builder extends ModelSettings<Builder> {
    private @Nullable String output;
    private @Nullable OnnxProvider provider;

    private Builder() {}

    @Override
    protected Builder self() {
      return this;
    }

    /**
     * Which of the network's outputs are the features. Default: the first.
     *
     * @param name as in the file
     * @return this
     * @throws IllegalStateException if already set
     */
    public Builder output(String name) {
      output = once("output", output, name);
      return this;
    }

    /**
     * What runs the network. Default: the processor. Others need a build of ONNX Runtime that has
     * them in place of the one that comes with this library, such as {@code onnxruntime_gpu} for
     * CUDA, and their own libraries on the machine. The {@linkplain OnnxExtractor#identity
     * identity} stays the same: features differ in their last digits.
     *
     * @param name {@code cpu}, {@code cuda}, {@code coreml} or {@code directml}
     * @return this
     * @throws IllegalArgumentException if it is none of these
     * @throws IllegalStateException if already set
     */
    public Builder provider(String name) {
      provider = once("provider", provider, OnnxProvider.of(name));
      return this;
    }

    /**
     * Loads the network and tries it on a blank picture, which tells how many features it gives.
     *
     * @return a new extractor, to be closed
     * @throws ModelFileException if the file is missing, is no ONNX file, or holds no network that
     *     turns pictures of this size into features
     * @throws IllegalStateException if a setting is missing, or if ONNX Runtime cannot be loaded on
     *     this platform, or has not the {@link #provider} wanted
     */
    @Override
    public OnnxExtractor build() {
      Path file = model();
      preprocessing(); // before anything is loaded for nothing
      String hash = ModelFile.hash(file);
      OrtSession session;
      try (OrtSession.SessionOptions options = OnnxNetwork.options()) {
        if (provider != null) {
          provider.addTo(options);
        }
        session = OnnxRuntime.environment().createSession(file.toString(), options);
      } catch (OrtException e) {
        throw new ModelFileException(
            file, "not a network that ONNX Runtime can load: " + e.getMessage(), e);
      }
      OnnxExtractor extractor = null;
      try {
        Map.Entry<String, NodeInfo> input = input(file, session.getInputInfo());
        String name = output(file, session.getOutputInfo());
        Network network = new OnnxNetwork(session, input.getKey(), Map.of(), name, pooling());
        InputSize size = inputSize(ownSize(((TensorInfo) input.getValue().getInfo()).getShape()));
        int dimension = Probe.dimension(file, network, size);
        String identity = "onnx/" + hash + (output == null ? "" : "/" + output) + settings(size);
        extractor = new OnnxExtractor(identity, network, dimension, size, this);
        return extractor;
      } catch (OrtException e) {
        throw new ModelFileException(file, "cannot be asked for its inputs: " + e.getMessage(), e);
      } finally {
        if (extractor == null) {
          OnnxNetwork.close(session);
        }
      }
    }

    private static Map.Entry<String, NodeInfo> input(Path file, Map<String, NodeInfo> inputs) {
      if (inputs.size() != 1) {
        throw new ModelFileException(
            file,
            "the network has the inputs "
                + inputs.keySet()
                + ", expected one, the picture; export the part that sees pictures alone",
            null);
      }
      Map.Entry<String, NodeInfo> input = inputs.entrySet().iterator().next();
      if (input.getValue().getInfo() instanceof TensorInfo tensor
          && tensor.type == OnnxJavaType.FLOAT
          && tensor.getShape().length == 4
          && (tensor.getShape()[0] < 0 || tensor.getShape()[0] == 1)
          && (tensor.getShape()[1] < 0 || tensor.getShape()[1] == 3)) {
        return input;
      }
      throw new ModelFileException(
          file,
          "the network's input "
              + input.getKey()
              + " is "
              + text(input.getValue())
              + ", expected FLOAT [any, 3, height, width]",
          null);
    }

    private String output(Path file, Map<String, NodeInfo> outputs) {
      String name = output == null ? outputs.keySet().iterator().next() : output;
      if (!outputs.containsKey(name)) {
        throw new ModelFileException(
            file, "the network has no output " + name + ", only " + outputs.keySet(), null);
      }
      return name;
    }

    /** The size that an input of fixed shape takes. */
    private static @Nullable InputSize ownSize(long[] shape) {
      return shape[2] > 0 && shape[3] > 0
          ? new InputSize.Fixed((int) shape[3], (int) shape[2])
          : null;
    }

    private static String text(NodeInfo node) {
      return node.getInfo() instanceof TensorInfo tensor
          ? tensor.type + " " + Arrays.toString(tensor.getShape())
          : node.getInfo().toString();
    }
  }
}

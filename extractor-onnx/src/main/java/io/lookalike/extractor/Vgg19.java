package io.lookalike.extractor;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.lookalike.extractor.VggArchitecture.Layer;
import io.lookalike.extractor.VggArchitecture.Layout;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Features by VGG19, cut after the activation of its second fully connected layer, with weights
 * that the user supplies: the published ones of torchvision, timm or Keras, as they were published.
 * On ONNX Runtime and the processor.
 *
 * <p>The file's format is told by its content: safetensors with torchvision's or timm's names;
 * PyTorch's {@code .pth}, of which tensors alone are read and nothing is ever executed; Keras'
 * {@code .h5}. Every tensor is checked before a picture is read. The file must not be changed while
 * the extractor is open: most of it is not copied but mapped into memory.
 *
 * <p>Every picture is resized to 224 x 224 pixels, whatever its proportions. It is turned upright
 * as its Exif orientation says, transparent parts are laid onto white, and embedded colour profiles
 * of RGB pictures are ignored. JPEG (also grey, CMYK and progressive), PNG, WebP, GIF (the first
 * frame) and BMP are read. The 4,096 features are all at least 0, about half of them exactly 0.
 *
 * <p>Sources: K. Simonyan and A. Zisserman, <i>Very Deep Convolutional Networks for Large-Scale
 * Image Recognition</i>, ICLR 2015; used for recommendation by Boukrouh, Tayalati and Azmani,
 * <i>Personalized Fashion Product Recommendations using Transfer Learning and Nearest Neighbors
 * Models</i>.
 *
 * <p>Instances are safe for use by several threads; pictures run on threads of the extractor's own.
 */
public final class Vgg19 extends PictureExtractor {
  private static final InputSize INPUT =
      new InputSize.Fixed(VggArchitecture.SIDE, VggArchitecture.SIDE);

  private Vgg19(String identity, Network network, int dimension, Builder builder) {
    super(identity, network, dimension, builder.preprocessing(), INPUT, builder);
  }

  /**
   * The paper's extractor: {@link Preprocessing#PAPER}.
   *
   * @param weights the file of weights
   * @return a new extractor, to be closed
   * @throws ModelFileException if the file cannot be used, naming the tensor that is at fault
   * @throws IllegalStateException if ONNX Runtime cannot be loaded on this platform
   */
  public static Vgg19 of(Path weights) {
    return builder().weights(weights).build();
  }

  /**
   * Begins to describe an extractor: {@link Builder#weights weights} must be set.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of a {@link Vgg19}. Each may be set once. Not safe for several threads. */
  public static final class Builder extends ReadingSettings<Builder> {
    private @Nullable Path weights;
    private @Nullable Preprocessing preprocessing;

    private Builder() {}

    @Override
    protected Builder self() {
      return this;
    }

    /**
     * The file of weights. Must be set.
     *
     * @param file safetensors, {@code .pth} or {@code .h5}
     * @return this
     * @throws IllegalStateException if already set
     */
    public Builder weights(Path file) {
      weights = once("weights", weights, file);
      return this;
    }

    /**
     * What becomes of a picture's samples. Default {@link Preprocessing#PAPER}; torchvision's and
     * timm's weights were trained with {@link Preprocessing#TORCHVISION}, Keras' with {@link
     * Preprocessing#CAFFE}.
     *
     * @param preprocessing a preset or another
     * @return this
     * @throws IllegalStateException if already set
     */
    public Builder preprocessing(Preprocessing preprocessing) {
      this.preprocessing = once("preprocessing", this.preprocessing, preprocessing);
      return this;
    }

    private Preprocessing preprocessing() {
      return preprocessing == null ? Preprocessing.PAPER : preprocessing;
    }

    /**
     * Loads the weights.
     *
     * @return a new extractor, to be closed
     * @throws ModelFileException if the file cannot be used, naming the tensor that is at fault
     * @throws IllegalStateException if no weights are set, or if ONNX Runtime cannot be loaded on
     *     this platform
     */
    public Vgg19 build() {
      return build(
          VggArchitecture.VGG19, resource("vgg19.onnx"), resource("vgg19-channels-last.onnx"));
    }

    /**
     * Loads the weights of a network of this build.
     *
     * @param architecture its widths
     * @param graph its graph without weights, which reads the last map by channel
     * @param channelsLast the same, which reads the last map by place, and whose fully connected
     *     layers are stored by inputs
     */
    Vgg19 build(VggArchitecture architecture, byte[] graph, byte[] channelsLast) {
      if (weights == null) {
        throw new IllegalStateException("weights is not set");
      }
      try (Checkpoint checkpoint = Checkpoint.open(weights)) {
        Layout layout = Layout.of(checkpoint);
        List<Layer> layers = architecture.layers(checkpoint, layout);
        String identity =
            architecture.name() + "/" + ModelFile.hash(weights) + "/" + preprocessing();
        Network network =
            load(checkpoint, layout, layers, layout == Layout.KERAS ? channelsLast : graph);
        return new Vgg19(identity, network, architecture.hidden(), this);
      } catch (OrtException e) {
        throw new IllegalStateException("ONNX Runtime cannot load VGG19: " + e.getMessage(), e);
      }
    }

    private static byte[] resource(String name) {
      try (InputStream in = Vgg19.class.getResourceAsStream(name)) {
        if (in == null) {
          throw new IllegalStateException(name + " is missing from this library's jar");
        }
        return in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * Gives the graph its weights so that no more than about one copy of them is ever in memory.
   *
   * <p>The convolutions' weights (an eighth of all) are read; ONNX Runtime brings them into an
   * order of its own, of which it keeps the only copy. The fully connected layers' are inputs of
   * the graph, given with each picture, because weights inside it would be copied: the first
   * layer's (three quarters of all) stay in the file, mapped into memory; the second's go where the
   * convolutions' were, which would otherwise stay allocated until the next garbage collection.
   */
  private static Network load(
      Checkpoint checkpoint, Layout layout, List<Layer> layers, byte[] graph) throws OrtException {
    OrtEnvironment environment = OnnxRuntime.environment();
    List<Layer> convolutions = layers.subList(0, layers.size() - 2);
    Layer fc1 = layers.get(layers.size() - 2);
    Layer fc2 = layers.get(layers.size() - 1);
    ByteBuffer memory = memory(convolutions, fc1, fc2);
    long largest =
        convolutions.stream().mapToLong(layer -> layer.weights().bytes()).max().orElse(0);
    ByteBuffer scratch = ByteBuffer.allocateDirect(layout == Layout.KERAS ? (int) largest : 0);
    OrtSession session;
    Map<String, OnnxTensorLike> initializers = new HashMap<>();
    try (OrtSession.SessionOptions options = OnnxNetwork.options()) {
      for (Layer layer : convolutions) {
        ByteBuffer weights =
            layout == Layout.KERAS
                ? outputsFirst(checkpoint, layer, scratch, memory)
                : read(checkpoint, layer.weights(), memory);
        long[] shape = {layer.outputs(), layer.inputs(), 3, 3};
        initializers.put(layer.name() + ".weight", tensor(environment, weights, shape));
        ByteBuffer bias = read(checkpoint, layer.bias(), memory);
        initializers.put(layer.name() + ".bias", tensor(environment, bias, layer.outputs()));
      }
      // Its maps are few and large: an arena would hold twice of them and win no time.
      options.setCPUArenaAllocator(false);
      options.addExternalInitializers(initializers); // copied; the buffers are free afterwards
      session = environment.createSession(graph, options);
    } finally {
      initializers.values().forEach(OnnxTensorLike::close);
    }
    Map<String, OnnxTensor> connected = new HashMap<>();
    Network network = new OnnxNetwork(session, "image", connected, "features", null);
    boolean loaded = false;
    try {
      memory.clear();
      ByteBuffer mapped = checkpoint.map(fc1.weights());
      connect(layout, fc1, mapped, read(checkpoint, fc1.bias(), memory), connected);
      ByteBuffer copied = read(checkpoint, fc2.weights(), memory);
      connect(layout, fc2, copied, read(checkpoint, fc2.bias(), memory), connected);
      loaded = true;
      return network;
    } finally {
      if (!loaded) {
        network.close();
      }
    }
  }

  private static void connect(
      Layout layout,
      Layer layer,
      ByteBuffer weights,
      ByteBuffer bias,
      Map<String, OnnxTensor> connected)
      throws OrtException {
    OrtEnvironment environment = OnnxRuntime.environment();
    long[] shape =
        layout == Layout.KERAS
            ? new long[] {layer.inputs(), layer.outputs()}
            : new long[] {layer.outputs(), layer.inputs()};
    connected.put(layer.name() + ".weight", tensor(environment, weights, shape));
    connected.put(layer.name() + ".bias", tensor(environment, bias, layer.outputs()));
  }

  /** Memory outside the heap for all of the convolutions, or for the second connected layer. */
  private static ByteBuffer memory(List<Layer> convolutions, Layer fc1, Layer fc2) {
    long first = 0;
    for (Layer layer : convolutions) {
      first += layer.weights().bytes() + layer.bias().bytes();
    }
    long second = fc2.weights().bytes() + fc1.bias().bytes() + fc2.bias().bytes();
    return ByteBuffer.allocateDirect((int) Math.max(first, second)).order(ByteOrder.nativeOrder());
  }

  private static OnnxTensor tensor(OrtEnvironment environment, ByteBuffer numbers, long... shape)
      throws OrtException {
    return OnnxTensor.createTensor(environment, numbers, shape, OnnxJavaType.FLOAT);
  }

  /** Reads a tensor into the next free part of the memory. */
  private static ByteBuffer read(Checkpoint checkpoint, StoredTensor tensor, ByteBuffer memory) {
    int start = memory.position();
    checkpoint.read(tensor, memory);
    return memory.slice(start, memory.position() - start).order(ByteOrder.nativeOrder());
  }

  /** From (height, width, inputs, outputs) to (outputs, inputs, height, width). */
  private static ByteBuffer outputsFirst(
      Checkpoint checkpoint, Layer layer, ByteBuffer scratch, ByteBuffer memory) {
    ByteBuffer stored = scratch.clear().limit((int) layer.weights().bytes());
    checkpoint.read(layer.weights(), stored);
    FloatBuffer from = stored.flip().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    ByteBuffer part =
        memory.slice(memory.position(), stored.limit()).order(ByteOrder.nativeOrder());
    memory.position(memory.position() + stored.limit());
    FloatBuffer to = part.asFloatBuffer();
    for (int output = 0, i = 0; output < layer.outputs(); output++) {
      for (int input = 0; input < layer.inputs(); input++) {
        for (int place = 0; place < 9; place++) {
          to.put(i++, from.get((place * layer.inputs() + input) * layer.outputs() + output));
        }
      }
    }
    return part;
  }
}

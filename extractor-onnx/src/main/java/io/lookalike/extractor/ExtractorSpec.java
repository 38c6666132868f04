package io.lookalike.extractor;

import io.lookalike.features.FeatureExtractor;
import java.nio.file.Path;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An extractor in words, as a command line or a configuration file chooses it. Immutable.
 *
 * @param network {@code lite0}, {@code lite0-fast}, {@code vgg19}, {@code onnx:FILE} or {@code
 *     torchscript:FILE}
 * @param weights the file of weights: needed by {@code vgg19}, null for the others
 * @param preprocessing as {@link Preprocessing#parse} reads it: needed by {@code onnx} and {@code
 *     torchscript}, null for {@code vgg19}'s default, {@code paper}, and for {@code lite0}
 * @param input for {@code onnx} and {@code torchscript} alone, which size pictures are brought to:
 *     {@code 224} or {@code 224x224} (width x height), or {@code area288}, {@code area224by14} for
 *     the area of a square in the picture's own proportions, sides being multiples of 32, or of the
 *     number given; null where the network says it
 * @param pooling for {@code onnx} and {@code torchscript} alone, {@code average} or {@code gem};
 *     null for a network that gives a vector, or the average of a map
 * @param provider for {@code onnx} alone, what runs it, as {@link OnnxExtractor.Builder#provider}
 *     has it; null for the processor
 */
public record ExtractorSpec(
    String network,
    @Nullable Path weights,
    @Nullable String preprocessing,
    @Nullable String input,
    @Nullable String pooling,
    @Nullable String provider) {
  private static final String ONNX = "onnx:";
  private static final String TORCHSCRIPT = "torchscript:";
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,4})(?:x([0-9]{1,4}))?");
  private static final Pattern AREA = Pattern.compile("area([0-9]{1,4})(?:by([0-9]{1,4}))?");

  /**
   * Checks what can be checked without opening a file.
   *
   * @throws IllegalArgumentException if there is no such network, if something it needs is missing,
   *     or if something is given that it does not take
   */
  public ExtractorSpec {
    boolean model = isModel(network);
    boolean vgg = network.equals("vgg19");
    if (!model && !vgg && !network.equals("lite0") && !network.equals("lite0-fast")) {
      throw new IllegalArgumentException(
          "the extractor is \""
              + network
              + "\", expected lite0, lite0-fast, vgg19, onnx:FILE or torchscript:FILE");
    }
    if (vgg && weights == null) {
      throw new IllegalArgumentException("the extractor vgg19 needs a file of weights");
    }
    if (model && preprocessing == null) {
      throw new IllegalArgumentException(
          "the extractor " + network + " needs a preprocessing, the one that it was trained with");
    }
    refuse(network, "weights", vgg ? null : weights);
    refuse(network, "preprocessing", vgg || model ? null : preprocessing);
    refuse(network, "input size", model ? null : input);
    refuse(network, "pooling", model ? null : pooling);
    refuse(network, "provider", model && network.startsWith(ONNX) ? null : provider);
    if (provider != null) {
      OnnxProvider.of(provider);
    }
    if (preprocessing != null) {
      Preprocessing.parse(preprocessing);
    }
    if (input != null && !SIZE.matcher(input).matches() && !AREA.matcher(input).matches()) {
      throw new IllegalArgumentException(
          "the input size is \"" + input + "\", expected such as 224, 224x224 or area288");
    }
    if (pooling != null && !pooling.equals("average") && !pooling.equals("gem")) {
      throw new IllegalArgumentException(
          "the pooling is \"" + pooling + "\", expected average or gem");
    }
  }

  /**
   * A network that runs on the processor.
   *
   * @param network as above
   * @param weights as above
   * @param preprocessing as above
   * @param input as above
   * @param pooling as above
   * @throws IllegalArgumentException as above
   */
  public ExtractorSpec(
      String network,
      @Nullable Path weights,
      @Nullable String preprocessing,
      @Nullable String input,
      @Nullable String pooling) {
    this(network, weights, preprocessing, input, pooling, null);
  }

  /**
   * A network and nothing else.
   *
   * @param network as above
   * @return the choice
   * @throws IllegalArgumentException if there is no such network, or if it needs more
   */
  public static ExtractorSpec of(String network) {
    return new ExtractorSpec(network, null, null, null, null);
  }

  /**
   * Loads the network.
   *
   * @return a new extractor, to be closed
   * @throws ModelFileException if a file cannot be used
   * @throws IllegalArgumentException if the input size is out of range
   * @throws IllegalStateException if a library or the provider is missing, or if the network does
   *     not say which input size it takes and none is given
   */
  public FeatureExtractor open() {
    return switch (network) {
      case "lite0" -> EfficientNetLite.builtIn();
      case "lite0-fast" -> EfficientNetLite.fast();
      case "vgg19" -> vgg19();
      default ->
          network.startsWith(ONNX)
              ? configured(onnx(), ONNX).build()
              : configured(engine("torchscript").builder(), TORCHSCRIPT).build();
    };
  }

  private OnnxExtractor.Builder onnx() {
    OnnxExtractor.Builder builder = OnnxExtractor.builder();
    return provider == null ? builder : builder.provider(provider);
  }

  private FeatureExtractor vgg19() {
    Vgg19.Builder builder = Vgg19.builder();
    if (weights != null) {
      builder.weights(weights);
    }
    if (preprocessing != null) {
      builder.preprocessing(Preprocessing.parse(preprocessing));
    }
    return builder.build();
  }

  private static NetworkEngine engine(String name) {
    // The thread's own class loader may be another's: on pool threads of an application server.
    return Stream.concat(
            ServiceLoader.load(NetworkEngine.class).stream(),
            ServiceLoader.load(NetworkEngine.class, ExtractorSpec.class.getClassLoader()).stream())
        .map(ServiceLoader.Provider::get)
        .filter(engine -> engine.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    name + " needs lookalike-extractor-djl on the class path"));
  }

  private ModelSettings<?> configured(ModelSettings<?> builder, String prefix) {
    builder.model(Path.of(network.substring(prefix.length())));
    if (preprocessing != null) {
      builder.preprocessing(Preprocessing.parse(preprocessing));
    }
    if (pooling != null) {
      builder.pooling(Pooling.valueOf(pooling.toUpperCase(Locale.ROOT)));
    }
    if (input != null) {
      Matcher size = SIZE.matcher(input);
      Matcher area = AREA.matcher(input);
      if (size.matches()) {
        builder.size(number(size, 1, 0), number(size, 2, number(size, 1, 0)));
      } else if (area.matches()) {
        builder.area(number(area, 1, 0), number(area, 2, 32));
      }
    }
    return builder;
  }

  private static int number(Matcher matched, int group, int otherwise) {
    String digits = matched.group(group);
    return digits == null ? otherwise : Integer.parseInt(digits);
  }

  private static boolean isModel(String network) {
    return (network.startsWith(ONNX) && network.length() > ONNX.length())
        || (network.startsWith(TORCHSCRIPT) && network.length() > TORCHSCRIPT.length());
  }

  private static void refuse(String network, String what, @Nullable Object given) {
    if (given != null) {
      throw new IllegalArgumentException(
          "the extractor " + network + " takes no " + what + ", found " + given);
    }
  }
}

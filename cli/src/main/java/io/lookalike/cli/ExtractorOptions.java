package io.lookalike.cli;

import io.lookalike.extractor.ExtractorSpec;
import io.lookalike.features.FeatureExtractor;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The network, for the commands that look at photos. */
final class ExtractorOptions {

  @Option(
      names = "--extractor",
      completionCandidates = Names.class,
      paramLabel = "NAME",
      description = {
        "The network: lite0 (EfficientNet-Lite0 at 288 x 288, finds more), lite0-fast (at 224 x"
            + " 224), vgg19 (with --weights), onnx:FILE or torchscript:FILE (with"
            + " --preprocessing).",
        "Default: lite0, or vgg19 where there are --weights; a store that holds products has its own."
      })
  private @Nullable String network;

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description = "VGG19's weights, the paper's network: safetensors, .pth or .h5.")
  private @Nullable Path weights;

  @Option(
      names = "--preprocessing",
      paramLabel = "NAME",
      description =
          "What the network was trained with: paper, paper-bilinear, caffe, torchvision, clip,"
              + " efficientnet-lite, or order, means and deviations such as"
              + " rgb:0.5,0.5,0.5:0.5,0.5,0.5. Default for vgg19: paper.")
  private @Nullable String preprocessing;

  @Option(
      names = "--input",
      paramLabel = "SIZE",
      description =
          "The input of onnx or torchscript: 224, 224x224 (width x height), or area288 for the"
              + " photo's own proportions. Default: what an .onnx file says.")
  private @Nullable String input;

  @Option(
      names = "--pooling",
      paramLabel = "NAME",
      description = "Of a map that onnx or torchscript gives: average (the default) or gem.")
  private @Nullable String pooling;

  @Option(
      names = "--provider",
      completionCandidates = Providers.class,
      paramLabel = "NAME",
      description =
          "What runs onnx: cpu (the default), cuda, coreml or directml, where the ONNX Runtime on the"
              + " class path has it.")
  private @Nullable String provider;

  private boolean opened;

  /** What a shell can complete. */
  static final class Providers implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return List.of("cpu", "cuda", "coreml", "directml").iterator();
    }
  }

  /** What a shell can complete. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return List.of("lite0", "lite0-fast", "vgg19").iterator();
    }
  }

  /** Whether a network was named. */
  boolean given() {
    return network != null || weights != null;
  }

  /** Whether any of these options was given. */
  boolean any() {
    return Stream.of(network, weights, preprocessing, input, pooling, provider)
        .anyMatch(option -> option != null);
  }

  /** Tells of options that were given, and that nothing has asked for. */
  void warnIfUnused(Console console) {
    if (any() && !opened) {
      console.warn(
          "--extractor and its options were not looked at, as no picture was; leave them out, or"
              + " name a photo");
    }
  }

  /** The files of the network that was named. */
  Inputs inputs() {
    Inputs inputs = new Inputs().file(weights);
    String named = network == null ? "" : network;
    int kind = named.indexOf(':');
    return kind < 0 ? inputs : inputs.named(named.substring(kind + 1));
  }

  /** Refuses at once what can be refused without opening a file. */
  void check() {
    spec();
  }

  /** Loads the network, which the caller closes. */
  FeatureExtractor open() {
    opened = true;
    ExtractorSpec spec = spec();
    try {
      return spec.open();
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw rejected(e);
    }
  }

  private ExtractorSpec spec() {
    String name = network != null ? network : weights != null ? "vgg19" : "lite0";
    try {
      return new ExtractorSpec(name, weights, preprocessing, input, pooling, provider);
    } catch (IllegalArgumentException e) {
      throw rejected(e);
    }
  }

  private static UserErrorException rejected(RuntimeException e) {
    return new UserErrorException(
        e.getMessage() + "; see --extractor and its options in --help", e);
  }
}

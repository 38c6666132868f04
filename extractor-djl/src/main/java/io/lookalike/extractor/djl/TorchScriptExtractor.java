package io.lookalike.extractor.djl;

import io.lookalike.extractor.ModelFileException;
import io.lookalike.extractor.ModelSettings;
import io.lookalike.extractor.Network;
import io.lookalike.extractor.OnnxExtractor;
import io.lookalike.extractor.PictureExtractor;

/**
 * Features by any network in a TorchScript file ({@code torch.jit.save}), on PyTorch and the
 * processor. Its {@code forward} takes one tensor, 32-bit floating point numbers of shape (1, 3,
 * height, width); its output, or the first if there are several, is a vector, or a map that is
 * {@linkplain Builder#pooling pooled}.
 *
 * <p>This class needs two libraries that this module does not bring along: {@code
 * ai.djl.pytorch:pytorch-jni}, and {@code pytorch-native-cpu} for the platform. With them on the
 * class path nothing is downloaded. Where a network can be had as ONNX, {@link OnnxExtractor} needs
 * none of them and is faster.
 *
 * <p><b>A TorchScript file is a program.</b> It cannot call anything outside PyTorch, but load none
 * from a source that is not trusted.
 *
 * <p>A picture is turned upright as its Exif orientation says, transparent parts are laid onto
 * white, and embedded colour profiles of RGB pictures are ignored. JPEG (also grey, CMYK and
 * progressive), PNG, WebP, GIF (the first frame) and BMP are read.
 *
 * <p>Instances are safe for use by several threads: pictures are decoded and resized on threads of
 * the extractor's own, then enter the network one after another.
 */
public final class TorchScriptExtractor extends PictureExtractor {

  private TorchScriptExtractor(String name, Network network, Builder builder) {
    super(name, network, builder);
  }

  /**
   * Begins to describe an extractor: {@link Builder#model model}, {@link Builder#preprocessing
   * preprocessing} and a {@link Builder#size size} or {@link Builder#area area} must be set.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Settings of a {@link TorchScriptExtractor}. Each may be set once. Not safe for several threads.
   */
  public static final class Builder extends ModelSettings<Builder> {
    private Builder() {}

    @Override
    protected Builder self() {
      return this;
    }

    /**
     * Loads the network and tries it on a blank picture, which tells how many features it gives.
     *
     * @return a new extractor, to be closed
     * @throws ModelFileException if the file is missing, is no TorchScript, or holds no network
     *     that turns pictures of this size into features
     * @throws IllegalStateException if a setting is missing, or if PyTorch is not on the class path
     *     or has no native library for this platform
     */
    @Override
    public TorchScriptExtractor build() {
      String name = "torchscript/" + modelHash();
      Network network = load();
      TorchScriptExtractor extractor = null;
      try {
        extractor = new TorchScriptExtractor(name, network, this);
        return extractor;
      } finally {
        if (extractor == null) {
          network.close();
        }
      }
    }

    private Network load() {
      return TorchScriptNetwork.load(model(), pooling());
    }
  }
}

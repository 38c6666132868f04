package io.lookalike.extractor;

import java.util.ArrayList;
import java.util.List;

/**
 * A network of VGG19's build: sixteen convolutions of 3 x 3 in five blocks, each block halving the
 * map, then two fully connected layers (K. Simonyan and A. Zisserman, <i>Very Deep Convolutional
 * Networks for Large-Scale Image Recognition</i>, ICLR 2015, table 1, column E).
 *
 * @param name part of an extractor's identity
 * @param widths channels of each block
 * @param hidden features of each fully connected layer
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record VggArchitecture(String name, int[] widths, int hidden) {
  /** Side of the input, in pixels. */
  static final int SIDE = 224;

  private static final int[] CONVOLUTIONS = {2, 2, 4, 4, 4};

  /** Side of the last map. */
  private static final int LAST = SIDE >> CONVOLUTIONS.length;

  private static final String FC1 = "classifier.0";
  private static final String FC2 = "classifier.3";

  static final VggArchitecture VGG19 =
      new VggArchitecture("vgg19-fc2", new int[] {64, 128, 256, 512, 512}, 4096);

  /**
   * A layer's two tensors: its weights and, of {@code outputs} numbers, its bias.
   *
   * @param name what the graph calls the layer: torchvision's name
   * @param inputs channels, or features, that it reads
   * @param outputs channels, or features, that it gives
   * @param weights where its weights are
   * @param bias where its bias is
   */
  record Layer(String name, int inputs, int outputs, StoredTensor weights, StoredTensor bias) {}

  /** How a published file names and lays out the tensors. */
  enum Layout {
    /** {@code features.0.weight} ... {@code classifier.3.bias}. */
    TORCHVISION,
    /** The same convolutions, {@code pre_logits.fc1.weight} of 4 dimensions. */
    TIMM,
    /**
     * {@code block1_conv1/block1_conv1_W_1:0}: convolutions of height, width, inputs, outputs;
     * fully connected layers of inputs, outputs; the last map read by height, width, channel.
     */
    KERAS;

    static Layout of(Checkpoint checkpoint) {
      if (checkpoint.format() == Checkpoint.Format.HDF5) {
        return KERAS;
      }
      return checkpoint.contains("pre_logits.fc1.weight") ? TIMM : TORCHVISION;
    }
  }

  /**
   * Looks every tensor up, in the order of the layers.
   *
   * @throws ModelFileException at the first that is missing or not what it should be
   */
  List<Layer> layers(Checkpoint checkpoint, Layout layout) {
    var layers = new ArrayList<Layer>();
    boolean keras = layout == Layout.KERAS;
    boolean timm = layout == Layout.TIMM;
    int inputs = 3;
    int place = 0; // in torchvision's list of layers, which counts activations and poolings
    for (int block = 0; block < CONVOLUTIONS.length; block++) {
      int outputs = widths[block];
      for (int i = 0; i < CONVOLUTIONS[block]; i++) {
        String graph = "features." + place;
        String stored = keras ? "block" + (block + 1) + "_conv" + (i + 1) : graph;
        long[] shape =
            keras ? new long[] {3, 3, inputs, outputs} : new long[] {outputs, inputs, 3, 3};
        layers.add(layer(checkpoint, layout, graph, stored, inputs, outputs, shape));
        inputs = outputs;
        place += 2;
      }
      place++;
    }
    int flat = inputs * LAST * LAST;
    layers.add(
        keras
            ? layer(checkpoint, layout, FC1, "fc1", flat, hidden, flat, hidden)
            : timm
                ? layer(
                    checkpoint,
                    layout,
                    FC1,
                    "pre_logits.fc1",
                    flat,
                    hidden,
                    hidden,
                    inputs,
                    LAST,
                    LAST)
                : layer(checkpoint, layout, FC1, FC1, flat, hidden, hidden, flat));
    layers.add(
        keras
            ? layer(checkpoint, layout, FC2, "fc2", hidden, hidden, hidden, hidden)
            : timm
                ? layer(
                    checkpoint, layout, FC2, "pre_logits.fc2", hidden, hidden, hidden, hidden, 1, 1)
                : layer(checkpoint, layout, FC2, FC2, hidden, hidden, hidden, hidden));
    return layers;
  }

  private static Layer layer(
      Checkpoint checkpoint,
      Layout layout,
      String graph,
      String stored,
      int inputs,
      int outputs,
      long... shape) {
    boolean keras = layout == Layout.KERAS;
    String weights = keras ? stored + "/" + stored + "_W_1:0" : stored + ".weight";
    String bias = keras ? stored + "/" + stored + "_b_1:0" : stored + ".bias";
    return new Layer(
        graph,
        inputs,
        outputs,
        checkpoint.float32(weights, shape),
        checkpoint.float32(bias, outputs));
  }
}

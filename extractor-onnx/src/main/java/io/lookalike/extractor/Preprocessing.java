package io.lookalike.extractor;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * What becomes of a picture's samples before a network sees them: how the picture is resized, in
 * which order its colours go in, and how each sample is scaled, {@code (sample / 255 - mean) /
 * deviation} with a mean and a deviation for each colour.
 *
 * <p>It must be the one that the network was trained with, or, to repeat a published experiment,
 * that experiment's. Its {@linkplain #toString() text} is part of an extractor's identity.
 * Instances are immutable and safe for use by several threads.
 */
public final class Preprocessing {

  /** The order in which the colours of a picture go into a network. */
  public enum Order {
    /** Red, green, blue. */
    RGB,
    /** Blue, green, red. */
    BGR
  }

  /** How a picture is brought to the network's input size. */
  public enum Resampling {
    /**
     * The pixel under each output pixel's centre, as Pillow's {@code NEAREST}: the default of
     * Keras' {@code load_img}.
     */
    NEAREST,
    /**
     * A triangle filter that averages over all the pixels that become one, as Pillow's {@code
     * BILINEAR}.
     */
    BILINEAR
  }

  /**
   * The paper's: red, green, blue, divided by 255, resized to the nearest pixel as Keras does
   * unless told otherwise. Named {@code paper}.
   */
  public static final Preprocessing PAPER =
      new Preprocessing("paper", Order.RGB, zeros(), ones(), Resampling.NEAREST);

  /** The paper's with antialiased bilinear resizing. Named {@code paper-bilinear}. */
  public static final Preprocessing PAPER_BILINEAR =
      new Preprocessing("paper-bilinear", Order.RGB, zeros(), ones(), Resampling.BILINEAR);

  /**
   * What Caffe's VGG networks, and Keras' copies of them, were trained with: blue, green, red,
   * samples of 0 to 255 minus 103.939, 116.779 and 123.68. Named {@code caffe}.
   */
  public static final Preprocessing CAFFE =
      new Preprocessing(
          "caffe",
          Order.BGR,
          new double[] {103.939 / 255, 116.779 / 255, 123.68 / 255},
          new double[] {1 / 255.0, 1 / 255.0, 1 / 255.0},
          Resampling.BILINEAR);

  /**
   * What torchvision's and most of timm's networks were trained with: means 0.485, 0.456, 0.406 and
   * deviations 0.229, 0.224, 0.225 of red, green and blue. Named {@code torchvision}.
   */
  public static final Preprocessing TORCHVISION =
      new Preprocessing(
          "torchvision",
          Order.RGB,
          new double[] {0.485, 0.456, 0.406},
          new double[] {0.229, 0.224, 0.225},
          Resampling.BILINEAR);

  /**
   * What the image towers of OpenAI's CLIP, and most of OpenCLIP's, were trained with: means
   * 0.48145466, 0.4578275, 0.40821073 and deviations 0.26862954, 0.26130258, 0.27577711. Named
   * {@code clip}.
   */
  public static final Preprocessing CLIP =
      new Preprocessing(
          "clip",
          Order.RGB,
          new double[] {0.48145466, 0.4578275, 0.40821073},
          new double[] {0.26862954, 0.26130258, 0.27577711},
          Resampling.BILINEAR);

  /** Samples of 0 to 255, minus 127, divided by 128. Named {@code efficientnet-lite}. */
  public static final Preprocessing EFFICIENTNET_LITE =
      new Preprocessing(
          "efficientnet-lite",
          Order.RGB,
          new double[] {127 / 255.0, 127 / 255.0, 127 / 255.0},
          new double[] {128 / 255.0, 128 / 255.0, 128 / 255.0},
          Resampling.BILINEAR);

  private static final Map<String, Preprocessing> NAMED = named();

  private final String text;
  private final Order order;
  private final Resampling resampling;

  /** What the network sees of a sample, by colour (red, green, blue) and sample. */
  private final float[][] normalised = new float[3][256];

  private Preprocessing(
      String text, Order order, double[] mean, double[] deviation, Resampling resampling) {
    this.text = text;
    this.order = order;
    this.resampling = resampling;
    for (int colour = 0; colour < 3; colour++) {
      int plane = plane(colour);
      for (int sample = 0; sample < 256; sample++) {
        normalised[colour][sample] = (float) ((sample / 255.0 - mean[plane]) / deviation[plane]);
      }
    }
  }

  /**
   * Any other preprocessing.
   *
   * @param order of the colours
   * @param mean of each colour, in that order, for samples of 0 to 1; three finite numbers
   * @param deviation of each colour, in that order, for samples of 0 to 1; three finite numbers
   *     above 0
   * @param resampling how pictures are resized
   * @return the preprocessing
   * @throws IllegalArgumentException if there are not three of each, or if one is out of range
   */
  public static Preprocessing of(
      Order order, double[] mean, double[] deviation, Resampling resampling) {
    check("mean", mean, Double.NEGATIVE_INFINITY);
    check("deviation", deviation, 0);
    String text =
        order.name().toLowerCase(Locale.ROOT)
            + ':'
            + list(mean)
            + ':'
            + list(deviation)
            + (resampling == Resampling.NEAREST ? ":nearest" : "");
    return new Preprocessing(text, order, mean, deviation, resampling);
  }

  /**
   * Reads the text form: a preset's name ({@code paper}, {@code paper-bilinear}, {@code caffe},
   * {@code torchvision}, {@code clip}, {@code efficientnet-lite}), or the order, the means and the
   * deviations for samples of 0 to 1, such as {@code rgb:0.5,0.5,0.5:0.5,0.5,0.5}, with {@code
   * :nearest} after them for that resampling.
   *
   * @param text as {@link #toString()} writes it
   * @return the preprocessing
   * @throws IllegalArgumentException if the text is neither
   */
  public static Preprocessing parse(String text) {
    Preprocessing preset = NAMED.get(text);
    if (preset != null) {
      return preset;
    }
    String[] parts = text.split(":", -1);
    boolean nearest = parts.length == 4 && parts[3].equals("nearest");
    if ((parts.length != 3 && !nearest) || !(parts[0].equals("rgb") || parts[0].equals("bgr"))) {
      throw new IllegalArgumentException(
          "preprocessing is \""
              + text
              + "\", expected one of "
              + String.join(", ", NAMED.keySet())
              + ", or rgb or bgr, means and deviations such as rgb:0.5,0.5,0.5:0.5,0.5,0.5");
    }
    return of(
        Order.valueOf(parts[0].toUpperCase(Locale.ROOT)),
        numbers("mean", parts[1]),
        numbers("deviation", parts[2]),
        nearest ? Resampling.NEAREST : Resampling.BILINEAR);
  }

  /** How pictures are resized. */
  Resampling resampling() {
    return resampling;
  }

  /**
   * Where a colour goes.
   *
   * @param colour 0 red, 1 green, 2 blue
   * @return its plane, 0 to 2
   */
  int plane(int colour) {
    return order == Order.RGB ? colour : 2 - colour;
  }

  /**
   * What the network sees.
   *
   * @param colour 0 red, 1 green, 2 blue
   * @return by sample, 0 to 255; not to be changed
   */
  float[] normalised(int colour) {
    return normalised[colour];
  }

  /** Whether the other does the same to every picture, whatever it is called. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Preprocessing that
        && order == that.order
        && resampling == that.resampling
        && Arrays.deepEquals(normalised, that.normalised);
  }

  /** Consistent with {@link #equals}. */
  @Override
  public int hashCode() {
    return Objects.hash(order, resampling, Arrays.deepHashCode(normalised));
  }

  /** Returns the text that {@link #parse} reads. */
  @Override
  public String toString() {
    return text;
  }

  private static Map<String, Preprocessing> named() {
    var named = new LinkedHashMap<String, Preprocessing>();
    for (Preprocessing preset :
        new Preprocessing[] {PAPER, PAPER_BILINEAR, CAFFE, TORCHVISION, CLIP, EFFICIENTNET_LITE}) {
      named.put(preset.text, preset);
    }
    return named;
  }

  private static double[] zeros() {
    return new double[3];
  }

  private static double[] ones() {
    return new double[] {1, 1, 1};
  }

  private static void check(String what, double[] values, double above) {
    boolean good = values.length == 3;
    for (double value : values) {
      good &= Double.isFinite(value) && value > above;
    }
    if (!good) {
      throw new IllegalArgumentException(
          what
              + " is "
              + list(values)
              + ", expected three finite numbers"
              + (above == 0 ? " above 0" : "")
              + ", one for each colour");
    }
  }

  private static double[] numbers(String what, String list) {
    try {
      return Arrays.stream(list.split(",", -1)).mapToDouble(Double::parseDouble).toArray();
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          what + " is \"" + list + "\", expected three numbers with commas between them", e);
    }
  }

  private static String list(double[] values) {
    var text = new StringBuilder();
    for (double value : values) {
      text.append(text.isEmpty() ? "" : ",").append(value);
    }
    return text.toString();
  }
}

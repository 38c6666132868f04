package io.lookalike.extractor;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Weights that anyone can make again, written as the published files are. Element i of tensor t, in
 * torchvision's order, is a hash of i and t scaled to (-s, s), where s is sqrt(6 / inputs) for a
 * weight and 0.05 for a bias.
 */
final class VggWeights {
  private static final int[] CONVOLUTIONS = {2, 2, 4, 4, 4};

  /** A tensor of the network, as torchvision shapes it. */
  record Tensor(int number, String name, int[] shape) {
    int length() {
      return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }

    private float scale() {
      int inputs = length() / shape[0];
      return shape.length == 1 ? 0.05f : (float) Math.sqrt(6.0 / inputs);
    }

    float[] values() {
      float[] values = new float[length()];
      float scale = scale();
      for (int i = 0; i < values.length; i++) {
        values[i] = value(number, i, scale);
      }
      return values;
    }
  }

  private final List<Tensor> tensors = new ArrayList<>();

  /**
   * Describes the tensors.
   *
   * @param architecture the network's widths
   * @param classes of its last layer, which is in the files though nothing reads it
   */
  VggWeights(VggArchitecture architecture, int classes) {
    int channels = 3;
    int place = 0;
    for (int block = 0; block < CONVOLUTIONS.length; block++) {
      int width = architecture.widths()[block];
      for (int i = 0; i < CONVOLUTIONS[block]; i++, place += 2) {
        add("features." + place, width, channels, 3, 3);
        channels = width;
      }
      place++;
    }
    add("classifier.0", architecture.hidden(), 49 * channels);
    add("classifier.3", architecture.hidden(), architecture.hidden());
    add("classifier.6", classes, architecture.hidden());
  }

  private void add(String layer, int... shape) {
    tensors.add(new Tensor(tensors.size(), layer + ".weight", shape));
    tensors.add(new Tensor(tensors.size(), layer + ".bias", new int[] {shape[0]}));
  }

  static float value(int tensor, int i, float scale) {
    int h = i * (int) 2654435761L + tensor * 40503 + 12345;
    h ^= h >>> 16;
    h *= 0x45d9f3b;
    h ^= h >>> 16;
    return ((h >>> 8) / 16777216f - 0.5f) * (2f * scale);
  }

  List<Tensor> tensors() {
    return tensors;
  }

  /** As published for torchvision's network, with its names. */
  void writeSafetensors(Path file) throws IOException {
    writeSafetensors(file, tensors, 0);
  }

  /** As timm publishes it: other names, and fully connected layers as convolutions. */
  void writeTimm(Path file) throws IOException {
    List<Tensor> renamed = new ArrayList<>();
    for (Tensor t : tensors) {
      String name =
          t.name
              .replace("classifier.0", "pre_logits.fc1")
              .replace("classifier.3", "pre_logits.fc2")
              .replace("classifier.6", "head.fc");
      int[] shape = t.shape;
      if (name.equals("pre_logits.fc1.weight")) {
        shape = new int[] {shape[0], shape[1] / 49, 7, 7};
      } else if (name.equals("pre_logits.fc2.weight")) {
        shape = new int[] {shape[0], shape[1], 1, 1};
      }
      renamed.add(new Tensor(t.number, name, shape));
    }
    writeSafetensors(file, renamed, 0);
  }

  /** Any tensors, after a header that is longer than it must be by some spaces. */
  static void writeSafetensors(Path file, List<Tensor> tensors, int spaces) throws IOException {
    var header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
    long at = 0;
    for (Tensor t : tensors) {
      long end = at + 4L * t.length();
      header.append(
          String.format(
              Locale.ROOT,
              ",\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}",
              t.name,
              Arrays.toString(t.shape),
              at,
              end));
      at = end;
    }
    byte[] json = (header + "}" + " ".repeat(spaces)).getBytes(StandardCharsets.UTF_8);
    try (OutputStream out = open(file)) {
      out.write(bytes(8).putLong(json.length).array());
      out.write(json);
      for (Tensor t : tensors) {
        write(out, t);
      }
    }
  }

  /** As {@code torch.save} writes it since version 1.6. */
  void writeZip(Path file) throws IOException {
    writeZip(file, pickled(false), tensors);
  }

  /** A dictionary of any kind, as {@code torch.save} writes it. */
  static void writeZip(Path file, byte[] pickle) throws IOException {
    writeZip(file, pickle, List.of());
  }

  private static void writeZip(Path file, byte[] pickle, List<Tensor> tensors) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(open(file))) {
      stored(zip, "vgg19/data.pkl", pickle);
      stored(zip, "vgg19/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
      for (Tensor t : tensors) {
        byte[] numbers = numbers(t);
        stored(zip, "vgg19/data/" + t.number, numbers);
      }
      stored(zip, "vgg19/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** As {@code torch.save} wrote it before, and as torchvision still publishes VGG19. */
  void writeUnzipped(Path file) throws IOException {
    try (OutputStream out = open(file)) {
      out.write(TorchCheckpoint.MAGIC);
      out.write('.');
      out.write(new Pickler().raw(0x80, 2, 'M', 0xe9, 0x03, '.').bytes()); // 1001
      out.write(
          new Pickler()
              .raw(0x80, 2, '}')
              .text("protocol_version")
              .raw('M', 0xe9, 0x03, 's')
              .text("little_endian")
              .raw(0x88, 's', '.')
              .bytes());
      out.write(pickled(true));
      Pickler keys = new Pickler().raw(0x80, 2, ']', '(');
      for (Tensor t : tensors) {
        keys.text(Integer.toString(t.number));
      }
      out.write(keys.raw('e', '.').bytes());
      for (Tensor t : tensors) {
        out.write(bytes(8).putLong(t.length()).array());
        write(out, t);
      }
    }
  }

  /** The dictionary of tensors; in the old form as Python 2 pickles it. */
  private byte[] pickled(boolean old) {
    Pickler pickler = new Pickler().raw(0x80, 2).global("collections OrderedDict");
    if (old) {
      pickler.raw(']', '(');
    } else {
      pickler.raw(')', 'R', '(');
    }
    for (Tensor t : tensors) {
      if (old) {
        pickler.raw(']', '(').shortText(t.name);
      } else {
        pickler.text(t.name);
      }
      pickler.global("torch._utils _rebuild_tensor" + (old ? "" : "_v2")).raw('(', '(');
      pickler.text("storage").global("torch FloatStorage").text(Integer.toString(t.number));
      pickler.text("cpu").integer(t.length());
      pickler.raw(old ? new int[] {'N'} : new int[0]).raw('t', 'Q', 'K', 0, '(');
      int[] stride = new int[t.shape.length];
      for (int i = stride.length - 1, n = 1; i >= 0; n *= t.shape[i--]) {
        stride[i] = n;
      }
      Arrays.stream(t.shape).forEach(pickler::integer);
      pickler.raw('t', '(');
      Arrays.stream(stride).forEach(pickler::integer);
      if (old) {
        pickler.raw('t', 't', 'R', 'e');
      } else {
        pickler.raw('t', 0x89).global("collections OrderedDict").raw(')', 'R', 't', 'R');
      }
    }
    if (old) {
      return pickler.raw('e', 0x85, 'R', '.').bytes();
    }
    return pickler.raw('u', '}').text("_metadata").raw('}', 's', 'b', '.').bytes();
  }

  /** As Keras publishes it. */
  void writeHdf5(Path file) throws IOException {
    List<String> names = new ArrayList<>();
    for (int block = 0; block < CONVOLUTIONS.length; block++) {
      for (int i = 0; i < CONVOLUTIONS[block]; i++) {
        names.add("block" + (block + 1) + "_conv" + (i + 1));
      }
    }
    names.addAll(List.of("fc1", "fc2", "predictions"));
    try (WritableHdfFile hdf = HdfFile.write(file)) {
      for (int i = 0; i < names.size(); i++) {
        WritableGroup group = hdf.putGroup(names.get(i));
        Tensor weight = tensors.get(2 * i);
        float[] values = weight.values();
        group.putDataset(
            names.get(i) + "_W_1:0",
            weight.shape.length == 4
                ? convolution(values, weight.shape)
                : connected(values, weight.shape, names.get(i).equals("fc1") ? 49 : 1));
        group.putDataset(names.get(i) + "_b_1:0", tensors.get(2 * i + 1).values());
      }
    }
  }

  /** Height, width, inputs, outputs. */
  private static float[][][][] convolution(float[] values, int[] shape) {
    float[][][][] turned = new float[3][3][shape[1]][shape[0]];
    int i = 0;
    for (int output = 0; output < shape[0]; output++) {
      for (int input = 0; input < shape[1]; input++) {
        for (int place = 0; place < 9; place++) {
          turned[place / 3][place % 3][input][output] = values[i++];
        }
      }
    }
    return turned;
  }

  /** Inputs by outputs; inputs ordered by place and then channel. */
  private static float[][] connected(float[] values, int[] shape, int places) {
    float[][] turned = new float[shape[1]][shape[0]];
    int channels = shape[1] / places;
    int i = 0;
    for (int output = 0; output < shape[0]; output++) {
      for (int channel = 0; channel < channels; channel++) {
        for (int place = 0; place < places; place++) {
          turned[place * channels + channel][output] = values[i++];
        }
      }
    }
    return turned;
  }

  private static OutputStream open(Path file) throws IOException {
    return new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
  }

  private static ByteBuffer bytes(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] numbers(Tensor tensor) {
    byte[] bytes = new byte[4 * tensor.length()];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(tensor.values());
    return bytes;
  }

  private static void write(OutputStream out, Tensor tensor) throws IOException {
    out.write(numbers(tensor));
  }

  private static void stored(ZipOutputStream zip, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    CRC32 crc = new CRC32();
    crc.update(content);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  /** Writes pickles of protocol 2. */
  static final class Pickler {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Pickler raw(int... bytes) {
      Arrays.stream(bytes).forEach(out::write);
      return this;
    }

    Pickler text(String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      out.write('X');
      out.writeBytes(VggWeights.bytes(4).putInt(utf8.length).array());
      out.writeBytes(utf8);
      return this;
    }

    /** As Python 2 writes its strings. */
    Pickler shortText(String text) {
      out.write('U');
      out.write(text.length());
      out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
      return this;
    }

    Pickler integer(int value) {
      out.write('J');
      out.writeBytes(VggWeights.bytes(4).putInt(value).array());
      return this;
    }

    Pickler global(String moduleAndName) {
      String lines =
          'c' + Arrays.stream(moduleAndName.split(" ")).collect(Collectors.joining("\n", "", "\n"));
      out.writeBytes(lines.getBytes(StandardCharsets.US_ASCII));
      return this;
    }

    byte[] bytes() {
      return out.toByteArray();
    }
  }
}

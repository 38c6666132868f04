package io.lookalike.extractor;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** What PyTorch gives for {@code a.png} through the small networks. */
record ReferenceOutputs(float[] average, float[] gem, float[] vector, float[] maximum) {
  static final Preprocessing PREPROCESSING = Preprocessing.parse("rgb:0.5,0.5,0.5:0.5,0.5,0.5");

  static ReferenceOutputs read() throws IOException {
    List<String> rows = Files.readAllLines(Vgg19Test.resource("small-outputs.csv"));
    return new ReferenceOutputs(
        numbers(rows.get(0)), numbers(rows.get(1)), numbers(rows.get(2)), numbers(rows.get(3)));
  }

  private static float[] numbers(String row) {
    String[] cells = row.split(",", -1);
    float[] numbers = new float[cells.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Float.parseFloat(cells[i]);
    }
    return numbers;
  }
}

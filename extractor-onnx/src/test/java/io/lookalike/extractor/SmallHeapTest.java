package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What takes memory outside the heap, or too much on it, seen in a JVM of its own. */
@Timeout(300)
@EnabledOnOs(OS.LINUX) // reads /proc
class SmallHeapTest {

  @Test
  void memoryStaysWhereItIs() throws Exception {
    assertThat(run("extract")).containsExactly("6000 extracted", "steady", "15 opened", "steady");
  }

  @Test
  void whatWouldNotFitIsRefused() throws Exception {
    assertThat(run("hostile"))
        .map(line -> line.replaceAll("half of the \\d\\d MiB", "half of the 64 MiB"))
        .map(line -> line.replaceAll("than \\d,\\d{3},\\d{3} bytes", "than 8,388,608 bytes"))
        .containsExactly(
            "huge: 50,000 x 50,000 pixels, more than the limit of 64,000,000 in all"
                + " (maxPixels); scale it down",
            "large: 5,000 x 5,000 pixels need up to 262 MiB of heap to decode, more than half of"
                + " the 64 MiB that there are; raise -Xmx",
            "long: larger than 8,388,608 bytes, an eighth of the heap; raise -Xmx",
            "text: read",
            "profile: read");
  }

  /** Runs the main below with a heap of 64 MB; its output, which nothing else may write to. */
  private static List<String> run(String what) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // The heap is taken whole at once, so that what grows later is something else.
    command.addAll(List.of("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC"));
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(SmallHeapTest.class.getName(), what));
    Path output = Files.createTempFile("small-heap", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      assertThat(process.waitFor(240, TimeUnit.SECONDS)).isTrue();
      return Files.readAllLines(output);
    } finally {
      Files.delete(output);
    }
  }

  /**
   * Runs in the other JVM.
   *
   * @param args what to do
   */
  public static void main(String[] args) throws Exception {
    if (args[0].equals("extract")) {
      extractMany();
      openMany();
    } else {
      hostile();
    }
  }

  private static void extractMany() throws Exception {
    List<ImageSource> photos = new ArrayList<>();
    for (String name : List.of("photo.png", "progressive.jpg", "rgb.jpg", "cmyk.jpg")) {
      photos.add(Pictures.source("formats/" + name));
    }
    try (EfficientNetLite extractor = EfficientNetLite.builder().side(32).concurrency(2).build()) {
      long before = 0;
      int extracted = 0;
      for (int i = 0; i < 6_000; i++) {
        if (i == 3_000) {
          before = residentKib();
        }
        extracted += extractor.extract(photos.get(i % photos.size())).length == 1280 ? 1 : 0;
      }
      System.out.println(extracted + " extracted");
      report(before, 16); // 3,000 inputs of this size are 36 MB
    }
  }

  private static void openMany() throws Exception {
    long before = 0;
    for (int i = 0; i < 15; i++) {
      try (EfficientNetLite extractor = EfficientNetLite.builtIn()) {
        extractor.extract(Pictures.source("formats/photo.png"));
      }
      if (i == 5) {
        before = residentKib();
      }
    }
    System.out.println("15 opened");
    report(before, 100); // an extractor left open holds more than 30 MB
  }

  private static void report(long before, int toleratedMib) throws IOException {
    long grown = (residentKib() - before) / 1024;
    System.out.println(grown < toleratedMib ? "steady" : "grown by " + grown + " MiB");
  }

  private static long residentKib() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("/proc/self/status has no VmRSS");
  }

  private static void hostile() {
    try (EfficientNetLite extractor = EfficientNetLite.builder().side(32).build()) {
      read(extractor, "huge", Pictures.pngClaiming(50_000, 50_000));
      read(extractor, "large", Pictures.pngClaiming(5_000, 5_000));
      read(extractor, "long", new byte[40_000_000]);
      // Half a megabyte that unfolds to 500 MB.
      byte[] bomb = Pictures.zeros(500_000_000);
      read(extractor, "text", withChunk("zTXt", "Comment", bomb));
      read(extractor, "profile", withChunk("iCCP", "profile", bomb));
    }
  }

  private static byte[] withChunk(String type, String name, byte[] deflated) {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    data.writeBytes(name.getBytes(StandardCharsets.ISO_8859_1));
    data.write(0);
    data.write(0);
    data.writeBytes(deflated);
    byte[] png = Pictures.fixture("formats/photo.png");
    return Pictures.insert(png, 33, Pictures.pngChunk(type, data.toByteArray()));
  }

  private static void read(EfficientNetLite extractor, String name, byte[] bytes) {
    try {
      extractor.extract(ImageSource.of(name, bytes));
      System.out.println(name + ": read");
    } catch (UnreadableImageException e) {
      System.out.println(e.getMessage());
    }
  }
}

package com.example.linked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links the application and all that it needs into an image, and runs it there. */
class LinkTest {

  @TempDir Path folder;

  @Test
  void theLinkedApplicationFindsWhatIsNear() throws IOException, InterruptedException {
    Path image = folder.resolve("image");
    run(
        tool(Path.of(System.getProperty("java.home")), "jlink"),
        "--module-path",
        System.getProperty("jdk.module.path"),
        "--add-modules",
        "com.example.linked,jdk.incubator.vector",
        "--output",
        image.toString());
    String java = tool(image, "java");
    String application = "com.example.linked/com.example.linked.Nearest";

    List<String> scalar = run(java, "-m", application);
    assertTrue(scalar.get(0).contains("PCA 3 -> 2"), scalar.toString());
    assertEquals("jacket", scalar.get(1));
    assertEquals("jacket", scalar.get(3));
    assertEquals("scalar", scalar.get(4));
    List<String> simd = run(java, "--add-modules", "jdk.incubator.vector", "-m", application);
    assertEquals(scalar.subList(0, 4), simd.subList(0, 4));
    assertTrue(simd.get(4).startsWith("simd-"), simd.toString());
  }

  private static String tool(Path home, String name) {
    return home.resolve("bin").resolve(name).toString();
  }

  private List<String> run(String... command) throws IOException, InterruptedException {
    Path printed = folder.resolve("printed");
    File errors = folder.resolve("errors").toFile();
    Process process =
        new ProcessBuilder(command).redirectOutput(printed.toFile()).redirectError(errors).start();
    assertEquals(
        0,
        process.waitFor(),
        () -> String.join(" ", command) + read(printed) + read(errors.toPath()));
    return Files.readAllLines(printed);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}

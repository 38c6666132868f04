package com.example.shop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compiles and runs the Java that README.md shows, with nothing on the class path but the bundle.
 */
class ReadmeTest {

  private static final Path ROOT = Path.of("../../..").toAbsolutePath().normalize();

  @TempDir Path folder;

  @Test
  void whatTheReadmeShowsCompilesAndRuns() throws Exception {
    List<String> blocks = javaBlocks(Files.readString(ROOT.resolve("README.md")));
    assertFalse(blocks.isEmpty(), "README.md has no block fenced as java");
    for (String block : blocks) {
      Path source = folder.resolve("Readme.java");
      Files.writeString(source, program(block));

      var messages = new StringWriter();
      boolean compiled =
          ToolProvider.getSystemJavaCompiler()
              .getTask(
                  messages,
                  null,
                  null,
                  List.of("--release", "17", "-d", folder.toString(), "-cp", classPath()),
                  null,
                  ToolProvider.getSystemJavaCompiler()
                      .getStandardFileManager(null, null, UTF_8)
                      .getJavaFileObjects(source))
              .call();
      assertEquals("", messages.toString(), block);
      assertEquals(true, compiled, block);

      Process run =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  folder + System.getProperty("path.separator") + classPath(),
                  "Readme")
              .directory(ROOT.toFile())
              .redirectErrorStream(true)
              .start();
      String output = new String(run.getInputStream().readAllBytes(), UTF_8);
      assertEquals(0, run.waitFor(), block + "\n" + output);
    }
  }

  /** The block itself where it is a class; else its statements in a main method. */
  private static String program(String block) {
    if (block.contains("static void main")) {
      return block;
    }
    List<String> imports = block.lines().filter(line -> line.startsWith("import ")).toList();
    List<String> statements = new ArrayList<>(block.lines().toList());
    statements.removeAll(imports);
    return String.join("\n", imports)
        + "\npublic class Readme {\n  public static void main(String[] args) throws Exception {\n"
        + String.join("\n", statements)
        + "\n  }\n}\n";
  }

  private static List<String> javaBlocks(String markdown) {
    return Pattern.compile("^```java\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL)
        .matcher(markdown)
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  /** The bundle, without the tests' own libraries and classes. */
  private static String classPath() {
    return System.getProperty("bundle.classpath");
  }
}

package io.lookalike.extractor.djl;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where DJL cannot unpack its libraries, seen in a JVM of its own. */
@Timeout(120)
class CacheFolderTest {
  @TempDir private Path folder;

  @Test
  void aFolderThatTakesNoLibrariesIsNamedWithItsCure() throws Exception {
    Path taken = Files.createFile(folder.resolve("taken"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-DDJL_CACHE_DIR=" + taken,
                "-cp",
                System.getProperty("java.class.path"),
                CacheFolderTest.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();

    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(said)
        .startsWith("PyTorch cannot be started: its libraries cannot be unpacked to \"" + taken)
        .contains("DJL_CACHE_DIR=FOLDER");
  }

  /**
   * Runs in the other JVM.
   *
   * @param args nothing
   */
  public static void main(String[] args) {
    try {
      TorchScriptNetwork.load(Path.of("none.pt"), null);
    } catch (IllegalStateException e) {
      System.out.println(e.getMessage());
    }
  }
}

package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What stops the native library, each seen in a JVM of its own. */
@Timeout(120)
class OnnxRuntimeTest {
  @TempDir private Path folder;

  @Test
  void aFolderForTemporaryFilesThatCannotBeUsedIsNamedWithItsCure() throws Exception {
    Path missing = folder.resolve("missing");
    Path file = Files.createFile(folder.resolve("file"));
    String cure = "; make it usable, or name another with -Djava.io.tmpdir=FOLDER";

    assertThat(obstacle("-Djava.io.tmpdir=" + missing))
        .isEqualTo(
            "ONNX Runtime cannot be loaded: the folder for temporary files, \""
                + missing
                + "\" (java.io.tmpdir), does not exist"
                + cure);
    assertThat(obstacle("-Djava.io.tmpdir=" + missing, "-Donnxruntime.native.path=" + folder))
        .isEqualTo(
            "ONNX Runtime cannot be loaded: the folder for temporary files, \""
                + missing
                + "\" (java.io.tmpdir), does not exist (it is needed even with"
                + " onnxruntime.native.path)"
                + cure);
    assertThat(obstacle("-Djava.io.tmpdir=" + file)).endsWith("is no folder" + cure);
    for (FileStore store : FileSystems.getDefault().getFileStores()) {
      if (store.isReadOnly() && store.toString().startsWith("/sys ")) {
        assertThat(obstacle("-Djava.io.tmpdir=/sys")).contains("\"/sys\"", "cannot be written to");
      }
    }
  }

  @Test
  void aFolderWithoutTheLibraryIsNamed() throws Exception {
    assertThat(obstacle("-Donnxruntime.native.path=" + folder))
        .startsWith("ONNX Runtime cannot be loaded: Native library 'onnxruntime' not found at ")
        .contains(folder.toString())
        .endsWith(" (onnxruntime.native.path)");
  }

  @Test
  void itWorksHere() {
    assertThat(OnnxRuntime.obstacle()).isEmpty();
    assertThat(OnnxRuntime.version()).matches("\\d+\\.\\d+\\.\\d+");
  }

  /** What two calls in a JVM with these flags say, which must be the same. */
  private String obstacle(String... flags) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(OnnxRuntimeTest.class.getName());
    Path output = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
    assertThat(lines).hasSize(2);
    assertThat(lines.get(1)).isEqualTo(lines.get(0));
    return lines.get(0);
  }

  /**
   * Runs in the other JVM.
   *
   * @param args nothing
   */
  public static void main(String[] args) {
    System.out.println(OnnxRuntime.obstacle().orElse("none"));
    System.out.println(OnnxRuntime.obstacle().orElse("none"));
  }
}

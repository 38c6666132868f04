package io.lookalike.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AtomicFileTest {

  @TempDir Path folder;

  private static ByteBuffer bytes(String text) {
    return StandardCharsets.UTF_8.encode(text);
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static void assumePosix() {
    assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
  }

  @Test
  void aNewFileIsThereOnlyWhenItIsComplete() throws IOException {
    Path file = folder.resolve("index");
    try (AtomicFile fresh = AtomicFile.at(file)) {
      fresh.channel().write(bytes("whole"));
      assertThat(file).doesNotExist();
      fresh.commit();
    }
    assertThat(file).hasContent("whole");
    assertThat(folder).isDirectoryNotContaining(path -> !path.equals(file));
  }

  @Test
  void aNewFileHasThePermissionsOfAnyNewFile() throws IOException {
    assumePosix();
    Path file = folder.resolve("index");
    AtomicFile.write(file, bytes("x"));
    Path other = Files.createFile(folder.resolve("other"));
    assertThat(permissions(file)).isEqualTo(permissions(other));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-rw-r--", "rw-------", "rw-rw-rw-", "r--r--r--", "rwxr-x--x"})
  void aReplacedFileKeepsItsPermissionsAndItsGroup(String permissions) throws IOException {
    assumePosix();
    Path file = Files.writeString(folder.resolve("index"), "before");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    Object group = Files.getAttribute(file, "posix:group");
    AtomicFile.write(file, bytes("after"));
    assertThat(permissions(file)).isEqualTo(permissions);
    assertThat(Files.getAttribute(file, "posix:group")).isEqualTo(group);
    assertThat(Files.readString(file)).isEqualTo("after");
  }

  @Test
  void whateverIsThrownTheFileBeforeStays() throws IOException {
    Path file = Files.writeString(folder.resolve("index"), "before");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      channel.write(bytes("half"));
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot write " + file + ": No space left on device");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      throw new OutOfMemoryError("of a test");
                    }))
        .isInstanceOf(OutOfMemoryError.class);
    assertThat(file).hasContent("before");
    assertThat(folder).isDirectoryNotContaining(path -> !path.equals(file));
  }

  @Test
  void linksAreFollowed() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path file = Files.writeString(elsewhere.resolve("index"), "before");
    Path near = Files.createSymbolicLink(folder.resolve("near"), Path.of("elsewhere", "index"));
    Path far = Files.createSymbolicLink(folder.resolve("far"), near);
    AtomicFile.write(far, bytes("after"));
    assertThat(far).isSymbolicLink();
    assertThat(near).isSymbolicLink();
    assertThat(file).isRegularFile().hasContent("after");

    Path dangling =
        Files.createSymbolicLink(folder.resolve("dangling"), elsewhere.resolve("not-yet"));
    AtomicFile.write(dangling, bytes("new"));
    assertThat(dangling).isSymbolicLink().hasContent("new");

    Path circle = Files.createSymbolicLink(folder.resolve("circle"), folder.resolve("circle"));
    assertThatThrownBy(() -> AtomicFile.at(circle))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot write " + circle + ": its links lead in a circle");
  }

  @Test
  void whereNoFileCanBeIsToldBeforeTheWork() throws IOException {
    assertThatThrownBy(() -> AtomicFile.at(folder))
        .isInstanceOf(IOException.class)
        .hasMessage(folder + " is a folder; name a file to write to");
    Path missing = folder.resolve("missing");
    assertThatThrownBy(() -> AtomicFile.at(missing.resolve("index")))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "cannot write %s: there is no folder %s; create it first",
            missing.resolve("index"), missing);
    Path tooLong = folder.resolve("x".repeat(256));
    assertThatThrownBy(() -> AtomicFile.at(tooLong))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot write " + tooLong + ": ")
        .hasMessageNotContaining(".part");
    Path longest = folder.resolve("x".repeat(255));
    AtomicFile.write(longest, bytes("x"));
    assertThat(longest).hasContent("x");
  }

  @Test
  void devicesAreNotReplaced() {
    Path device = Path.of("/dev/null");
    assumeTrue(Files.exists(device));
    assertThatThrownBy(() -> AtomicFile.at(device))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot write /dev/null: it is a device or the like; name a file to write to");
  }

  @Test
  void aFileThatIsBeingWrittenIsKnownByItsName() throws IOException {
    try (AtomicFile fresh = AtomicFile.at(folder.resolve("index"))) {
      fresh.channel().write(bytes("half"));
      assertThat(folder).isDirectoryContaining(p -> AtomicFile.isPart(p.getFileName().toString()));
      fresh.discard();
    }
    assertThat(folder).isEmptyDirectory();
    assertThat(AtomicFile.isPart("index")).isFalse();
  }
}

package io.lookalike.extractor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** What identifies a network in a file. */
final class ModelFile {
  private ModelFile() {}

  /**
   * The first 64 bits of the SHA-256 of a file and of those beside it that hold its numbers: large
   * networks keep them in {@code model.onnx_data} or {@code model.onnx.data}.
   *
   * @return such as {@code sha256:0123456789abcdef}
   * @throws ModelFileException if there is no such file
   */
  static String hash(Path file) {
    try {
      if (Files.isDirectory(file)) {
        throw new ModelFileException(file, "a folder, expected a file", null);
      }
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (Path part : parts(file)) {
        try (InputStream in = Files.newInputStream(part)) {
          for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            digest.update(buffer, 0, n);
          }
        }
      }
      return "sha256:" + HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchFileException e) {
      throw new ModelFileException(file, "no such file", e);
    } catch (AccessDeniedException e) {
      throw new ModelFileException(file, "not permitted to read this file", e);
    } catch (IOException e) {
      throw new ModelFileException(file, "cannot be read: " + e, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static List<Path> parts(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Path name = file.getFileName();
    if (folder == null || name == null) {
      throw new NoSuchFileException(file.toString());
    }
    try (Stream<Path> beside = Files.list(folder)) {
      Stream<Path> data =
          beside.filter(
              other ->
                  other.getFileName().toString().matches("\\Q" + name + "\\E[._]data")
                      && Files.isRegularFile(other));
      return Stream.concat(Stream.of(file), data.sorted()).toList();
    }
  }
}

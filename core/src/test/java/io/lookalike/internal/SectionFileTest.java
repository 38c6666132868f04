package io.lookalike.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SectionFileTest {

  private static final String REMEDY = "; restore it from a copy, or build it again";

  private static final SectionFormat FORMAT =
      new SectionFormat(
          "box of numbers", "LLTEST01", 2, 128, 24, 32, List.of("ints", "bytes", "parts", "none"));

  @TempDir Path folder;

  private Path saved(int[] ints, byte[] bytes, byte[] parts) throws IOException {
    Path file = folder.resolve("box");
    SectionWriter.save(
        file,
        FORMAT,
        out -> {
          out.header().putInt(16, ints.length);
          out.section("ints", () -> out.ints(ints));
          out.section("bytes", () -> out.bytes(bytes));
          out.sectionOfParts("parts", () -> out.bytes(parts));
          out.section("none", () -> {});
        });
    return file;
  }

  /** Reads everything, in pieces of so many bytes. */
  private static List<ByteBuffer> read(Path file, int[] ints, byte[] bytes, int parts, int piece)
      throws IOException {
    try (SectionReader in = SectionReader.open(file, FORMAT, piece)) {
      in.check(in.header().getInt(16) == ints.length, "header");
      in.read("ints", ints);
      in.read("bytes", bytes);
      var found = ByteBuffer.allocate(parts);
      in.channel().read(found, in.beginOfParts("parts", parts));
      in.section("none", 0);
      return List.of(found.flip(), in.section("bytes", bytes.length));
    }
  }

  @Test
  void whatIsWrittenIsReadWholeOrInPieces() throws IOException {
    for (long seed = 0; seed < 20; seed++) {
      var random = new Random(seed);
      int[] ints = random.ints(random.nextInt(4_000)).toArray();
      var bytes = new byte[random.nextInt(20_000)];
      random.nextBytes(bytes);
      var parts = new byte[random.nextInt(30)];
      random.nextBytes(parts);
      Path file = saved(ints, bytes, parts);
      assertThat(Files.size(file) % 8).isZero();
      for (int piece : new int[] {8, 4096, 1 << 30}) {
        var foundInts = new int[ints.length];
        var foundBytes = new byte[bytes.length];
        List<ByteBuffer> others = read(file, foundInts, foundBytes, parts.length, piece);
        assertThat(foundInts).as("seed %s", seed).isEqualTo(ints);
        assertThat(foundBytes).as("seed %s", seed).isEqualTo(bytes);
        assertThat(others)
            .as("seed %s", seed)
            .containsExactly(ByteBuffer.wrap(parts), ByteBuffer.wrap(bytes));
      }
    }
  }

  @Test
  void everyChangedByteIsNoticedBesidesThoseOfTheParts() throws IOException {
    Path file = saved(new int[] {1, 2, 3}, new byte[] {4, 5, 6}, new byte[] {7, 8, 9});
    byte[] right = Files.readAllBytes(file);
    var unnoticed = new ArrayList<Integer>();
    for (int i = 0; i < right.length; i++) {
      byte[] wrong = right.clone();
      wrong[i] ^= 1;
      Files.write(file, wrong);
      try {
        read(file, new int[3], new byte[3], 3, 8);
        unnoticed.add(i);
      } catch (IOException e) {
        assertThat(e).hasMessageStartingWith(file + " is ");
      }
    }
    int parts = 128 + 16 + 8;
    assertThat(unnoticed).containsExactly(parts, parts + 1, parts + 2);
  }

  @Test
  void everyTruncationIsNoticed() throws IOException {
    Path file = saved(new int[] {1, 2, 3}, new byte[] {4, 5, 6}, new byte[] {7, 8, 9});
    byte[] right = Files.readAllBytes(file);
    for (int length = 0; length < right.length; length++) {
      Files.write(file, Arrays.copyOf(right, length));
      assertThatThrownBy(() -> SectionReader.open(file, FORMAT))
          .isInstanceOf(IOException.class)
          .hasMessage(
              length < 8
                  ? file
                      + " is no box of numbers: it does not begin with LLTEST01; name another file"
                  : length < 128
                      ? file + " is damaged (header): it ends after " + length + " bytes" + REMEDY
                      : String.format(
                          "%s is damaged: it has %s bytes, its header tells of %s%s",
                          file, length, right.length, REMEDY));
    }
  }

  @Test
  void aNewerVersionAndAFolderAreNamed() throws IOException {
    Path file = saved(new int[0], new byte[0], new byte[0]);
    var older = new SectionFormat(FORMAT.what(), FORMAT.magic(), 1, 128, 24, 32, FORMAT.sections());
    assertThatThrownBy(() -> SectionReader.open(file, older))
        .hasMessage(
            file + " has version 2 of the format, expected at most 1; use a newer Lookalike");
    assertThatThrownBy(() -> SectionReader.open(folder, FORMAT))
        .hasMessage(folder + " is a folder; name a file that holds a box of numbers");
  }

  @Test
  void sectionsComeInTheirOrderAndAreAllThere() {
    Path file = folder.resolve("box");
    assertThatThrownBy(
            () -> SectionWriter.save(file, FORMAT, out -> out.section("bytes", () -> {})))
        .hasMessage("section bytes came instead of ints");
    assertThatThrownBy(() -> SectionWriter.save(file, FORMAT, out -> out.section("ints", () -> {})))
        .hasMessage("there is no section bytes");
    assertThat(folder).isEmptyDirectory();
  }
}

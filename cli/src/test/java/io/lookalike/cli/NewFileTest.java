package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewFileTest {

  /** Bytes of a name, on nearly all file systems. */
  private static final int LONGEST = 255;

  @TempDir Path folder;

  @Test
  void aNameMayBeAsLongAsTheSystemAllows() throws IOException {
    Path longest = folder.resolve("x".repeat(LONGEST - 5) + ".html");
    for (String content : new String[] {"first", "second"}) {
      try (NewFile file = NewFile.at(longest)) {
        file.write(content);
        file.commit();
      }
      assertThat(longest).hasContent(content);
    }
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @Test
  void aLongerNameIsRefusedBeforeTheWork() {
    Path tooLong = folder.resolve("x".repeat(LONGEST + 1));
    assertThatThrownBy(() -> NewFile.at(tooLong))
        .isInstanceOf(UserErrorException.class)
        .hasMessageStartingWith("cannot write " + tooLong + ": ");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void whatIsNotCommittedLeavesNothingBehind() throws IOException {
    try (NewFile file = NewFile.at(folder.resolve("page.html"))) {
      file.write("half a page");
    }
    assertThat(folder).isEmptyDirectory();
  }
}

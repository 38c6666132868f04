package io.lookalike.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageSourceTest {
  @TempDir private Path folder;

  @Test
  void aFileCanHaveAnotherName() throws IOException {
    Path file = Files.write(folder.resolve("secret.jpg"), new byte[] {1, 2, 3});

    ImageSource source = ImageSource.of("red shirt", file);

    assertThat(source.name()).isEqualTo("red shirt");
    assertThat(source).hasToString("red shirt");
    try (InputStream in = source.open()) {
      assertThat(in.readAllBytes()).containsExactly(1, 2, 3);
    }
    assertThat(ImageSource.of(file)).hasToString(file.toString());
    assertThatThrownBy(() -> ImageSource.of("red shirt", (Path) null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("file");
  }

  @Test
  void aNameMustSaySomething() {
    for (String blank : new String[] {"", " \t"}) {
      assertThatThrownBy(() -> ImageSource.of(blank, new byte[] {1}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a picture's name is blank, expected what messages are to call it");
    }
  }
}

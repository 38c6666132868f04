package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.catalog.ImageSource;
import io.lookalike.cli.ResultPage.Consulted;
import io.lookalike.cli.ResultPage.Row;
import io.lookalike.cli.ResultPage.Section;
import io.lookalike.cli.ResultPage.Tile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages whose names and pictures are not as one would wish. */
class ResultPageTest {
  private static final String NASTY = "<script>alert(\"'&1{{title}}\")</script>";
  private static final String LONG = "id".repeat(200);

  @Test
  void namesAreTextWhateverTheyHold(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("page.html");

    ResultPage.of(NASTY, List.of(section(LONG))).write(file);

    assertThat(Files.readString(file))
        .doesNotContain("<script")
        .contains("<title>&lt;script&gt;alert(&quot;&#39;&amp;1{{title}}&quot;)&lt;/script&gt;");
  }

  @Test
  void aMissingPictureIsReportedOnceAndThePageWrittenWithoutIt(@TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("page.html");
    var row =
        new Row(
            "Page",
            "",
            List.of(
                new Tile("a", "", missing("gone.jpg"), 1, 1, ""),
                new Tile("b", "", missing("gone.jpg"), 1, 1, "")));

    List<String> problems =
        ResultPage.of("t", List.of(new Section(new Consulted("c", "", null), row, List.of())))
            .write(file);

    assertThat(problems).containsExactly("gone.jpg: no such file");
    assertThat(Files.readString(file)).containsOnlyOnce("data:image/svg").contains("No picture");
  }

  @Test
  void aBrowserFindsNothingWrongWithLongNamesAndNoPictures(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("page.html");
    ResultPage.of(LONG, List.of(section(LONG), section(NASTY))).write(file);

    assertThat(Chromium.inspect(file, false, folder)).hasSize(2);
  }

  private static ImageSource missing(String name) {
    return ImageSource.of(Path.of(name));
  }

  private static Section section(String name) {
    return new Section(
        new Consulted(name, NASTY, null),
        new Row("Page", LONG, List.of()),
        List.of(
            new Row(
                "Strip",
                NASTY,
                List.of(
                    new Tile(NASTY, LONG, null, -0.25f, 0, NASTY),
                    new Tile(LONG, "", missing("gone.jpg"), 0.999f, 1_234_567, "")))));
  }
}

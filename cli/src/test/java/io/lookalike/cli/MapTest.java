package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.cli.Cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store as a map, and what a browser says of it. */
class MapTest {

  @TempDir static Path temp;
  private static Path page;
  private static Run run;

  @BeforeAll
  static void map() throws IOException {
    Path photos = Cli.photos(temp.resolve("photos"), 4, 6);
    Path shop = temp.resolve("shop");
    assertThat(Cli.run("index", photos, "--store", shop, "--extractor", "lite0-fast").exit())
        .isZero();
    page = temp.resolve("map.html");
    run = Cli.run("map", "--store", shop, "--out", page);
  }

  @Test
  void onePageHoldsAll() throws IOException {
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.outLines()).containsExactly(page.toString());
    assertThat(run.err()).contains("placed 24 products in ");
    assertThat(Files.readString(page))
        .contains("24 products", "data:image/jpeg;base64,", "\"attributes\":[\"category\"]")
        .doesNotContain("http://", "https://", "@import");
    Path points = temp.resolve("points.html");
    assertThat(
            Cli.run("map", "--store", temp.resolve("shop"), "--no-photos", "--out", points).exit())
        .isZero();
    assertThat(Files.readString(points)).doesNotContain("image/jpeg");
  }

  @ParameterizedTest(name = "dark: {0}")
  @ValueSource(booleans = {false, true})
  void aBrowserFindsNothingWrong(boolean dark, @TempDir Path folder) throws Exception {
    for (var report : Chromium.inspect(page, dark, folder)) {
      assertThat((Integer) report.get("controls")).isGreaterThanOrEqualTo(10);
    }
  }
}

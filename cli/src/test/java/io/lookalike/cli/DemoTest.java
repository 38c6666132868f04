package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.cli.Cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The demo's page: what it says, and what a browser says of it. */
class DemoTest {

  @TempDir static Path temp;
  private static Run run;
  private static Path page;
  private static String html;

  @BeforeAll
  static void writeThePage() throws IOException {
    Path out = temp.resolve("new").resolve("demo");
    run = Cli.run("demo", "--out", out);
    page = out.resolve("index.html");
    html = Files.readString(page);
  }

  @Test
  void saysWhereThePageIsAndWhatWasDone() {
    assertThat(run.exit()).isZero();
    assertThat(run.outLines()).containsExactly(page.toAbsolutePath().toString());
    assertThat(run.err()).contains("indexed 300 photos and 4,000 simulated purchases");
  }

  @Test
  void sixProductsAreConsultedAndTheirPagesRankedBySales() {
    List<String> looks = List.of(html.split("<section class=\"look\""));
    assertThat(looks).hasSize(1 + 6);
    for (String look : looks.subList(1, looks.size())) {
      String cards = look.substring(look.indexOf("<ol class=\"cards\">"), look.indexOf("</ol>"));
      List<Long> sales =
          matches(cards, "<dt>Sold</dt><dd>([\\d,]+)</dd>")
              .map(number -> Long.valueOf(number.replace(",", "")))
              .toList();
      assertThat(sales).hasSizeBetween(1, 6).doesNotContain(0L);
      assertThat(sales).isSortedAccordingTo((a, b) -> Long.compare(b, a));
      String strip = look.substring(look.indexOf("<ol class=\"strip\">"));
      List<Double> similarities =
          matches(strip, "Similarity </span>(-?[\\d.]+)").map(Double::valueOf).toList();
      assertThat(similarities).hasSize(10);
      assertThat(similarities).isSortedAccordingTo((a, b) -> Double.compare(b, a));
    }
  }

  @Test
  void table1OfThePaperIsRankedAndTheNeverSoldLeftOut() {
    String table = html.substring(html.indexOf("<tbody>"), html.indexOf("</tbody>"));
    assertThat(matches(table, "<th scope=\"row\">(\\d+)</th>"))
        .containsExactly(
            "0376172001",
            "0215303001",
            "0357792004",
            "0270375001",
            "0270382001",
            "0370594023",
            "0268305007",
            "0357792009",
            "0270375004",
            "0270375006");
    assertThat(table).containsPattern("class=\"dropped\">.*0270375006.*left out");
  }

  @Test
  void thePageStandsAloneAndIsNotTooLarge() throws IOException {
    assertThat(Files.size(page)).isBetween(500_000L, 3_000_000L);
    assertThat(html).doesNotContain("http://", "https://", "<script", "@import");
    assertThat(html).contains("Sales on this page are simulated.");
    assertThat(matches(html, "(?:src|href)=\"([^\"]{0,5})")).allMatch(s -> s.matches("data:|#.*"));
  }

  @Test
  void anOutputFolderThatIsAFileIsRefused() throws IOException {
    Path file = Files.createFile(temp.resolve("file"));
    Run refused = Cli.run("demo", "--out", file);
    assertThat(refused.exit()).isEqualTo(2);
    assertThat(refused.errLines())
        .containsExactly("lookalike: --out is " + file + ", a file; name a folder for the page");
  }

  @ParameterizedTest(name = "dark: {0}")
  @ValueSource(booleans = {false, true})
  void aBrowserFindsNothingWrong(boolean dark, @TempDir Path folder) throws Exception {
    Chromium.Inspection inspection = Chromium.inspect(page, dark, folder);

    assertThat(inspection.console()).isEmpty();
    assertThat(inspection.requests()).containsOnly("/", "/page", "/page-with-axe", "/report");
    assertThat(inspection.reports()).hasSize(2);
    var softly = new SoftAssertions();
    for (var report : inspection.reports()) {
      assertThat(report).doesNotContainKey("failure");
      softly.assertThat(report.get("dark")).isEqualTo(dark);
      softly
          .assertThat((Integer) report.get("contentWidth"))
          .isLessThanOrEqualTo((Integer) report.get("width"));
      softly.assertThat((Integer) report.get("images")).isGreaterThanOrEqualTo(100);
      softly.assertThat(report.get("brokenImages")).isEqualTo(0);
      softly.assertThat(report.get("fonts")).isEqualTo(List.of("loaded", "loaded"));
      softly.assertThat(report.get("resources")).isEqualTo(List.of());
      softly.assertThat((Integer) report.get("controls")).isGreaterThanOrEqualTo(8);
      softly.assertThat(report.get("withoutOutline")).isEqualTo(List.of());
      softly.assertThat(report.get("deadLinks")).isEqualTo(List.of());
      softly
          .assertThat(report.get("passes"))
          .asInstanceOf(InstanceOfAssertFactories.LIST)
          .contains("color-contrast", "image-alt", "link-name", "landmark-one-main", "region");
      softly.assertThat(report.get("violations")).isEqualTo(List.of());
      softly.assertThat(report.get("undecided")).isEqualTo(List.of());
    }
    softly.assertAll();
    assertThat(inspection.reports()).extracting(r -> r.get("width")).containsExactly(1280, 390);
  }

  private static Stream<String> matches(String text, String pattern) {
    return Pattern.compile(pattern).matcher(text).results().map(match -> match.group(1));
  }
}

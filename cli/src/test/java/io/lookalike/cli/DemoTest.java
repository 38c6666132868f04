package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import io.lookalike.cli.Cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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
      List<String> strips = List.of(look.split("<ol class=\"strip\">"));
      assertThat(strips).hasSize(1 + 2);
      assertThat(look).containsPattern("[a-z-]+, say \\d+ of its 15 neighbors");
      assertThat(strips.get(1)).containsPattern("The same, but (black|red|brown|blue|grey)");
      String strip = strips.get(1);
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
  void anOutputFolderThatCannotBeIsRefused() throws IOException {
    Path file = Files.createFile(temp.resolve("file"));
    Map.of(
            file.toString(),
            "--out is " + file + ", a file; name a folder for the page",
            file.resolve("folder").toString(),
            "cannot create the folder " + file.resolve("folder") + ": Not a directory",
            "",
            "--out is empty; name a folder for the page")
        .forEach(
            (out, message) -> {
              Run refused = Cli.run("demo", "--out", out);
              assertThat(refused.exit()).as(out).isEqualTo(2);
              assertThat(refused.errLines()).as(out).containsExactly("lookalike: " + message);
            });
  }

  @ParameterizedTest(name = "dark: {0}")
  @ValueSource(booleans = {false, true})
  void aBrowserFindsNothingWrong(boolean dark, @TempDir Path folder) throws Exception {
    List<Map<String, Object>> reports = Chromium.inspect(page, dark, folder);

    for (var report : reports) {
      assertThat((Integer) report.get("images")).isGreaterThanOrEqualTo(100);
      assertThat((Integer) report.get("controls")).isGreaterThanOrEqualTo(8);
      assertThat(report.get("fonts")).asInstanceOf(LIST).hasSize(2);
      assertThat(report.get("passes")).asInstanceOf(LIST).contains("image-alt");
    }
  }

  private static Stream<String> matches(String text, String pattern) {
    return Pattern.compile(pattern).matcher(text).results().map(match -> match.group(1));
  }
}

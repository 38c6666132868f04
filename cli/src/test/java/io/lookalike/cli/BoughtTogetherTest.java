package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.cli.Cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is bought together, from a file of purchases to the page. */
class BoughtTogetherTest {

  @TempDir static Path temp;
  private static Path photos;
  private static Path purchases;
  private static List<String> ids;

  @BeforeAll
  static void files() throws IOException {
    photos = Cli.photos(temp.resolve("photos"), 2, 8);
    ids = Cli.ids(photos);
    purchases = temp.resolve("sold.csv");
    var rows = new ArrayList<>(List.of("product,time,customer"));
    for (String customer : List.of("anna", "ben")) {
      rows.add(ids.get(0) + ",2024-03-01T09:00:00Z," + customer);
      rows.add(companion() + ",2024-03-02T09:00:00Z," + customer);
    }
    Files.write(purchases, rows);
  }

  /** Of the other category. */
  private static String companion() {
    return ids.get(ids.size() - 1);
  }

  private static Run index(Path shop, Object... more) {
    var command = new ArrayList<Object>(List.of("index", photos, "--store", shop));
    command.addAll(List.of("--extractor", "lite0-fast", "--purchases", purchases));
    command.addAll(List.of(more));
    return Cli.run(command.toArray());
  }

  private static Run similar(Path shop, Object... more) {
    var command = new ArrayList<Object>(List.of("similar", "--store", shop, ids.get(0)));
    command.addAll(List.of("--rank", "balanced", "-k", "3", "--bought-together", "0.5"));
    command.addAll(List.of(more));
    return Cli.run(command.toArray());
  }

  @Test
  void fromAFileToThePage() throws IOException {
    Path shop = temp.resolve("shop");
    for (int i = 0; i < 2; i++) { // the same file again changes nothing
      Run indexed = index(shop, "--bought-together");
      assertThat(indexed.exit()).as(indexed.err()).isZero();
    }
    Run page = similar(shop, "--explain");
    assertThat(page.exit()).as(page.err()).isZero();
    assertThat(page.out())
        .contains("place 1 of the page, bought together 2 times with what was consulted");
    assertThat(similar(shop).outLines().get(1)).contains(companion());
    assertThat(Cli.run("store", "forget", shop, "anna").exit()).isZero();
    assertThat(similar(shop, "--why-not", companion()).out())
        .contains("bought together with what was consulted once, and counts from twice on");
  }

  @Test
  void whatTheStoreDoesNotKnowIsSaid() throws IOException {
    Path shop = temp.resolve("unkept");
    assertThat(index(shop).exit()).isZero();
    Run page = similar(shop);
    assertThat(page.exit()).isZero();
    assertThat(page.err())
        .contains("unkept does not know who bought what")
        .contains("index with --purchases and --bought-together");
    Files.write(temp.resolve("nobody.csv"), List.of("product,time", ids.get(0) + ",2024-03-01"));
    Run nobody =
        Cli.run(
            "index",
            photos,
            "--store",
            shop,
            "--purchases",
            temp.resolve("nobody.csv"),
            "--bought-together");
    assertThat(nobody.exit()).isEqualTo(2);
    assertThat(nobody.err()).contains("nobody.csv names no customers").contains("column customer");
  }
}

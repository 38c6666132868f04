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

/** How good features are, where there are no purchases. */
class LooksTest {

  @TempDir static Path temp;
  private static Path shop;

  @BeforeAll
  static void index() throws IOException {
    Path photos = Cli.photos(temp.resolve("photos"), 3, 8);
    Path table = temp.resolve("products.csv");
    var rows = new ArrayList<>(List.of("id,image,category,style"));
    List<Path> files;
    try (var walk = Files.walk(photos)) {
      files = walk.filter(file -> file.toString().endsWith(".jpg")).sorted().toList();
    }
    for (int i = 0; i < files.size(); i++) { // each photo is of two variants
      String category = files.get(i).getParent().getFileName().toString();
      rows.add("a" + i + "," + files.get(i) + "," + category + ",s" + i);
      rows.add("b" + i + "," + files.get(i) + "," + category + ",s" + i);
    }
    Files.write(table, rows);
    shop = temp.resolve("shop");
    assertThat(Cli.run("index", table, "--store", shop, "--extractor", "lite0-fast").exit())
        .isZero();
  }

  @Test
  void aTableOfOneStore() {
    Run run = Cli.run("looks", "--store", shop, "--variants-by", "style", "-k", "3");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.outLines()).hasSize(5);
    assertThat(run.outLines().get(0)).contains("same category", "own variants", "same nearest");
    assertThat(run.outLines().get(1)).startsWith("as they are").contains("1.000 [1.000, 1.000]");
    assertThat(run.outLines().get(1)).endsWith("1.000");
    assertThat(run.outLines().get(4)).startsWith("taught by style");
    assertThat(run.err()).contains("of the 3 nearest");
  }

  @Test
  void ofSeveralPhotosTheFirstIsLookedAt() throws IOException {
    List<String> rows = Files.readAllLines(temp.resolve("products.csv"));
    String other = rows.get(1).split(",")[1];
    Path table = temp.resolve("several.csv");
    for (int i = 0; i < rows.size(); i++) {
      rows.set(i, rows.get(i) + (i == 0 ? ",image2" : i % 2 == 0 ? "," + other : ","));
    }
    Files.write(table, rows);
    Path several = temp.resolve("several");
    // That so many have the same is not for the index to mind here.
    assertThat(
            Cli.run("index", table, "--store", several, "--extractor", "lite0-fast", "--shared", 0)
                .exit())
        .isZero();
    Run run = Cli.run("looks", "--store", several, "--variants-by", "style");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.outLines())
        .isEqualTo(Cli.run("looks", "--store", shop, "--variants-by", "style").outLines());
  }

  @Test
  void twoStoresSideBySide() {
    Run run = Cli.run("looks", "--store", shop, "--against", shop);
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.outLines()).hasSize(7);
    assertThat(run.outLines().get(1)).startsWith(shop + ": as they are").contains(" - ");
    assertThat(run.outLines().get(4)).startsWith(shop + ": as they are").endsWith("1.000");
  }
}

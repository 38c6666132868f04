package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.cli.Cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A picture that many products have is no photo of theirs. */
class PlaceholdersTest {

  private static final Path NONE = Path.of("..", "examples", "demo", "photos", "100113.jpg");

  @TempDir Path temp;
  private Path shop;
  private List<Path> photos;

  @BeforeEach
  void makesPhotos() throws IOException {
    shop = temp.resolve("shop");
    try (Stream<Path> files = Files.walk(Cli.photos(temp.resolve("photos"), 1, 6))) {
      photos = files.filter(Files::isRegularFile).sorted().toList();
    }
    Files.copy(NONE, temp.resolve("none.jpg"));
  }

  private String own(int i) {
    return temp.relativize(photos.get(i % photos.size())).toString();
  }

  private Path csv(String name, int products, IntFunction<String> images) throws IOException {
    List<String> rows =
        IntStream.range(0, products).mapToObj(i -> "a" + i + "," + images.apply(i)).toList();
    return Files.writeString(temp.resolve(name), "id,image\n" + String.join("\n", rows) + "\n");
  }

  private Run index(Path csv, Object... more) {
    var args = Stream.of("index", csv, "--store", shop, "--extractor", "lite0-fast");
    Run run = Cli.run(Stream.concat(args, Stream.of(more)).toArray());
    assertThat(run.exit()).as("%s", run).isZero();
    return run;
  }

  private List<String> similar(String id) {
    Run run = Cli.run("similar", "--store", shop, id, "-k", 30);
    assertThat(run.exit()).as("%s", run).isZero();
    return run.outLines();
  }

  private String looks() {
    return Cli.run("store", "info", shop).outLines().stream()
        .filter(line -> line.startsWith("products"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whicheverPhotoOfAProductItIs() throws IOException {
    Path csv =
        csv(
            "mixed.csv",
            7,
            i -> i == 6 ? "none.jpg" : i % 2 == 0 ? "none.jpg|" + own(i) : own(i) + "|none.jpg");
    Run index = index(csv, "--shared", 4);
    assertThat(index.err())
        .contains("7 products have the same picture as a0 (", "indexed 7 of 7 products")
        .doesNotContain("or nearly");
    assertThat(looks()).contains("7, 6 of them with features");
    assertThat(similar("a0")).hasSize(6).noneMatch(line -> line.contains("1.000"));
    assertThat(Cli.run("similar", "--store", shop, "a6").err()).contains("nothing is known");
  }

  @Test
  void oneThatIsFoundLaterIsForgotten() throws IOException {
    Path csv = csv("products.csv", 6, i -> i < 4 ? "none.jpg" : own(i));
    Path sales = Files.writeString(temp.resolve("sales.csv"), "product,time\na0,2024-05-02\n");
    Run before = index(csv, "--shared", 0, "--purchases", sales);
    assertThat(before.err()).doesNotContain("same picture");
    assertThat(looks()).contains("6, 6 of them with features");
    Run after = index(csv, "--shared", 4);
    assertThat(after.err())
        .contains("4 products have the same picture as a0 (", "indexed 6 of 6 products")
        .contains("purchases: 1")
        .doesNotContain("or nearly");
    assertThat(looks()).contains("6, 2 of them with features");
    assertThat(Cli.run("store", "audit", shop).exit()).isZero();
  }

  /** Sizes of one article have its photo. */
  @Test
  void thePhotoOfOneDesignIsItsPhoto() throws IOException {
    List<String> rows =
        IntStream.range(0, 24)
            .mapToObj(i -> "a" + i + "," + own(i < 22 ? 0 : i) + "," + (i < 22 ? "A" : "B" + i))
            .toList();
    Path csv =
        Files.writeString(
            temp.resolve("sizes.csv"), "id,image,product_code\n" + String.join("\n", rows) + "\n");
    assertThat(index(csv).err()).doesNotContain("the same picture");
    assertThat(looks()).contains("24, 24 of them with features");
    assertThat(Cli.run("store", "audit", shop).out()).doesNotContain("the same picture");
    assertThat(index(csv, "--variants-by", "style").err())
        .contains("22 products have the same picture as a0 (");
    assertThat(looks()).contains("24, 2 of them with features");
  }

  /** Where it came with several runs, or was saved anew, its looks tell. */
  @Test
  void theAuditNamesIt() throws IOException {
    index(csv("products.csv", 30, i -> i < 21 ? own(i) + "|none.jpg" : own(0)), "--shared", 0);
    Run audit = Cli.run("store", "audit", shop);
    assertThat(audit.exit()).as("%s", audit).isZero();
    assertThat(audit.out())
        .contains("healthy")
        .contains(
            "21 products have the same picture, or nearly: a0, a1, a10 and 18 more; they are");
    Files.copy(photos.get(0), temp.resolve("own.jpg"));
    Run some = index(csv("one.csv", 1, i -> "own.jpg"), "--shared", 5);
    assertThat(some.err()).contains("products have the same picture, or nearly: ");
  }
}

package io.lookalike.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PhotoFolderTest {

  @TempDir Path folder;
  private final List<ProductImage> items = new ArrayList<>();

  @Test
  void aNameThatEndsInvisiblyIsReported() throws IOException {
    Files.createFile(folder.resolve("a\u00A0.jpg"));

    assertThat(Catalogue.of(folder).read(item -> {}).problems())
        .containsExactly(
            problem(
                "a\u00A0.jpg",
                "gives an id that is \"a<U+00A0>\", expected no white space and nothing invisible at"
                    + " its ends; strip it"));
  }

  @Test
  void stemsAreIdsAndFoldersAreCategories() throws IOException {
    files(
        "z.JPG",
        "dress/b.png",
        "dress/a.jpeg",
        "shoes/women/0215303002.webp",
        "dress/v1.2.gif",
        "c.bmp",
        ".hidden.jpg",
        ".thumbnails/x.jpg");

    ReadReport report = Catalogue.of(folder).read(items::add);

    assertThat(report).isEqualTo(new ReadReport(6, 0, 0, List.of()));
    assertThat(items.stream().map(ProductImage::product))
        .containsExactly(
            Product.of("c"),
            Product.of("a").with("category", "dress"),
            Product.of("b").with("category", "dress"),
            Product.of("v1.2").with("category", "dress"),
            Product.of("0215303002").with("category", "shoes/women"),
            Product.of("z"));
    assertThat(items.get(1).image().name())
        .isEqualTo(folder.resolve("dress").resolve("a.jpeg").toString());
  }

  @Test
  void numberedFilesArePhotosOfOneProductWhereThatIsSaid() throws IOException {
    files(
        "shirt_10.jpg",
        "shirt_2.png",
        "shirt.jpg",
        "dress/a-1.jpg",
        "dress/a-2.jpg",
        "shoes/a_3.jpg",
        "style_2024.jpg",
        "notes_1.txt");

    ReadReport report = Catalogue.photos(folder).severalPhotos().read(items::add);

    assertThat(items)
        .extracting(item -> item.product().id() + names(item))
        .containsExactly(
            "a[a-1.jpg, a-2.jpg]",
            "shirt[shirt.jpg, shirt_2.png, shirt_10.jpg]",
            "style_2024[style_2024.jpg]");
    assertThat(items.get(0).product().attributes().get("category")).isEqualTo("dress");
    assertThat(report.problems()).hasSize(2);
    assertThat(report.problems().toString())
        .contains("the id a is already taken by", "notes_1.txt");
    items.clear();
    Catalogue.photos(folder).read(items::add);
    assertThat(items).hasSize(7).allMatch(item -> item.images().size() == 1);
  }

  private static List<String> names(ProductImage item) {
    return item.images().stream()
        .map(image -> Path.of(image.name()).getFileName().toString())
        .toList();
  }

  @Test
  void otherFilesAndTakenIdsAreReported() throws IOException {
    files("a.jpg", "dress/a.png", "notes.txt", "products.csv", "README", " .jpg", "z.jpg");
    Files.createSymbolicLink(folder.resolve("broken.jpg"), folder.resolve("nowhere.jpg"));
    Files.createSymbolicLink(folder.resolve("loop"), folder);

    ReadReport report = Catalogue.photos(folder).read(items::add);

    assertThat(report.accepted()).isEqualTo(2);
    assertThat(report.skipped()).isEqualTo(7);
    assertThat(report.problems())
        .containsExactly(
            problem(" .jpg", "has a blank name, expected the product's id before the dot"),
            problem(
                "README",
                "is no picture by its name, expected an ending of .jpg .jpeg .png .webp .gif .bmp"),
            problem("broken.jpg", "is not a regular file"),
            problem(
                "dress/a.png",
                "the id a is already taken by " + folder.resolve("a.jpg") + "; rename one"),
            problem("loop", "is a link to a folder that it lies in"),
            problem(
                "notes.txt",
                "is no picture by its name, expected an ending of .jpg .jpeg .png .webp .gif .bmp"),
            problem(
                "products.csv",
                "is a table in a folder of photos; to read products from it, name it and not its"
                    + " folder"));
    assertThatThrownBy(() -> Catalogue.photos(folder).strict().read(items::add))
        .isInstanceOf(DatasetException.class)
        .hasMessageStartingWith(folder.resolve(" .jpg") + ": has a blank name");
  }

  @Test
  void namesThatLookTheSameAreOneIdAndLostCharactersNone() throws IOException {
    files("caf\u00e9.jpg", "cafe\u0301.jpg", "lost\uFFFD.jpg", "lost\uFFFD/b.jpg");

    ReadReport report = Catalogue.photos(folder).read(items::add);

    assertThat(items).extracting(item -> item.product().id()).containsExactly("cafe\u0301");
    assertThat(report.problems())
        .containsExactly(
            problem(
                "caf\u00e9.jpg",
                "the id caf\u00e9 is already taken by "
                    + folder.resolve("cafe\u0301.jpg")
                    + ", in another Unicode form (NFC, NFD); rename one"),
            problem("lost\uFFFD.jpg", "has a name that is not UTF-8; rename it"),
            problem("lost\uFFFD/b.jpg", "has a name that is not UTF-8; rename it"));
  }

  @Test
  void aFolderIsNeededAndMayBeEmpty() throws IOException {
    assertThat(Catalogue.of(folder).read(items::add)).isEqualTo(new ReadReport(0, 0, 0, List.of()));
    Path missing = folder.resolve("missing");
    assertThatThrownBy(() -> Catalogue.photos(missing).read(items::add))
        .isInstanceOf(DatasetException.class)
        .hasMessage(missing + ": there is no such folder");
    Path file = Files.createFile(folder.resolve("a.jpg"));
    assertThatThrownBy(() -> Catalogue.photos(file).read(items::add))
        .isInstanceOf(DatasetException.class)
        .hasMessage(file + ": is not a folder");
    assertThatThrownBy(() -> Catalogue.of(file).read(items::add))
        .isInstanceOf(DatasetException.class)
        .hasMessage(file + ": is a picture; name its folder, or a CSV file");
  }

  @Test
  void progressCountsFiles() throws IOException {
    files("a.jpg", "b.txt");
    var seen = new ArrayList<String>();

    Catalogue.of(folder).progress((done, total) -> seen.add(done + "/" + total)).read(items::add);

    assertThat(seen).containsExactly("1/2", "2/2");
  }

  private Problem problem(String path, String reason) {
    return new Problem(folder.resolve(path), 0, reason);
  }

  private void files(String... paths) throws IOException {
    for (String path : paths) {
      Path file = folder.resolve(path);
      Files.createDirectories(file.getParent());
      Files.createFile(file);
    }
  }
}

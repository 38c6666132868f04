package io.lookalike.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import de.siegmar.fastcsv.writer.QuoteStrategies;
import io.lookalike.catalog.CatalogueItem;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogueCsvTest {

  @TempDir Path folder;
  private final List<ProductImage> items = new ArrayList<>();

  @BeforeEach
  void photos() throws IOException {
    Files.createDirectory(folder.resolve("photos"));
    for (String name : List.of("a.jpg", "b.jpg", "c.jpg", "d,\"e\".jpg")) {
      Files.createFile(folder.resolve("photos").resolve(name));
    }
  }

  @Test
  void columnsBecomeTypedAttributes() throws IOException {
    ReadReport report =
        read(
            """
            id,image,category,price,sale,launched,code,empty
            0215303001,photos/a.jpg,dress,39.90,true,2024-03-01,0215303,
            0215303002,photos/b.jpg,,-1e2,FALSE,2024-03-01T12:00:00+01:00,17,
            """);

    assertThat(report).isEqualTo(new ReadReport(2, 0, 0, List.of()));
    assertThat(products())
        .containsExactly(
            Product.of("0215303001")
                .with("category", "dress")
                .with("price", 39.9)
                .with("sale", true)
                .with("launched", Instant.parse("2024-03-01T00:00:00Z"))
                .with("code", "0215303"),
            Product.of("0215303002")
                .with("price", -100)
                .with("sale", false)
                .with("launched", Instant.parse("2024-03-01T11:00:00Z"))
                .with("code", "17"));
    assertThat(items.get(0).image().name())
        .isEqualTo(folder.resolve("photos").resolve("a.jpg").toString());
  }

  @Test
  void aProductHasSeveralPhotos() throws IOException {
    Files.createFile(folder.resolve("photos").resolve("a|b.jpg"));
    ReadReport report =
        read(
            """
            image10,id,image2,image,images
            ,x,photos/b.jpg,photos/a.jpg | photos/c.jpg,1
            photos/a.jpg,y,photos/b.jpg,,2
            ,z,photos/none.jpg,photos/a|b.jpg,3
            ,none,,photos/none.jpg|photos/nor.jpg,4
            ,empty,,|,5
            """);

    assertThat(items)
        .extracting(item -> item.product().id() + names(item))
        .containsExactly("x[a.jpg, c.jpg, b.jpg]", "y[b.jpg, a.jpg]", "z[a|b.jpg]");
    assertThat(items.get(0).product()).isEqualTo(Product.of("x").with("images", 1));
    assertThat(report.accepted()).isEqualTo(3);
    assertThat(report.skipped()).isEqualTo(2);
    assertThat(report.problems().toString())
        .contains(
            "products.csv:4: the product z has the image " + folder.resolve("photos/none.jpg"),
            "products.csv:5: the product none has the image",
            "products.csv:6: the product empty has no image");
    assertThatThrownBy(() -> Catalogue.csv(csv()).strict().read(item -> {}))
        .hasMessageContaining("products.csv:4");
  }

  @Test
  void aProductWithoutAPictureIsHandedOverWhereThatIsWanted() throws IOException {
    Files.writeString(csv(), "id,image,size\na,photos/a.jpg,1\nbare,,2\ngone,photos/none.jpg,3\n");
    var all = new ArrayList<CatalogueItem>();

    ReadReport report = Catalogue.csv(csv()).readItems(all::add);

    assertThat(all.get(0)).isInstanceOf(ProductImage.class);
    assertThat(all.subList(1, all.size()))
        .containsExactly(CatalogueItem.of(Product.of("bare").with("size", 2)));
    assertThat(report.accepted()).isEqualTo(2);
    assertThat(report.skipped()).isEqualTo(1);
    assertThat(report.problems().toString())
        .contains(
            "products.csv:3: the product bare has no image, so that it is read without looks",
            "products.csv:4: the product gone has the image");
    assertThatThrownBy(() -> Catalogue.csv(csv()).strict().readItems(item -> {}))
        .hasMessageContaining("products.csv:3: the product bare has no image");
  }

  private static List<String> names(ProductImage item) {
    return item.images().stream()
        .map(image -> Path.of(image.name()).getFileName().toString())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "40",
        "-40",
        "40.50",
        "4e3",
        "4E-3",
        "0",
        "0.5",
        "-0",
        "00",
        "007",
        "0215303",
        "1.",
        ".5",
        "+1",
        "1e",
        "1_000",
        "0x10",
        "NaN",
        "Infinity",
        "true",
        "FALSE",
        "True",
        "yes",
        "2024-03-01",
        "2024-02-30x",
        "2024-03-01T12:00:00Z",
        "2024-03-01T12:00:00+01:00",
        "word",
        "1d",
        "१२"
      })
  void aLoneValueHasTheTypeThatAFilterGivesIt(String value) throws IOException {
    read("id,image,x\na,photos/a.jpg," + value + "\n");

    Object expected = ((Filter.Equal) Filter.parse("x = " + value)).value();
    assertThat(products().get(0).attributes().get("x")).isEqualTo(expected);
  }

  @Test
  void oneOddValueMakesAColumnTextAndIsReported() throws IOException {
    var csv = new StringBuilder("id,image,price\nodd,photos/a.jpg,cheap\n");
    for (int i = 0; i < 11; i++) {
      csv.append("p").append(i).append(",photos/a.jpg,").append(i).append('\n');
    }

    ReadReport report = read(csv.toString());

    assertThat(report.accepted()).isEqualTo(12);
    assertThat(report.skipped()).isZero();
    assertThat(report.problems())
        .containsExactly(
            new Problem(
                csv(),
                2,
                "price is \"cheap\", while 11 of 12 values are a number; the whole column was read as"
                    + " text"));
    assertThat(products().get(1).attributes().get("price")).isEqualTo("0");
  }

  @Test
  void anIdThatEndsInvisiblyIsReportedWithItsLine() throws IOException {
    ReadReport report =
        read("id,image\na\u200B,photos/a.jpg\n\uFEFF,photos/b.jpg\nc,photos/c.jpg\n");

    assertThat(report.problems().stream().map(p -> p.line() + " " + p.reason()))
        .containsExactly(
            "2 the id is \"a<U+200B>\", expected no white space and nothing invisible at its ends;"
                + " strip it",
            "3 the id is blank, expected a text, found <U+FEFF>");
    assertThat(products()).containsExactly(Product.of("c"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"NULL", "NaN", "None", "NA", "n/a", "#N/A", "<NA>", "null", "\\N", "-"})
  void aMissingValueAmongNumbersIsNoneAndReportedOnce(String none) throws IOException {
    ReadReport report =
        read(
            "id,image,price,launched,note\n"
                + "a,photos/a.jpg,3.5,2024-03-01,None\n"
                + ("b,photos/b.jpg," + none + "," + none + "," + none + "\n")
                + ("c,photos/c.jpg," + none + ",2024-03-02,fine\n"));

    assertThat(report.accepted()).isEqualTo(3);
    assertThat(report.problems().stream().map(p -> p.line() + " " + p.reason()))
        .containsExactly(
            "3 price is \""
                + none
                + "\", taken for a missing value, as in 1 more rows, while 1 values are a number",
            "3 launched is \""
                + none
                + "\", taken for a missing value, while 2 values are a date or time");
    assertThat(products().get(0).attributes().get("note")).isEqualTo("None");
    assertThat(products().get(1).attributes().asMap()).isEqualTo(Map.of("note", none));
    assertThat(products().get(0).attributes().get("price")).isEqualTo(3.5);
  }

  @Test
  void wholeNumbersAreExactOrText() throws IOException {
    read(
        """
        id,image,group,long,mixed
        a,photos/a.jpg,100000000000000001,100000000000000000001,9007199254740993
        b,photos/b.jpg,100000000000000002,100000000000000000002,-1.5
        c,photos/c.jpg,9223372036854775807,100000000000000000003,1e3
        """);

    assertThat(values("group"))
        .containsExactly(100000000000000001L, 100000000000000002L, Long.MAX_VALUE);
    assertThat(values("long"))
        .containsExactly("100000000000000000001", "100000000000000000002", "100000000000000000003");
    assertThat(values("mixed")).containsExactly(9007199254740993L, -1.5, 1000.0);
    assertThat(
            products().stream()
                .filter(p -> Filter.parse("group = 100000000000000002").matches(p.attributes())))
        .extracting(Product::id)
        .containsExactly("b");
  }

  @Test
  void aLargeNumberInTwoWaysAndOneOfTooManyDigitsKeepTheirTexts() throws IOException {
    ReadReport report =
        read(
            """
            id,image,style,price
            a,photos/a.jpg,1E16,100.00000000000001
            b,photos/b.jpg,10000000000000000,100.00000000000002
            """);

    assertThat(report.problems().stream().map(p -> p.line() + " " + p.reason()))
        .contains(
            "3 style is \"10000000000000000\", the same number as \"1E16\" before it; the texts are"
                + " kept as style.text");
    assertThat(values("style.text")).containsExactly("1E16", "10000000000000000");
    assertThat(values("price")).containsExactly("100.00000000000001", "100.00000000000002");
  }

  @Test
  void aNumberInTwoWaysKeepsItsTexts() throws IOException {
    ReadReport report =
        read(
            """
            id,image,style,price,size
            a,photos/a.jpg,12.1,9.90,40.0
            b,photos/b.jpg,12.10,39.00,41.5
            c,photos/c.jpg,3E5,12.50,42.25
            """);

    assertThat(report.problems().stream().map(p -> p.line() + " " + p.reason()))
        .containsExactly(
            "3 style is \"12.10\", the same number as \"12.1\" before it; the texts are kept as"
                + " style.text");
    assertThat(values("style")).containsExactly(12.1, 12.1, 300000.0);
    assertThat(values("style.text")).containsExactly("12.1", "12.10", "3E5");
    assertThat(products().get(0).attributes().asMap())
        .containsOnlyKeys("style", "style.text", "price", "size");
  }

  @Test
  void columnsCanBeSaidToBeText() throws IOException {
    read("id,image,style,gtin,price\na,photos/a.jpg,12.10,4006381333931,1.50\n");
    items.clear();
    Catalogue.csv(csv()).text("style", "gtin").read(items::add);

    assertThat(products())
        .containsExactly(
            Product.of("a")
                .with("style", "12.10")
                .with("gtin", "4006381333931")
                .with("price", 1.5));
    assertThatThrownBy(() -> Catalogue.csv(csv()).text("styl").read(items::add))
        .isInstanceOf(DatasetException.class)
        .hasMessage(
            csv()
                + ":1: there is no column \"styl\" to read as text, there are id, image, style, gtin,"
                + " price");
    assertThatThrownBy(() -> Catalogue.photos(folder).text("style").read(items::add))
        .isInstanceOf(DatasetException.class)
        .hasMessage(folder + ": is a folder of photos, without a column style to read as text");
  }

  @Test
  void imagesThatAreNoPathsAreToldAsWhatTheyAre() throws IOException {
    Files.createFile(folder.resolve("photos/a b.jpg"));
    Files.createFile(folder.resolve("photos/100%.jpg"));
    ReadReport report =
        read(
            """
            id,image
            1,https://cdn.example.com/p/1.jpg
            2,data:image/png;base64,AAAA
            3,photos/a.jpg?width=300
            4,photos/z.jpg#1
            5,photos/a%20b.jpg
            6,photos\\a.jpg
            7,s3://bucket/1.jpg
            8,C:\\photos\\a.jpg
            9,photos/100%.jpg
            """
                .replace("base64,", "base64;"));

    String missing = folder + "/photos/";
    assertThat(report.problems().stream().map(p -> p.reason()))
        .containsExactly(
            "the product 1 has the image https://cdn.example.com/p/1.jpg, which is an address,"
                + " expected a path; download the picture",
            "the product 2 has the image data:image/png;base64;AAAA, which is an address, expected a"
                + " path; download the picture",
            "the product 3 has the image "
                + missing
                + "a.jpg?width=300, which is missing, as it ends like an address, expected a path;"
                + " there is photos/a.jpg",
            "the product 4 has the image "
                + missing
                + "z.jpg#1, which is missing, as it ends like an address, expected a path",
            "the product 5 has the image "
                + missing
                + "a%20b.jpg, which is missing; there is photos/a b.jpg",
            "the product 6 has the image "
                + folder
                + "/photos\\a.jpg, which is missing; there is photos/a.jpg",
            "the product 7 has the image s3://bucket/1.jpg, which is an address, expected a path;"
                + " download the picture",
            "the product 8 has the image " + folder + "/C:\\photos\\a.jpg, which is missing");
    assertThat(products()).containsExactly(Product.of("9"));
  }

  @Test
  void aFolderAndItsFileMayBeKeptInDifferentUnicodeForms() throws IOException {
    Files.createDirectory(folder.resolve("photos/\u00e9t\u00e9"));
    Files.write(folder.resolve("photos/\u00e9t\u00e9/cafe\u0301.jpg"), new byte[] {7});
    ReadReport report =
        read(
            "id,image\n1,photos/\u00e9t\u00e9/caf\u00e9.jpg\n"
                + "2,photos/e\u0301te\u0301/cafe\u0301.jpg\n");

    assertThat(report.problems()).isEmpty();
    assertThat(items).hasSize(2);
    for (ProductImage item : items) {
      try (InputStream in = item.image().open()) {
        assertThat(in.readAllBytes()).containsExactly(7);
      }
    }
  }

  @Test
  void unicodeFormsNameTheSameFileAndTheSameProduct() throws IOException {
    Files.createFile(folder.resolve("photos/caf\u00e9.jpg"));
    Files.createFile(folder.resolve("photos/the\u0301.jpg"));
    ReadReport report =
        read(
            """
            id,image
            cafe\u0301,photos/cafe\u0301.jpg
            th\u00e9,photos/th\u00e9.jpg
            caf\u00e9,photos/a.jpg
            lost\uFFFD,photos/b.jpg
            """);

    assertThat(products()).extracting(Product::id).containsExactly("cafe\u0301", "th\u00e9");
    assertThat(report.problems().stream().map(p -> p.line() + " " + p.reason()))
        .containsExactly(
            "4 the id caf\u00e9 is already on line 2",
            "5 the id is \"lost\uFFFD\", where U+FFFD stands for a character that was lost; export"
                + " it as UTF-8 again");
  }

  @Test
  void badRowsAreReportedWithTheirLinesAndTheRestIsRead() throws IOException {
    ReadReport report =
        read(
            """
            id,image,name
            a,photos/a.jpg,"two
            lines, ""quoted\"""
            a,photos/b.jpg,again

            ,photos/b.jpg,no id
            b,photos/b.jpg
            b,photos/b.jpg,x,y
            b,photos/missing.jpg,x
            b,,x
            b,"photos/b.jpg"x,y
            b,photos,a folder
            b,"photos/b.jpg,never closed
            c,"photos/d,""e"".jpg",end
            """);

    Path photos = folder.resolve("photos");
    assertThat(report.problems().stream().map(p -> p.line() + " " + p.reason()))
        .containsExactly(
            "4 the id a is already on line 2",
            "6 the id is empty",
            "7 found 2 values, expected 3 (id, image, name)",
            "8 found 4 values, expected 3 (id, image, name)",
            "9 the product b has the image " + photos.resolve("missing.jpg") + ", which is missing",
            "10 the product b has no image",
            "11 malformed: unexpected character after closing quote: 'x' (0x78) (a quote inside a"
                + " quoted value is written twice)",
            "12 the product b has the image " + photos + ", which is missing",
            "13 malformed: unexpected character after closing quote: 'p' (0x70) (a quote inside a"
                + " quoted value is written twice)");
    assertThat(report.skipped()).isEqualTo(9);
    assertThat(products())
        .containsExactly(
            Product.of("a").with("name", "two\nlines, \"quoted\""),
            Product.of("c").with("name", "end"));
    assertThat(report.problems().get(0)).hasToString(csv() + ":4: the id a is already on line 2");
  }

  @Test
  void aQuoteThatIsNeverClosedCostsItsOwnRowAlone() throws IOException {
    ReadReport report =
        read("id,image\na,photos/a.jpg\n\"b,photos/b.jpg\nc,photos/c.jpg\nd,photos/a.jpg");

    assertThat(products()).extracting(Product::id).containsExactly("a", "c", "d");
    assertThat(report.problems()).extracting(Problem::line).containsExactly(3L);
    assertThat(report.problems().get(0).reason()).contains("malformed: unclosed quoted field");
  }

  @Test
  void byteOrderMarkCarriageReturnsAndSpacesDoNotMatter() throws IOException {
    ReadReport report = read("\uFEFFid , image\r\n a,photos/a.jpg \r\nb,\tphotos/b.jpg\r\n\r\n");

    assertThat(report).isEqualTo(new ReadReport(2, 0, 0, List.of()));
    assertThat(products()).containsExactly(Product.of("a"), Product.of("b"));
  }

  @Test
  void bytesThatAreNotUtf8CostTheirRow() throws IOException {
    Files.write(
        csv(), "id,image,name\na,photos/a.jpg,Caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    Files.write(
        csv(),
        "b,photos/b.jpg,Caf\u00e9 \uFFFD \ud800\udc00\n".getBytes(StandardCharsets.UTF_8),
        java.nio.file.StandardOpenOption.APPEND);

    ReadReport report = Catalogue.csv(csv()).read(items::add);

    assertThat(report.problems())
        .containsExactly(
            new Problem(csv(), 2, "name holds bytes that are not UTF-8; save the file as UTF-8"));
    assertThat(products())
        .containsExactly(Product.of("b").with("name", "Caf\u00e9 \uFFFD \ud800\udc00"));
  }

  @Test
  void filesOfWhichNothingCanBeUsedAreRefused() throws IOException {
    assertRefused(
        "sku,picture\n", ":1: found columns sku, picture; expected columns id, image among them");
    assertRefused(
        "id;image\n1;x\n",
        ":1: found column id;image; expected columns id, image among them, with commas between them");
    assertRefused("id,image,x,x\n", ":1: there are two columns \"x\"; rename one or remove it");
    assertRefused("id,image,\n", ":1: column 3 has no name; name it or remove it");
    assertRefused(
        "\n\nid,\"image\"x\n",
        ":3: the header is malformed: unexpected character after closing quote: 'x' (0x78) (a quote"
            + " inside a quoted value is written twice)");
    Files.write(csv(), "id,image\n".getBytes(StandardCharsets.UTF_16));
    assertThatThrownBy(() -> Catalogue.of(csv()).read(items::add))
        .isInstanceOf(DatasetException.class)
        .hasMessage(csv() + ": is UTF-16 text; save the file as UTF-8");
    try (var zip = new ZipOutputStream(Files.newOutputStream(csv()))) {
      zip.putNextEntry(new ZipEntry("products.csv"));
      zip.write("id,image\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThatThrownBy(() -> Catalogue.of(csv()).read(items::add))
        .isInstanceOf(DatasetException.class)
        .hasMessage(csv() + ": is a ZIP archive; unpack it first");
    try (var gzip = new GZIPOutputStream(Files.newOutputStream(csv()))) {
      gzip.write("id,image\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThatThrownBy(() -> Catalogue.of(csv()).read(items::add))
        .isInstanceOf(DatasetException.class)
        .hasMessage(csv() + ": is a gzip archive; unpack it first");
    Path missing = folder.resolve("missing.csv");
    assertThatThrownBy(() -> Catalogue.of(missing).read(items::add))
        .isInstanceOf(DatasetException.class)
        .hasMessage(missing + ": there is no such file");
    assertThatThrownBy(() -> Catalogue.csv(folder).read(items::add))
        .isInstanceOf(DatasetException.class)
        .hasMessage(folder + ": is not a regular file, expected a CSV file");
  }

  @Test
  void anEmptyFileIsReported() throws IOException {
    assertThat(read("").problems())
        .containsExactly(
            new Problem(
                csv(), 0, "the file is empty, expected a first line with columns id, image"));
    assertThat(read("id,image\n")).isEqualTo(new ReadReport(0, 0, 0, List.of()));
  }

  @Test
  void strictFailsAtTheFirstThingThatWouldBeSkipped() throws IOException {
    Files.writeString(csv(), "id,image\na,photos/a.jpg\na,photos/b.jpg\nc,photos/c.jpg\n");

    assertThatThrownBy(() -> Catalogue.of(csv()).strict().read(items::add))
        .isInstanceOf(DatasetException.class)
        .hasMessage(csv() + ":3: the id a is already on line 2");
    assertThat(products()).containsExactly(Product.of("a"));
  }

  @Test
  void onlyTheFirstThousandProblemsAreKeptButAllAreCounted() throws IOException {
    ReadReport report = read("id,image\n" + ",x\n".repeat(1_500));

    assertThat(report.skipped()).isEqualTo(1_500);
    assertThat(report.problems()).hasSize(1_000);
  }

  @Test
  void progressCountsRows() throws IOException {
    Files.writeString(csv(), "id,image\na,photos/a.jpg\na,photos/b.jpg\nc,photos/c.jpg\n");
    var seen = new ArrayList<String>();

    Catalogue.of(csv()).progress((done, total) -> seen.add(done + "/" + total)).read(items::add);

    assertThat(seen).containsExactly("1/3", "2/3", "3/3");
  }

  /** Whatever a catalogue holds, it is read as it was written, by whatever dialect. */
  @Test
  void randomCataloguesComeBackEqual() throws IOException {
    for (long seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      List<Product> written = randomCatalogue(random);
      Files.writeString(csv(), csv(written, random));
      items.clear();

      ReadReport report = Catalogue.csv(csv()).read(items::add);

      assertThat(report.skipped()).as("seed %d: %s", seed, report.problems()).isZero();
      assertThat(products()).as("seed %d", seed).isEqualTo(written);
    }
  }

  /** Wherever broken rows stand, each is reported once, at its line, and all good ones are read. */
  @Test
  void brokenRowsAmongGoodOnesCostThemselvesAlone() throws IOException {
    List<String> broken =
        List.of(
            "\"x\"y,photos/a.jpg,n",
            "x,\"photos/a.jpg,n",
            "x,photos/a.jpg",
            "x,photos/a.jpg,\"n\"\"");
    for (long seed = 0; seed < 100; seed++) {
      var random = new Random(seed);
      String end = List.of("\n", "\r\n", "\r").get(random.nextInt(3));
      var csv = new StringBuilder("id,image,name").append(end);
      var ids = new ArrayList<String>();
      var badLines = new ArrayList<Long>();
      long line = 2;
      int rows = 1 + random.nextInt(600);
      for (int i = 0; i < rows; i++) {
        if (random.nextInt(20) == 0) {
          badLines.add(line);
          csv.append(broken.get(random.nextInt(broken.size()))).append(end);
          line++;
        } else if (random.nextInt(10) == 0) {
          csv.append(end);
          line++;
        } else {
          // A quoted value whose opening quote ends an open one in the row before.
          boolean quoted = random.nextInt(4) == 0;
          String id = "p" + i;
          ids.add(id);
          csv.append(id).append(",photos/a.jpg,");
          csv.append(quoted ? "\"two" + end + "lines\"" : "x".repeat(random.nextInt(200)));
          csv.append(end);
          line += quoted ? 2 : 1;
        }
      }
      Files.writeString(csv(), csv);
      items.clear();

      ReadReport report = Catalogue.csv(csv()).read(items::add);

      assertThat(products()).extracting(Product::id).as("seed %d", seed).isEqualTo(ids);
      assertThat(report.problems())
          .extracting(Problem::line)
          .as("seed %d", seed)
          .isEqualTo(badLines);
    }
  }

  private List<Product> randomCatalogue(Random random) {
    List<String> names = List.of("price", "on sale", "launched", "colour, main", "\"n\u00f6te\"");
    var products = new ArrayList<Product>();
    int n = random.nextInt(40);
    for (int i = 0; i < n; i++) {
      Product product = Product.of(i + randomText(random));
      if (i == 0 || random.nextBoolean()) {
        product = product.with(names.get(0), random.nextInt(100_000) / 100.0);
      }
      if (i == 0 || random.nextBoolean()) {
        product = product.with(names.get(1), random.nextBoolean());
      }
      if (i == 0 || random.nextBoolean()) {
        Instant time = Instant.ofEpochMilli(random.nextLong(2_000_000_000_000L));
        product = product.with(names.get(2), time.truncatedTo(ChronoUnit.MILLIS));
      }
      if (i == 0 || random.nextBoolean()) {
        product = product.with(names.get(3), "text " + randomText(random));
      }
      if (i == 0 || random.nextBoolean()) {
        product = product.with(names.get(4), "0" + random.nextInt(1_000));
      }
      products.add(product);
    }
    return products;
  }

  private static String randomText(Random random) {
    List<String> parts =
        List.of(
            "\"",
            "\"\"",
            ",",
            "\n",
            "\r\n",
            ";",
            "'",
            "#",
            " ",
            "\u00e9",
            "\u4e2d",
            "\ud83d\udc57",
            "\ud800\udc00",
            "\uFFFC",
            "\uFEFF",
            "abc",
            "=1+1",
            "\t",
            "\\",
            "\u0000",
            "\u00a0");
    var text = new StringBuilder("x");
    for (int i = random.nextInt(8); i > 0; i--) {
      text.append(parts.get(random.nextInt(parts.size())));
    }
    return text.append('x').toString();
  }

  private static String csv(List<Product> products, Random random) throws IOException {
    Map<String, Boolean> names = new LinkedHashMap<>();
    products.forEach(p -> p.attributes().asMap().keySet().forEach(k -> names.put(k, true)));
    var header = new ArrayList<>(names.keySet());
    header.add(random.nextInt(header.size() + 1), "id");
    header.add(random.nextInt(header.size() + 1), "image");
    var text = new StringWriter();
    var writer = CsvWriter.builder();
    writer.lineDelimiter(List.of(LineDelimiter.LF, LineDelimiter.CRLF).get(random.nextInt(2)));
    if (random.nextBoolean()) {
      writer.quoteStrategy(QuoteStrategies.ALWAYS);
    }
    try (CsvWriter out = writer.build(text)) {
      out.writeRecord(header);
      for (Product product : products) {
        out.writeRecord(
            header.stream()
                .map(
                    name ->
                        switch (name) {
                          case "id" -> product.id();
                          case "image" -> "photos/d,\"e\".jpg";
                          default -> {
                            Object value = product.attributes().get(name);
                            yield value == null ? "" : value.toString();
                          }
                        })
                .toList());
      }
    }
    return text.toString();
  }

  private void assertRefused(String csv, String message) throws IOException {
    Files.writeString(csv(), csv);
    assertThatThrownBy(() -> Catalogue.of(csv()).read(items::add))
        .isInstanceOf(DatasetException.class)
        .hasMessage(csv() + message);
    assertThat(items).isEmpty();
  }

  private Path csv() {
    return folder.resolve("products.csv");
  }

  private ReadReport read(String csv) throws IOException {
    Files.writeString(csv(), csv);
    return Catalogue.of(csv()).read(items::add);
  }

  private List<Object> values(String attribute) {
    return products().stream().map(product -> product.attributes().get(attribute)).toList();
  }

  private List<Product> products() {
    return items.stream().map(ProductImage::product).toList();
  }
}

package io.lookalike.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.PurchaseLog;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HmDatasetTest {

  private static final String TRANSACTIONS =
      "t_dat,customer_id,article_id,price,sales_channel_id\n";
  private static final LocalDate DAY = LocalDate.of(2018, 9, 20);

  @TempDir Path folder;
  private final List<Product> articles = new ArrayList<>();
  private final List<String> pictures = new ArrayList<>();
  private final List<Product> withoutPicture = new ArrayList<>();
  private final Map<String, SortedMap<LocalDate, Long>> sold = new TreeMap<>();
  private final List<HmCustomer> customers = new ArrayList<>();

  // ---- articles

  @Test
  void anArticlesColumnsAreTextsAndItsPictureLiesUnderItsFirstDigits() throws IOException {
    picture("0108775015");
    ReadReport report =
        readArticles(
            """
            article_id,product_code,prod_name,product_type_no,colour_group_code,detail_desc
            0108775015,0108775,Strap top,253,09,"Top with a 1/2"" trim, ""vintage"" print"
            """);

    assertThat(report).isEqualTo(new ReadReport(1, 0, 0, List.of()));
    assertThat(articles)
        .containsExactly(
            Product.of("0108775015")
                .with("product_code", "0108775")
                .with("prod_name", "Strap top")
                .with("product_type_no", "253")
                .with("colour_group_code", "09")
                .with("detail_desc", "Top with a 1/2\" trim, \"vintage\" print"));
    assertThat(pictures)
        .containsExactly(
            folder.resolve("images").resolve("010").resolve("0108775015.jpg").toString());
  }

  @Test
  void anArticleMayHaveFurtherPicturesBesideTheFirst() throws IOException {
    for (String name : List.of("0108775015", "0108775015_10", "0108775015-2", "0108775044_1")) {
      picture(name);
    }
    picture("0108775015_2b"); // of nobody
    var files = new ArrayList<List<String>>();
    Path table = Files.writeString(folder.resolve("a.csv"), "article_id\n0108775015\n0108775044\n");
    ReadReport report =
        HmDataset.in(folder)
            .articles(table)
            .readArticles(
                item ->
                    files.add(
                        item.images().stream()
                            .map(image -> Path.of(image.name()).getFileName().toString())
                            .toList()));
    assertThat(report.problems()).isEmpty();
    assertThat(files)
        .containsExactly(
            List.of("0108775015.jpg", "0108775015-2.jpg", "0108775015_10.jpg"),
            List.of("0108775044_1.jpg"));
    for (int i = 3; i < 110; i++) {
      picture("0108775015_" + i);
    }
    assertThat(HmDataset.in(folder).articles(table).readArticles(item -> {}).problems())
        .extracting(Problem::reason)
        .containsExactly(
            "the article 0108775015 has 109 pictures, expected at most 100; the others are left out");
  }

  @Test
  void aLostLeadingZeroIsGivenBack() throws IOException {
    picture("0108775015");
    picture("0108775044");
    ReadReport report =
        readArticles("article_id,product_code\n108775015,108775\n0108775044,0108775\n");

    assertThat(report.problems()).isEmpty();
    assertThat(articles)
        .containsExactly(
            Product.of("0108775015").with("product_code", "0108775"),
            Product.of("0108775044").with("product_code", "0108775"));
  }

  @Test
  void theProductCodeIsTheIdsWhateverTheFileSays() throws IOException {
    picture("0108775015");
    ReadReport report = readArticles("article_id,product_code\n0108775015,0999999\n");

    assertThat(articles).containsExactly(Product.of("0108775015").with("product_code", "0108775"));
    assertThat(report)
        .isEqualTo(
            new ReadReport(
                1,
                0,
                0,
                List.of(
                    new Problem(
                        folder.resolve("articles.csv"),
                        2,
                        "product_code is \"0999999\", expected 0108775, with which the article"
                            + " 0108775015 begins; read as 0108775"))));
  }

  @Test
  void badArticlesAreReportedAndTheRestIsRead() throws IOException {
    picture("0108775015");
    picture("0108775051");
    ReadReport report =
        readArticles(
            """
            article_id,prod_name
            0108775015,a
            108775015,again
            01087750,short
            010877501x,letter
            108775015.0,a float
            ,none
            0108775044,no picture
            0108775051,"b"x
            0108775051
            0108775051,last
            """);

    String expected = "\", expected 10 digits, or 9 where a leading zero was lost";
    Path missing = folder.resolve("images").resolve("010").resolve("0108775044.jpg");
    assertThat(report.problems().stream().map(p -> p.line() + " " + p.reason()))
        .containsExactly(
            "3 the article 0108775015 is already on line 2",
            "4 article_id is \"01087750" + expected,
            "5 article_id is \"010877501x" + expected,
            "6 article_id is \"108775015.0" + expected,
            "7 article_id is \"" + expected,
            "8 the article 0108775044 has no picture: no file " + missing,
            "9 malformed: unexpected character after closing quote: 'x' (0x78) (a quote inside a"
                + " quoted value is written twice)",
            "10 found 1 value, expected 2 (article_id, prod_name)");
    assertThat(report.accepted()).isEqualTo(2);
    assertThat(report.skipped()).isEqualTo(8);
    assertThat(articles).extracting(Product::id).containsExactly("0108775015", "0108775051");
    assertThat(withoutPicture)
        .containsExactly(
            Product.of("0108775044")
                .with("product_code", "0108775")
                .with("prod_name", "no picture"));
  }

  @Test
  void aStrictReadingFailsAtTheFirstMissingPicture() throws IOException {
    Files.writeString(folder.resolve("articles.csv"), "article_id\n0108775015\n");
    assertThatThrownBy(() -> HmDataset.in(folder).strict().readArticles(item -> {}))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("articles.csv:2: the article 0108775015 has no picture: no file ");
  }

  @Test
  void aFileOfAnotherKindIsRefused() throws IOException {
    assertThatThrownBy(
            () -> readArticles("t_dat,customer_id,article_id\n2018-09-20,c,0108775015\n"))
        .isInstanceOf(DatasetException.class)
        .hasMessageEndingWith(
            "articles.csv:1: found the column t_dat of H&M's transactions, expected articles");
    assertThatThrownBy(() -> readArticles("id,image\n"))
        .isInstanceOf(DatasetException.class)
        .hasMessageEndingWith(
            "articles.csv:1: found columns id, image; expected column article_id among them");
    assertThatThrownBy(() -> readTransactions("product,time\n"))
        .isInstanceOf(DatasetException.class)
        .hasMessageEndingWith(
            "transactions_train.csv:1: found columns product, time; expected columns t_dat,"
                + " article_id among them");
    assertThatThrownBy(() -> HmDataset.in(folder.resolve("none")).readTransactions(sold::put))
        .isInstanceOf(DatasetException.class)
        .hasMessageEndingWith("transactions_train.csv: there is no such file");
    assertThat(sold).isEmpty();
  }

  // ---- transactions

  @Test
  void repeatedRowsAreRepeatedPurchases() throws IOException {
    ReadReport report =
        readTransactions(
            TRANSACTIONS
                + """
                2018-09-20,c1,0663713001,0.0508,2
                2018-09-20,c1,0663713001,0.0508,2
                2018-09-20,c2,663713001,0.0508,2
                2018-09-21,c1,0663713001,1.694915254237288e-05,1
                2018-09-20,c1,0541518023,0.0304,2
                2018-09-20 00:00:00,"c1","0541518023","0.0304","2"
                """);

    assertThat(report).isEqualTo(new ReadReport(6, 0, 0, List.of()));
    assertThat(sold)
        .isEqualTo(
            Map.of(
                "0663713001", Map.of(DAY, 3L, DAY.plusDays(1), 1L), "0541518023", Map.of(DAY, 2L)));
  }

  @Test
  void purchasesTellWhoBoughtWhatAndWhen() throws IOException {
    Files.writeString(
        folder.resolve("transactions_train.csv"),
        """
        t_dat,customer_id,article_id,price
        2018-09-20,anna,0663713001,0.05
        2018-09-20,anna,663713001,0.05
        2018-09-21,bert,0541518023,0.03
        2018-09-21,,0541518023,0.03
        2018-09-21,\u00A0bert,0541518023,0.03
        2018-09-21,\u00A0bert,0541518023,0.03
        soon,bert,0541518023,0.03
        2018-09-19,anna,0000000001,0.03
        """);
    var purchases = new ArrayList<String>();
    ReadReport report =
        HmDataset.in(folder)
            .products(id -> !id.endsWith("1") || id.equals("0663713001"))
            .readPurchases(
                (customer, article, day) -> purchases.add(customer + " " + article + " " + day));
    assertThat(purchases)
        .containsExactly(
            "anna 0663713001 2018-09-20",
            "anna 0663713001 2018-09-20",
            "bert 0541518023 2018-09-21");
    assertThat(report.problems())
        .extracting(Problem::reason)
        .containsExactly(
            "customer_id is empty",
            "customer_id is \"<U+00A0>bert\", expected no white space and nothing invisible at its"
                + " ends; strip it",
            "customer_id is \"<U+00A0>bert\", expected no white space and nothing invisible at its"
                + " ends; strip it",
            "t_dat is \"soon\", expected a day such as 2018-09-20",
            "the article 0000000001 is not in the catalogue");
    Files.writeString(folder.resolve("transactions_train.csv"), "t_dat,article_id\n");
    assertThatThrownBy(() -> HmDataset.in(folder).readPurchases((c, a, d) -> {}))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("customer_id");
  }

  @Test
  void aDayYetToComeIsReportedAndCounts() throws IOException {
    ReadReport report = readTransactions(TRANSACTIONS + "2099-12-31,c1,0663713001,0.05,2\n");
    assertThat(report.problems())
        .extracting(Problem::reason)
        .containsExactly("the time is \"2099-12-31\", which is yet to come");
    assertThat(sold).isEqualTo(Map.of("0663713001", Map.of(LocalDate.parse("2099-12-31"), 1L)));
  }

  @Test
  void badRowsAreReportedAndTheRestIsCounted() throws IOException {
    ReadReport report =
        readTransactions(
            TRANSACTIONS
                + """
                20.09.2018,c1,0663713001,0.05,2
                2018-02-30,c1,0663713001,0.05,2
                2018-02-30,c1,0663713001,0.05,2
                ,c1,0663713001,0.05,2
                2018-09-20,c1,,0.05,2
                2018-09-20,c1,06637130010,0.05,2
                2018-09-20,c1,-663713001,0.05,2
                2018-09-20,c1,0663713001,0.05
                2018-09-20,c1,0663713001,0.05,2,
                2018-09-20,"c1,0663713001,0.05,2

                2018-09-20,c1,0663713001,0.05,2
                """);

    String day = "\", expected a day such as 2018-09-20";
    String id = "\", expected 10 digits, or 9 where a leading zero was lost";
    String count = ", expected 5 (t_dat, customer_id, article_id, price, sales_channel_id)";
    assertThat(report.problems().stream().map(p -> p.line() + " " + p.reason()))
        .containsExactly(
            "2 t_dat is \"20.09.2018" + day,
            "3 t_dat is \"2018-02-30" + day,
            "4 t_dat is \"2018-02-30" + day,
            "5 t_dat is \"" + day,
            "6 article_id is \"" + id,
            "7 article_id is \"06637130010" + id,
            "8 article_id is \"-663713001" + id,
            "9 found 4 values" + count,
            "10 found 6 values" + count,
            "11 malformed: unclosed quoted field at end of input (a quote inside a quoted value is"
                + " written twice)");
    assertThat(report.skipped()).isEqualTo(10);
    assertThat(sold).isEqualTo(Map.of("0663713001", Map.of(DAY, 1L)));
  }

  @Test
  void articlesThatTheCatalogueDoesNotHaveAreCountedAndNamedOnce() throws IOException {
    Files.writeString(
        folder.resolve("transactions_train.csv"),
        TRANSACTIONS
            + """
            2018-09-20,c1,0663713001,0.05,2
            2018-09-20,c1,0541518023,0.03,2
            2018-09-20,c1,0541518023,0.03,2
            """);
    HmDataset hm = HmDataset.in(folder).products("0663713001"::equals);

    var problem =
        new Problem(
            folder.resolve("transactions_train.csv"),
            3,
            "the article 0541518023 is not in the catalogue");
    assertThat(hm.readTransactions(sold::put)).isEqualTo(new ReadReport(1, 2, 2, List.of(problem)));
    assertThat(sold.keySet()).containsExactly("0663713001");
    assertThatThrownBy(() -> hm.strict().readTransactions(sold::put))
        .isInstanceOf(DatasetException.class)
        .hasMessage(problem.toString());
  }

  @Test
  void columnsAreFoundByNameAndByteOrderMarkAndLineEndsDoNotMatter() throws IOException {
    ReadReport report =
        readTransactions("\uFEFFarticle_id,t_dat\r\n663713001,2018-09-20\r\n541518023,2018-09-20");

    assertThat(report).isEqualTo(new ReadReport(2, 0, 0, List.of()));
    assertThat(sold.keySet()).containsExactly("0541518023", "0663713001");
  }

  @Test
  void dailyCountsAgreeWithAPlainCountWhateverTheOrder() throws IOException {
    for (long seed = 0; seed < 30; seed++) {
      var random = new Random(seed);
      int ids = 1 + random.nextInt(3000);
      int days = 1 + random.nextInt(60);
      var plain = new HashMap<String, Map<LocalDate, Long>>();
      var rows = new StringBuilder(TRANSACTIONS);
      boolean sorted = random.nextBoolean();
      int count = random.nextInt(20_000);
      for (int i = 0; i < count; i++) {
        LocalDate day = DAY.plusDays(sorted ? (long) i * days / count : random.nextInt(days));
        String id = String.format("%010d", 108_775_015L + 1001L * random.nextInt(ids));
        rows.append(day).append(",c,").append(id).append(",0.1,1\n");
        plain.computeIfAbsent(id, x -> new HashMap<>()).merge(day, 1L, Long::sum);
      }
      sold.clear();
      ReadReport report = readTransactions(rows.toString());

      assertThat(report.accepted()).as("seed %s", seed).isEqualTo(count);
      assertThat(sold).as("seed %s", seed).isEqualTo(plain);
    }
  }

  // ---- customers

  @Test
  void noneNoneAndEmptyAreThreeValues() throws IOException {
    ReadReport report =
        readCustomers(
            """
            customer_id,FN,Active,club_member_status,fashion_news_frequency,age,postal_code
            c1,,,ACTIVE,NONE,49,52043ee2
            c2,1.0,1.0,PRE-CREATE,None,49.0,p
            c3,1.0,,,,,
            """);

    assertThat(report).isEqualTo(new ReadReport(3, 0, 0, List.of()));
    assertThat(customers)
        .containsExactly(
            new HmCustomer("c1", false, false, "ACTIVE", "NONE", OptionalInt.of(49), "52043ee2"),
            new HmCustomer("c2", true, true, "PRE-CREATE", "None", OptionalInt.of(49), "p"),
            new HmCustomer("c3", true, false, "", "", OptionalInt.empty(), ""));
  }

  @Test
  void badCustomersAreReported() throws IOException {
    ReadReport report =
        readCustomers(
            """
            customer_id,FN,Active,club_member_status,fashion_news_frequency,age,postal_code
            ,,,ACTIVE,NONE,49,p
            c2,,,ACTIVE,NONE,old,p
            c3,,,ACTIVE,NONE,30,p
            """);

    assertThat(report.problems().stream().map(p -> p.line() + " " + p.reason()))
        .containsExactly(
            "2 the customer_id is empty",
            "3 the age is \"old\", expected a whole number or nothing");
    assertThat(customers).extracting(HmCustomer::id).containsExactly("c3");
  }

  // ---- all three

  @Test
  void generatedFilesAreReadToTheLastRow() throws IOException {
    var generator = new HmGenerator(400, 5_000, 60_000, 7);
    generator.writeArticles(folder.resolve("articles.csv"));
    generator.writeTransactions(folder.resolve("transactions_train.csv"));
    generator.writeCustomers(folder.resolve("customers.csv"));
    HmDataset hm = HmDataset.in(folder);
    long[] progress = new long[2];

    var log = new PurchaseLog();
    assertThat(hm.readTransactions(log::record)).isEqualTo(new ReadReport(60_000, 0, 0, List.of()));
    assertThat(log.total()).isEqualTo(60_000);
    assertThat(hm.readCustomers(customers::add).problems()).isEmpty();
    assertThat(customers).hasSize(5_000);
    ReadReport report =
        hm.progress(
                (done, total) -> {
                  assertThat(done).isBetween(progress[0], total);
                  progress[0] = done;
                  progress[1] = total;
                })
            .readArticles(
                new HmDataset.ArticleSink() {
                  @Override
                  public void article(ProductImage item) {
                    throw new AssertionError("there are no pictures, yet came " + item);
                  }

                  @Override
                  public void withoutPicture(Product article) {
                    withoutPicture.add(article);
                  }
                });
    assertThat(report.skipped()).isEqualTo(400);
    assertThat(progress[0]).isEqualTo(progress[1]).isPositive();
    assertThat(withoutPicture)
        .hasSize(400)
        .allSatisfy(article -> assertThat(article.attributes().asMap()).hasSizeBetween(23, 24));
    // Some articles never sell: they come out when the data end.
    assertThat(log.products()).isBetween(390, 399);
  }

  private ReadReport readArticles(String csv) throws IOException {
    Files.writeString(folder.resolve("articles.csv"), csv);
    return HmDataset.in(folder)
        .readArticles(
            new HmDataset.ArticleSink() {
              @Override
              public void article(ProductImage item) {
                articles.add(item.product());
                pictures.add(item.image().name());
              }

              @Override
              public void withoutPicture(Product article) {
                withoutPicture.add(article);
              }
            });
  }

  private ReadReport readTransactions(String csv) throws IOException {
    Files.writeString(folder.resolve("transactions_train.csv"), csv);
    return HmDataset.in(folder).readTransactions(sold::put);
  }

  private ReadReport readCustomers(String csv) throws IOException {
    Files.writeString(folder.resolve("customers.csv"), csv);
    return HmDataset.in(folder).readCustomers(customers::add);
  }

  private void picture(String id) throws IOException {
    Path file = folder.resolve("images").resolve(id.substring(0, 3)).resolve(id + ".jpg");
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[] {1});
  }
}

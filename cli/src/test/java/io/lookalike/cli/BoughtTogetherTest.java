package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.cli.Cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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
  }

  @Test
  void aFileThatNamesNoCustomersIsRefusedBeforeAnythingIsWritten() throws IOException {
    Path shop = temp.resolve("nobodys");
    Path small = Cli.photos(temp.resolve("small"), 1, 2);
    Path nobody = temp.resolve("nobody.csv");
    Files.write(nobody, List.of("product,time", ids.get(0) + ",2024-03-01"));
    Object[] index = {
      "index", small, "-s", shop, "--extractor", "lite0-fast", "--purchases", nobody
    };
    Object[] together = Stream.concat(Stream.of(index), Stream.of("--bought-together")).toArray();
    Run refused = Cli.run(together);
    assertThat(refused.exit()).isEqualTo(2);
    assertThat(refused.err())
        .contains("nobody.csv names no customers", "column customer")
        .hasLineCount(1);
    assertThat(shop).doesNotExist();

    assertThat(Cli.run(index).exit()).isZero();
    Files.write(
        nobody, List.of("product,time", ids.get(0) + ",2024-03-01", ids.get(1) + ",2024-03-02"));
    assertThat(Cli.run(together).exit()).isEqualTo(2);
    assertThat(Cli.run("store", "info", shop).out()).contains("1 pieces of 1 products");
  }

  @Test
  void aCustomerWhoseIdIsNoneIsPassedOver() throws IOException {
    Path shop = temp.resolve("spaced");
    Path sold = temp.resolve("spaced.csv");
    var rows = new ArrayList<>(Files.readAllLines(purchases));
    rows.add(1, ids.get(0) + ",2024-03-01,\u00A0carl");
    Files.write(sold, rows);
    Run indexed =
        Cli.run(
            "index",
            photos,
            "-s",
            shop,
            "--extractor",
            "lite0-fast",
            "--purchases",
            sold,
            "--bought-together");
    assertThat(indexed.exit()).as(indexed.err()).isZero();
    assertThat(indexed.err())
        .contains("spaced.csv:2: the customer is \"<U+00A0>carl\", expected no white space");
    assertThat(similar(shop, "--explain").out()).contains("bought together 2 times");
  }

  @Test
  void hmCustomersAreReadWithTheirSales() throws IOException {
    var hm = new HmShop(Files.createDirectories(temp.resolve("hm")), 6, 3);
    Path shop = temp.resolve("hm-shop");
    List<String> rows = new ArrayList<>(Files.readAllLines(hm.transactions));
    rows.add(1, "2018-09-20,\u00A0carl," + hm.ids.get(0) + ",0.0254,1");
    Files.write(hm.transactions, rows);
    Object[] index = {
      "index",
      hm.articles,
      "--format",
      "hm",
      "-s",
      shop,
      "--extractor",
      "lite0-fast",
      "--purchases",
      hm.transactions,
      "--bought-together"
    };
    Run indexed = Cli.run(index);
    assertThat(indexed.exit()).as(indexed.err()).isZero();
    long pieces =
        1 // of the article without a picture
            + hm.sold.values().stream()
                .flatMap(daily -> daily.values().stream())
                .mapToLong(Long::longValue)
                .sum();
    assertThat(indexed.err())
        .contains("customer_id is \"<U+00A0>carl\"", "purchases: " + pieces + ";");

    Files.write(hm.transactions, List.of("t_dat,article_id", "2018-09-20," + hm.ids.get(0)));
    Run refused = Cli.run(index);
    assertThat(refused.exit()).isEqualTo(2);
    assertThat(refused.err()).contains("customer_id");
    assertThat(Cli.run("store", "info", shop).out()).contains(pieces + " pieces");
  }
}

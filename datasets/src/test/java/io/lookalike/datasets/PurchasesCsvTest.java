package io.lookalike.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.siegmar.fastcsv.writer.CsvWriter;
import io.lookalike.Purchase;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PurchasesCsvTest {

  private record Sale(Purchase purchase, @Nullable String customer) {}

  @TempDir Path folder;
  private final List<Sale> sales = new ArrayList<>();

  @Test
  void readsEveryFormOfTime() throws IOException {
    ReadReport report =
        read(
            """
            product,time
            a,2024-03-01
            a,2024-03-01
            a,2024-03-01 12:30
            a,2024-03-01 12:30:45
            a,2024-03-01T12:30:45
            a,2024-03-01T12:30:45.5Z
            a,2024-03-01T12:30:45+01:00
            a,2024-03-01 12:30:45-05:00
            a,2024-03-01 12:30:00+00
            a,2024-03-01 12:30:00 UTC
            a,2024-03-01T12:30:00.000+0000
            a,2024-03-01 12:30:00 +0100
            a,2024-03-01 12:30:00.123456+00
            a,2024-03-01 12:30:00.1234567 -05:30
            a,2024-03-01 12:30:00.123456789 +0000 UTC
            a,"2024-03-01 12:30:00,5"
            a,2024-03-01t12:30z
            a,2024-03-01 12:30:00 GMT
            """);

    assertThat(report).isEqualTo(new ReadReport(18, 0, 0, List.of()));
    assertThat(sales)
        .extracting(s -> s.purchase().time().toString())
        .containsExactly(
            "2024-03-01T00:00:00Z",
            "2024-03-01T00:00:00Z",
            "2024-03-01T12:30:00Z",
            "2024-03-01T12:30:45Z",
            "2024-03-01T12:30:45Z",
            "2024-03-01T12:30:45.500Z",
            "2024-03-01T11:30:45Z",
            "2024-03-01T17:30:45Z",
            "2024-03-01T12:30:00Z",
            "2024-03-01T12:30:00Z",
            "2024-03-01T12:30:00Z",
            "2024-03-01T11:30:00Z",
            "2024-03-01T12:30:00.123456Z",
            "2024-03-01T18:00:00.123456700Z",
            "2024-03-01T12:30:00.123456789Z",
            "2024-03-01T12:30:00.500Z",
            "2024-03-01T12:30:00Z",
            "2024-03-01T12:30:00Z");
  }

  @Test
  void customerAndQuantityAreOptionalAndOtherColumnsIgnored() throws IOException {
    read(
        """
        quantity,shop,time,customer,product
        3,Lyon,2024-03-01,c1,0215303001
        ,Lyon,2024-03-01,,0215303002
        """);

    Instant time = Instant.parse("2024-03-01T00:00:00Z");
    assertThat(sales)
        .containsExactly(
            new Sale(new Purchase("0215303001", time, 3), "c1"),
            new Sale(new Purchase("0215303002", time, 1), null));
  }

  @Test
  void anIdThatEndsInvisiblyIsReportedWithItsLine() throws IOException {
    ReadReport report = read("product,time\na\u200B,2024-03-01\nb,2024-03-01\n");

    assertThat(report.problems().stream().map(p -> p.line() + " " + p.reason()))
        .containsExactly(
            "2 the product is \"a<U+200B>\", expected no white space and nothing invisible at its"
                + " ends; strip it");
    assertThat(sales).extracting(s -> s.purchase().productId()).containsExactly("b");
  }

  @Test
  void aCustomerWhoseIdIsNoneIsReportedWithItsLine() throws IOException {
    ReadReport report =
        read(
            "product,time,customer\na,2024-03-01,\u00A0ann\nb,2024-03-01,caf\uFFFD\nc,2024-03-01,ann\n");

    assertThat(report.problems().stream().map(p -> p.line() + " " + p.reason()))
        .containsExactly(
            "2 the customer is \"<U+00A0>ann\", expected no white space and nothing invisible at"
                + " its ends; strip it",
            "3 the customer is \"caf\uFFFD\", where U+FFFD stands for a character that was lost;"
                + " export it as UTF-8 again");
    assertThat(sales).extracting(Sale::customer).containsExactly("ann");
  }

  @Test
  void badRowsAreReportedAndTheRestIsRead() throws IOException {
    ReadReport report =
        read(
            """
            product,time,quantity
            ,2024-03-01,1
            a,01.03.2024,1
            a,2024-02-30,1
            a,,1
            a,2024-03-01 25:00,1
            a,2024-03-01,0
            a,2024-03-01,1.5
            a,2024-03-01,99999999999999999999
            a,2024-03-01
            a,"2024-03-01"T,1
            a,2024-03-01,9
            """);

    String time = "\", expected a date such as 2024-03-01 or a time such as 2024-03-01 12:30:00";
    String whole = ", expected a whole number from 1, or to -1 for what came back";
    assertThat(report.problems().stream().map(p -> p.line() + " " + p.reason()))
        .containsExactly(
            "2 the product is empty",
            "3 the time is \"01.03.2024" + time,
            "4 the time is \"2024-02-30" + time,
            "5 the time is \"" + time,
            "6 the time is \"2024-03-01 25:00" + time,
            "7 the quantity is \"0\"" + whole,
            "8 the quantity is \"1.5\"" + whole,
            "9 the quantity is \"99999999999999999999\"" + whole,
            "10 found 2 values, expected 3 (product, time, quantity)",
            "11 malformed: unexpected character after closing quote: 'T' (0x54) (a quote inside a"
                + " quoted value is written twice)");
    assertThat(report.skipped()).isEqualTo(10);
    assertThat(sales).extracting(s -> s.purchase().quantity()).containsExactly(9L);
  }

  @Test
  void quantitiesAreReadAsPandasWritesThem() throws IOException {
    ReadReport report =
        read(
            """
            product,time,quantity
            a,2024-03-01,1.0
            a,2024-03-01,2.0
            a,2024-03-01,
            a,2024-03-01,NaN
            a,2024-03-01,NULL
            a,2024-03-01,3
            a,2024-03-01,1.5e1
            """);

    assertThat(sales)
        .extracting(s -> s.purchase().quantity())
        .containsExactly(1L, 2L, 1L, 1L, 1L, 3L, 15L);
    assertThat(report.problems())
        .containsExactly(
            new Problem(
                csv(), 5, "the quantity is \"NaN\", taken for a missing value, which means 1"));
  }

  @Test
  void returnsAndIdsAreRead() throws IOException {
    ReadReport report =
        read(
            """
            id,product,time,quantity
            o-1/1,a,2024-03-01,2
            o-1/2,a,2024-03-02,-1.0
            ,b,2024-03-02,-3
            o-2\u200B,b,2024-03-02,1
            """);

    assertThat(sales)
        .extracting(Sale::purchase)
        .containsExactly(
            new Purchase("a", Instant.parse("2024-03-01T00:00:00Z"), 2, "o-1/1"),
            new Purchase("a", Instant.parse("2024-03-02T00:00:00Z"), -1, "o-1/2"),
            new Purchase("b", Instant.parse("2024-03-02T00:00:00Z"), -3));
    assertThat(report.problems().stream().map(p -> p.line() + " " + p.reason()))
        .containsExactly(
            "5 the id is \"o-2<U+200B>\", expected no white space and nothing invisible at its ends;"
                + " strip it");
  }

  @Test
  void whatCannotBeSeenInAHeaderOrATimeIsShown() throws IOException {
    ReadReport report = read("product,time\na,\u00A02024-03-01\n");

    assertThat(report.problems().get(0).reason()).startsWith("the time is \"<U+00A0>2024-03-01\"");
    assertThatThrownBy(() -> read("product,\u00A0time\na,2024-03-01\n"))
        .hasMessageContaining("found columns product, <U+00A0>time; expected");
  }

  @Test
  void anIdThatStandsForNoneIsNone() throws IOException {
    ReadReport report =
        read(
            """
            id,product,time
            NULL,a,2024-03-01
            nan,a,2024-03-01
            o-1,b,2024-03-02
            NULL,b,2024-03-02
            """);

    assertThat(sales)
        .extracting(sale -> sale.purchase().id())
        .containsExactly(null, null, "o-1", null);
    assertThat(report.problems())
        .containsExactly(
            new Problem(
                csv(), 2, "the id is \"NULL\", taken for a missing value, which means no id"));
  }

  @Test
  void aTimeToComeIsReportedAndRead() throws IOException {
    ReadReport report = read("product,time\na,2099-12-31\nb,2024-03-01\n");

    assertThat(report.accepted()).isEqualTo(2);
    assertThat(report.problems())
        .containsExactly(new Problem(csv(), 2, "the time is \"2099-12-31\", which is yet to come"));
  }

  @Test
  void anIdInAnotherUnicodeFormIsTheCataloguesOwn() throws IOException {
    Files.writeString(csv(), "product,time\ncafe\u0301,2024-03-01\nth\u00e9,2024-03-01\n");

    PurchasesCsv.of(csv()).products(Set.of("caf\u00e9", "the\u0301")::contains).read(this::add);

    assertThat(sales)
        .extracting(s -> s.purchase().productId())
        .containsExactly("caf\u00e9", "the\u0301");
  }

  @Test
  void unknownProductsAreReportedAndSkippedOrKept() throws IOException {
    Files.writeString(csv(), "product,time\na,2024-03-01\nb,2024-03-01\n");
    var known = Set.of("a");
    var problem = new Problem(csv(), 3, "the product b is not in the catalogue");

    assertThat(PurchasesCsv.of(csv()).products(known::contains).read(this::add))
        .isEqualTo(new ReadReport(1, 1, 1, List.of(problem)));
    assertThat(sales).hasSize(1);
    assertThat(PurchasesCsv.of(csv()).products(known::contains).keepUnknown().read(this::add))
        .isEqualTo(new ReadReport(2, 0, 1, List.of(problem)));
    assertThat(sales).extracting(s -> s.purchase().productId()).containsExactly("a", "a", "b");
    assertThatThrownBy(
            () -> PurchasesCsv.of(csv()).products(known::contains).strict().read(this::add))
        .isInstanceOf(DatasetException.class)
        .hasMessage(csv() + ":3: the product b is not in the catalogue");
  }

  @Test
  void aMissingColumnIsRefusedAndAnEmptyFileReported() throws IOException {
    assertThatThrownBy(() -> read("article_id,t_dat\n"))
        .isInstanceOf(DatasetException.class)
        .hasMessage(
            csv()
                + ":1: found columns article_id, t_dat; expected columns product, time among them");
    assertThat(read("").problems())
        .containsExactly(
            new Problem(
                csv(), 0, "the file is empty, expected a first line with columns product, time"));
  }

  @Test
  void progressEndsAtTheFilesLength() throws IOException {
    Files.writeString(csv(), "product,time\n" + "a,2024-03-01\n".repeat(5_000));
    var seen = new ArrayList<Long>();

    PurchasesCsv.of(csv())
        .progress(
            (done, total) -> {
              assertThat(total).isEqualTo(13 + 5_000 * 13);
              seen.add(done);
            })
        .read(this::add);

    assertThat(seen).isSorted().hasSize(6).endsWith(13L + 5_000 * 13);
  }

  @Test
  void randomPurchasesComeBackEqual() throws IOException {
    for (long seed = 0; seed < 100; seed++) {
      var random = new Random(seed);
      var written = new ArrayList<Sale>();
      var text = new StringWriter();
      try (CsvWriter out = CsvWriter.builder().build(text)) {
        out.writeRecord("product", "time", "customer", "quantity");
        for (int i = random.nextInt(50); i > 0; i--) {
          String id = "\"p," + random.nextInt(9) + "\n\u00e9\"";
          Instant time = Instant.ofEpochSecond(random.nextInt(1_700_000_000));
          long quantity = random.nextLong(1, Long.MAX_VALUE);
          String customer = random.nextBoolean() ? null : "c" + random.nextInt(9);
          written.add(new Sale(new Purchase(id, time, quantity), customer));
          out.writeRecord(Arrays.asList(id, time.toString(), customer, Long.toString(quantity)));
        }
      }
      sales.clear();

      ReadReport report = read(text.toString());

      assertThat(report.problems()).as("seed %d", seed).isEmpty();
      assertThat(sales).as("seed %d", seed).isEqualTo(written);
    }
  }

  private void add(Purchase purchase, @Nullable String customer) {
    sales.add(new Sale(purchase, customer));
  }

  private Path csv() {
    return folder.resolve("purchases.csv");
  }

  private ReadReport read(String csv) throws IOException {
    Files.writeString(csv(), csv);
    return PurchasesCsv.of(csv()).read(this::add);
  }
}

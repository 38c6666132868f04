package io.lookalike.datasets;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Random;

/**
 * Writes files in the layout of H&M's Kaggle set, with made-up contents that are distributed as the
 * real ones are: popularity has a long tail (lognormal, median 65 sales an article, mean 304), an
 * article sells from its launch for some months, a few never sell and most of these come out when
 * the data end, sales follow week and season, customers buy baskets, nearly one row in ten repeats
 * the row before it. Rows are sorted by day, and within a day by customer, as in the real file.
 *
 * <pre>
 * java -cp ... io.lookalike.datasets.HmGenerator DIR [ROWS [SEED]]
 * </pre>
 *
 * <p>writes {@code articles.csv}, {@code customers.csv} and {@code transactions_train.csv} (3.5 GB)
 * of the real size; with fewer rows, of fewer articles and customers.
 */
final class HmGenerator {

  static final int ARTICLES = 105_542;
  static final int CUSTOMERS = 1_371_980;
  static final long ROWS = 31_788_324;

  static final LocalDate FIRST_DAY = LocalDate.of(2018, 9, 20);
  static final int DAYS = 734; // until 2020-09-22

  private static final long REPEATED = 2_974_905;
  private static final int NEVER_SOLD = 995;

  private static final String[] ARTICLE_COLUMNS = {
    "article_id",
    "product_code",
    "prod_name",
    "product_type_no",
    "product_type_name",
    "product_group_name",
    "graphical_appearance_no",
    "graphical_appearance_name",
    "colour_group_code",
    "colour_group_name",
    "perceived_colour_value_id",
    "perceived_colour_value_name",
    "perceived_colour_master_id",
    "perceived_colour_master_name",
    "department_no",
    "department_name",
    "index_code",
    "index_name",
    "index_group_no",
    "index_group_name",
    "section_no",
    "section_name",
    "garment_group_no",
    "garment_group_name",
    "detail_desc"
  };

  private final long seed;
  private final long rows;
  private final int customers;
  private final long[] ids;
  private final double[] dailySales;
  private final int[] launch;
  private final int[] lastDay;

  HmGenerator(int articles, int customers, long rows, long seed) {
    this.seed = seed;
    this.rows = rows;
    this.customers = customers;
    ids = new long[articles];
    dailySales = new double[articles];
    launch = new int[articles];
    lastDay = new int[articles];
    var random = new Random(seed);
    int neverSold = (int) ((long) articles * NEVER_SOLD / ARTICLES);
    long code = 108_774;
    int colour = 0;
    for (int i = 0; i < articles; i++) {
      if (i == 0 || random.nextInt(9) < 4) { // 47,224 designs of 105,542 articles
        code += 1 + random.nextInt(36);
        colour = 0;
      }
      colour += 1 + random.nextInt(3);
      ids[i] = code * 1000 + colour;
      int life = 7 + (int) (-150 * Math.log(1 - random.nextDouble()));
      launch[i] = random.nextInt(DAYS + 150) - 150;
      lastDay[i] = Math.max(0, launch[i] + life);
      dailySales[i] = Math.exp(Math.log(65) + 1.755 * random.nextGaussian()) / life;
    }
    for (int i = 0; i < neverSold; i++) {
      launch[(int) ((long) i * articles / neverSold)] = DAYS + random.nextInt(7);
    }
  }

  public static void main(String[] args) throws IOException {
    Path folder = Files.createDirectories(Path.of(args[0]));
    long rows = args.length > 1 ? Long.parseLong(args[1]) : ROWS;
    long seed = args.length > 2 ? Long.parseLong(args[2]) : 1;
    var generator =
        new HmGenerator(
            (int) Math.max(10, ARTICLES * rows / ROWS),
            (int) Math.max(10, CUSTOMERS * rows / ROWS),
            rows,
            seed);
    generator.writeArticles(folder.resolve("articles.csv"));
    generator.writeCustomers(folder.resolve("customers.csv"));
    generator.writeTransactions(folder.resolve("transactions_train.csv"));
  }

  private static CsvWriter csv(Path file) throws IOException {
    return CsvWriter.builder()
        .lineDelimiter(LineDelimiter.LF)
        .build(Files.newBufferedWriter(file, StandardCharsets.UTF_8));
  }

  void writeArticles(Path file) throws IOException {
    var random = new Random(seed + 1);
    try (CsvWriter csv = csv(file)) {
      csv.writeRecord(ARTICLE_COLUMNS);
      String name = "";
      for (int i = 0; i < ids.length; i++) {
        String id = String.format("%010d", ids[i]);
        if (i == 0 || ids[i] / 1000 != ids[i - 1] / 1000) {
          name = "Design " + Integer.toString(random.nextInt(1 << 20), 36);
        }
        csv.writeRecord(
            id,
            id.substring(0, 7),
            name,
            random.nextInt(900) == 0 ? "-1" : "253",
            "Vest top",
            "Garment Upper body",
            "1010016",
            "Solid",
            String.format("%02d", 1 + random.nextInt(93)),
            "Black",
            "4",
            "Dark",
            "5",
            "Black",
            "1676",
            "Jersey Basic",
            "A",
            "Ladieswear",
            "1",
            "Ladieswear",
            "16",
            "Womens Everyday Basics",
            "1002",
            "Jersey Basic",
            switch (random.nextInt(250)) {
              case 0 -> ""; // 416 have none
              case 1, 2 -> "Top with a 1/2\" trim, \"vintage\" print, narrow straps.";
              default -> "Jersey top with narrow shoulder straps, " + name + ".";
            });
      }
    }
  }

  void writeCustomers(Path file) throws IOException {
    var random = new Random(seed + 2);
    try (CsvWriter csv = csv(file)) {
      csv.writeRecord(
          "customer_id",
          "FN",
          "Active",
          "club_member_status",
          "fashion_news_frequency",
          "age",
          "postal_code");
      byte[] id = new byte[64];
      byte[] postcode = new byte[64];
      for (int c = 0; c < customers; c++) {
        hex(c, customers, id);
        hex(mix(c) >>> 40, 1 << 24, postcode);
        boolean news = random.nextInt(3) == 0;
        int odd = random.nextInt(100);
        csv.writeRecord(
            new String(id, StandardCharsets.US_ASCII),
            news ? "1.0" : "",
            news && odd < 97 ? "1.0" : "",
            odd == 0 ? "" : odd < 8 ? "PRE-CREATE" : "ACTIVE",
            odd == 1 ? "" : odd == 2 ? "None" : news ? odd == 3 ? "Monthly" : "Regularly" : "NONE",
            odd == 4 ? "" : Integer.toString(16 + random.nextInt(84)),
            new String(postcode, StandardCharsets.US_ASCII));
      }
    }
  }

  void writeTransactions(Path file) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      out.write(
          "t_dat,customer_id,article_id,price,sales_channel_id\n"
              .getBytes(StandardCharsets.US_ASCII));
      double[] share = shareUntilDay();
      var random = new Random(seed + 3);
      double repeat = (double) REPEATED / ROWS;
      long written = 0;
      for (int day = 0; day < DAYS; day++) {
        long target = Math.round(rows * share[day + 1]);
        writeDay(day, (int) (target - written), repeat, random, out);
        written = target;
      }
    }
  }

  /** Which part of all sales falls before each day; the last element is 1. */
  private double[] shareUntilDay() {
    var random = new Random(seed + 4);
    double[] share = new double[DAYS + 1];
    for (int day = 0; day < DAYS; day++) {
      LocalDate date = FIRST_DAY.plusDays(day);
      double season = 1 + 0.3 * Math.sin((date.getDayOfYear() - 80) * 2 * Math.PI / 365);
      double week = 1 + 0.15 * Math.cos((date.getDayOfWeek().getValue() - 6) * 2 * Math.PI / 7);
      double sale = random.nextInt(60) == 0 ? 3 : 1;
      share[day + 1] = share[day] + season * week * sale * (0.9 + 0.2 * random.nextDouble());
    }
    for (int day = 0; day <= DAYS; day++) {
      share[day] /= share[DAYS];
    }
    share[DAYS] = 1;
    return share;
  }

  private void writeDay(int day, int count, double repeat, Random random, OutputStream out)
      throws IOException {
    int[] onSale = new int[ids.length];
    double[] upTo = new double[ids.length];
    int articles = 0;
    double sum = 0;
    for (int i = 0; i < ids.length; i++) {
      if (launch[i] <= day && day <= lastDay[i]) {
        sum += dailySales[i];
        onSale[articles] = i;
        upTo[articles++] = sum;
      }
    }
    if (articles == 0) {
      throw new IllegalArgumentException("no article is on sale on day " + day);
    }
    // Whatever is launched sells at least once.
    int debuts = 0;
    int[] debut = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      if (Math.max(0, launch[i]) == day) {
        debut[debuts++] = i;
      }
    }
    int[] buyers = new int[count];
    for (int i = 0; i < count; ) {
      double u = random.nextDouble();
      int buyer = (int) (customers * u * u); // few buy much
      do {
        buyers[i++] = buyer;
      } while (i < count && random.nextInt(10) < 7);
    }
    Arrays.sort(buyers);
    var row = new Row(FIRST_DAY.plusDays(day));
    int lastBuyer = -1;
    for (int i = 0; i < count; i++) {
      boolean sameBuyer = i > 0 && buyers[i] == lastBuyer; // so are 70 % of a day's rows
      if (!sameBuyer || random.nextDouble() >= repeat / 0.7) {
        int at = Arrays.binarySearch(upTo, 0, articles, random.nextDouble() * sum);
        int article =
            debuts > 0 ? debut[--debuts] : onSale[Math.min(articles - 1, at < 0 ? -at - 1 : at)];
        if (buyers[i] != lastBuyer) {
          hex(buyers[i], customers, row.customer);
          lastBuyer = buyers[i];
        }
        row.set(ids[article], random);
      }
      out.write(row.bytes, 0, row.length);
    }
  }

  /** A row's bytes. */
  private static final class Row {
    final byte[] bytes = new byte[160];
    final byte[] customer = new byte[64];
    int length;

    Row(LocalDate date) {
      put(0, date.toString());
      bytes[10] = ',';
    }

    void set(long article, Random random) {
      System.arraycopy(customer, 0, bytes, 11, 64);
      bytes[75] = ',';
      long rest = article;
      for (int i = 85; i > 75; i--, rest /= 10) {
        bytes[i] = (byte) ('0' + rest % 10);
      }
      bytes[86] = ',';
      double price = random.nextInt(1 << 20) == 0 ? 1e-5 / 0.59 : (5 + random.nextInt(90)) / 590.0;
      int end = put(87, Double.toString(price).replace('E', 'e'));
      end = put(end, random.nextInt(10) < 7 ? ",2\n" : ",1\n");
      length = end;
    }

    private int put(int at, String text) {
      for (int i = 0; i < text.length(); i++) {
        bytes[at + i] = (byte) text.charAt(i);
      }
      return at + text.length();
    }
  }

  /** Writes 64 hexadecimal digits that sort as the numbers do. */
  private static void hex(long number, long numbers, byte[] target) {
    long block = Long.divideUnsigned(-1, numbers) * number;
    for (int i = 0; i < 64; i++) {
      if (i % 16 == 0 && i > 0) {
        block = mix(block);
      }
      target[i] = (byte) Character.forDigit((int) (block >>> (60 - i % 16 * 4)) & 15, 16);
    }
  }

  private static long mix(long x) {
    long z = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}

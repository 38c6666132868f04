package io.lookalike.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged tables and odd folders: whatever is in them, each row or file is handed over or reported,
 * or the whole is refused with a {@link DatasetException}. {@code lookalike.fuzz.seconds} says how
 * long each kind is tried, {@code lookalike.fuzz.seed} from which seed on.
 */
@Tag("fuzz")
class DatasetsFuzzTest {

  /** Pieces that tables stumble over. */
  private static final List<String> PIECES =
      List.of(
          "\"",
          "\"\"",
          "\"\"\"",
          ",",
          ";",
          "\t",
          "|",
          "\r",
          "\n",
          "\r\n",
          "\n\n",
          "\0",
          "\u0085",
          "\u2028",
          "\u00A0",
          "\u200B",
          "\uFEFF",
          "\uFFFD",
          "e\u0301",
          "\u00e9",
          "\uD83D\uDE00",
          " ",
          "#",
          "\\",
          "/",
          "../",
          "NULL",
          "NaN",
          "-",
          "1e999",
          "1e-999",
          "9".repeat(400),
          "0".repeat(5_000),
          "1E2147483648",
          "2024-13-45",
          "+99:99",
          "9999-12-31",
          "0000-00-00",
          "https://x/y.jpg?a=b",
          "%zz",
          "%2e%2e",
          "id",
          "image",
          "product",
          "-9223372036854775808");

  private static final List<String> TABLES =
      List.of(
          """
          id,image,price,launched,sale,style
          a,photos/a.jpg,3.5,2024-03-01,true,12.1
          "b,""2\""",photos/b.jpg,NULL,2024-03-01 12:00:00+00,false,12.10
          c,photos/c.jpg,100000000000000001,,TRUE,x
          """,
          """
          product,time,customer,quantity,id
          a,2024-03-01,c1,2,e1
          b,2024-03-01 12:30:00.5 +0100,,-1.0,e2
          c,2024-03-02T00:00:00Z,c2,,
          """,
          """
          time,customer,event,product,tenant,id
          2024-03-01 12:30:00,4711,viewed,a,,e1
          2024-03-01 12:31:10,4711,dismissed,b,shop,
          """,
          """
          article_id,product_code,prod_name
          0108775015,0108775,Strap top
          108775044,0108775,"Strap, top"
          """,
          """
          t_dat,customer_id,article_id,price,sales_channel_id
          2018-09-20,x,0108775015,0.05,2
          2018-09-21,x,108775044,0.05,1
          """);

  private static final List<Charset> CHARSETS =
      List.of(
          StandardCharsets.UTF_8,
          StandardCharsets.UTF_16,
          StandardCharsets.UTF_16LE,
          StandardCharsets.ISO_8859_1);

  @TempDir Path folder;

  private interface Trial {
    void run(Random random) throws IOException;
  }

  private static void tryFor(Trial trial) {
    double seconds = Double.parseDouble(System.getProperty("lookalike.fuzz.seconds", "1"));
    long end = System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    long seed = Long.getLong("lookalike.fuzz.seed", 1);
    do {
      try {
        trial.run(new Random(seed));
      } catch (IOException | RuntimeException | Error e) {
        throw new AssertionError("seed " + seed, e);
      }
      seed++;
    } while (System.nanoTime() < end);
  }

  @Test
  void damagedTablesAreReadOrRefused() throws IOException {
    Files.createDirectory(folder.resolve("photos"));
    for (String photo : List.of("a.jpg", "b.jpg", "c.jpg")) {
      Files.createFile(folder.resolve("photos").resolve(photo));
    }
    Path file = folder.resolve("table.csv");
    tryFor(
        random -> {
          Files.write(file, damaged(TABLES.get(random.nextInt(TABLES.size())), random));
          var sunk = new AtomicLong();
          read(() -> Catalogue.csv(file).read(item -> sunk.incrementAndGet()), sunk);
          read(() -> Catalogue.csv(file).text("style").read(item -> sunk.incrementAndGet()), sunk);
          read(() -> PurchasesCsv.of(file).read((purchase, c) -> sunk.incrementAndGet()), sunk);
          read(
              () ->
                  PurchasesCsv.of(file)
                      .products("a"::equals)
                      .strict()
                      .read((purchase, c) -> sunk.incrementAndGet()),
              sunk);
          read(() -> EventsCsv.of(file).read(event -> sunk.incrementAndGet()), sunk);
          HmDataset hm = HmDataset.in(folder).articles(file).transactions(file);
          read(() -> hm.readArticles(item -> sunk.incrementAndGet()), sunk);
          // Sales are handed over by article.
          read(() -> hm.readTransactions((article, daily) -> {}), null);
        });
  }

  private interface Reading {
    ReadReport read() throws IOException;
  }

  private static void read(Reading reading, @Nullable AtomicLong sunk) throws IOException {
    if (sunk != null) {
      sunk.set(0);
    }
    ReadReport report;
    try {
      report = reading.read();
    } catch (DatasetException e) {
      assertThat(e.getMessage()).contains(": ").hasSizeLessThan(100_000);
      return;
    }
    if (sunk != null) {
      assertThat(report.accepted()).isEqualTo(sunk.get());
    }
    if (report.skipped() > 0) {
      assertThat(report.problems()).isNotEmpty();
    }
  }

  private static byte[] damaged(String table, Random random) {
    var text = new StringBuilder(table);
    for (int i = random.nextInt(5); i > 0; i--) {
      int at = random.nextInt(text.length() + 1);
      switch (random.nextInt(4)) {
        case 0 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
        case 1 -> text.delete(at, Math.min(text.length(), at + random.nextInt(20)));
        case 2 -> {
          int from = random.nextInt(text.length() + 1);
          text.insert(at, text.substring(Math.min(from, at), Math.max(from, at)));
        }
        default -> {
          int value = text.indexOf(",", at);
          if (value >= 0) {
            int end = Math.max(text.indexOf("\n", value), value + 1);
            text.replace(value + 1, end, PIECES.get(random.nextInt(PIECES.size())));
          }
        }
      }
    }
    byte[] bytes = text.toString().getBytes(CHARSETS.get(Math.max(0, random.nextInt(12) - 8)));
    var out = new ByteArrayOutputStream();
    if (random.nextInt(10) == 0) {
      out.writeBytes(new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF});
    }
    for (byte b : bytes) {
      int chance = random.nextInt(300);
      if (chance == 0) {
        out.write(random.nextInt(256));
      } else if (chance != 1) {
        out.write(b);
      }
    }
    return out.toByteArray();
  }

  @Test
  void oddFoldersAreReadAndReported() throws IOException {
    tryFor(
        random -> {
          Path photos = Files.createTempDirectory(folder, "f");
          for (int i = random.nextInt(20); i > 0; i--) {
            place(photos, random);
          }
          var sunk = new AtomicLong();
          read(() -> Catalogue.of(photos).read(item -> sunk.incrementAndGet()), sunk);
          read(() -> Catalogue.of(photos).strict().read(item -> sunk.incrementAndGet()), sunk);
        });
  }

  /** Makes a file, a folder or a link of a name that the file system takes. */
  private static void place(Path photos, Random random) throws IOException {
    var name = new StringBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      name.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    name.append(List.of("", ".jpg", ".PNG", ".txt", "/a.jpg", "/a.JPEG").get(random.nextInt(6)));
    try {
      Path path = photos.resolve(name.toString().replaceFirst("^[/.]+", "")).normalize();
      if (!path.startsWith(photos) || path.equals(photos)) {
        return;
      }
      Files.createDirectories(path.getParent());
      switch (random.nextInt(5)) {
        case 0 -> Files.createDirectory(path);
        case 1 -> Files.createSymbolicLink(path, random.nextBoolean() ? photos : Path.of("none"));
        default -> Files.createFile(path);
      }
    } catch (InvalidPathException | FileAlreadyExistsException e) {
      // not a name, or one that is taken
    } catch (FileSystemException e) {
      // a name that is too long, or below a file
    }
  }
}

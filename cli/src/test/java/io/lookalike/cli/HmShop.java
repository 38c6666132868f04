package io.lookalike.cli;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import javax.imageio.ImageIO;

/** A small shop in the layout of H&amp;M's files: drawn pictures, articles, transactions. */
final class HmShop {

  static final LocalDate FIRST_DAY = LocalDate.of(2020, 8, 1);
  private static final int DAYS = 40;

  final Path articles;
  final Path transactions;
  final Path images;

  /** Ids of the articles with a picture, in the file's order. */
  final List<String> ids = new ArrayList<>();

  final String withoutPicture;

  /** What was sold, by article and day, as it was written. */
  final Map<String, Map<LocalDate, Long>> sold = new TreeMap<>();

  HmShop(Path folder, int count, long seed) throws IOException {
    var random = new Random(seed);
    articles = folder.resolve("articles.csv");
    transactions = folder.resolve("transactions_train.csv");
    images = folder.resolve("images");
    var rows =
        new StringBuilder("article_id,product_code,prod_name,product_type_name,detail_desc\n");
    for (int i = 0; i <= count; i++) {
      String id = String.format("%010d", 176_209_025L + i * 907L);
      // Spreadsheets eat leading zeros.
      String written = i % 5 == 0 ? id.substring(1) : id;
      rows.append(written)
          .append(',')
          .append(id, 0, 7)
          .append(",Design ")
          .append(i)
          .append(",Shape,\"A shape, \"\"drawn\"\"\"\n");
      if (i < count) {
        ids.add(id);
        draw(picture(id), random);
      }
    }
    withoutPicture = String.format("%010d", 176_209_025L + count * 907L);
    Files.writeString(articles, rows);
    writeTransactions(random);
  }

  Path picture(String id) {
    return images.resolve(id.substring(0, 3)).resolve(id + ".jpg");
  }

  private static void draw(Path file, Random random) throws IOException {
    var image = new BufferedImage(90, 120, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setColor(new Color(200 + random.nextInt(56), 200 + random.nextInt(56), 220));
    g.fillRect(0, 0, 90, 120);
    for (int i = 2 + random.nextInt(3); i > 0; i--) {
      g.setColor(new Color(random.nextInt(1 << 24)));
      int x = random.nextInt(50);
      int y = random.nextInt(70);
      int width = 15 + random.nextInt(50);
      int height = 15 + random.nextInt(60);
      if (random.nextBoolean()) {
        g.fillOval(x, y, width, height);
      } else {
        g.fillRect(x, y, width, height);
      }
    }
    g.dispose();
    Files.createDirectories(file.getParent());
    if (!ImageIO.write(image, "jpeg", file.toFile())) {
      throw new IOException("no JPEG writer");
    }
  }

  private void writeTransactions(Random random) throws IOException {
    var rows = new StringBuilder("t_dat,customer_id,article_id,price,sales_channel_id\n");
    for (int day = 0; day < DAYS; day++) {
      LocalDate date = FIRST_DAY.plusDays(day);
      for (int i = random.nextInt(30); i > 0; i--) {
        // The last third never sells; a long tail for the rest.
        double u = random.nextDouble();
        String id = ids.get((int) (u * u * ids.size() * 2 / 3));
        int repeats = random.nextInt(8) == 0 ? 2 : 1;
        for (int r = 0; r < repeats; r++) {
          rows.append(date)
              .append(",c")
              .append(i)
              .append(',')
              .append(i % 3 == 0 ? id.substring(1) : id)
              .append(",0.0254,2\n");
          sold.computeIfAbsent(id, x -> new TreeMap<>()).merge(date, 1L, Long::sum);
        }
      }
    }
    rows.append("2020-08-01,c,").append(withoutPicture).append(",0.0254,1\n");
    rows.append("2020-08-01,c,9999999999,0.0254,1\n");
    rows.append("someday,c,").append(ids.get(0)).append(",0.0254,1\n");
    Files.writeString(transactions, rows);
  }
}

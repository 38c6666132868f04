package io.lookalike.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Recommender;
import io.lookalike.datasets.ReadReport;
import io.lookalike.datasets.vectors.NpyWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadingFilesTest {

  @Test
  void theDemosFilesAreCompleteAndBelongTogether() throws IOException {
    try (Recommender shop =
        Recommender.builder().extractor(new ColourHistogram()).index(ListIndex::new).build()) {
      assertThat(ReadingFiles.addProducts(shop, Path.of("examples/demo/products.csv")).added())
          .isEqualTo(300);

      ReadReport report = ReadingFiles.addPurchases(shop, Path.of("examples/demo/purchases.csv"));

      assertThat(report.problems()).isEmpty();
      assertThat(report.accepted()).isEqualTo(4_000);
      assertThat(shop.purchases().total()).isEqualTo(4_000);
      assertThat(shop.product("100335").orElseThrow().attributes().asMap())
          .containsEntry("category", "outwear")
          .containsEntry("name", "Pink padded gilet")
          .containsKey("price");
    }
  }

  @Test
  void hmsFilesUntilACut(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("articles.csv"), "article_id,colour_group_code\n0108775015,09\n");
    Path picture = folder.resolve("images/010/0108775015.jpg");
    Files.createDirectories(picture.getParent());
    Files.copy(Path.of("examples/demo/photos/100001.jpg"), picture);
    Files.writeString(
        folder.resolve("transactions_train.csv"),
        "t_dat,customer_id,article_id,price,sales_channel_id\n"
            + "2020-09-20,c,0108775015,0.05,2\n"
            + "2020-09-20,c,0108775015,0.05,2\n"
            + "2020-09-21,c,0108775015,0.05,2\n");
    try (Recommender shop =
        Recommender.builder().extractor(new ColourHistogram()).index(ListIndex::new).build()) {
      assertThat(ReadingFiles.addHmFiles(shop, folder, LocalDate.of(2020, 9, 21)).added())
          .isEqualTo(1);
      assertThat(shop.purchases().count("0108775015")).isEqualTo(2);
      assertThat(shop.product("0108775015").orElseThrow().attributes().asMap())
          .containsEntry("colour_group_code", "09")
          .containsEntry("product_code", "0108775");
    }
  }

  @Test
  void featuresComputedBefore(@TempDir Path folder) throws IOException {
    Path npy = folder.resolve("f.npy");
    try (FileChannel channel =
        FileChannel.open(npy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      var writer = new NpyWriter(channel, 2);
      writer.write(new float[] {1, 0});
      writer.write(new float[] {0, 1});
      writer.finish();
    }
    Files.writeString(folder.resolve("f.ids.csv"), "id\na\nb\n");
    try (Recommender shop = Recommender.builder().dimension(2).index(ListIndex::new).build()) {
      ReadingFiles.addFeatures(shop, npy);
      assertThat(shop.size()).isEqualTo(2);
      assertThat(shop.product("b")).isPresent();
    }
  }
}

package io.lookalike.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.jr.ob.JSON;
import io.lookalike.catalog.Product;
import io.lookalike.index.Neighbor;
import io.lookalike.math.UnitVector;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogueMapTest {

  private static final long SEED = 5;
  private static final int PRODUCTS = 240;

  /** Made-up products in categories that lie apart, each with its 8 nearest. */
  private static List<CatalogueMap.Item> items() {
    ReplayCatalogue catalogue = Shops.catalogue(PRODUCTS, SEED);
    List<UnitVector> vectors =
        IntStream.range(0, PRODUCTS)
            .mapToObj(i -> UnitVector.of(Arrays.copyOf(catalogue.features(i), 16)))
            .toList();
    var items = new ArrayList<CatalogueMap.Item>();
    for (int i = 0; i < PRODUCTS; i++) {
      int own = i;
      List<Neighbor> nearest =
          IntStream.range(0, PRODUCTS)
              .filter(j -> j != own)
              .mapToObj(
                  j ->
                      new Neighbor(
                          catalogue.product(j).id(), vectors.get(own).cosine(vectors.get(j))))
              .sorted(Neighbor.CLOSEST_FIRST)
              .limit(8)
              .toList();
      items.add(new CatalogueMap.Item(catalogue.product(i), vectors.get(i), nearest));
    }
    return items;
  }

  private static Map<String, Object> data(Path file) throws IOException {
    String html = Files.readString(file);
    String begin = "<script type=\"application/json\" id=\"data\">";
    int from = html.indexOf(begin) + begin.length();
    return JSON.std.mapFrom(html.substring(from, html.indexOf("</script>", from)));
  }

  @Test
  void whatLooksAlikeLiesTogether(@TempDir Path folder) throws IOException {
    List<CatalogueMap.Item> items = items();
    Path file = folder.resolve("map.html");
    CatalogueMap.of(items).categoryBy("category").write(file);
    List<?> rows = (List<?>) data(file).get("products");
    assertThat(rows).hasSize(PRODUCTS);
    long ofCategory = 0;
    for (int i = 0; i < PRODUCTS; i++) {
      int own = i;
      int nearest =
          IntStream.range(0, PRODUCTS)
              .filter(j -> j != own)
              .boxed()
              .min((a, b) -> Double.compare(distance(rows, own, a), distance(rows, own, b)))
              .orElseThrow();
      ofCategory +=
          items
                  .get(i)
                  .product()
                  .attributes()
                  .get("category")
                  .equals(items.get(nearest).product().attributes().get("category"))
              ? 1
              : 0;
    }
    assertThat(ofCategory)
        .as("of the nearest on the map, those of the same category, seed " + SEED)
        .isGreaterThan(PRODUCTS * 9 / 10);

    Path again = folder.resolve("again.html");
    CatalogueMap.of(items).categoryBy("category").write(again);
    assertThat(again).hasSameTextualContentAs(file);
  }

  private static double distance(List<?> rows, int one, int other) {
    List<?> a = (List<?>) rows.get(one);
    List<?> b = (List<?>) rows.get(other);
    return Math.hypot(number(a, 2) - number(b, 2), number(a, 3) - number(b, 3));
  }

  private static int number(List<?> row, int i) {
    return (Integer) row.get(i);
  }

  @Test
  void thePageHoldsAllThatItNeeds(@TempDir Path folder) throws IOException {
    byte[] photo = jpeg();
    Path file = folder.resolve("map.html");
    CatalogueMap.of(items())
        .title("A & B")
        .categoryBy("category")
        .products(
            List.of("category", "missing"),
            product -> "</script> " + product.id(),
            product -> product.id().equals("p00003") ? null : photo)
        .write(file);
    String html = Files.readString(file);
    assertThat(html)
        .startsWith("<!DOCTYPE html>")
        .contains("A &amp; B", "\\u003c/script> p00001", "240 products")
        .doesNotContain("</script> p00001")
        .doesNotContainPattern("(src|href)=\"?https?:");
    Map<String, Object> data = data(file);
    List<?> row = (List<?>) ((List<?>) data.get("products")).get(3);
    assertThat(row.get(0)).isEqualTo("p00003");
    assertThat(row.get(5)).as("its photo").isEqualTo(-1);
    assertThat((List<?>) row.get(6)).hasSize(16);
    assertThat(row).hasSize(9);
    assertThat(row.get(7)).isEqualTo("category 0");
    assertThat(row.get(8)).isNull();
    assertThat((List<?>) data.get("sheets")).hasSize(1);
    assertThat(html).contains(">other <");
  }

  private static byte[] jpeg() throws IOException {
    var bytes = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(120, 96, BufferedImage.TYPE_INT_RGB), "jpeg", bytes);
    return bytes.toByteArray();
  }

  @Test
  void fewProductsAndEqualOnesHaveTheirPlaces(@TempDir Path folder) throws IOException {
    UnitVector vector = UnitVector.of(new float[] {1, 0});
    CatalogueMap.Item alone = new CatalogueMap.Item(Product.of("a"), vector, List.of());
    Path file = folder.resolve("map.html");
    CatalogueMap.of(List.of(alone)).write(file);
    assertThat((List<?>) data(file).get("products")).hasSize(1);
    var equals = new ArrayList<CatalogueMap.Item>();
    for (int i = 0; i < 60; i++) {
      List<Neighbor> nearest =
          List.of(new Neighbor("p" + (i + 1) % 60, 1), new Neighbor("gone", 1));
      equals.add(new CatalogueMap.Item(Product.of("p" + i), vector, nearest));
    }
    CatalogueMap.of(equals).write(file);
    assertThat((List<?>) data(file).get("products"))
        .extracting(row -> ((List<?>) row).subList(2, 4))
        .doesNotHaveDuplicates();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CatalogueMap.of(List.of(alone, alone)).write(file))
        .withMessage("the product a is on the map twice");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CatalogueMap.of(List.of()))
        .withMessage("there are no products, expected 1 or more");
  }
}

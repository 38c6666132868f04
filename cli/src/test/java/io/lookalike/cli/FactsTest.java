package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FactsTest {

  @Test
  void fewAttributesAreAllShown() {
    Product product =
        Product.of("1")
            .with("name", "Dotted dress")
            .with("image", "/photos/1.jpg")
            .with("category", "dress")
            .with("price", 64.95)
            .with("tags", Set.of("new", "b"))
            .with("season", "summer");
    assertThat(Facts.name(product)).isEqualTo("Dotted dress");
    assertThat(Facts.line(product))
        .isEqualTo("1 · dress · price 64.95 · season summer · tags b|new");
    assertThat(Facts.named(product))
        .isEqualTo("category=dress, name=Dotted dress, price=64.95, season=summer, tags=b|new");
    assertThat(Facts.line(Product.of("2"))).isEmpty();
    assertThat(Facts.name(Product.of("2"))).isEqualTo("2");
  }

  /** The columns of H&amp;M's articles.csv, all of them texts. */
  @Test
  void ofDozensThoseThatAShopShows() {
    Map<String, String> columns = new HashMap<>();
    columns.put("product_code", "0108775");
    columns.put("prod_name", "Strap top");
    columns.put("product_type_no", "253");
    columns.put("product_type_name", "Vest top");
    columns.put("product_group_name", "Garment Upper body");
    columns.put("graphical_appearance_no", "1010016");
    columns.put("graphical_appearance_name", "Solid");
    columns.put("colour_group_code", "09");
    columns.put("colour_group_name", "Black");
    columns.put("perceived_colour_value_id", "4");
    columns.put("perceived_colour_value_name", "Dark");
    columns.put("department_name", "Jersey Basic");
    columns.put("detail_desc", "Jersey top with narrow shoulder straps.");
    Product article = new Product("0108775015", Attributes.of(columns));
    assertThat(Facts.name(article)).isEqualTo("Strap top");
    assertThat(Facts.line(article)).isEqualTo("0108775015 · Vest top · Black");
    assertThat(Facts.named(article))
        .isEqualTo("colour_group_name=Black, prod_name=Strap top, product_type_name=Vest top");
    assertThat(Facts.line(article.with("price", 9)))
        .isEqualTo("0108775015 · Vest top · Black · price 9");
  }

  @Test
  void ofManyOthersTheFirstFour() {
    Product product = Product.of("1").with("description", "words ".repeat(20));
    for (String name : new String[] {"f", "e", "d", "c", "b", "a"}) {
      product = product.with(name, name.equals("a"));
    }
    assertThat(Facts.line(product)).isEqualTo("a true · b false · c false · d false");
  }
}

package io.lookalike.evaluation;

import com.fasterxml.jackson.jr.ob.JSON;
import com.samskivert.mustache.Template;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import io.lookalike.index.Neighbor;
import io.lookalike.internal.AtomicFile;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A catalogue as a map: a page on which products that look alike lie together, with their photos,
 * to be moved, zoomed and asked why. One file that needs nothing else and asks nothing of the
 * network. Immutable; each setter returns a changed copy.
 *
 * <p>What lies together looks alike; how far apart two groups lie says little, as on every such
 * map.
 */
public final class CatalogueMap {

  private static final Template TEMPLATE = PageResources.template("map.html");

  /** Categories that have a color of their own, the largest. */
  private static final int COLORS = 10;

  /** Sides of photos, in pixels: the more there are, the smaller. */
  private static final int LARGE = 96;

  private static final int MEDIUM = 64;
  private static final int SMALL = 40;
  private static final int FEW = 2_000;
  private static final int SEVERAL = 8_000;

  /** Where a place is between 0 and 1, in the file. */
  private static final int UNITS = 10_000;

  private final List<Item> items;
  private final String title;
  private final @Nullable String categoryBy;
  private final List<String> attributes;
  private final Function<Product, String> names;
  private final Function<Product, byte @Nullable []> photos;

  /**
   * A product of a map.
   *
   * @param product the product
   * @param vector as the index has it
   * @param nearest its nearest, closest first, without itself; ids that are not on the map are left
   *     out
   */
  public record Item(Product product, UnitVector vector, List<Neighbor> nearest) {

    /** Copies the list. */
    public Item {
      Objects.requireNonNull(product, "product");
      Objects.requireNonNull(vector, "vector");
      nearest = List.copyOf(nearest);
    }
  }

  private CatalogueMap(
      List<Item> items,
      String title,
      @Nullable String categoryBy,
      List<String> attributes,
      Function<Product, String> names,
      Function<Product, byte @Nullable []> photos) {
    this.items = items;
    this.title = title;
    this.categoryBy = categoryBy;
    this.attributes = attributes;
    this.names = names;
    this.photos = photos;
  }

  /**
   * A map without photos, on which products are called by their ids.
   *
   * @param items the products, each id once
   * @return the map
   * @throws IllegalArgumentException if there are none
   */
  public static CatalogueMap of(List<Item> items) {
    if (items.isEmpty()) {
      throw new IllegalArgumentException("there are no products, expected 1 or more");
    }
    return new CatalogueMap(
        List.copyOf(items), "What looks alike", null, List.of(), Product::id, product -> null);
  }

  /**
   * Replaces the title.
   *
   * @param title a line
   * @return the changed map
   */
  public CatalogueMap title(String title) {
    return new CatalogueMap(items, title, categoryBy, attributes, names, photos);
  }

  /**
   * Colors products by an attribute.
   *
   * @param attribute such as {@code category}
   * @return the changed map
   */
  public CatalogueMap categoryBy(String attribute) {
    return new CatalogueMap(items, title, attribute, attributes, names, photos);
  }

  /**
   * Tells of each product what it is called, its attributes, which neighbors are compared by, and
   * its photo.
   *
   * @param attributes names of attributes
   * @param names what a product is called
   * @param photos a JPEG file of some 100 pixels, or null if there is none
   * @return the changed map
   */
  public CatalogueMap products(
      List<String> attributes,
      Function<Product, String> names,
      Function<Product, byte @Nullable []> photos) {
    return new CatalogueMap(
        items,
        title,
        categoryBy,
        List.copyOf(attributes),
        Objects.requireNonNull(names, "names"),
        Objects.requireNonNull(photos, "photos"));
  }

  /**
   * Writes the page.
   *
   * @param file replaced whole or not at all
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    try (AtomicFile out = AtomicFile.at(file)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(html());
      while (bytes.hasRemaining()) {
        out.channel().write(bytes);
      }
      out.commit();
    }
  }

  private record PageView(
      String contentSecurityPolicy,
      String style,
      String script,
      String title,
      String lead,
      String data,
      List<LegendView> legend) {}

  private record LegendView(int color, String name, String count) {}

  private String html() throws IOException {
    String style = PageResources.style("map.css");
    String script = PageResources.text("map.js");
    List<Map.Entry<String, Integer>> legend = legend();
    var views = new ArrayList<LegendView>();
    for (int i = 0; i < legend.size(); i++) {
      views.add(new LegendView(i, legend.get(i).getKey(), count(legend.get(i).getValue())));
    }
    return TEMPLATE.execute(
        new PageView(
            PageResources.policy(style, script),
            style,
            script,
            title,
            count(items.size())
                + " products; what lies together looks alike. Choose one to see its nearest and why.",
            // No text may end the element that the data stand in.
            JSON.std.asString(data(legend)).replace("<", "\\u003c"),
            views));
  }

  private static String count(int n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  /** The largest categories and how many products they have; then all others together. */
  private List<Map.Entry<String, Integer>> legend() {
    var counts = new TreeMap<String, Integer>();
    items.forEach(item -> counts.merge(category(item.product), 1, Integer::sum));
    List<Map.Entry<String, Integer>> all =
        counts.entrySet().stream()
            .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()))
            .collect(Collectors.toCollection(ArrayList::new));
    if (all.size() <= COLORS) {
      return all;
    }
    int others = all.subList(COLORS, all.size()).stream().mapToInt(Map.Entry::getValue).sum();
    List<Map.Entry<String, Integer>> legend = new ArrayList<>(all.subList(0, COLORS));
    legend.add(Map.entry("other", others));
    return legend;
  }

  private String category(Product product) {
    Object value = categoryBy == null ? null : product.attributes().get(categoryBy);
    return value == null ? "no category" : Attributes.shown(value);
  }

  private Map<String, Object> data(List<Map.Entry<String, Integer>> legend) {
    var numbers = new HashMap<String, Integer>();
    for (Item item : items) {
      if (numbers.putIfAbsent(item.product.id(), numbers.size()) != null) {
        throw new IllegalArgumentException(
            "the product " + item.product.id() + " is on the map twice");
      }
    }
    var nearest = new int[items.size()][];
    var similarities = new float[items.size()][];
    for (int i = 0; i < nearest.length; i++) {
      List<Neighbor> known =
          items.get(i).nearest.stream().filter(n -> numbers.containsKey(n.id())).toList();
      nearest[i] = known.stream().mapToInt(n -> numbers.getOrDefault(n.id(), 0)).toArray();
      similarities[i] = new float[known.size()];
      for (int j = 0; j < similarities[i].length; j++) {
        similarities[i][j] = known.get(j).similarity();
      }
    }
    float[][] places =
        MapLayout.of(items.stream().map(Item::vector).toList(), nearest, similarities, 1);
    var colors = new HashMap<String, Integer>();
    legend.forEach(each -> colors.put(each.getKey(), colors.size()));
    var sheets = new PhotoSheets(cell());
    var rows = new ArrayList<Object>();
    for (int i = 0; i < nearest.length; i++) {
      Product product = items.get(i).product;
      byte[] photo = photos.apply(product);
      var neighbors = new ArrayList<Integer>();
      for (int j = 0; j < nearest[i].length; j++) {
        neighbors.add(nearest[i][j]);
        neighbors.add(Math.round(1_000 * similarities[i][j]));
      }
      var row = new ArrayList<@Nullable Object>();
      row.add(product.id());
      row.add(names.apply(product));
      row.add(Math.round(UNITS * places[i][0]));
      row.add(Math.round(UNITS * places[i][1]));
      row.add(colors.getOrDefault(category(product), legend.size() - 1));
      row.add(photo == null ? -1 : sheets.add(photo));
      row.add(neighbors);
      for (String attribute : attributes) {
        Object value = product.attributes().get(attribute);
        row.add(value == null ? null : Attributes.shown(value));
      }
      rows.add(row);
    }
    var data = new LinkedHashMap<String, Object>();
    data.put("units", UNITS);
    data.put("attributes", attributes);
    data.put("products", rows);
    data.put("cell", sheets.cell());
    data.put("each", sheets.each());
    data.put("sheets", sheets.uris());
    return data;
  }

  private int cell() {
    return items.size() <= FEW ? LARGE : items.size() <= SEVERAL ? MEDIUM : SMALL;
  }

  /** Returns how much is on it. */
  @Override
  public String toString() {
    return "map of " + items.size() + " products";
  }
}

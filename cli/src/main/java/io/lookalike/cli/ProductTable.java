package io.lookalike.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.lookalike.catalog.Attributes;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Products as rows of a table from which they come back as they were. A column is named after an
 * attribute and its type, as in {@code price:number}; {@code id} comes first. Types are {@code
 * text}, {@code number}, {@code truth}, {@code instant} and {@code texts}. An empty field is no
 * value. A set of texts is a JSON array; so is a text that is empty or begins with a quote a JSON
 * string.
 */
final class ProductTable {

  static final String ID = "id";

  /** An attribute and its type. */
  record Column(String name, String type) implements Comparable<Column> {
    @Override
    public int compareTo(Column other) {
      int byName = name.compareTo(other.name);
      return byName == 0 ? type.compareTo(other.type) : byName;
    }

    String title() {
      return name + ":" + type;
    }
  }

  private final List<Column> columns;

  /** A table of these columns. */
  ProductTable(Set<Column> columns) {
    this.columns = List.copyOf(new TreeSet<>(columns));
  }

  /**
   * A table as its first row tells it.
   *
   * @throws IllegalArgumentException if that is none of a table of products
   */
  static ProductTable of(List<String> titles) {
    if (titles.isEmpty() || !titles.get(0).equals(ID)) {
      throw new IllegalArgumentException("the first column is not " + ID);
    }
    var columns = new ArrayList<Column>();
    for (String title : titles.subList(1, titles.size())) {
      int at = title.lastIndexOf(':');
      if (at < 1) {
        throw new IllegalArgumentException(
            "the column \"" + title + "\" has no type, expected one such as price:number");
      }
      columns.add(new Column(title.substring(0, at), title.substring(at + 1)));
    }
    return new ProductTable(columns);
  }

  private ProductTable(List<Column> columns) {
    this.columns = columns;
  }

  /** Adds the columns that a product needs. */
  static void collect(Attributes attributes, Set<Column> columns) {
    attributes.asMap().forEach((name, value) -> columns.add(new Column(name, type(value))));
  }

  private static String type(Object value) {
    if (value instanceof String) {
      return "text";
    } else if (value instanceof Number) {
      return "number";
    } else if (value instanceof Boolean) {
      return "truth";
    }
    return value instanceof Instant ? "instant" : "texts";
  }

  List<String> titles() {
    var titles = new ArrayList<String>(List.of(ID));
    columns.forEach(column -> titles.add(column.title()));
    return titles;
  }

  /** A product's row. */
  List<String> row(String id, Attributes attributes) throws IOException {
    Map<String, Object> values = attributes.asMap();
    var row = new ArrayList<String>(columns.size() + 1);
    row.add(id);
    for (Column column : columns) {
      Object value = values.get(column.name);
      row.add(value == null || !type(value).equals(column.type) ? "" : field(value));
    }
    return row;
  }

  private static String field(Object value) throws IOException {
    if (value instanceof Set<?> texts) {
      return JSON.std.asString(new ArrayList<>(new TreeSet<>(texts)));
    }
    String text = Attributes.shown(value);
    return value instanceof String && (text.isEmpty() || text.startsWith("\""))
        ? JSON.std.asString(text)
        : text;
  }

  /**
   * The attributes of a row.
   *
   * @throws IllegalArgumentException if it is not of this table
   */
  Attributes attributes(List<String> row) {
    if (row.size() != columns.size() + 1) {
      throw new IllegalArgumentException(
          "found " + row.size() + " values, expected " + (columns.size() + 1));
    }
    Attributes attributes = Attributes.none();
    for (int i = 0; i < columns.size(); i++) {
      String field = row.get(i + 1);
      if (!field.isEmpty()) {
        attributes = with(attributes, columns.get(i), field);
      }
    }
    return attributes;
  }

  private static Attributes with(Attributes to, Column column, String field) {
    String name = column.name;
    try {
      return switch (column.type) {
        case "text" ->
            to.with(name, field.startsWith("\"") ? JSON.std.beanFrom(String.class, field) : field);
        case "number" ->
            field.matches("-?\\d+")
                ? to.with(name, Long.valueOf(field))
                : to.with(name, Double.valueOf(field));
        case "truth" -> to.with(name, truth(field));
        case "instant" -> to.with(name, Instant.parse(field));
        case "texts" ->
            to.with(
                name,
                Collections.unmodifiableSet(
                    new TreeSet<>(JSON.std.listOfFrom(String.class, field))));
        default ->
            throw new IllegalArgumentException(
                "the type is not known, expected text, number, truth, instant or texts");
      };
    } catch (IOException | DateTimeException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          column.title() + " is \"" + field + "\": " + e.getMessage(), e);
    }
  }

  private static boolean truth(String field) {
    if (!field.equals("true") && !field.equals("false")) {
      throw new IllegalArgumentException("expected true or false");
    }
    return field.equals("true");
  }
}

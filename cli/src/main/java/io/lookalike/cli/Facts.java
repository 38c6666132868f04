package io.lookalike.cli;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What people want to see of a product's attributes, of which a catalogue may have dozens. */
final class Facts {

  /** The attribute under which {@code index} keeps where a product's picture is. */
  static final String IMAGE = "image";

  /** The attribute that a folder of photos gives its products. */
  static final String CATEGORY = "category";

  /** The attributes that say what a product is called, the first that there is. */
  private static final List<String> NAMES = List.of("name", "title", "product_name", "prod_name");

  /** Words in the names of attributes whose texts speak for themselves. */
  private static final List<String> SPEAKING =
      List.of(CATEGORY, "type", "colour", "color", "brand");

  /** Words in the names of others that a shop shows. */
  private static final List<String> WANTED = List.of("price", "size");

  /** Up to this number all are shown; of more, those with the words above alone. */
  private static final int MOST = 4;

  /** A longer text is a description. */
  private static final int MOST_CHARACTERS = 60;

  private Facts() {}

  /** What to call a product. */
  static String name(Product product) {
    String attribute = nameAttribute(product);
    return attribute != null && product.attributes().get(attribute) instanceof String name
        ? name
        : product.id();
  }

  /** A product's picture, if it is known where it is; what is no path here is said in reading. */
  static @Nullable ImageSource photo(Product product) {
    if (!(product.attributes().get(IMAGE) instanceof String path)) {
      return null;
    }
    try {
      return ImageSource.of(Path.of(path));
    } catch (InvalidPathException e) {
      return ImageSource.of(
          path,
          () -> {
            throw new IOException(Main.noPath(), e);
          });
    }
  }

  /** A line for people: the id, where {@link #name} is another, and the attributes chosen. */
  static String line(Product product) {
    var facts = new ArrayList<String>();
    if (!name(product).equals(product.id())) {
      facts.add(product.id());
    }
    chosen(product)
        .forEach(
            (attribute, value) ->
                facts.add(
                    value instanceof String text && containsAny(attribute, SPEAKING)
                        ? text
                        : attribute + " " + text(value)));
    return String.join(" · ", facts);
  }

  /** What a product is called and the attributes chosen, each with its name. */
  static String named(Product product) {
    String name = nameAttribute(product);
    Set<String> chosen = chosen(product).keySet();
    return product.attributes().asMap().entrySet().stream()
        .filter(entry -> entry.getKey().equals(name) || chosen.contains(entry.getKey()))
        .map(entry -> entry.getKey() + "=" + text(entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  /** The attributes that are shown of a product. */
  static Set<String> attributes(Product product) {
    return chosen(product).keySet();
  }

  /** An attribute's value for people. */
  static String text(Object value) {
    if (value instanceof Set<?> members) {
      return members.stream().map(String::valueOf).sorted().collect(Collectors.joining("|"));
    }
    return Attributes.shown(value);
  }

  private static @Nullable String nameAttribute(Product product) {
    return NAMES.stream()
        .filter(name -> product.attributes().get(name) instanceof String)
        .findFirst()
        .orElse(null);
  }

  private static Map<String, Object> chosen(Product product) {
    String name = nameAttribute(product);
    var others = new LinkedHashMap<String, Object>();
    product
        .attributes()
        .asMap()
        .forEach(
            (attribute, value) -> {
              if (!attribute.equals(IMAGE)
                  && !attribute.equals(name)
                  && text(value).length() <= MOST_CHARACTERS) {
                others.put(attribute, value);
              }
            });
    if (others.size() <= MOST) {
      return others;
    }
    var chosen = new LinkedHashMap<String, Object>();
    for (List<String> words : List.of(SPEAKING, WANTED)) {
      for (String word : words) {
        others.keySet().stream()
            .filter(attribute -> contains(attribute, word) && !isCode(others.get(attribute)))
            .findFirst()
            .ifPresent(attribute -> chosen.put(attribute, others.get(attribute)));
      }
    }
    Map<String, Object> shown = chosen.isEmpty() ? others : chosen;
    shown.keySet().retainAll(shown.keySet().stream().limit(MOST).toList());
    return shown;
  }

  /** A text of digits stands for something that another attribute says. */
  private static boolean isCode(@Nullable Object value) {
    return value instanceof String text && text.chars().noneMatch(Character::isLetter);
  }

  private static boolean containsAny(String attribute, List<String> words) {
    return words.stream().anyMatch(word -> contains(attribute, word));
  }

  private static boolean contains(String attribute, String word) {
    return attribute.toLowerCase(Locale.ROOT).contains(word);
  }
}

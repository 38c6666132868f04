package io.lookalike.cli;

import io.lookalike.Recommender;
import io.lookalike.catalog.Ids;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The products that options name by their ids, which may hold any character, commas too. */
final class NamedProducts {

  /** An id of more commas must stand alone in its option. */
  private static final int MOST_COMMAS = 8;

  private final Recommender shop;
  private final StorePlace store;

  NamedProducts(Recommender shop, StorePlace store) {
    this.shop = shop;
    this.store = store;
  }

  /** The id of the product that a text names, in whichever Unicode form; null if there is none. */
  @Nullable String find(String text) {
    for (String form : Ids.forms(text)) {
      if (shop.product(form).isPresent()) {
        return form;
      }
    }
    return null;
  }

  /**
   * The ids in the values of an option, each of which is one id or several with commas between.
   * What is no product's id is given back as it is.
   */
  List<String> list(List<String> values) {
    var ids = new ArrayList<String>();
    for (String value : values) {
      String whole = find(value);
      if (whole != null) {
        ids.add(whole);
      } else {
        split(List.of(value.split(",", -1)), ids);
      }
    }
    return ids;
  }

  /** Takes the longest id at each comma. */
  private void split(List<String> parts, List<String> ids) {
    for (int from = 0; from < parts.size(); ) {
      String id = null;
      int to = Math.min(parts.size(), from + 1 + MOST_COMMAS);
      while (id == null && to > from) {
        id = find(String.join(",", parts.subList(from, to--)).strip());
      }
      if (id != null || !parts.get(from).isBlank()) {
        ids.add(id == null ? parts.get(from).strip() : id);
      }
      from = to + 1;
    }
  }

  /**
   * As {@link #list}, of an option that takes nothing else.
   *
   * @throws UserErrorException if one is no product's id
   */
  List<String> list(String option, List<String> values) {
    List<String> ids = list(values);
    for (String id : ids) {
      if (find(id) == null) {
        throw new UserErrorException(
            option
                + " names \""
                + Ids.shown(id)
                + "\", which is no product of "
                + store
                + "; name a product's id");
      }
    }
    return ids;
  }

  /** What to say of a name that is neither a product's nor a picture's. */
  UserErrorException neither(String name) {
    return new UserErrorException(
        "\""
            + Ids.shown(name)
            + "\" is neither a product among the "
            + shop.size()
            + " of "
            + store
            + " nor a file; name a product's id or a photo");
  }
}

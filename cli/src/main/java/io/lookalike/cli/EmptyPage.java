package io.lookalike.cli;

import io.lookalike.Explanation;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Product;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Why {@code similar} shows nothing: the option that left nothing of what there is. */
final class EmptyPage {

  /** Values that are named of an attribute. */
  private static final int NAMED = 10;

  private final PageOptions options;
  private final Map<PageOptions.But, Filter.Equal> but;
  private final Rank order;

  /**
   * Of a page.
   *
   * @param but what --but says, by what was typed
   * @param order by what it was ranked
   */
  EmptyPage(PageOptions options, Map<PageOptions.But, Filter.Equal> but, Rank order) {
    this.options = options;
    this.but = but;
    this.order = order;
  }

  /**
   * The reason, in words.
   *
   * @param others all that could be shown
   * @param excluded their ids that --exclude names
   */
  String why(List<Product> others, Collection<String> excluded, Explanation explanation) {
    if (others.isEmpty()) {
      return "there are no other products";
    }
    List<Product> left = matching(options.filter(), others);
    if (left.isEmpty()) {
      return "none of the other "
          + others.size()
          + " products matches --filter '"
          + options.filter
          + "'";
    }
    for (Map.Entry<PageOptions.But, Filter.Equal> each : but.entrySet()) {
      List<Product> having = matching(each.getValue(), left);
      if (having.isEmpty()) {
        return "none of the other "
            + among(left, others)
            + " has "
            + each.getKey().attribute()
            + "="
            + each.getKey().value()
            + ", as --but wants; "
            + values(each.getValue().attribute(), left);
      }
      left = having;
    }
    List<Product> wanted = new ArrayList<>(left);
    wanted.removeIf(product -> excluded.contains(product.id()));
    if (wanted.isEmpty()) {
      return "--exclude leaves out all of the other " + among(left, others);
    }
    String which = among(wanted, others);
    if (explanation.candidates().isEmpty()) {
      return leftOut(which, explanation.whyNot(wanted.get(0).id()), wanted.get(0));
    }
    if (order == Rank.SALES || order == Rank.PAPER) {
      boolean nearest = order == Rank.PAPER || options.onlyNearest != null;
      return "none of the "
          + (nearest ? "nearest of the " : "other ")
          + which
          + " has sold; --rank similarity shows them all";
    }
    Explanation.Step first = explanation.candidates().get(0);
    return "none is left of the other "
        + which
        + "; of "
        + first.id()
        + ": "
        + ExplanationTable.outcome(first.verdict());
  }

  private String leftOut(String which, Explanation.Verdict verdict, Product first) {
    return switch (verdict.stage()) {
      case GUARD ->
          "none of the other "
              + which
              + " has the same "
              + String.join(" and ", options.sameAs)
              + " as what was asked about, as --same-as wants";
      case VARIANTS -> "--variants " + options.variants + " leaves none of the other " + which;
      default ->
          "none is left of the other "
              + which
              + "; of "
              + first.id()
              + ": "
              + ExplanationTable.outcome(verdict);
    };
  }

  private static List<Product> matching(Filter filter, List<Product> products) {
    return products.stream().filter(product -> filter.matches(product.attributes())).toList();
  }

  private static String among(List<Product> some, List<Product> all) {
    return some.size() + " products" + (some.size() < all.size() ? " that match" : "");
  }

  private static String values(String attribute, List<Product> products) {
    var values = new TreeSet<String>();
    for (Product product : products) {
      Object value = product.attributes().get(attribute);
      if (value != null) {
        values.add(Facts.text(value));
      }
    }
    if (values.isEmpty()) {
      return "they have none";
    }
    return "there are "
        + String.join(", ", values.stream().limit(NAMED).toList())
        + (values.size() > NAMED ? " and " + (values.size() - NAMED) + " more" : "");
  }
}

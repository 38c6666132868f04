package io.lookalike.cli;

import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.index.Neighbor;
import io.lookalike.index.Query;
import io.lookalike.math.UnitVector;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What the paper's method makes of a consulted article.
 *
 * @param consulted the article's id
 * @param nearest the articles that look closest, the closest first
 */
record PaperTable(String consulted, List<Row> nearest) {

  /** The number of articles that the paper finds by looks. */
  static final int NEIGHBORS = 10;

  /**
   * An article that looks like the consulted one.
   *
   * @param id its id
   * @param similarity the cosine similarity
   * @param frequency how often it was bought
   * @param visualRank its place by similarity, from 1
   * @param rank its place among the recommended, from 1; 0 if it never sold and so is not
   */
  record Row(String id, float similarity, long frequency, int visualRank, int rank) {}

  /** Asks a recommender that was built by {@link RecommenderBuilder#paper()}. */
  static PaperTable of(Recommender shop, String consulted) {
    UnitVector vector = Objects.requireNonNull(shop.searcher().vector(consulted), consulted);
    Query query = Query.of(vector, NEIGHBORS).excluding(Set.of(consulted));
    List<String> recommended =
        shop.similarTo(consulted, NEIGHBORS).stream().map(Recommendation::id).toList();
    var rows = new ArrayList<Row>();
    for (Neighbor n : shop.searcher().search(query)) {
      rows.add(
          new Row(
              n.id(),
              n.similarity(),
              shop.purchases().count(n.id()),
              rows.size() + 1,
              recommended.indexOf(n.id()) + 1));
    }
    return new PaperTable(consulted, List.copyOf(rows));
  }

  /** The articles recommended, best first. */
  List<Row> recommended() {
    return nearest.stream()
        .filter(row -> row.rank > 0)
        .sorted(Comparator.comparingInt(Row::rank))
        .toList();
  }

  /** The articles that look close and never sold, the closest first. */
  List<Row> neverSold() {
    return nearest.stream().filter(row -> row.rank == 0).toList();
  }
}

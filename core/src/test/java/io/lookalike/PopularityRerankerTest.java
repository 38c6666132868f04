package io.lookalike;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PopularityRerankerTest {

  private static final PurchaseLog NOTHING = new PurchaseLog();

  private static List<String> ranked(List<Candidate> candidates) {
    return PopularityReranker.byPurchases().rerank(candidates, NOTHING).stream()
        .map(Recommendation::id)
        .toList();
  }

  private static Candidate candidate(String id, double similarity, long sales) {
    return new Candidate(Product.of(id), (float) similarity, sales);
  }

  /** Table 1 of Boukrouh et al.: the recommendations for the sunglasses 0215303002. */
  @Test
  void tableOne() {
    var candidates =
        new ArrayList<>(
            List.of(
                candidate("0376172001", .90, 288),
                candidate("0215303001", .99, 270),
                candidate("0357792004", .91, 166),
                candidate("0270375001", .92, 114),
                candidate("0270382001", .93, 98),
                candidate("0370594023", .94, 78),
                candidate("0268305007", .95, 69),
                candidate("0357792009", .96, 58),
                candidate("0270375004", .97, 27),
                candidate("0270375006", .98, 0)));
    List<String> expected =
        candidates.stream().limit(9).map(c -> c.product().id()).toList(); // the last never sold
    Collections.shuffle(candidates, new Random(1));
    assertThat(ranked(candidates)).isEqualTo(expected);
  }

  @Test
  void tiesGoToTheMoreSimilarThenToTheSmallerId() {
    assertThat(
            ranked(
                List.of(
                    candidate("b", .5, 3),
                    candidate("d", .9, 2),
                    candidate("a", .5, 3),
                    candidate("c", .8, 3))))
        .containsExactly("c", "a", "b", "d");
  }

  @Test
  void invariantsOnRandomCandidates() {
    for (long seed = 0; seed < 1000; seed++) {
      var random = new Random(seed);
      var candidates = new ArrayList<Candidate>();
      for (int i = random.nextInt(30); i > 0; i--) {
        candidates.add(
            candidate(
                "p" + i, random.nextInt(4) / 4.0, (long) random.nextInt(3) * random.nextInt(5)));
      }
      List<Recommendation> page = PopularityReranker.byPurchases().rerank(candidates, NOTHING);
      assertThat(page).as("seed %s", seed).isSortedAccordingTo(Recommendation.BEST_FIRST);
      assertThat(page).as("seed %s", seed).allMatch(r -> r.sales() > 0 && r.score() == r.sales());
      assertThat(page.stream().map(Recommendation::id))
          .as("seed %s", seed)
          .containsExactlyInAnyOrderElementsOf(
              candidates.stream().filter(c -> c.sales() > 0).map(c -> c.product().id()).toList());
      Collections.shuffle(candidates, random);
      assertThat(PopularityReranker.byPurchases().rerank(candidates, NOTHING))
          .as("seed %s, another order of candidates", seed)
          .isEqualTo(page);
    }
  }

  /** One sale more never moves a product down. */
  @Test
  void moreSalesNeverHurt() {
    for (long seed = 0; seed < 500; seed++) {
      var random = new Random(seed);
      var candidates = new ArrayList<Candidate>();
      for (int i = 0; i < 10; i++) {
        candidates.add(candidate("p" + i, random.nextFloat(), random.nextInt(5)));
      }
      int lucky = random.nextInt(10);
      Candidate before = candidates.get(lucky);
      int rankBefore = ranked(candidates).indexOf(before.product().id());
      candidates.set(
          lucky, new Candidate(before.product(), before.similarity(), before.sales() + 1));
      int rankAfter = ranked(candidates).indexOf(before.product().id());
      assertThat(rankAfter).as("seed %s", seed).isNotNegative();
      if (rankBefore >= 0) {
        assertThat(rankAfter).as("seed %s", seed).isLessThanOrEqualTo(rankBefore);
      }
    }
  }
}

package com.example.shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import io.lookalike.math.VectorMath;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BestSellersTest {

  @Test
  void ranksBySales() {
    var shop = new BestSellers();
    shop.sold("coat");
    shop.sold("hat");
    shop.sold("hat");

    List<Recommendation> page =
        shop.rank(
            new float[] {1, 0},
            Map.of(
                "coat", new float[] {2, 0}, "hat", new float[] {3, 4}, "sock", new float[] {1, 1}));

    assertEquals(List.of("hat", "coat"), page.stream().map(Recommendation::id).toList());
    assertEquals(0.6f, page.get(0).similarity(), 1e-6f);
    assertEquals(1f, page.get(1).similarity(), 1e-6f);
  }

  @Test
  void runsAsANamedModuleWithoutTheSimdFlag() {
    assertTrue(Recommender.class.getModule().isNamed());
    assertEquals("scalar", VectorMath.active().name());
  }
}

package io.lookalike.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Purchase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The demo's sales are what the generator says, and have the shape that its page speaks of. */
class SimulatedPurchasesTest {
  private static final Path DEMO = Path.of("examples/demo");
  private static final long SEED = 20_250_101;
  private static final int SALES = 4_000;

  @Test
  void theShippedFileIsWhatTheGeneratorMakes() throws IOException {
    List<Purchase> purchases = SimulatedPurchases.of(ids(), SALES, SEED);

    String csv =
        purchases.stream()
            .map(p -> p.productId() + "," + p.time() + "\n")
            .collect(Collectors.joining("", "product,time\n", ""));

    assertThat(Files.readString(DEMO.resolve("purchases.csv"))).isEqualTo(csv);
  }

  @Test
  void fewProductsSellMuchAndSomeNever() throws IOException {
    List<String> ids = ids();

    var sales =
        SimulatedPurchases.of(ids, SALES, SEED).stream()
            .collect(Collectors.groupingBy(Purchase::productId, Collectors.counting()));

    List<Long> counts = sales.values().stream().sorted((a, b) -> Long.compare(b, a)).toList();
    assertThat(counts.size()).isBetween(260, 275);
    long best = counts.stream().limit(30).mapToLong(Long::longValue).sum();
    assertThat(best).isGreaterThan(SALES / 2);
    assertThat(ids).containsAll(sales.keySet());
  }

  private static List<String> ids() throws IOException {
    return Files.readAllLines(DEMO.resolve("products.csv")).stream()
        .skip(1)
        .map(line -> line.substring(0, line.indexOf(',')))
        .toList();
  }
}

package io.lookalike.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.index.IndexFactory;
import io.lookalike.testkit.NeighborIndexConformance;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** The conformance kit, on a node. */
@Tag("kit")
@Timeout(600)
class OpenSearchIndexTest extends NeighborIndexConformance {

  private static TestCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = TestCluster.of(1);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Override
  protected IndexFactory factory() {
    return cluster.builder().factory();
  }

  @Override
  protected double minimumRecall() {
    return .99;
  }

  /** Each write makes itself visible, which takes milliseconds: all of them take 15 minutes. */
  @Override
  protected double shareOfWrites() {
    return Double.parseDouble(System.getProperty("kit.writes", "0.1"));
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    assertThat(cluster.indexes()).noneMatch(name -> name.startsWith("lookalike"));
  }
}

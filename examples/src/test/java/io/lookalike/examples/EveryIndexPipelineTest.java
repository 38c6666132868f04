package io.lookalike.examples;

import io.lookalike.index.IndexFactory;
import io.lookalike.index.bruteforce.BruteForceIndex;
import io.lookalike.index.hnsw.HnswIndex;
import io.lookalike.testkit.PipelineProperties;
import org.junit.jupiter.api.Nested;

/** What a page promises, it promises on every index. */
class EveryIndexPipelineTest {

  @Nested
  class OnBruteForce extends PipelineProperties {
    @Override
    protected IndexFactory factory() {
      return BruteForceIndex.factory();
    }
  }

  @Nested
  class OnHnsw extends PipelineProperties {
    @Override
    protected IndexFactory factory() {
      return HnswIndex.factory();
    }
  }

  @Nested
  class OnAListOfYourOwn extends PipelineProperties {
    @Override
    protected IndexFactory factory() {
      return ListIndex::new;
    }
  }
}

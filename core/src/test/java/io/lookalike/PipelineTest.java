package io.lookalike;

import io.lookalike.index.IndexFactory;
import io.lookalike.index.NaiveIndex;

class PipelineTest extends PipelineProperties {

  @Override
  protected IndexFactory factory() {
    return NaiveIndex.factory();
  }
}

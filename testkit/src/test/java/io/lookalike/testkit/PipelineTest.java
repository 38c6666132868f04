package io.lookalike.testkit;

import io.lookalike.index.IndexFactory;

class PipelineTest extends PipelineProperties {

  @Override
  protected IndexFactory factory() {
    return NaiveIndex.factory();
  }
}

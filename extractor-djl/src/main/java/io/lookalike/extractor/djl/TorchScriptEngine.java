package io.lookalike.extractor.djl;

import io.lookalike.extractor.ExtractorSpec;
import io.lookalike.extractor.ModelSettings;
import io.lookalike.extractor.NetworkEngine;

/**
 * Lets {@link ExtractorSpec} find PyTorch as {@code torchscript:FILE}. In code, {@link
 * TorchScriptExtractor#builder()} says the same. Safe for use by several threads.
 */
public final class TorchScriptEngine implements NetworkEngine {

  /** Called by {@link java.util.ServiceLoader}. */
  public TorchScriptEngine() {}

  @Override
  public String name() {
    return "torchscript";
  }

  @Override
  public ModelSettings<?> builder() {
    return TorchScriptExtractor.builder();
  }
}

package io.lookalike.extractor;

/**
 * Runs networks of one format that ONNX Runtime does not read, as {@link ExtractorSpec} finds it by
 * name among the providers that {@link java.util.ServiceLoader} knows. Implementations are safe for
 * use by several threads.
 */
public interface NetworkEngine {

  /**
   * The format's name, which stands before the file's in {@link ExtractorSpec}.
   *
   * @return a lower-case word such as {@code torchscript}
   */
  String name();

  /**
   * Begins to describe an extractor.
   *
   * @return a new builder
   */
  ModelSettings<?> builder();
}

package io.lookalike;

/**
 * A change of network that has been prepared beside the one that serves: all pictures are embedded,
 * the index is built. {@link #swap} has it serve; {@link #close} without that leaves everything as
 * it was. What has been embedded stays in the store, for another try. For one thread.
 */
public interface Reembedding extends AutoCloseable {

  /**
   * What the change would do.
   *
   * @return as of when it was prepared
   */
  ReembedReport report();

  /**
   * Has the other network serve from now on: pages that begin afterwards are made by it, and the
   * store says so. The extractor is now the recommender's to close, and the one before it is
   * closed. Its features stay in the store until a third network comes, so that a change back by
   * {@link Recommender#reembed} embeds only what has been added since.
   *
   * @throws IllegalStateException if this was swapped or closed before
   * @throws java.io.UncheckedIOException if the store cannot be written; the former network serves
   *     on
   */
  void swap();

  /** Ends it. If it was not swapped, the extractor stays the caller's to close. */
  @Override
  void close();
}

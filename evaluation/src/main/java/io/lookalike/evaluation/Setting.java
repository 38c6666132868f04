package io.lookalike.evaluation;

import java.util.List;

/**
 * A way to recommend, to be measured beside others. Immutable.
 *
 * <p>{@link RecommenderSetting} is a shop with settings of one's own, {@link Baselines} are what it
 * should be compared with, and whatever else recommends products can be put behind this interface.
 */
public interface Setting {

  /**
   * What tables call it.
   *
   * @return a few words, unlike any other setting's of the same replay
   */
  String name();

  /**
   * What it is made of. Results that were saved are used again only where this is the same.
   *
   * @return in words
   */
  String description();

  /**
   * Prepares to answer as of a cut.
   *
   * @param past all that is known; it holds nothing of what comes after
   * @return what answers, closed after the last question
   */
  Answers open(Past past);

  /** Answers questions as of a cut. Safe for use by several threads. */
  interface Answers extends AutoCloseable {
    /**
     * Answers a question.
     *
     * @param question what for; the same question has the same answer
     * @return ids of products that had been launched, best first, each once, without the product
     *     consulted; at most k
     */
    List<String> answer(Question question);

    /** Frees what was prepared. */
    @Override
    default void close() {}
  }
}

package io.lookalike;

/** Told how far a long operation has come. Calls come one at a time, not always from one thread. */
@FunctionalInterface
public interface ProgressListener {

  /** Listens to nothing. */
  ProgressListener NONE = (done, total) -> {};

  /**
   * Called after each item, or after each of many equal steps.
   *
   * @param done items finished so far, never fewer than in the call before
   * @param total items in all, or -1 where that is not known
   */
  void progress(long done, long total);
}

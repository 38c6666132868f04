package io.lookalike.features;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import java.util.List;

/**
 * Turns a picture into features: a vector of fixed length in which pictures that look alike lie in
 * nearly the same direction.
 *
 * <p>Implementations are safe for use by several threads: {@link #extract} may be called by as many
 * as {@link #concurrency()} advises, or more. Bulk work goes through {@link #extractAll}, which
 * calls {@code extract} from that many threads.
 *
 * <p>Many calls at once may come from virtual threads. An implementation that computes on the
 * calling thread keeps the few platform threads that carry all of them; it should compute on
 * threads of its own, as those of {@code lookalike-extractor-onnx} do.
 */
public interface FeatureExtractor extends AutoCloseable {

  /**
   * What determines the features: network, weights and preprocessing. Features from extractors
   * whose identities differ must not be compared, so the identity is stored with the features and
   * checked when they are opened again.
   *
   * @return a short, stable text without line breaks, such as {@code
   *     efficientnet-lite0-gem/sha256:1f2e.../area288}
   */
  String identity();

  /**
   * The length of every vector that {@link #extract} returns.
   *
   * @return at least 1
   */
  int dimension();

  /**
   * Extracts one picture's features.
   *
   * @param image the picture
   * @return a new array of {@link #dimension()} finite numbers, not all zero, not normalised
   * @throws UnreadableImageException if there is no readable picture
   * @throws ExtractorBusyException if this extractor limits how many calls may wait for it, or how
   *     long, and such a limit was met
   * @throws java.util.concurrent.CancellationException if the calling thread is interrupted while
   *     it waits; it stays interrupted
   * @throws IllegalStateException if this extractor has been closed
   */
  float[] extract(ImageSource image);

  /**
   * Number of threads calling {@link #extract} at once that serve this extractor best.
   *
   * @return at least 1
   */
  default int concurrency() {
    return 1;
  }

  /**
   * Extracts many pictures, {@link #concurrency()} at a time, so that one is decoded while another
   * is in the network. Nothing is buffered: each result goes to the sink as soon as it is there, in
   * the order of completion. An unreadable picture does not stop the others. Any other exception
   * that {@code extract} or the sink throws does, and is thrown here at once, while other pictures
   * may still be in work.
   *
   * @param images the pictures
   * @param sink receives each picture's outcome; its calls never overlap, and none comes after this
   *     method has returned or thrown
   * @throws java.util.concurrent.CancellationException if the calling thread is interrupted
   */
  default void extractAll(List<ImageSource> images, Sink sink) {
    BulkExtraction.run(this, images, sink);
  }

  /** Receives the outcomes of {@link #extractAll}, one call for each picture. */
  interface Sink {
    /**
     * A picture has become features.
     *
     * @param index its place in the list given
     * @param features a new array
     */
    void extracted(int index, float[] features);

    /**
     * A picture could not be read.
     *
     * @param index its place in the list given
     * @param reason what is wrong with it
     */
    void unreadable(int index, UnreadableImageException reason);
  }

  /**
   * This extractor, lent: to a recommender that must not close it, because it serves others too.
   * Whoever made it closes it when all are done.
   *
   * @return the same extractor, whose {@link #close} does nothing
   */
  default FeatureExtractor shared() {
    return new SharedExtractor(this);
  }

  /** Frees the network and its native memory. Closing twice has no effect. */
  @Override
  void close();
}

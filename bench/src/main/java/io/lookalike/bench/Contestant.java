package io.lookalike.bench;

import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A kind of index that {@code lookalike bench} measures beside others. Found by {@link
 * java.util.ServiceLoader}: a jar with an implementation on the class path puts an index of your
 * own into the table. Used by one thread, except for {@link Built#search}.
 */
public interface Contestant {

  /**
   * What the index is called in {@code --index} and in tables.
   *
   * @return one word, lower case
   */
  String name();

  /**
   * What trades recall for speed in searches, such as {@code efSearch}.
   *
   * @return its name; empty if there is no such thing, as in exact search
   */
  String parameter();

  /**
   * The values to measure at.
   *
   * @param k number of nearest that are wanted
   * @return in ascending order, from the fastest to the most thorough; one, passed over, if there
   *     is no parameter
   */
  List<Integer> values(int k);

  /**
   * Whether it can search among matching vectors alone.
   *
   * @return true if {@link Task#matching} may be given
   */
  boolean filters();

  /**
   * Whether only one thread searches it at a time.
   *
   * @return true if it is not to be measured with several
   */
  default boolean singleThreaded() {
    return false;
  }

  /**
   * What it needs and does not find here, such as another program.
   *
   * @return what to do about it, in words; empty if it can be built
   */
  default Optional<String> missing() {
    return Optional.empty();
  }

  /**
   * Builds an index.
   *
   * @param task what of, and how
   * @return the index, ready to be searched
   * @throws IOException if it needs files and cannot write them
   */
  Built build(Task task) throws IOException;

  /**
   * What to build an index of.
   *
   * @param vectors each of length 1, to be copied if they are kept; row {@code i} is vector {@code
   *     i}
   * @param matching if not null, all searches look for these alone
   * @param threads number of threads that may build
   */
  record Task(List<float[]> vectors, @Nullable BitSet matching, int threads) {}

  /** An index that has been built. */
  interface Built extends AutoCloseable {

    /**
     * Sets what trades recall for speed, for all searches from now on.
     *
     * @param value one of {@link Contestant#values}
     */
    void set(int value);

    /**
     * Finds the nearest by cosine similarity. Called by several threads at once.
     *
     * @param query of length 1
     * @param k number of nearest that are wanted
     * @return their rows, at most {@code k}, in any order
     * @throws IOException if a file cannot be read
     */
    int[] search(float[] query, int k) throws IOException;

    /**
     * What the index takes outside the heap: files that it maps, native memory. What it takes in
     * the heap is measured.
     *
     * @return bytes
     */
    long bytesOutsideHeap();

    /** Frees what it holds, files included. */
    @Override
    void close() throws IOException;
  }

  /**
   * An index that measures itself, as it is in another process, and a call to it would take longer
   * than a search. For one thread.
   */
  interface MeasuredApart extends Built {

    /**
     * How long the index took to build there.
     *
     * @return seconds
     */
    double buildSeconds();

    /**
     * Answers queries one by one, one after the other and from the start again, until time is up.
     *
     * @param queries all, each of length 1; the same list at each call
     * @param k number of nearest that are wanted
     * @param first the number of the query to begin with
     * @param nanos for how long, in nanoseconds; one is answered at least
     * @return how long each took
     * @throws IOException if the process has failed
     */
    Turn turn(List<float[]> queries, int k, int first, long nanos) throws IOException;

    @Override
    default int[] search(float[] query, int k) throws IOException {
      return Objects.requireNonNull(turn(List.of(query), k, 0, 0).answers()[0], "the answer");
    }

    /**
     * What was answered.
     *
     * @param nanos how long each search took, in the order in which they were done
     * @param answers rows by the number of the query, the last of each; null for those that were
     *     not answered
     */
    @SuppressWarnings("ArrayRecordComponent") // not compared
    record Turn(long[] nanos, int[] @Nullable [] answers) {}
  }
}

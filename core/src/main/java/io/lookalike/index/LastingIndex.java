package io.lookalike.index;

import java.util.Objects;

/**
 * An index that lasts when it is closed, as one in a cluster does: {@link IndexFactory#reopen}
 * finds it again by what it was made of. One that was never {@linkplain #mark marked} is gone when
 * it is closed.
 */
public interface LastingIndex extends NeighborIndex {

  /**
   * What an index was made of.
   *
   * @param store the id of the store that its products are of
   * @param network the number of the network that made their features
   * @param transform the version of the transform that made the vectors of these; 0 if none did
   * @param photos how it holds products of several photos, by name
   * @param change the store's last change that is certainly in the index; it may hold later ones
   * @param stamp what the store notes of this marking, at most 16 letters and digits: a store that
   *     was put back to an earlier state does not know it; empty for what is not marked yet
   */
  record Origin(
      String store, int network, int transform, String photos, long change, String stamp) {

    /** Checks that nothing is null. */
    public Origin {
      Objects.requireNonNull(store, "store");
      Objects.requireNonNull(photos, "photos");
      Objects.requireNonNull(stamp, "stamp");
    }

    /**
     * Whether an index of the one holds the vectors that an index of the other does.
     *
     * @param other any
     * @return false if anything but the change and the stamp differs
     */
    public boolean isOfSame(Origin other) {
      return store.equals(other.store)
          && network == other.network
          && transform == other.transform
          && photos.equals(other.photos);
    }
  }

  /**
   * What this index was last marked with.
   *
   * @return its origin
   * @throws IllegalStateException if it has not been marked
   */
  Origin origin();

  /**
   * Makes the index one that lasts and is found again, in the place of any that was before.
   *
   * @param origin what it holds
   * @throws java.io.UncheckedIOException if that cannot be noted; the index goes on as before
   * @throws IllegalStateException if it has been closed
   */
  void mark(Origin origin);
}

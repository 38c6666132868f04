package io.lookalike.index;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes indexes of one kind with one configuration, as in {@code
 * builder.index(HnswIndex.factory())} or {@code builder.index(MyIndex::new)}. Safe for use by
 * several threads.
 */
@FunctionalInterface
public interface IndexFactory {

  /**
   * Makes an empty index.
   *
   * @param dimension the length of its vectors, at least 1
   * @return a new index, to be closed by the caller
   * @throws IllegalArgumentException if the dimension is less than 1 or more than the index allows
   */
  NeighborIndex create(int dimension);

  /**
   * Makes an index of all items at once. Where an index learns from its items, it sees all of them
   * before it does.
   *
   * @param dimension the length of its vectors, at least 1
   * @param items what the index will hold, read once; if an id occurs twice, the last one counts
   * @return a new index, to be closed by the caller
   * @throws IllegalArgumentException as {@link #create}, or if a vector has another dimension
   */
  default NeighborIndex build(int dimension, Iterable<IndexItem> items) {
    List<IndexItem> all = new ArrayList<>();
    items.forEach(all::add);
    NeighborIndex index = create(dimension);
    try {
      index.upsertAll(all);
    } catch (RuntimeException | Error e) {
      index.close();
      throw e;
    }
    return index;
  }

  /**
   * Makes an index of all items of a store at once. Where indexes of this kind last, one that a
   * process has begun with the same items, and not ended, may be gone on with.
   *
   * @param origin what the items are of; its change is the store's last before they were read
   * @param dimension the length of its vectors, at least 1
   * @param items what the index will hold, read once; if an id occurs twice, the last one counts
   * @return as {@link #build(int, Iterable)}
   * @throws IllegalArgumentException as {@link #build(int, Iterable)}
   */
  default NeighborIndex build(
      LastingIndex.Origin origin, int dimension, Iterable<IndexItem> items) {
    return build(dimension, items);
  }

  /**
   * Opens an index that {@link SavableIndex#save} wrote.
   *
   * @param file the saved index
   * @param dimension the length that its vectors must have
   * @return the index, to be closed by the caller; nothing if indexes of this kind cannot be saved
   * @throws IOException if the file is missing, damaged, of another kind, version or dimension, or
   *     cannot be read
   */
  default Optional<NeighborIndex> open(Path file, int dimension) throws IOException {
    return Optional.empty();
  }

  /**
   * Finds an index that was {@linkplain LastingIndex#mark marked} before, by this or another
   * process.
   *
   * @param origin what it must be made of, but for the change, which may be any
   * @param dimension the length that its vectors must have
   * @return the index with the latest change, to be closed by the caller; nothing if there is none,
   *     or if indexes of this kind do not last
   * @throws java.io.UncheckedIOException if where it would be cannot be reached, or holds something
   *     else in its place
   */
  default Optional<LastingIndex> reopen(LastingIndex.Origin origin, int dimension) {
    return Optional.empty();
  }
}

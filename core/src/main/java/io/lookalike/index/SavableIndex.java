package io.lookalike.index;

import java.io.IOException;
import java.nio.file.Path;

/** An index that can be saved to a file, which its {@link IndexFactory#open} opens again. */
public interface SavableIndex extends NeighborIndex {

  /**
   * Saves the index as it is at one moment of the call. Searches and writers go on meanwhile.
   *
   * @param file replaced whole, or, if this throws, not at all
   * @throws IOException if it cannot be written
   * @throws IllegalStateException if the index has been closed
   */
  void save(Path file) throws IOException;
}

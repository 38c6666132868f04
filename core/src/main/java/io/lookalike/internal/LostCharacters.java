package io.lookalike.internal;

import io.lookalike.catalog.Ids;
import org.jspecify.annotations.Nullable;

/** What another character set than UTF-8 leaves in a text that is read as UTF-8. */
public final class LostCharacters {

  /** Stands for bytes that are no character in the character set at hand. */
  public static final char MARK = '\uFFFD';

  private LostCharacters() {}

  /**
   * What is wrong with an id from a file, its characters included.
   *
   * @param id the id
   * @return null if nothing is, or else words that follow what it is an id of
   */
  public static @Nullable String problem(String id) {
    return id.indexOf(MARK) < 0
        ? Ids.problem(id)
        : "is \""
            + Ids.shown(id)
            + "\", where U+FFFD stands for a character that was lost; export it as UTF-8 again";
  }
}

package io.lookalike.datasets;

import io.lookalike.internal.LostCharacters;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/** The character set of file names, which the locale decides when the JVM starts. */
final class Charsets {

  /** Stands for bytes that are no character in the character set at hand. */
  static final char LOST = LostCharacters.MARK;

  private Charsets() {}

  /** What to do where a text is no file's name because of the locale; or nothing. */
  static String hint(String text) {
    String charset = System.getProperty("sun.jnu.encoding", "");
    return Charset.isSupported(charset) && Charset.forName(charset).newEncoder().canEncode(text)
        ? ""
        : " where the locale's character set is "
            + charset
            + "; start Java with LC_ALL=C.UTF-8 set";
  }

  /** What is wrong with an id, its characters included; null if nothing is. */
  static @Nullable String problem(String id) {
    return LostCharacters.problem(id);
  }

  /** What is wrong with a file's name of which characters were lost. */
  static String lost() {
    String hint = hint("\u65E5");
    return hint.isEmpty()
        ? "has a name that is not UTF-8; rename it"
        : "has a name that cannot be read" + hint;
  }
}

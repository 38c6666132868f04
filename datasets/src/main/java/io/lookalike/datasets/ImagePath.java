package io.lookalike.datasets;

import io.lookalike.internal.UnicodePath;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where a table's picture is, or why that cannot be told. */
final class ImagePath {

  /** Of two letters or more, as one is a drive. */
  private static final Pattern ADDRESS =
      Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*", Pattern.DOTALL);

  private ImagePath() {}

  /** The file that a value names, in whatever Unicode form it is kept; null if there is none. */
  static @Nullable Path find(Path table, String image) {
    try {
      Path picture = UnicodePath.existing(table.resolveSibling(image));
      return picture != null && Files.isRegularFile(picture) ? picture : null;
    } catch (InvalidPathException e) { // as #problem says
      return null;
    }
  }

  /** Which file a value names, and why it cannot be had. */
  static String problem(Path table, String image) {
    if (ADDRESS.matcher(image).matches()) {
      return image + ", which is an address, expected a path; download the picture";
    }
    Path picture;
    try {
      picture = table.resolveSibling(image);
    } catch (InvalidPathException e) {
      return image + ", which is no path" + Charsets.hint(image);
    }
    String missing = picture + ", which is missing";
    String path = image.replaceFirst("[?#].*", "");
    if (!path.equals(image)) {
      return missing
          + ", as it ends like an address, expected a path"
          + (find(table, path) == null ? "" : "; there is " + path);
    }
    for (String other : List.of(decoded(image), image.replace('\\', '/'))) {
      if (find(table, other) != null) {
        return missing + "; there is " + other;
      }
    }
    return missing;
  }

  /** A value of an address's characters as it was before. */
  private static String decoded(String image) {
    try {
      return URLDecoder.decode(image.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return image;
    }
  }
}

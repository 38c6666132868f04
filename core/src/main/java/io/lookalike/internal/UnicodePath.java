package io.lookalike.internal;

import io.lookalike.catalog.Ids;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Finds a file by a name that another system wrote down: each folder on the way and the file may be
 * kept in another Unicode form (NFC, NFD) than its part of the name, as where a folder was made on
 * Linux and what is in it was copied from macOS.
 */
public final class UnicodePath {

  private UnicodePath() {}

  /**
   * The file or folder that a path names.
   *
   * @param path in any Unicode form
   * @return the path itself if it exists, else one that differs from it in Unicode form alone; null
   *     if there is none
   * @throws java.nio.file.InvalidPathException if a form of a name cannot be a file's here
   */
  public static @Nullable Path existing(Path path) {
    return Files.exists(path) ? path : existing(path.getRoot(), path, 0);
  }

  private static @Nullable Path existing(@Nullable Path folder, Path path, int part) {
    if (part == path.getNameCount()) {
      return folder;
    }
    for (String form : Ids.forms(path.getName(part).toString())) {
      Path next = folder == null ? path.getFileSystem().getPath(form) : folder.resolve(form);
      Path found = Files.exists(next) ? existing(next, path, part + 1) : null;
      if (found != null) {
        return found;
      }
    }
    return null;
  }
}

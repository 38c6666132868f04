package io.lookalike.cli;

import io.lookalike.Recommender;
import io.lookalike.RecommenderBuilder;
import io.lookalike.StoreInfo;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.bruteforce.BruteForceIndex;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens what {@code index} has saved, whatever it was made with. */
final class Store {

  private Store() {}

  /** The same for questions about products of the store, which need no network. */
  static RecommenderBuilder builder(Path folder) throws IOException {
    return builder(folder, new ExtractorOptions());
  }

  /**
   * Begins to open a store: extractor, transform and index are set. The index is exact and quick to
   * build, as a single question wants it.
   *
   * @param extractor the network that it was made with, if it is not a built-in one
   */
  static RecommenderBuilder builder(Path folder, ExtractorOptions extractor) throws IOException {
    StoreInfo info = StoreInfo.read(folder);
    return builder(folder, extractor, info, TransformChoice.rule(folder, info.transform()));
  }

  /** The same, to be fitted by another rule from the next refit on. */
  static RecommenderBuilder builder(Path folder, FeatureTransform.Rule rule) throws IOException {
    return builder(folder, new ExtractorOptions(), StoreInfo.read(folder), rule);
  }

  private static RecommenderBuilder builder(
      Path folder, ExtractorOptions extractor, StoreInfo info, FeatureTransform.Rule rule) {
    return Recommender.builder()
        .index(BruteForceIndex.factory())
        .transform(rule)
        .extractor(new StoredExtractor(folder, info, extractor));
  }

  /**
   * Checks that a store can be saved, before hours of work go into it.
   *
   * @throws UserErrorException if the folder holds something else, or cannot be written to
   */
  static void checkWritable(Path folder) throws IOException {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new UserErrorException(folder + " is a file; name a folder for the store");
    }
    Path existing = folder.toAbsolutePath();
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing == null || !Files.isDirectory(existing) || !Files.isWritable(existing)) {
      throw new UserErrorException(
          "cannot write " + folder + ": " + existing + " is no folder that can be written to");
    }
    if (Files.isDirectory(folder) && !Files.exists(folder.resolve("manifest.properties"))) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
        for (Path file : files) {
          throw new UserErrorException(
              folder
                  + " holds other files ("
                  + file.getFileName()
                  + ") and no store; name an empty or a new folder");
        }
      }
    }
  }
}

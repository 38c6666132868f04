package io.lookalike.datasets;

import io.lookalike.catalog.ImageSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The pictures of articles, in folders by the first digits of their ids. Each is listed once. */
final class HmPictures {
  private static final int FOLDER_DIGITS = 3;
  private static final String ENDING = ".jpg";

  private final Path images;

  /** By folder and article, in order. */
  private final Map<String, Map<String, List<Path>>> known = new HashMap<>();

  private record Picture(NumberedName name, Path file) {}

  HmPictures(Path images) {
    this.images = images;
  }

  /** Where an article's first picture is, or would be. */
  Path first(String id) {
    return images.resolve(id.substring(0, FOLDER_DIGITS)).resolve(id + ENDING);
  }

  /** An article's pictures in order; empty if it has none. */
  List<ImageSource> of(String id) {
    Path first = first(id);
    List<Path> own =
        known
            .computeIfAbsent(id.substring(0, FOLDER_DIGITS), folder -> list(images.resolve(folder)))
            .get(id);
    if (own == null) { // or in a folder that cannot be listed
      own = Files.isRegularFile(first) ? List.of(first) : List.of();
    }
    return own.stream().map(ImageSource::of).toList();
  }

  private static Map<String, List<Path>> list(Path folder) {
    Map<String, List<Path>> pictures = new HashMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      files
          .filter(file -> file.toString().endsWith(ENDING) && Files.isRegularFile(file))
          .map(file -> new Picture(name(file), file))
          .sorted(
              Comparator.comparingInt((Picture picture) -> picture.name.number())
                  .thenComparing(Picture::file))
          .forEach(
              picture ->
                  pictures
                      .computeIfAbsent(picture.name.id(), id -> new ArrayList<>(1))
                      .add(picture.file));
    } catch (IOException | UncheckedIOException e) {
      return Map.of();
    }
    return pictures;
  }

  private static NumberedName name(Path file) {
    String name = file.getFileName().toString();
    return NumberedName.of(name.substring(0, name.length() - ENDING.length()));
  }
}

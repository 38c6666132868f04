package io.lookalike.cli;

import io.lookalike.Recommender;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import io.lookalike.internal.UnicodePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a command reads: no file that it writes may take the place of any of it. */
final class Inputs {

  private final List<Path> files = new ArrayList<>();
  private @Nullable Path store;

  /** A file, or null where none was named. */
  Inputs file(@Nullable Path file) {
    if (file != null) {
      files.add(file);
    }
    return this;
  }

  /** The pictures of products. */
  Inputs photos(List<ProductImage> items) {
    for (ProductImage item : items) {
      for (ImageSource image : item.images()) {
        named(image.name());
      }
    }
    return this;
  }

  /** The pictures that pages show of a shop's products. */
  Inputs photosOf(Recommender shop) {
    for (Product product : shop.products()) {
      if (product.attributes().get(Facts.IMAGE) instanceof String path) {
        named(path);
      }
    }
    return this;
  }

  /** A store, all that is in its folder. */
  Inputs store(@Nullable StorePlace place) {
    store = place == null ? null : place.folder();
    return this;
  }

  /** What may be a picture, with a part of it behind # and a weight behind =, or a product's id. */
  Inputs example(String text) {
    for (String name : List.of(text, before('=', text))) {
      named(name).named(before('#', name));
    }
    return this;
  }

  private static String before(char mark, String text) {
    int at = text.lastIndexOf(mark);
    return at < 0 ? text : text.substring(0, at);
  }

  /** A file by its name, in whatever Unicode form it is kept. */
  Inputs named(String path) {
    try {
      Path file = UnicodePath.existing(Path.of(path));
      files.add(file == null ? Path.of(path) : file);
    } catch (InvalidPathException e) {
      // then it is not read either
    }
    return this;
  }

  /**
   * Checks a file that is to be written.
   *
   * @throws UserErrorException if it is one of these, or lies in the store
   */
  void check(Path output) throws IOException {
    if (store != null && (real(output).startsWith(real(store)) || inside(output, store))) {
      throw new UserErrorException(
          "cannot write " + output + ": it lies in the store " + store + "; name a file elsewhere");
    }
    if (Files.exists(output)) {
      for (Path file : files) {
        if (Files.exists(file) && Files.isSameFile(output, file)) {
          throw new UserErrorException(
              "cannot write " + output + ": it is what is to be read; name another file");
        }
      }
    }
  }

  /** Whether a file, which may be a link elsewhere, is in a folder. */
  private static boolean inside(Path file, Path folder) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    return parent != null && real(parent).startsWith(real(folder));
  }

  /** Where a path leads, whether or not it is there yet. */
  private static Path real(Path path) throws IOException {
    Path absolute = path.toAbsolutePath();
    Path existing = absolute;
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    return existing == null
        ? absolute.normalize()
        : existing.toRealPath().resolve(existing.relativize(absolute)).normalize();
  }
}

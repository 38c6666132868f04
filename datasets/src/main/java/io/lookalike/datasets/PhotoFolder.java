package io.lookalike.datasets;

import io.lookalike.ProgressListener;
import io.lookalike.catalog.Ids;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Reads a folder of photos, as {@link Catalogue} describes it. */
final class PhotoFolder {
  private static final Set<String> EXTENSIONS = Set.of("jpg", "jpeg", "png", "webp", "gif", "bmp");

  /** A file below the folder; what is wrong with it, or empty. */
  private record Found(Path file, String path, String problem) {}

  /** A photo by what its file's name says. */
  private record Photo(NumberedName name, Found found) {}

  private PhotoFolder() {}

  static void read(
      Path folder,
      boolean several,
      Findings findings,
      ProgressListener progress,
      Consumer<? super ProductImage> sink)
      throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new DatasetException(
          folder, 0, Files.exists(folder) ? "is not a folder" : "there is no such folder");
    }
    List<Found> files = list(folder);
    Map<String, Path> seen = new HashMap<>();
    long done = 0;
    for (List<Photo> photos : products(files, several)) {
      String id = photos.get(0).name.id();
      Found found = photos.get(0).found;
      String problem = found.problem;
      if (problem.isEmpty()) {
        problem = problem(id, found);
      }
      if (problem.isEmpty() && photos.size() > ProductImage.MOST_IMAGES) {
        problem =
            "is one of "
                + photos.size()
                + " photos of the product "
                + id
                + ", expected at most "
                + ProductImage.MOST_IMAGES;
      }
      // Of two ids that nobody can tell apart, one would be sold under the other's name.
      String known = Normalizer.normalize(id, Normalizer.Form.NFC);
      Path first = problem.isEmpty() ? seen.putIfAbsent(known, found.file) : null;
      if (first != null) {
        boolean same = photo(new Found(first, "", ""), several).name.id().equals(id);
        problem =
            "the id "
                + id
                + " is already taken by "
                + first
                + (same ? "" : ", in another Unicode form (NFC, NFD)")
                + "; rename one";
      }
      if (!problem.isEmpty()) {
        findings.skip(new Problem(found.file, 0, problem));
      } else {
        sink.accept(
            new ProductImage(
                product(id, found.path),
                photos.stream().map(photo -> ImageSource.of(photo.found.file)).toList()));
        findings.accept();
      }
      done += photos.size();
      progress.progress(done, files.size());
    }
  }

  /** The photos of each product, in the order of the paths; what is no picture by itself. */
  private static Collection<List<Photo>> products(List<Found> files, boolean several) {
    Map<String, List<Photo>> products = new LinkedHashMap<>();
    for (Found found : files) {
      Photo photo = photo(found, several && found.problem.isEmpty());
      String folder = found.path.substring(0, found.path.lastIndexOf('/') + 1);
      String key =
          several && found.problem.isEmpty()
              ? "/" + folder + photo.name.id()
              : found.path; // no two alike
      products.computeIfAbsent(key, k -> new ArrayList<>(1)).add(photo);
    }
    products
        .values()
        .forEach(photos -> photos.sort(Comparator.comparingInt(photo -> photo.name.number())));
    return products.values();
  }

  private static Photo photo(Found found, boolean several) {
    String name = id(found.file);
    return new Photo(several ? NumberedName.of(name) : new NumberedName(name, 0), found);
  }

  private static String problem(String id, Found found) {
    if (found.path.indexOf(Charsets.LOST) >= 0) {
      return Charsets.lost();
    }
    if (id.isBlank()) {
      return "has a blank name, expected the product's id before the dot";
    }
    String bad = Ids.problem(id);
    return bad == null ? "" : "gives an id that " + bad;
  }

  private static Product product(String id, String path) {
    int slash = path.lastIndexOf('/');
    Product product = Product.of(id);
    return slash < 0 ? product : product.with("category", path.substring(0, slash));
  }

  private static String id(Path file) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  private static List<Found> list(Path folder) throws IOException {
    var files = new ArrayList<Found>();
    Files.walkFileTree(
        folder,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        Integer.MAX_VALUE,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return !directory.equals(folder) && hidden(directory)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (!hidden(file)) {
              found(file, attributes.isRegularFile() ? notPicture(file) : "is not a regular file");
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (file.equals(folder)) {
              throw e;
            }
            if (!hidden(file)) {
              found(
                  file,
                  e instanceof FileSystemLoopException
                      ? "is a link to a folder that it lies in"
                      : "cannot be read (" + e.getClass().getSimpleName() + ")");
            }
            return FileVisitResult.CONTINUE;
          }

          private void found(Path file, String problem) {
            String path = folder.relativize(file).toString();
            files.add(
                new Found(file, path.replace(file.getFileSystem().getSeparator(), "/"), problem));
          }
        });
    files.sort(Comparator.comparing(Found::path));
    return files;
  }

  private static boolean hidden(Path file) {
    return file.getFileName().toString().startsWith(".");
  }

  private static String extension(Path file) {
    String name = file.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  /** Whether a file is a picture by its name. */
  static boolean isPicture(Path file) {
    return EXTENSIONS.contains(extension(file));
  }

  private static String notPicture(Path file) {
    if (isPicture(file)) {
      return "";
    }
    return extension(file).equals("csv")
        ? "is a table in a folder of photos; to read products from it, name it and not its folder"
        : "is no picture by its name, expected an ending of .jpg .jpeg .png .webp .gif .bmp";
  }
}

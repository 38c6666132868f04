package io.lookalike;

import io.lookalike.index.SavableIndex;
import io.lookalike.internal.AtomicFile;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The saved index of a store. Its name tells what it was made from: {@code
 * index-STORE-NETWORK-TRANSFORM-CHANGE-STAMP.bin}, with the first letters of the store's id, the
 * number of the network, the version of the transform, the number of the last change that is
 * certainly in it, and what the store notes of this saving; {@code -mean} follows where it holds
 * one vector for all photos of a product. So a file either fits or is not looked at.
 *
 * @param folder where it lies
 * @param storeId the store's id
 */
record IndexFiles(Path folder, String storeId) {

  private static final Logger LOG = LoggerFactory.getLogger(IndexFiles.class);

  private static final Pattern NAME =
      Pattern.compile(
          "index-([A-Za-z0-9]+)-(\\d{1,9})-(\\d{1,9})-(\\d{1,18})(?:-([0-9a-f]{16}))?(-mean)?\\.bin");

  /** What an index file holds. */
  record Saved(
      Path file, int network, int transform, long change, String stamp, PhotoPolicy photos) {}

  private String store() {
    return storeId.replace("-", "").substring(0, Math.min(8, storeId.replace("-", "").length()));
  }

  /**
   * The newest file of this store's index. One whose stamp the store does not know is none: it was
   * not saved to its end, or the store was put back to an earlier state, and what is written into
   * it now is not what was then.
   *
   * @param photos null for any
   * @param stamps those that the store knows
   */
  Optional<Saved> newest(
      int network, int transform, @Nullable PhotoPolicy photos, Set<String> stamps)
      throws IOException {
    return all().stream()
        .filter(saved -> stamps.contains(saved.stamp))
        .filter(saved -> saved.network == network && saved.transform == transform)
        .filter(saved -> photos == null || saved.photos == photos)
        .max(Comparator.comparingLong(Saved::change));
  }

  /**
   * Whether there is a file of this store whose stamp it does not know; the next save deletes it.
   */
  boolean isAnyUnknown(Set<String> stamps) throws IOException {
    return all().stream().anyMatch(saved -> !stamps.contains(saved.stamp));
  }

  /**
   * Saves an index; the store is to be told its stamp next, and then the files that it replaces can
   * be {@linkplain #keepOnly deleted}.
   *
   * @param change the last change that is certainly in the index
   */
  Path save(
      SavableIndex index, int network, int transform, PhotoPolicy photos, long change, String stamp)
      throws IOException {
    Path file =
        folder.resolve(
            "index-"
                + store()
                + "-"
                + network
                + "-"
                + transform
                + "-"
                + change
                + "-"
                + stamp
                + (photos == PhotoPolicy.MEAN ? "-mean" : "")
                + ".bin");
    index.save(file);
    return file;
  }

  /** Deletes the store's other files. A process that has one of these open goes on reading it. */
  void keepOnly(Path file) throws IOException {
    for (Saved saved : all()) {
      if (!saved.file.equals(file)) {
        delete(saved.file);
      }
    }
  }

  /** The store's own: others' may lie beside them. */
  private List<Saved> all() throws IOException {
    var all = new ArrayList<Saved>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "index-*.bin")) {
      for (Path file : files) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (name.matches() && name.group(1).equals(store())) {
          all.add(
              new Saved(
                  file,
                  Integer.parseInt(name.group(2)),
                  Integer.parseInt(name.group(3)),
                  Long.parseLong(name.group(4)),
                  Objects.requireNonNullElse(name.group(5), ""), // an earlier version's
                  name.group(6) == null ? PhotoPolicy.BEST : PhotoPolicy.MEAN));
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return all;
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) { // where a system keeps what is mapped: the next save tries again
      LOG.debug("{} cannot be deleted yet: {}", file, AtomicFile.reason(e));
    }
  }
}

package io.lookalike.cli;

import io.lookalike.catalog.ProductImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Picture files of the same bytes that many products have: placeholders, not photos of them. */
final class SharedFiles {

  private SharedFiles() {}

  /**
   * Finds groups of products. Only files whose length many others have are read.
   *
   * @param least number of products of a group
   */
  static List<List<ProductImage>> find(List<ProductImage> items, int least) {
    Map<Long, List<ProductImage>> byLength = new LinkedHashMap<>();
    for (ProductImage item : items) {
      try {
        byLength.computeIfAbsent(Files.size(path(item)), length -> new ArrayList<>()).add(item);
      } catch (IOException e) {
        // said when it is read
      }
    }
    var groups = new ArrayList<List<ProductImage>>();
    Map<Path, String> hashes = new HashMap<>();
    for (List<ProductImage> some : byLength.values()) {
      if (some.size() < least) {
        continue;
      }
      Map<String, List<ProductImage>> byContent = new LinkedHashMap<>();
      for (ProductImage item : some) {
        String hash = hashes.computeIfAbsent(path(item), SharedFiles::hash);
        byContent.computeIfAbsent(hash, h -> new ArrayList<>()).add(item);
      }
      byContent.values().stream().filter(group -> group.size() >= least).forEach(groups::add);
    }
    return groups;
  }

  private static Path path(ProductImage item) {
    return Path.of(item.image().name());
  }

  /** Of a file that cannot be read its name, which is no hash. */
  private static String hash(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      new DigestInputStream(in, digest).transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      return file.toString();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

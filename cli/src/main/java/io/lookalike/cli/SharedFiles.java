package io.lookalike.cli;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
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
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Picture files of the same bytes that many designs have: placeholders, not photos of them. */
final class SharedFiles {

  /**
   * A picture.
   *
   * @param names of its files, as the products' images are named; the first is the first product's
   * @param productIds whose picture it is, in the order of the products
   * @param designs of these products
   */
  record Shared(Set<String> names, Set<String> productIds, Set<Object> designs) {

    private Shared() {
      this(new LinkedHashSet<>(), new LinkedHashSet<>(), new HashSet<>());
    }

    private void add(Photo photo, String variantsBy) {
      names.add(photo.name);
      productIds.add(photo.product.id());
      designs.add(SharedLooks.design(photo.product, variantsBy));
    }

    String firstName() {
      return names.iterator().next();
    }

    String firstProductId() {
      return productIds.iterator().next();
    }
  }

  private record Photo(Product product, String name) {}

  private SharedFiles() {}

  /**
   * Finds pictures among all photos of products. Only files whose length many others have are read.
   *
   * @param least number of designs of a picture
   * @param variantsBy what products of one design have in common, such as the sizes of an article,
   *     whose photo they share
   */
  static List<Shared> find(List<ProductImage> items, int least, String variantsBy) {
    Map<Long, List<Photo>> byLength = new LinkedHashMap<>();
    for (ProductImage item : items) {
      for (ImageSource image : item.images()) {
        try {
          byLength
              .computeIfAbsent(Files.size(Path.of(image.name())), length -> new ArrayList<>())
              .add(new Photo(item.product(), image.name()));
        } catch (IOException e) {
          // said when it is read
        }
      }
    }
    var found = new ArrayList<Shared>();
    Map<String, String> hashes = new HashMap<>();
    for (List<Photo> some : byLength.values()) {
      if (some.size() < least) {
        continue;
      }
      Map<String, Shared> byContent = new LinkedHashMap<>();
      for (Photo photo : some) {
        String hash = hashes.computeIfAbsent(photo.name, SharedFiles::hash);
        byContent.computeIfAbsent(hash, h -> new Shared()).add(photo, variantsBy);
      }
      byContent.values().stream()
          .filter(shared -> shared.designs.size() >= least)
          .forEach(found::add);
    }
    return found;
  }

  /** Of a file that cannot be read its name, which is no hash. */
  private static String hash(String file) {
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      new DigestInputStream(in, digest).transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      return file;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

package io.lookalike;

import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.store.StoreException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The features of some products' photos: of those that were embedded before, what is remembered; of
 * the others, what the network makes.
 *
 * @param features by the products' places, those of a product's photos one after the other; null
 *     where a photo cannot be read
 * @param names what stands for the content of a product's photos, by {@link PictureHash}; null
 *     where they have no name or none is wanted
 * @param reasons why photos cannot be read, by the products' places
 * @param embedded number of photos that went through the network
 */
record EmbeddedPictures(
    float[] @Nullable [] features,
    @Nullable String[] names,
    @Nullable String[] reasons,
    int embedded) {

  /** Remembers features by the content of what they were made of. */
  interface Memory {
    Map<String, float[]> pictures(Set<String> names) throws StoreException;
  }

  /** A photo on its way through the network. */
  private record Photo(int product, ImageSource image) {}

  /**
   * Embeds photos.
   *
   * @param products the photos of each, at least one
   * @param memory null if nothing is remembered
   * @param extractor asked for if photos are not remembered
   * @param embedded told of each product, when there is an outcome
   */
  static EmbeddedPictures of(
      List<List<ImageSource>> products,
      @Nullable Memory memory,
      Supplier<FeatureExtractor> extractor,
      Runnable embedded)
      throws StoreException {
    int n = products.size();
    float[] @Nullable [] features = new float[n] @Nullable [];
    var names = new @Nullable String[n];
    var reasons = new @Nullable String[n];
    if (memory != null) {
      remember(products, memory, names, features);
    }
    var unknown = new ArrayList<Photo>(n);
    var left = new int[n];
    for (int i = 0; i < n; i++) {
      if (features[i] == null) {
        for (ImageSource image : products.get(i)) {
          unknown.add(new Photo(i, image));
        }
        left[i] = products.get(i).size();
      } else {
        embedded.run();
      }
    }
    int[] made = {0};
    if (!unknown.isEmpty()) {
      float[] @Nullable [] rows = new float[unknown.size()] @Nullable [];
      extractor
          .get()
          .extractAll(
              unknown.stream().map(Photo::image).toList(),
              new FeatureExtractor.Sink() {
                @Override
                public void extracted(int index, float[] extracted) {
                  rows[index] = extracted;
                  made[0]++;
                  outcome(unknown.get(index).product);
                }

                @Override
                public void unreadable(int index, UnreadableImageException reason) {
                  int product = unknown.get(index).product;
                  reasons[product] = reason.getMessage();
                  outcome(product);
                }

                private void outcome(int product) {
                  left[product]--;
                  if (left[product] == 0) {
                    embedded.run();
                  }
                }
              });
      for (int first = 0; first < rows.length; ) {
        int product = unknown.get(first).product;
        int end = first + products.get(product).size();
        var readable = new ArrayList<float[]>(end - first);
        for (int i = first; i < end; i++) {
          float[] row = rows[i];
          if (row != null) {
            readable.add(row);
          }
        }
        if (readable.size() == end - first) {
          features[product] = joined(readable);
        }
        first = end;
      }
    }
    return new EmbeddedPictures(features, names, reasons, made[0]);
  }

  /** Rows one after the other. */
  static float[] joined(List<float[]> rows) {
    if (rows.size() == 1) {
      return rows.get(0);
    }
    var joined = new float[rows.stream().mapToInt(row -> row.length).sum()];
    int at = 0;
    for (float[] row : rows) {
      System.arraycopy(row, 0, joined, at, row.length);
      at += row.length;
    }
    return joined;
  }

  private static void remember(
      List<List<ImageSource>> products,
      Memory memory,
      @Nullable String[] names,
      float[] @Nullable [] features)
      throws StoreException {
    Set<String> wanted = new LinkedHashSet<>();
    for (int i = 0; i < names.length; i++) {
      names[i] = PictureHash.of(products.get(i));
      if (names[i] != null) {
        wanted.add(names[i]);
      }
    }
    Map<String, float[]> known = wanted.isEmpty() ? Map.of() : memory.pictures(wanted);
    for (int i = 0; i < names.length; i++) {
      features[i] = names[i] == null ? null : known.get(names[i]);
    }
  }

  /** Why a product has no features. */
  String reason(int index) {
    return Objects.requireNonNullElse(reasons[index], "no outcome");
  }
}

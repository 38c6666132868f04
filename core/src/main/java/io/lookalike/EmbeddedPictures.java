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
 * Some pictures' features: of those that were embedded before, what is remembered; of the others,
 * what the network makes.
 *
 * @param features by the pictures' places; null where a picture cannot be read
 * @param names the pictures' names by their content; null where they have none or none is wanted
 * @param reasons why pictures cannot be read, by their places
 * @param embedded number of pictures that went through the network
 */
record EmbeddedPictures(
    float[] @Nullable [] features,
    @Nullable String[] names,
    @Nullable String[] reasons,
    int embedded) {

  /** Remembers features of pictures by their content. */
  interface Memory {
    Map<String, float[]> pictures(Set<String> names) throws StoreException;
  }

  /**
   * Embeds pictures.
   *
   * @param memory null if nothing is remembered
   * @param extractor asked for if a picture is not remembered
   * @param embedded told of each picture, when there is an outcome
   */
  static EmbeddedPictures of(
      List<ImageSource> pictures,
      @Nullable Memory memory,
      Supplier<FeatureExtractor> extractor,
      Runnable embedded)
      throws StoreException {
    int n = pictures.size();
    float[] @Nullable [] features = new float[n] @Nullable [];
    var names = new @Nullable String[n];
    var reasons = new @Nullable String[n];
    if (memory != null) {
      remember(pictures, memory, names, features);
    }
    var unknown = new ArrayList<Integer>(n);
    for (int i = 0; i < n; i++) {
      if (features[i] == null) {
        unknown.add(i);
      } else {
        embedded.run();
      }
    }
    int[] made = {0};
    if (!unknown.isEmpty()) {
      extractor
          .get()
          .extractAll(
              unknown.stream().map(pictures::get).toList(),
              new FeatureExtractor.Sink() {
                @Override
                public void extracted(int index, float[] extracted) {
                  features[unknown.get(index)] = extracted;
                  made[0]++;
                  embedded.run();
                }

                @Override
                public void unreadable(int index, UnreadableImageException reason) {
                  reasons[unknown.get(index)] = reason.getMessage();
                  embedded.run();
                }
              });
    }
    return new EmbeddedPictures(features, names, reasons, made[0]);
  }

  private static void remember(
      List<ImageSource> pictures,
      Memory memory,
      @Nullable String[] names,
      float[] @Nullable [] features)
      throws StoreException {
    Set<String> wanted = new LinkedHashSet<>();
    for (int i = 0; i < names.length; i++) {
      names[i] = PictureHash.of(pictures.get(i));
      if (names[i] != null) {
        wanted.add(names[i]);
      }
    }
    Map<String, float[]> known = wanted.isEmpty() ? Map.of() : memory.pictures(wanted);
    for (int i = 0; i < names.length; i++) {
      features[i] = names[i] == null ? null : known.get(names[i]);
    }
  }

  /** Why a picture has no features. */
  String reason(int index) {
    return Objects.requireNonNullElse(reasons[index], "no outcome");
  }
}

package io.lookalike;

import io.lookalike.features.FeatureTransform;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredTransform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * With what a store's catalogue was made, so that a program that did not make it can open it.
 *
 * @param network the number of the network that serves, for the methods of {@link CatalogueStore}
 * @param extractor the extractor's {@linkplain io.lookalike.features.FeatureExtractor#identity
 *     identity}; empty if the features were made elsewhere
 * @param dimension the length of the features, at least 1
 * @param transform the {@linkplain io.lookalike.features.FeatureTransform.Rule#name name} of the
 *     transform's rule; {@code none} if no transform has been fitted
 */
public record StoreInfo(int network, String extractor, int dimension, String transform) {

  /**
   * An entry of a store's manifest that says that somebody is filling it, and with what. Until it
   * is removed, no recommender opens the store.
   */
  public static final String UNFINISHED = "unfinished";

  /**
   * Reads a store's manifest.
   *
   * @param store any store; not changed
   * @return its settings, or nothing if no recommender has opened it yet
   * @throws StoreException if it cannot be read, its manifest is damaged, or it is {@linkplain
   *     #UNFINISHED unfinished}
   */
  public static Optional<StoreInfo> of(CatalogueStore store) throws StoreException {
    Manifest manifest = Manifest.of(store);
    return manifest == null
        ? Optional.empty()
        : Optional.of(
            new StoreInfo(
                manifest.network(),
                manifest.extractor(),
                manifest.dimension(),
                store
                    .transform(manifest.network())
                    .map(StoredTransform::rule)
                    .orElse(FeatureTransform.Rule.NONE.name())));
  }

  /**
   * A saved index that the next recommender of a store opens, if it is of the same kind.
   *
   * @param file where it is
   * @param change the store's last change that is certainly in it
   */
  public record SavedIndex(Path file, long change) {}

  /**
   * The saved index of a store. None is one that the store does not know, as where it was put back
   * to an earlier state.
   *
   * @param store the store of which these are the settings; not changed
   * @return the newest, or nothing
   * @throws IOException if the store or its folder cannot be read
   */
  public Optional<SavedIndex> savedIndex(CatalogueStore store) throws IOException {
    Path folder = store.folder().orElse(null);
    if (folder == null) {
      return Optional.empty();
    }
    Map<String, String> entries = store.manifest();
    return new IndexFiles(folder, store.id())
        .newest(network, Manifest.transform(entries, network), null, Manifest.savedIndexes(entries))
        .map(saved -> new SavedIndex(saved.file(), saved.change()));
  }

  /**
   * The changes that make an empty store one of such a catalogue, for whoever fills it from
   * elsewhere.
   *
   * @param fitted its transform, if one has been fitted, which belongs to {@link #network}
   * @return changes for {@link CatalogueStore#write}
   */
  public List<StoreChange> changes(Optional<StoredTransform> fitted) {
    var changes = new ArrayList<>(new Manifest(network, extractor, dimension).entries());
    fitted.ifPresent(
        transform -> {
          changes.add(new StoreChange.Transformed(transform));
          changes.add(Manifest.transform(network, transform.version()));
        });
    return List.copyOf(changes);
  }
}

package io.lookalike;

import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * With what a store's features were made. Its entries in the store: {@code network}, the number of
 * the one that serves; of each network N {@code network.N.extractor}, its identity, empty if the
 * features come from elsewhere, {@code network.N.dimension}, and {@code network.N.transform}, the
 * version of its transform; {@code library}, the version that made the store; {@code
 * co-purchases.kept}, how long who bought what is kept, by the last recommender that wished so;
 * {@code index.saved}, the stamps of the last {@value #STAMPS} indexes that were saved.
 *
 * @param network the number of the network that serves
 * @param extractor its identity; empty if the features come from elsewhere
 * @param dimension the length of its features
 */
record Manifest(int network, String extractor, int dimension) {

  private static final String NETWORK = "network";
  private static final String CO_PURCHASES_KEPT = "co-purchases.kept";
  private static final String INDEX_SAVED = "index.saved";
  private static final int FIRST = 1;

  /** How many saved indexes a store knows, those of all processes together. */
  static final int STAMPS = 200;

  /** What a store says; null if it is new. */
  static @Nullable Manifest of(CatalogueStore store) throws StoreException {
    return of(store.manifest());
  }

  /** What the entries of a store say; null if it is new. */
  static @Nullable Manifest of(Map<String, String> entries) throws StoreException {
    String unfinished = entries.get(StoreInfo.UNFINISHED);
    if (unfinished != null) {
      throw new StoreException(
          "the store is not complete yet: "
              + unfinished
              + " was not done to its end; do that again, or begin with another store");
    }
    String network = entries.get(NETWORK);
    if (network == null) {
      return null;
    }
    String extractor = entries.get(name(network, "extractor"));
    String dimension = entries.get(name(network, "dimension"));
    try {
      if (extractor != null && dimension != null) {
        return new Manifest(Integer.parseInt(network), extractor, Integer.parseInt(dimension));
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new StoreException(
        "the store's manifest is damaged: it holds "
            + entries
            + ", expected the extractor and the dimension of network "
            + network
            + "; restore the store from a copy");
  }

  /**
   * What a store says, once it has been told what is at hand, if it is new.
   *
   * @throws StoreException if its features were made otherwise, naming both
   */
  static Manifest checked(CatalogueStore store, String extractor, int dimension)
      throws StoreException {
    Manifest found = of(store);
    if (found == null) {
      store.write(
          last ->
              store.manifest().containsKey(NETWORK) // another process was faster
                  ? List.of()
                  : new Manifest(FIRST, extractor, dimension).entries());
      found = of(store);
    }
    var wanted = new Manifest(found == null ? FIRST : found.network, extractor, dimension);
    if (!wanted.equals(found)) {
      throw new StoreException(
          "the store holds "
              + (found == null ? "nothing" : found)
              + ", this recommender makes "
              + wanted
              + "; open it with the former, and call reembed(...) to change to another");
    }
    return wanted;
  }

  /**
   * What a store will say of a network beside the one that serves: the number that it has already,
   * or a new one.
   */
  static Manifest beside(CatalogueStore store, String extractor, int dimension)
      throws StoreException {
    int number = 0;
    Map<String, String> entries = store.manifest();
    for (int network : networks(entries)) {
      if (extractor.equals(entries.get(name(Integer.toString(network), "extractor")))) {
        return new Manifest(network, extractor, dimension);
      }
      number = Math.max(number, network);
    }
    return new Manifest(number + 1, extractor, dimension);
  }

  private static List<Integer> networks(Map<String, String> entries) {
    return entries.keySet().stream()
        .filter(entry -> entry.startsWith(NETWORK + ".") && entry.endsWith(".extractor"))
        .map(entry -> entry.substring(NETWORK.length() + 1, entry.lastIndexOf('.')))
        .map(Integer::valueOf)
        .toList();
  }

  /**
   * The changes that tell a store of this network, and erase others that do not serve; none if
   * another process has made it the one that serves.
   */
  List<StoreChange> besideEntries(CatalogueStore store) throws StoreException {
    Map<String, String> entries = store.manifest();
    if (Integer.toString(network).equals(entries.get(NETWORK))) {
      return List.of();
    }
    var changes = new ArrayList<StoreChange>();
    for (int other : networks(entries)) {
      String number = Integer.toString(other);
      if (other != network && !number.equals(entries.get(NETWORK))) {
        changes.add(new StoreChange.NetworkDropped(other));
        for (String what : List.of("extractor", "dimension", "transform")) {
          changes.add(new StoreChange.Setting(name(number, what), null));
        }
      }
    }
    changes.addAll(entries().subList(1, 3));
    return changes;
  }

  /** The change that has this network serve. */
  StoreChange serves() {
    return entries().get(0);
  }

  /** The changes that tell a store of this network and that it serves. */
  List<StoreChange> entries() {
    String number = Integer.toString(network);
    String library = Manifest.class.getPackage().getImplementationVersion();
    return List.of(
        new StoreChange.Setting(NETWORK, number),
        new StoreChange.Setting(name(number, "extractor"), extractor),
        new StoreChange.Setting(name(number, "dimension"), Integer.toString(dimension)),
        new StoreChange.Setting("library", library == null ? "development" : library));
  }

  /** The entry that tells the version of a network's transform. */
  static StoreChange transform(int network, int version) {
    return new StoreChange.Setting(
        name(Integer.toString(network), "transform"), Integer.toString(version));
  }

  /** The version of a network's transform; 0 if it has none. */
  static int transform(Map<String, String> entries, int network) {
    String version = entries.get(name(Integer.toString(network), "transform"));
    return version == null ? 0 : Integer.parseInt(version);
  }

  /** The entry that tells how long who bought what is kept. */
  static StoreChange coPurchasesKept(Duration time) {
    return new StoreChange.Setting(CO_PURCHASES_KEPT, time.toString());
  }

  /** How long who bought what is kept; null if nobody has wished so. */
  static @Nullable Duration coPurchasesKept(Map<String, String> entries) throws StoreException {
    String time = entries.get(CO_PURCHASES_KEPT);
    try {
      return time == null ? null : Duration.parse(time);
    } catch (DateTimeParseException e) {
      throw new StoreException(
          "the store's manifest is damaged: "
              + CO_PURCHASES_KEPT
              + " is "
              + time
              + ", expected a duration such as PT720H; restore the store from a copy",
          e);
    }
  }

  /**
   * The change that notes in a store that an index has been saved. A store that was put back to an
   * earlier state does not know what was saved later, whatever numbers its changes have by then.
   *
   * @param entries what the store says, when nobody else can write
   * @param stamp the index's, of letters and digits
   */
  static StoreChange indexSaved(Map<String, String> entries, String stamp) {
    return new StoreChange.Setting(
        INDEX_SAVED,
        Stream.concat(Stream.of(stamp), stamps(entries))
            .limit(STAMPS)
            .collect(Collectors.joining(" ")));
  }

  /** The stamps of saved indexes that a store knows. */
  static Set<String> savedIndexes(Map<String, String> entries) {
    return stamps(entries).collect(Collectors.toSet());
  }

  private static Stream<String> stamps(Map<String, String> entries) {
    return Arrays.stream(entries.getOrDefault(INDEX_SAVED, "").split(" "))
        .filter(stamp -> !stamp.isEmpty());
  }

  private static String name(String network, String what) {
    return NETWORK + "." + network + "." + what;
  }

  /** Returns the network in words. */
  @Override
  public String toString() {
    return (extractor.isEmpty() ? "features from elsewhere" : "features of " + extractor)
        + " of length "
        + dimension;
  }
}

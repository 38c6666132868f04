package io.lookalike.index.opensearch;

import static io.lookalike.index.opensearch.Thoroughness.untried;

import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.LastingIndex;
import io.lookalike.index.LastingIndex.Origin;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.opensearch.Cluster.Call;
import io.lookalike.index.opensearch.Cluster.Reply;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The indexes of one shop in a cluster: each is filled beside the one that serves; when it is
 * marked, an alias is moved to it. What was made by the transform before stays, for a way back and
 * for processes that have not taken the new one over yet; older ones are deleted. What an index was
 * made of is in the metadata of its mapping.
 */
final class Generations implements IndexFactory {

  private static final Logger LOG = LoggerFactory.getLogger(Generations.class);

  /** How long this form of indexes is the same. */
  private static final int FORMAT = 1;

  /** The key of the mapping's metadata. */
  private static final String OURS = "lookalike";

  /** The key of what an index is being filled with. */
  private static final String FILLING = "filling";

  /** The key of how many nearest searches have to keep track of. */
  private static final String EF_SEARCH = "efSearch";

  private static final int MOST_DIMENSIONS = 16_000;

  /** What a name has behind the alias: its time to the millisecond, and four digits. */
  private static final String NAME_END = "-\\d{8}-\\d{9}-[0-9a-f]{4}";

  /** Two indexes of one shop may be made in one second, and {@link #back} goes by their order. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmssSSS").withZone(ZoneOffset.UTC);

  /** Whose order as text is that of time. */
  private static final DateTimeFormatter MARKED =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

  private final Cluster cluster;
  private final Settings settings;

  private volatile boolean checked;

  Generations(Cluster cluster, Settings settings) {
    this.cluster = cluster;
    this.settings = settings;
  }

  @Override
  public NeighborIndex create(int dimension) {
    check(dimension);
    return opened(fresh(dimension, null));
  }

  private Generation fresh(int dimension, @Nullable Origin filling) {
    return new Generation(
        newName(), dimension, settings.quantized(), false, filling, null, untried());
  }

  private OpenSearchIndex opened(Generation generation) {
    return new OpenSearchIndex(cluster, settings, this, generation);
  }

  @Override
  public NeighborIndex build(int dimension, Iterable<IndexItem> items) {
    check(dimension);
    return filled(fresh(dimension, null), items);
  }

  @Override
  public NeighborIndex build(Origin origin, int dimension, Iterable<IndexItem> items) {
    check(dimension);
    Generation begun = begun(origin, dimension);
    return filled(begun == null ? fresh(dimension, origin) : begun, items);
  }

  private OpenSearchIndex filled(Generation generation, Iterable<IndexItem> items) {
    OpenSearchIndex index = opened(generation);
    boolean done = false;
    try {
      index.load(items);
      index.tune();
      done = true;
      return index;
    } finally {
      if (!done) {
        index.close();
      }
    }
  }

  @Override
  public Optional<LastingIndex> reopen(Origin wanted, int dimension) {
    check(dimension);
    Set<String> targets = aliased();
    Generation found = null;
    for (Map.Entry<String, Object> each : mappings(targets).entrySet()) {
      String name = each.getKey();
      Object mapping = Json.at(each.getValue(), "mappings");
      Object meta = Json.at(mapping, "_meta", OURS);
      boolean serves = targets.contains(name);
      if (serves) {
        refuseForeign(name, meta, wanted.store());
      }
      Origin origin = origin(meta);
      if (origin != null
          && origin.isOfSame(wanted)
          && (serves || isLater(origin, found, targets))) {
        checkMapping(name, mapping, meta, dimension);
        boolean quantized = Documents.isQuantized(mapping);
        found = new Generation(name, dimension, quantized, true, null, origin, efSearch(meta));
      }
    }
    return found == null ? Optional.empty() : Optional.of(opened(found));
  }

  /** Whether an index that does not serve is to be taken rather than another, which may. */
  private static boolean isLater(Origin origin, @Nullable Generation other, Set<String> serving) {
    return other == null
        || other.marked() == null
        || (!serving.contains(other.name()) && origin.change() > other.marked().change());
  }

  /**
   * An index that a process has begun to fill with the same, to be gone on with; null if there is
   * none. If that process is still at it, both write the same. Refuses an alias of another store.
   */
  private @Nullable Generation begun(Origin wanted, int dimension) {
    Set<String> targets = aliased();
    Generation begun = null;
    for (Map.Entry<String, Object> each : mappings(targets).entrySet()) {
      Object mapping = Json.at(each.getValue(), "mappings");
      Object meta = Json.at(mapping, "_meta", OURS);
      if (targets.contains(each.getKey())) {
        refuseForeign(each.getKey(), meta, wanted.store());
      }
      Origin origin = origin(Json.at(meta, FILLING));
      if (origin != null
          && origin.isOfSame(wanted)
          && Json.number(meta, "format") == FORMAT
          && Json.number(meta, "dimension") == dimension
          && Json.at(meta, FILLING, "form") instanceof String form
          && form.equals(form())) {
        boolean quantized = settings.quantized();
        begun = new Generation(each.getKey(), dimension, quantized, true, origin, null, untried());
      }
    }
    if (begun != null) {
      LOG.info("Going on with the index {}, which was not filled to its end", begun.name());
    }
    return begun;
  }

  /** What an index cannot change any more once it is made. */
  private String form() {
    return settings.shards()
        + " shards, m "
        + settings.m()
        + ", efConstruction "
        + settings.efConstruction()
        + (settings.quantized() ? ", quantized" : "");
  }

  // ---- the server

  private void check(int dimension) {
    if (dimension < 1 || dimension > MOST_DIMENSIONS) {
      throw new IllegalArgumentException(
          "dimension is "
              + dimension
              + ", expected 1 to "
              + MOST_DIMENSIONS
              + ", which is what OpenSearch takes; a transform can make vectors shorter");
    }
    if (!checked) {
      ClusterReport.of(cluster, settings.alias(), settings.searchLimit()).check();
      checked = true;
    }
  }

  // ---- names

  private String newName() {
    return settings.alias()
        + "-"
        + TIME.format(Instant.now())
        + "-"
        + HexFormat.of().toHexDigits((short) ThreadLocalRandom.current().nextInt());
  }

  /**
   * What writes go to. A write to a name that leads nowhere would have the server make an index,
   * with a mapping of its own; a write that demands an alias is refused.
   */
  static String writeAlias(String name) {
    return name + ".write";
  }

  /** The indexes that the alias leads to. */
  private Set<String> aliased() {
    Reply reply = get("a look at the alias " + settings.alias(), "/_alias/" + settings.alias());
    if (reply.isMissing()) {
      return Set.of();
    }
    return new HashSet<>(Json.object(reply.checked().body()).keySet());
  }

  /**
   * The mappings of this alias's indexes, and of those that serve; not those of an alias whose name
   * goes on where this one ends, such as {@code shop-test}.
   */
  private Map<String, Object> mappings(Set<String> serving) {
    String names = settings.alias() + "," + settings.alias() + "-*";
    Reply reply = get("a look at what is there", "/" + names + "/_mapping?ignore_unavailable=true");
    Map<String, Object> found = reply.isMissing() ? Map.of() : Json.object(reply.checked().body());
    if (found.containsKey(settings.alias())) {
      throw problem(
          "there is an index "
              + settings.alias()
              + " in the cluster, which this library has not made; name another by index(...)");
    }
    Pattern mine = Pattern.compile(Pattern.quote(settings.alias()) + NAME_END);
    Map<String, Object> kept = new LinkedHashMap<>(found);
    kept.keySet().removeIf(name -> !serving.contains(name) && !mine.matcher(name).matches());
    return kept;
  }

  private Reply get(String what, String path) {
    return cluster.call(new Call(what, "GET", path, null, settings.searchLimit()));
  }

  // ---- metadata

  private Map<String, Object> meta(int dimension) {
    Map<String, Object> meta = new LinkedHashMap<>();
    meta.put("format", FORMAT);
    meta.put("dimension", dimension);
    return meta;
  }

  private static void put(Map<String, Object> meta, Origin origin) {
    meta.put("store", origin.store());
    meta.put("network", origin.network());
    meta.put("transform", origin.transform());
    meta.put("photos", origin.photos());
    meta.put("change", origin.change());
    meta.put("stamp", origin.stamp());
  }

  /** Null if the index was never marked, or is not ours. */
  private static @Nullable Origin origin(@Nullable Object meta) {
    String store = Json.text(meta, "store");
    return store.isEmpty()
        ? null
        : new Origin(
            store,
            (int) Json.number(meta, "network"),
            (int) Json.number(meta, "transform"),
            Json.text(meta, "photos"),
            Json.number(meta, "change"),
            Json.text(meta, "stamp"));
  }

  private static int efSearch(@Nullable Object meta) {
    return (int) Math.max(untried(), Json.number(meta, EF_SEARCH));
  }

  private void refuseForeign(String name, @Nullable Object meta, String wanted) {
    if (meta == null) {
      throw problem(
          "the alias "
              + settings.alias()
              + " leads to the index "
              + name
              + ", which this library has not made; name another by index(...)");
    }
    String store = Json.text(meta, "store");
    if (!store.equals(wanted)) {
      throw problem(
          "the alias "
              + settings.alias()
              + " leads to an index of another store ("
              + store
              + ", expected "
              + wanted
              + "); name another by index(...), one for each store");
    }
  }

  private static void checkMapping(
      String name, @Nullable Object mapping, @Nullable Object meta, int dimension) {
    long format = Json.number(meta, "format");
    if (format != FORMAT) {
      throw problem(
          "the index "
              + name
              + " has format "
              + format
              + ", expected "
              + FORMAT
              + ": another version of this library has made it; name another by index(...)");
    }
    Object vector = Json.at(mapping, "properties", Documents.VECTOR);
    String wrong = null;
    if (!Json.text(vector, "type").equals("knn_vector")) {
      wrong = "vector is of type \"" + Json.text(vector, "type") + "\", expected knn_vector";
    } else if (Json.number(vector, "dimension") != dimension) {
      wrong =
          "vector has " + Json.number(vector, "dimension") + " dimensions, expected " + dimension;
    } else if (!Json.text(vector, "method", "space_type").equals("cosinesimil")) {
      wrong = "vector has another space than cosinesimil";
    } else if (!Json.text(mapping, "properties", Terms.FIELD, "type").equals("keyword")) {
      wrong = "terms is no keyword";
    } else if (!Json.list(mapping, "_source", "excludes").contains(Documents.VECTOR)) {
      wrong = "the source does not leave the vector out";
    }
    if (wrong != null) {
      throw problem(
          "the mapping of the index "
              + name
              + " is not the one that this library makes: "
              + wrong
              + "; delete that index, and it is built again from the store");
    }
  }

  private static UncheckedIOException problem(String message) {
    return new UncheckedIOException(new OpenSearchException(message));
  }

  // ---- the life of an index

  /**
   * Makes an empty index.
   *
   * @param filling what it will be filled with; null if nobody could go on with that
   */
  void make(String name, int dimension, @Nullable Origin filling) {
    Map<String, Object> meta = meta(dimension);
    if (filling != null) {
      Map<String, Object> begun = new LinkedHashMap<>();
      put(begun, filling);
      begun.put("form", form());
      meta.put(FILLING, begun);
    }
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("knn", true);
    index.put("number_of_shards", settings.shards());
    if (settings.replicas() < 0) {
      index.put("auto_expand_replicas", "0-1");
    } else {
      index.put("number_of_replicas", settings.replicas());
    }
    Map<String, Object> mappings = new LinkedHashMap<>();
    mappings.put("dynamic", "strict");
    mappings.put("_meta", Map.of(OURS, meta));
    mappings.put("_source", Map.of("excludes", Documents.UNSOURCED));
    mappings.put("properties", Documents.fields(dimension, settings));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("settings", Map.of("index", index));
    body.put("mappings", mappings);
    body.put("aliases", Map.of(writeAlias(name), Map.of()));
    Reply reply =
        change("the making of the index " + name, "PUT", "/" + name, body, settings.writeLimit());
    boolean madeBefore =
        reply.attempts() > 1
            && Json.text(reply.body(), "error", "type").equals("resource_already_exists_exception");
    if (!madeBefore) {
      reply.checked();
    }
  }

  /**
   * Notes what an index holds, and moves the alias to it; not so where another process has made one
   * of the same after it.
   *
   * @param efSearch how many nearest searches have to keep track of
   * @param first whether this has not been noted before
   */
  void mark(String name, int dimension, Origin origin, int efSearch, boolean first) {
    Map<String, Object> meta = meta(dimension);
    put(meta, origin);
    meta.put(EF_SEARCH, efSearch);
    meta.put("marked", MARKED.format(Instant.now()));
    Map<String, Object> body = Map.of("_meta", Map.of(OURS, meta));
    Duration limit = settings.writeLimit();
    change("the marking of " + name, "PUT", "/" + name + "/_mapping", body, limit).checked();
    Set<String> before = aliased();
    Map<String, Object> mappings = mappings(before);
    if (!before.equals(Set.of(name))) {
      if (!first && before.stream().anyMatch(other -> isOfSame(mappings.get(other), origin))) {
        return;
      }
      swap(before, name);
    }
    dropOlder(mappings, origin);
  }

  private static boolean isOfSame(@Nullable Object mapping, Origin origin) {
    Origin other = origin(Json.at(mapping, "mappings", "_meta", OURS));
    return other != null && other.isOfSame(origin);
  }

  private void swap(Set<String> before, String name) {
    var actions = new ArrayList<Map<String, Object>>();
    for (String old : before) {
      actions.add(Map.of("remove", Map.of("index", old, "alias", settings.alias())));
    }
    actions.add(Map.of("add", Map.of("index", name, "alias", settings.alias())));
    change(
            "the swap of " + settings.alias(),
            "POST",
            "/_aliases",
            Map.of("actions", actions),
            settings.writeLimit())
        .checked();
    LOG.info("{} leads to {} now", settings.alias(), name);
  }

  /**
   * Moves the alias to the last index before that was made of the same.
   *
   * @param store the id of the store that it has to be of; null for any
   */
  String back(@Nullable String store) {
    Set<String> now = aliased();
    Map<String, Object> mappings = mappings(now);
    String before = null;
    for (String serving : now) {
      Object meta = Json.at(mappings.get(serving), "mappings", "_meta", OURS);
      if (store != null) {
        refuseForeign(serving, meta, store);
      }
      Origin origin = origin(meta);
      for (Map.Entry<String, Object> each : mappings.entrySet()) {
        String name = each.getKey();
        if (origin != null
            && isOfSame(each.getValue(), origin)
            && name.compareTo(serving) < 0 // a name begins with the time
            && (before == null || name.compareTo(before) > 0)) {
          before = name;
        }
      }
    }
    if (before == null) {
      throw problem(
          "there is no index to go back to: none before "
              + (now.isEmpty() ? settings.alias() : String.join(", ", now))
              + " was made of the same store by the same network and transform");
    }
    swap(now, before);
    return before;
  }

  /**
   * Deletes the store's marked indexes but for those of two transforms: this, and the last before;
   * and those that were not filled with what an earlier transform made.
   */
  private void dropOlder(Map<String, Object> mappings, Origin now) {
    Map<String, Origin> others = new LinkedHashMap<>();
    Origin before = null;
    String latest = "";
    for (Map.Entry<String, Object> each : mappings.entrySet()) {
      Object meta = Json.at(each.getValue(), "mappings", "_meta", OURS);
      Origin filling = origin(Json.at(meta, FILLING));
      if (filling != null
          && filling.store().equals(now.store())
          && filling.network() == now.network()
          && filling.transform() < now.transform()) {
        drop(each.getKey());
      }
      Origin origin = origin(meta);
      if (origin != null && origin.store().equals(now.store()) && !origin.isOfSame(now)) {
        others.put(each.getKey(), origin);
        String marked = Json.text(meta, "marked");
        if (marked.compareTo(latest) > 0) {
          latest = marked;
          before = origin;
        }
      }
    }
    for (Map.Entry<String, Origin> each : others.entrySet()) {
      if (before != null && !each.getValue().isOfSame(before)) {
        drop(each.getKey());
      }
    }
  }

  /** Deletes an index, or says in the log that it is left. */
  void drop(String name) {
    try {
      Reply reply =
          change("the deletion of " + name, "DELETE", "/" + name, null, settings.writeLimit());
      if (!reply.isMissing()) {
        reply.checked();
      }
    } catch (UncheckedIOException e) {
      LOG.warn("The index {} is left in the cluster; delete it: {}", name, e.getMessage());
    }
  }

  private Reply change(
      String what, String method, String path, @Nullable Object body, Duration limit) {
    return cluster.call(
        new Call(what, method, path, body == null ? null : Json.bytes(body), limit));
  }

  /** Returns the cluster and the alias. */
  @Override
  public String toString() {
    return "OpenSearch at " + cluster + "/" + settings.alias();
  }
}

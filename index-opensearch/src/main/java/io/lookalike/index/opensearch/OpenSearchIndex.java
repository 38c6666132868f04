package io.lookalike.index.opensearch;

import static io.lookalike.internal.Once.once;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Filter;
import io.lookalike.catalog.Ids;
import io.lookalike.index.Hit;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.LastingIndex;
import io.lookalike.index.Neighbor;
import io.lookalike.index.Query;
import io.lookalike.index.opensearch.Cluster.Call;
import io.lookalike.index.opensearch.Cluster.Reply;
import io.lookalike.index.opensearch.Searches.Source;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Approximate search in a cluster of OpenSearch, for catalogues that are too large for one machine,
 * or that several services search: products live there, not in this JVM. Needs OpenSearch 2.19 or
 * later with the k-NN plug-in on every node. {@code docs/scale.md} tells when that is worth its
 * round trips.
 *
 * <p>Filters, exclusions and the comparison of vectors are done in the cluster; a search is one
 * round trip, whatever it brings along. Where the graphs deliver fewer products than are wanted, a
 * second one compares all that match, so that {@code k} is guaranteed. Very many are found so at
 * once.
 *
 * <p>Made with a store, an index lasts: a recommender that opens the same store finds it again. A
 * refit or a change of network fills another beside it, and moves the alias when that is done; the
 * last one before stays in the cluster. Without a store, nothing would find the index again, and it
 * is deleted when it is closed.
 *
 * <p><b>Errors.</b> What the cluster refuses, and what it does not answer in time, is an {@link
 * UncheckedIOException} around an {@link OpenSearchException}; nothing waits longer than the
 * builder's limits. A search never leaves out what a shard did not tell: it fails. A write of
 * several products that fails may have been made in part, unlike in indexes of one process; to
 * write the same again puts that right, and a recommender with a store does so by itself.
 *
 * <p>Safe for use by several threads. Writers in one process take turns; those of several processes
 * that follow the same store may each write the same.
 *
 * <pre>{@code
 * IndexFactory factory = OpenSearchIndex.builder()
 *     .url("https://search-1:9200", "https://search-2:9200")
 *     .index("shop")
 *     .credentials("shop", password)
 *     .factory();
 * }</pre>
 */
public final class OpenSearchIndex implements LastingIndex {

  private static final Logger LOG = LoggerFactory.getLogger(OpenSearchIndex.class);

  /** From so many on, comparing all that match is no slower than to search the graphs. */
  private static final int EXACT_ABOVE = 1_000;

  /** About how many bytes of queries are sent together. */
  private static final int QUERY_BYTES = 1 << 22;

  private static final int MOST_QUERIES = 64;

  /** What a number of a vector takes in JSON, about. */
  private static final int NUMBER_BYTES = 12;

  private static final int READ_TOGETHER = 500;

  /** The least number of products that it is worth while to try on. */
  private static final int FEWEST_TO_TRY = 2_000;

  /** So many products are read, or found beside those that are wanted, in milliseconds. */
  private static final int FEW = 50;

  /** How long the cluster keeps its state for a visit of all documents between two calls. */
  private static final String KEPT_OPEN = "2m";

  private static final Duration OPTIMIZING_LIMIT = Duration.ofHours(4);

  private final Cluster cluster;
  private final Settings settings;
  private final Generations generations;
  private final String name;
  private final int dimension;
  private final boolean quantized;

  /** What it is filled with, if that may be gone on with by others; else null. */
  private final @Nullable Origin filling;

  private final Documents documents = new Documents();
  private final BulkWriter writer;
  private final ReentrantLock writing = new ReentrantLock();

  /** How many nearest were found to be needed; {@link #efSearch} is another where one was set. */
  private volatile int tried;

  private volatile int efSearch;
  private volatile boolean closed;

  /** Whether it is there: it is made by the first write. Changes under the lock. */
  private volatile boolean made;

  private volatile @Nullable Origin origin;

  OpenSearchIndex(
      Cluster cluster, Settings settings, Generations generations, Generation generation) {
    this.cluster = cluster;
    this.settings = settings;
    this.generations = generations;
    this.name = generation.name();
    this.dimension = generation.dimension();
    this.quantized = generation.quantized();
    this.made = generation.made();
    this.filling = generation.filling();
    this.origin = generation.marked();
    this.tried = generation.efSearch();
    this.efSearch = settings.efSearch() == null ? tried : settings.efSearch();
    this.writer = new BulkWriter(cluster, name, settings.writeLimit());
  }

  /**
   * Makes indexes with the default settings.
   *
   * @param address as in {@link Builder#address}
   * @return the same as {@code builder().address(address).factory()}
   * @throws IllegalArgumentException if it is no such address
   */
  public static IndexFactory at(String address) {
    return builder().address(address).factory();
  }

  /**
   * Begins with the default settings.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * What the index is called in the cluster. Where it serves, the builder's {@code index} is an
   * alias of it.
   *
   * @return the alias, a time and a few digits
   */
  public String name() {
    return name;
  }

  @Override
  public int dimension() {
    return dimension;
  }

  /**
   * How many nearest a search keeps track of in each part.
   *
   * @return as was set, or else as was found by trying
   */
  public int efSearch() {
    return efSearch;
  }

  /**
   * Changes how thorough searches of this process are from now on.
   *
   * @param efSearch as in {@link Builder#efSearch}
   * @throws IllegalArgumentException if it is outside that range
   * @throws IllegalStateException if the index has been closed
   */
  public void setEfSearch(int efSearch) {
    int checked = once("efSearch", null, efSearch, 1, 10_000);
    checkOpen();
    this.efSearch = checked;
  }

  // ---- searching

  @Override
  public int size() {
    return whileOpen(
        0,
        () -> {
          Predicate<Object> incomplete = Searches::isIncomplete;
          var count =
              new Call("a count", "POST", path("_count"), null, settings.searchLimit(), incomplete);
          return (int) Json.number(cluster.call(count.asQuick()).checked().body(), "count");
        });
  }

  @Override
  public List<Neighbor> search(Query query) {
    return searchAll(List.of(query)).get(0);
  }

  @Override
  public List<List<Neighbor>> searchAll(List<Query> queries) {
    var answers = new ArrayList<List<Neighbor>>(queries.size());
    for (List<Object> found : found(queries, Source.NOTHING)) {
      answers.add(neighbors(found));
    }
    return answers;
  }

  @Override
  public List<Hit> hits(Query query, boolean vectors) {
    var hits = new ArrayList<Hit>();
    for (Object hit : found(List.of(query), vectors ? Source.ALL : Source.ATTRIBUTES).get(0)) {
      hits.add(
          new Hit(
              Searches.id(hit),
              Searches.similarity(hit),
              documents.attributes(hit),
              vectors ? documents.vector(hit) : null));
    }
    hits.sort(
        (a, b) ->
            Neighbor.CLOSEST_FIRST.compare(
                new Neighbor(a.id(), a.similarity()), new Neighbor(b.id(), b.similarity())));
    return hits;
  }

  /** The documents that answer each query. */
  private List<List<Object>> found(List<Query> queries, Source source) {
    queries.forEach(query -> checkDimension("the query", query.vector()));
    List<List<Object>> none = Collections.nCopies(queries.size(), List.of());
    return whileOpen(
        none,
        () -> {
          var answers = new ArrayList<List<Object>>(none);
          var near = new ArrayList<Integer>();
          var exact = new ArrayList<Integer>();
          for (int i = 0; i < queries.size(); i++) {
            int k = queries.get(i).k();
            if (k > EXACT_ABOVE) {
              exact.add(i);
            } else if (k > 0) {
              near.add(i);
            }
          }
          ask(
              near,
              answers,
              true,
              i -> Searches.near(unfiltered(queries.get(i)), efSearch, quantized, source));
          for (int i : near) {
            Query query = queries.get(i);
            answers.set(i, withoutExcluded(answers.get(i), query));
            if (answers.get(i).size() < query.k()) {
              exact.add(i);
            }
          }
          exact.removeIf(
              i -> {
                boolean isLong = queries.get(i).k() > source.page;
                if (isLong) {
                  answers.set(i, all(queries.get(i), source));
                }
                return isLong;
              });
          ask(
              exact,
              answers,
              false,
              i -> Searches.exact(queries.get(i), queries.get(i).k(), source));
          return answers;
        });
  }

  /**
   * A query that has a few products excluded and no other condition, such as a product's page,
   * without these: so many more are asked for, and they are left out here. A condition costs the
   * graphs half of a search again, as each shard looks up all documents that meet it first.
   */
  private static Query unfiltered(Query query) {
    boolean isOpen = query.filter().equals(Filter.ALL) && query.among() == null;
    int excluded = query.excluded().size();
    return isOpen && excluded > 0 && excluded <= FEW
        ? Query.of(query.vector(), query.k() + excluded)
        : query;
  }

  private static List<Object> withoutExcluded(List<Object> hits, Query query) {
    return hits.stream()
        .filter(hit -> !query.excluded().contains(Searches.id(hit)))
        .limit(query.k())
        .toList();
  }

  private interface Body {
    Map<String, Object> of(int query);
  }

  /** Sends queries together, some at a time. */
  private void ask(List<Integer> which, List<List<Object>> answers, boolean quick, Body body) {
    int together = Math.max(1, Math.min(MOST_QUERIES, QUERY_BYTES / (dimension * NUMBER_BYTES)));
    for (int begin = 0; begin < which.size(); begin += together) {
      List<Integer> some = which.subList(begin, Math.min(which.size(), begin + together));
      var lines = new ArrayList<Map<String, Object>>();
      for (int query : some) {
        lines.add(Map.of("allow_partial_search_results", false));
        lines.add(body.of(query));
      }
      var call =
          new Call(
              "a search",
              "POST",
              path("_msearch"),
              Json.lines(lines),
              settings.searchLimit(),
              answer -> isIncomplete(Json.list(answer, "responses"), some.size()));
      Reply reply = cluster.call(quick && some.size() == 1 ? call.asQuick() : call).checked();
      List<Object> responses = Json.list(reply.body(), "responses");
      for (int i = 0; i < some.size(); i++) {
        Object response = responses.get(i);
        new Reply(call, (int) Json.number(response, "status"), response, 1).checked();
        answers.set(some.get(i), Json.list(response, "hits", "hits"));
      }
    }
  }

  private static boolean isIncomplete(List<Object> responses, int expected) {
    return responses.size() != expected || responses.stream().anyMatch(Searches::isIncomplete);
  }

  /** The answer to one query that does not fit into one answer of the cluster. */
  private List<Object> all(Query query, Source source) {
    var all = new ArrayList<Object>();
    Map<String, Object> body = Searches.exact(query, source.page, source);
    visit(
        body,
        source.page,
        hit -> {
          if (all.size() < query.k()) {
            all.add(hit);
          }
          return all.size() < query.k();
        });
    return all;
  }

  /**
   * Visits what a sorted search finds, page by page, as of one moment.
   *
   * @param action says whether to go on
   */
  private void visit(Map<String, Object> search, int page, Predicate<Object> action) {
    List<Object> first = page(path("_search") + "?allow_partial_search_results=false", search);
    if (first.size() < page) { // there is no more
      for (Object hit : first) {
        if (!action.test(hit)) {
          return;
        }
      }
      return;
    }
    String moment = openMoment();
    try {
      Map<String, Object> next = new LinkedHashMap<>(search);
      next.put("pit", Map.of("id", moment, "keep_alive", KEPT_OPEN));
      List<Object> hits;
      do {
        hits = page("/_search?allow_partial_search_results=false", next);
        for (Object hit : hits) {
          if (!action.test(hit)) {
            return;
          }
          next.put("search_after", Json.list(hit, "sort"));
        }
      } while (hits.size() == page);
    } finally {
      closeMoment(moment);
    }
  }

  private List<Object> page(String path, Map<String, Object> search) {
    Predicate<Object> incomplete = Searches::isIncomplete;
    var call =
        new Call("a search", "POST", path, Json.bytes(search), settings.writeLimit(), incomplete);
    return Json.list(cluster.call(call).checked().body(), "hits", "hits");
  }

  private String openMoment() {
    String path =
        path("_search/point_in_time") + "?allow_partial_pit_creation=false&keep_alive=" + KEPT_OPEN;
    var call = new Call("a search", "POST", path, null, settings.searchLimit());
    return Json.text(cluster.call(call).checked().body(), "pit_id");
  }

  private void closeMoment(String moment) {
    byte[] body = Json.bytes(Map.of("pit_id", List.of(moment)));
    try {
      cluster.call(
          new Call(
              "the end of a search",
              "DELETE",
              "/_search/point_in_time",
              body,
              settings.searchLimit()));
    } catch (UncheckedIOException e) { // it ends by itself
      return;
    }
  }

  // ---- reading

  @Override
  public @Nullable IndexItem item(String id) {
    Ids.given(id, "a product's id");
    return items(List.of(id)).get(id);
  }

  @Override
  public Map<String, IndexItem> items(Collection<String> ids) {
    return whileOpen(
        Map.of(),
        () -> {
          var items = new LinkedHashMap<String, IndexItem>();
          for (Object document : documents(ids, Source.ALL)) {
            IndexItem item = documents.item(document);
            items.put(item.id(), item);
          }
          return items;
        });
  }

  @Override
  public @Nullable Attributes attributes(String id) {
    Ids.given(id, "a product's id");
    return this.<@Nullable Attributes>whileOpen(
        null,
        () -> {
          List<Object> found = documents(List.of(id), Source.ATTRIBUTES);
          return found.isEmpty() ? null : documents.attributes(found.get(0));
        });
  }

  @Override
  public @Nullable UnitVector vector(String id) {
    Ids.given(id, "a product's id");
    return this.<@Nullable UnitVector>whileOpen(
        null,
        () -> {
          List<Object> found = documents(List.of(id), Source.VECTORS_ALONE);
          return found.isEmpty() ? null : documents.vector(found.get(0));
        });
  }

  /** The documents of those ids that are there, as they are by now, visible to searches or not. */
  private List<Object> documents(Collection<String> ids, Source source) {
    List<String> fit =
        ids.stream()
            .filter(id -> idBytes(Ids.given(id, "a product's id")) <= Documents.LONGEST_ID)
            .toList();
    var found = new ArrayList<Object>();
    for (int begin = 0; begin < fit.size(); begin += READ_TOGETHER) {
      List<String> some = fit.subList(begin, Math.min(fit.size(), begin + READ_TOGETHER));
      String fields =
          source == Source.NOTHING
              ? "_source=false"
              : "_source_includes=" + String.join(",", source.fields());
      var call =
          new Call(
              "a look at products",
              "POST",
              path("_mget") + "?" + fields,
              Json.bytes(Map.of("ids", some)),
              settings.searchLimit(),
              answer -> Json.list(answer, "docs").stream().anyMatch(OpenSearchIndex::mayComeLater));
      Reply reply = cluster.call(some.size() <= FEW ? call.asQuick() : call).checked();
      for (Object document : Json.list(reply.body(), "docs")) {
        if (isGone(document)) {
          throw new UncheckedIOException(Problems.gone(call.what(), name));
        }
        if (Boolean.TRUE.equals(Json.at(document, "found"))) {
          found.add(document);
        }
      }
    }
    return found;
  }

  private static boolean isGone(Object document) {
    return Json.text(document, "error", "type").equals("index_not_found_exception");
  }

  private static boolean mayComeLater(Object document) {
    return Json.at(document, "error") != null && !isGone(document);
  }

  @Override
  public List<String> ids() {
    return whileOpen(
        List.of(),
        () -> {
          var ids = new ArrayList<String>();
          visit(
              Searches.all(Source.NOTHING), Source.NOTHING.page, hit -> ids.add(Searches.id(hit)));
          return ids;
        });
  }

  @Override
  public void forEach(Consumer<? super IndexItem> action) {
    whileOpen(
        true,
        () -> {
          visit(
              Searches.all(Source.ALL),
              Source.ALL.page,
              hit -> {
                action.accept(documents.item(hit));
                return true;
              });
          return true;
        });
  }

  @Override
  public void forEachAttributes(BiConsumer<String, Attributes> action) {
    whileOpen(
        true,
        () -> {
          visit(
              Searches.all(Source.ATTRIBUTES),
              Source.ATTRIBUTES.page,
              hit -> {
                action.accept(Searches.id(hit), documents.attributes(hit));
                return true;
              });
          return true;
        });
  }

  // ---- writing

  @Override
  public void upsertAll(List<IndexItem> items) {
    checkOpen();
    Map<String, IndexItem> last = checked(items);
    if (last.isEmpty()) {
      return;
    }
    writing.lock();
    try {
      checkOpen();
      ensureMade();
      writer.put(last.values(), settings.atOnce());
    } finally {
      writing.unlock();
    }
  }

  /**
   * Fills an index that nobody searches yet, without making each part visible. What is there
   * already, of a process that was killed, is only compared.
   */
  void load(Iterable<IndexItem> items) {
    writing.lock();
    try {
      Set<String> there = writtenBefore();
      var some = new ArrayList<IndexItem>();
      long bytes = 0;
      for (IndexItem item : items) {
        if (!made) {
          ensureMade();
          setRefreshed(false);
        }
        some.add(item);
        bytes += BulkWriter.bytes(item);
        if (bytes > BulkWriter.MOST_BYTES) {
          putChanged(checked(some), there);
          some.clear();
          bytes = 0;
        }
      }
      putChanged(checked(some), there);
      there.forEach(id -> writer.remove(id, false));
      if (made) {
        setRefreshed(true);
        writer.refresh();
      }
    } finally {
      writing.unlock();
    }
  }

  private Set<String> writtenBefore() {
    if (made) {
      writer.refresh();
    }
    return new HashSet<>(ids());
  }

  /** Writes those of some products that are not the same there already, and crosses all off. */
  private void putChanged(Map<String, IndexItem> some, Set<String> there) {
    List<String> written = some.keySet().stream().filter(there::remove).toList();
    if (!written.isEmpty()) {
      some.values().removeAll(items(written).values());
    }
    writer.put(some.values(), false);
  }

  private void setRefreshed(boolean refreshed) {
    Map<String, @Nullable Object> interval = new LinkedHashMap<>();
    interval.put("refresh_interval", refreshed ? null : "-1");
    byte[] body = Json.bytes(Map.of("index", interval));
    cluster
        .call(
            new Call("a change of settings", "PUT", path("_settings"), body, settings.writeLimit()))
        .checked();
  }

  private Map<String, IndexItem> checked(List<IndexItem> items) {
    var last = new LinkedHashMap<String, IndexItem>();
    for (IndexItem item : items) {
      checkDimension("\"" + item.id() + "\"", item.vector());
      int bytes = idBytes(item.id());
      if (bytes > Documents.LONGEST_ID) {
        throw new IllegalArgumentException(
            "the id "
                + item.id().substring(0, 40)
                + "... has "
                + bytes
                + " bytes, expected at most "
                + Documents.LONGEST_ID
                + ", which is what OpenSearch takes");
      }
      last.put(item.id(), item);
    }
    return last;
  }

  private static int idBytes(String id) {
    return id.getBytes(StandardCharsets.UTF_8).length;
  }

  private void ensureMade() {
    if (!made) {
      generations.make(name, dimension, filling);
      made = true;
    }
  }

  @Override
  public boolean setAttributes(String id, Attributes attributes) {
    Ids.given(id, "a product's id");
    writing.lock();
    try {
      UnitVector vector = vector(id); // which the server itself would lose
      if (vector == null) {
        return false;
      }
      writer.put(List.of(new IndexItem(id, vector, attributes)), settings.atOnce());
      return true;
    } finally {
      writing.unlock();
    }
  }

  @Override
  public boolean remove(String id) {
    Ids.given(id, "a product's id");
    writing.lock();
    try {
      // Asked before: a deletion that is tried twice finds nothing at the second time.
      boolean there = whileOpen(false, () -> !documents(List.of(id), Source.NOTHING).isEmpty());
      if (there) {
        writer.remove(id, settings.atOnce());
      }
      return there;
    } finally {
      writing.unlock();
    }
  }

  /**
   * Merges each shard's graphs into one: there is one for about each write, and a search goes
   * through all of them. Takes about as long as filling the index did. Then it is tried again how
   * many nearest searches have to keep track of, unless {@link Builder#efSearch} was set.
   */
  @Override
  public boolean optimize() {
    return whileOpen(
        false,
        () -> {
          var call =
              new Call(
                  "the merging of the graphs",
                  "POST",
                  path("_forcemerge") + "?max_num_segments=1",
                  null,
                  OPTIMIZING_LIMIT,
                  Searches::isIncomplete);
          cluster.call(call).checked();
          tune();
          return true;
        });
  }

  /**
   * Tries how many nearest searches have to keep track of, unless that was set; other processes
   * learn it when they open the index.
   */
  void tune() {
    if (settings.efSearch() != null || size() < FEWEST_TO_TRY) {
      return;
    }
    try {
      int found = Thoroughness.of(sample(), new OnGraphs());
      writing.lock();
      try {
        if (efSearch == tried) { // nobody has set another meanwhile
          efSearch = found;
        }
        tried = found;
        if (origin != null) {
          mark(origin);
        }
      } finally {
        writing.unlock();
      }
      LOG.info("Searches of {} keep track of the {} nearest of each part", name, found);
    } catch (UncheckedIOException e) { // what was filled or merged is so all the same
      checkOpen();
      LOG.warn(
          "Searches of {} keep track of the {} nearest of each part, as before: {}",
          name,
          efSearch,
          e.getMessage());
    }
  }

  private List<String> sample() {
    return neighbors(Searches.some(Thoroughness.SAMPLE)).stream().map(Neighbor::id).toList();
  }

  private final class OnGraphs implements Thoroughness.Tried {
    @Override
    public @Nullable UnitVector vector(String id) {
      return OpenSearchIndex.this.vector(id);
    }

    @Override
    public List<Neighbor> exact(UnitVector query, int k) {
      return neighbors(Searches.exact(Query.of(query, k), k, Source.NOTHING));
    }

    @Override
    public List<Neighbor> near(UnitVector query, int k, int level) {
      return neighbors(Searches.near(Query.of(query, k), level, quantized, Source.NOTHING));
    }
  }

  /** The answer to a query that nobody waits for. */
  private List<Neighbor> neighbors(Map<String, Object> query) {
    byte[] body = Json.bytes(query);
    var call =
        new Call(
            "a search",
            "POST",
            path("_search") + "?allow_partial_search_results=false",
            body,
            settings.writeLimit(),
            Searches::isIncomplete);
    return neighbors(Json.list(cluster.call(call).checked().body(), "hits", "hits"));
  }

  private static List<Neighbor> neighbors(List<Object> found) {
    var neighbors = new ArrayList<Neighbor>(found.size());
    for (Object hit : found) {
      neighbors.add(new Neighbor(Searches.id(hit), Searches.similarity(hit)));
    }
    neighbors.sort(Neighbor.CLOSEST_FIRST);
    return neighbors;
  }

  // ---- life

  @Override
  public Origin origin() {
    Origin marked = origin;
    if (marked == null) {
      throw new IllegalStateException("the index " + name + " has not been marked");
    }
    return marked;
  }

  @Override
  public void mark(Origin origin) {
    writing.lock();
    try {
      checkOpen();
      ensureMade();
      writer.flush();
      generations.mark(name, dimension, origin, tried, this.origin == null);
      this.origin = origin;
    } finally {
      writing.unlock();
    }
  }

  /**
   * Ends the use of the index. What was never {@linkplain #mark marked} is deleted, unless it is
   * one that who builds it again from the same store goes on with.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true; // before the lock: who waits for it finds it closed
    writing.lock();
    try {
      if (made && origin == null && filling == null) {
        made = false;
        generations.drop(name);
      }
    } finally {
      writing.unlock();
    }
  }

  /** Returns the cluster and the index. */
  @Override
  public String toString() {
    return "OpenSearch at " + cluster + "/" + name;
  }

  private String path(String end) {
    return "/" + name + "/" + end;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this index has been closed");
    }
  }

  private void checkDimension(String what, UnitVector vector) {
    if (vector.dimension() != dimension) {
      throw new IllegalArgumentException(
          what + " has " + vector.dimension() + " dimensions, expected " + dimension);
    }
  }

  /**
   * Reads something, if anything has been written; if the index is closed meanwhile, that it was
   * deleted is no error of its own.
   */
  private <T extends @Nullable Object> T whileOpen(T ifEmpty, Supplier<T> reading) {
    checkOpen();
    if (!made) {
      checkOpen();
      return ifEmpty;
    }
    try {
      return reading.get();
    } catch (UncheckedIOException e) {
      checkOpen();
      throw e;
    }
  }

  /** Where the cluster is, and how indexes are made there. Not safe for use by several threads. */
  public static final class Builder {

    private static final Pattern NUMBER = Pattern.compile("(shards|replicas)=(\\d{1,6})");
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,199}");

    private @Nullable List<URI> urls;
    private @Nullable String index;
    private @Nullable String authorization;
    private @Nullable SSLContext tls;
    private @Nullable Integer shards;
    private @Nullable Integer replicas;
    private @Nullable Integer m;
    private @Nullable Integer efConstruction;
    private @Nullable Integer efSearch;
    private @Nullable Duration connectLimit;
    private @Nullable Duration searchLimit;
    private @Nullable Duration writeLimit;
    private @Nullable Boolean quantized;
    private @Nullable Boolean atOnce;

    private Builder() {}

    /**
     * Nodes of the cluster that are called in turn; a node that does not answer is passed over for
     * a while.
     *
     * @param urls each {@code http} or {@code https} with a host and a port, and a path only where
     *     a proxy wants one; no user, no password
     * @return this builder
     * @throws IllegalArgumentException if there is none, or one is of another form
     * @throws IllegalStateException if they were already set
     */
    public Builder url(String... urls) {
      List<URI> parsed = Arrays.stream(urls).map(Builder::uri).toList();
      if (parsed.isEmpty()) {
        throw new IllegalArgumentException("there is no URL, expected one of a node or more");
      }
      this.urls = once("url", this.urls, parsed);
      return this;
    }

    private static URI uri(String url) {
      String expected = ", expected one such as https://localhost:9200";
      refuseCredentials(url);
      URI uri;
      try {
        uri = new URI(url.replaceFirst("/+$", ""));
      } catch (URISyntaxException e) {
        throw new IllegalArgumentException("a node's URL is \"" + url + "\"" + expected, e);
      }
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (!web || uri.getHost() == null || uri.getQuery() != null || uri.getFragment() != null) {
        throw new IllegalArgumentException("a node's URL is \"" + url + "\"" + expected);
      }
      return uri;
    }

    /** In messages and lists of processes others would see them; so this message has none. */
    private static void refuseCredentials(String address) {
      if (address.contains("@")) {
        throw new IllegalArgumentException(
            "a node's URL holds a user or a password, which others would see; leave them out, and"
                + " call credentials(...), or set OPENSEARCH_USER and OPENSEARCH_PASSWORD for the"
                + " command line");
      }
    }

    /**
     * What the index that serves is called in the cluster: an alias, behind which there is an index
     * of this name and a time. One for each store.
     *
     * @param name lower-case letters, digits, {@code _}, {@code -} and {@code .}, beginning with
     *     one of the first two; the default is {@code lookalike}
     * @return this builder
     * @throws IllegalArgumentException if it is of another form
     * @throws IllegalStateException if it was already set
     */
    public Builder index(String name) {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "the index is called \""
                + name
                + "\", expected lower-case letters, digits, _, - and ., beginning with a letter or"
                + " a digit");
      }
      this.index = once("index", index, name);
      return this;
    }

    /**
     * Nodes, index, and how new indexes are made, in one text, such as {@code
     * https://a:9200,https://b:9200/shop?shards=3&quantized}.
     *
     * @param address URLs of nodes as in {@link #url}, with commas between them, and after the last
     *     one a slash and the name of the index, which may be left out. After a question mark there
     *     may be {@code shards=N}, {@code replicas=N} and {@code quantized}, with {@code &} between
     *     them
     * @return this builder
     * @throws IllegalArgumentException if it is of another form
     * @throws IllegalStateException if any of it was already set
     */
    public Builder address(String address) {
      refuseCredentials(address);
      int question = address.indexOf('?');
      if (question >= 0) {
        Arrays.stream(address.substring(question + 1).split("&")).forEach(this::option);
      }
      String place = question >= 0 ? address.substring(0, question) : address;
      int path = place.indexOf('/', place.lastIndexOf("://") + 3);
      String nodes = place.contains("://") && path > 0 ? place.substring(0, path) : place;
      url(nodes.split(","));
      String name = path > 0 ? place.substring(path + 1) : "";
      return name.isEmpty() ? this : index(name);
    }

    private void option(String text) {
      Matcher number = NUMBER.matcher(text);
      if (text.equals("quantized")) {
        quantized();
      } else if (number.matches() && number.group(1).equals("shards")) {
        shards(Integer.parseInt(number.group(2)));
      } else if (number.matches()) {
        replicas(Integer.parseInt(number.group(2)));
      } else {
        throw new IllegalArgumentException(
            "after the question mark there is \""
                + text
                + "\", expected shards=N, replicas=N or quantized, with & between them");
      }
    }

    /**
     * Who asks. Over {@code http} others can read it on the way.
     *
     * @param user the name
     * @param password the password, which no message and no log holds
     * @return this builder
     * @throws IllegalStateException if this or {@link #apiKey} was already set
     */
    public Builder credentials(String user, String password) {
      byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
      return authorization("Basic " + Base64.getEncoder().encodeToString(both));
    }

    /**
     * Who asks, by a key.
     *
     * @param key as the cluster gave it, which no message and no log holds
     * @return this builder
     * @throws IllegalStateException if this or {@link #credentials} was already set
     */
    public Builder apiKey(String key) {
      return authorization("ApiKey " + key);
    }

    private Builder authorization(String value) {
      if (authorization != null) {
        throw new IllegalStateException("credentials or apiKey was already set");
      }
      if (value.chars().anyMatch(c -> c < ' ' || c > '~')) {
        throw new IllegalArgumentException(
            "the key holds characters that no header can; expected ASCII without line breaks");
      }
      this.authorization = value;
      return this;
    }

    /**
     * Whose certificates are trusted, in the place of those that the JVM trusts.
     *
     * @param file a key store (PKCS12 or JKS)
     * @param password of the key store
     * @return this builder
     * @throws IOException if it cannot be read, or the password is another
     * @throws IllegalStateException if it was already set
     */
    public Builder trustStore(Path file, String password) throws IOException {
      try (InputStream in = Files.newInputStream(file)) {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(in, password.toCharArray());
        TrustManagerFactory trust =
            TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        this.tls = once("trustStore", tls, context);
        return this;
      } catch (GeneralSecurityException e) {
        throw new IOException(file + " is no key store that can be used: " + e.getMessage(), e);
      }
    }

    /**
     * Credentials and trust store as environment variables have them: {@code OPENSEARCH_USER} and
     * {@code OPENSEARCH_PASSWORD}, or {@code OPENSEARCH_API_KEY}; {@code OPENSEARCH_TRUST_STORE}
     * and {@code OPENSEARCH_TRUST_STORE_PASSWORD}. What is not there is left as it is.
     *
     * @param variables by name, as {@link System#getenv()} gives them
     * @return this builder
     * @throws IllegalArgumentException if one of a pair is missing
     * @throws UncheckedIOException if the trust store cannot be read
     */
    public Builder environment(Map<String, String> variables) {
      String user = variables.get("OPENSEARCH_USER");
      String password = variables.get("OPENSEARCH_PASSWORD");
      if ((user == null) != (password == null)) {
        throw new IllegalArgumentException(
            "of OPENSEARCH_USER and OPENSEARCH_PASSWORD one is not set, expected both or none");
      }
      if (user != null && password != null) {
        credentials(user, password);
      }
      String key = variables.get("OPENSEARCH_API_KEY");
      if (key != null) {
        apiKey(key);
      }
      String trusted = variables.get("OPENSEARCH_TRUST_STORE");
      if (trusted != null) {
        try {
          trustStore(
              Path.of(trusted), variables.getOrDefault("OPENSEARCH_TRUST_STORE_PASSWORD", ""));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return this;
    }

    /**
     * Into how many parts new indexes are split, each on a node. A search goes through all of them.
     *
     * @param shards from 1 to 1,024; the default is 1
     * @return this builder
     * @throws IllegalArgumentException if it is outside that range
     * @throws IllegalStateException if it was already set
     */
    public Builder shards(int shards) {
      this.shards = once("shards", this.shards, shards, 1, 1024);
      return this;
    }

    /**
     * How many copies each part of a new index has beside the first, so that searches go on when a
     * node dies.
     *
     * @param replicas from 0 to 100; by default one where the cluster has a second node
     * @return this builder
     * @throws IllegalArgumentException if it is outside that range
     * @throws IllegalStateException if it was already set
     */
    public Builder replicas(int replicas) {
      this.replicas = once("replicas", this.replicas, replicas, 0, 100);
      return this;
    }

    /**
     * How many links a product gets in the graphs of new indexes.
     *
     * @param m from 2 to 512; the default is 16
     * @return this builder
     * @throws IllegalArgumentException if it is outside that range
     * @throws IllegalStateException if it was already set
     */
    public Builder m(int m) {
      this.m = once("m", this.m, m, 2, 512);
      return this;
    }

    /**
     * Among how many nearest a new product's links are chosen.
     *
     * @param efConstruction from 2 to 4,096; the default is 128
     * @return this builder
     * @throws IllegalArgumentException if it is outside that range
     * @throws IllegalStateException if it was already set
     */
    public Builder efConstruction(int efConstruction) {
      this.efConstruction = once("efConstruction", this.efConstruction, efConstruction, 2, 4096);
      return this;
    }

    /**
     * How many nearest a search keeps track of in each part. More find more and take longer. What
     * the server does by itself finds a third of the nearest where vectors do not lie in groups.
     * The default is found by trying, when an index is filled and when it is {@linkplain
     * OpenSearchIndex#optimize optimized}: the least of 200 to 3,000 that finds .97 of the ten
     * nearest of points between products. Indexes of less than 2,000 products have 200.
     *
     * @param efSearch from 1 to 10,000
     * @return this builder
     * @throws IllegalArgumentException if it is outside that range
     * @throws IllegalStateException if it was already set
     */
    public Builder efSearch(int efSearch) {
      this.efSearch = once("efSearch", this.efSearch, efSearch, 1, 10_000);
      return this;
    }

    /**
     * Has the graphs of new indexes compare vectors of one byte a number, which the server makes:
     * nodes need a quarter of the memory for searches. Three times as many as are wanted are then
     * compared by the numbers themselves, which stay on disk, so that similarities are exact and
     * hardly anything less is found.
     *
     * @return this builder
     * @throws IllegalStateException if it was already set
     */
    public Builder quantized() {
      this.quantized = once("quantized", quantized, true);
      return this;
    }

    /**
     * How long to wait for a connection to a node.
     *
     * @param limit more than nothing; the default is 1 second
     * @return this builder
     * @throws IllegalArgumentException if it is not
     * @throws IllegalStateException if it was already set
     */
    public Builder connectLimit(Duration limit) {
      this.connectLimit = limit("connectLimit", connectLimit, limit);
      return this;
    }

    /**
     * How long a search may take, all attempts together, each of which has a quarter of it.
     *
     * @param limit more than nothing; the default is 10 seconds
     * @return this builder
     * @throws IllegalArgumentException if it is not
     * @throws IllegalStateException if it was already set
     */
    public Builder searchLimit(Duration limit) {
      this.searchLimit = limit("searchLimit", searchLimit, limit);
      return this;
    }

    /**
     * How long a write may take, all attempts together, each of which has a quarter of it; for many
     * products that is a part of about 4 MB.
     *
     * @param limit more than nothing; the default is 2 minutes
     * @return this builder
     * @throws IllegalArgumentException if it is not
     * @throws IllegalStateException if it was already set
     */
    public Builder writeLimit(Duration limit) {
      this.writeLimit = limit("writeLimit", writeLimit, limit);
      return this;
    }

    private static Duration limit(String what, @Nullable Duration before, Duration limit) {
      if (limit.isNegative() || limit.isZero()) {
        throw new IllegalArgumentException(what + " is " + limit + ", expected more than nothing");
      }
      return once(what, before, limit);
    }

    /**
     * Has writes return before searches see them, which they then do within a second: for programs
     * that write much and need not see it at once.
     *
     * @return this builder
     * @throws IllegalStateException if it was already set
     */
    public Builder seenLater() {
      this.atOnce = once("seenLater", atOnce, false);
      return this;
    }

    /**
     * Makes indexes with these settings. The cluster is first asked when an index is made.
     *
     * @return a factory, which later changes of this builder do not touch; at its first use it
     *     throws an {@link UncheckedIOException} if the cluster cannot be reached, or has not what
     *     is needed
     * @throws IllegalStateException if no URL was set
     */
    public IndexFactory factory() {
      return generations();
    }

    /**
     * Goes back to the index before: moves the alias from the index that serves to the last one
     * that was made before it of the same products by the same network and transform. Recommenders
     * that are open go on as they are; those that are opened afterwards find that one, and bring it
     * up to the store.
     *
     * @return what the index that serves is called now
     * @throws UncheckedIOException if there is none, or the cluster cannot be reached
     * @throws IllegalStateException if no URL was set
     */
    public String rollBack() {
      return generations().back(null);
    }

    /**
     * As {@link #rollBack()}, for the index of one store alone.
     *
     * @param store the store's id
     * @return what the index that serves is called now
     * @throws UncheckedIOException also if the index that serves is one of another store; nothing
     *     has been changed
     * @throws IllegalStateException if no URL was set
     */
    public String rollBack(String store) {
      return generations().back(Objects.requireNonNull(store, "store"));
    }

    private Generations generations() {
      return new Generations(
          cluster(),
          new Settings(
              alias(),
              shards == null ? 1 : shards,
              replicas == null ? -1 : replicas,
              m == null ? 16 : m,
              efConstruction == null ? 128 : efConstruction,
              efSearch,
              quantized != null,
              searchLimit(),
              writeLimit == null ? Duration.ofMinutes(2) : writeLimit,
              atOnce == null));
    }

    /**
     * Looks at the cluster.
     *
     * @return what it is and has
     * @throws UncheckedIOException if it cannot be reached
     * @throws IllegalStateException if no URL was set
     */
    public ClusterReport report() {
      return ClusterReport.of(cluster(), alias(), searchLimit());
    }

    private String alias() {
      return index == null ? "lookalike" : index;
    }

    private Duration searchLimit() {
      return searchLimit == null ? Duration.ofSeconds(10) : searchLimit;
    }

    private Cluster cluster() {
      if (urls == null) {
        throw new IllegalStateException(
            "url was not set; call url(\"https://localhost:9200\"), or where the cluster is");
      }
      return new Cluster(
          urls, authorization, tls, connectLimit == null ? Duration.ofSeconds(1) : connectLimit);
    }
  }
}

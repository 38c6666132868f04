package io.lookalike.index.opensearch;

import io.lookalike.index.IndexItem;
import io.lookalike.index.opensearch.Cluster.Call;
import io.lookalike.index.opensearch.Cluster.Reply;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes documents, several together. What a busy cluster rejects is sent again, and nothing else
 * is.
 *
 * <p>Every write has a version that grows with the clock. An attempt that was given up, but lies
 * with a node that hangs and goes on later, so does not undo what was written after it. Used under
 * the lock of the index.
 */
final class BulkWriter {

  /** About how many bytes are sent together. */
  static final int MOST_BYTES = 1 << 22;

  /** What a number of a vector takes: in JSON, and packed. */
  private static final int NUMBER_BYTES = 18;

  private static final Pattern CURRENT_VERSION = Pattern.compile("current version \\[(\\d+)]");

  private static final long FIRST_WAIT = 50;
  private static final long LONGEST_WAIT = 2_000;

  private final Cluster cluster;
  private final String name;
  private final Duration limit;
  private long version;

  BulkWriter(Cluster cluster, String name, Duration limit) {
    this.cluster = cluster;
    this.name = name;
    this.limit = limit;
  }

  /** One document to be written; deleted if there is no item. */
  private record Line(String id, @Nullable IndexItem item) {}

  /** About how many bytes a product takes on the way. */
  static long bytes(IndexItem item) {
    return (long) item.vector().dimension() * NUMBER_BYTES + 500;
  }

  /**
   * Writes products, each id once.
   *
   * @param visible whether searches that begin afterwards see them
   */
  void put(Collection<IndexItem> items, boolean visible) {
    var some = new ArrayList<Line>();
    long bytes = 0;
    boolean first = true;
    for (IndexItem item : items) {
      some.add(new Line(item.id(), item));
      bytes += bytes(item);
      if (bytes > MOST_BYTES) {
        write(some, false);
        first = false;
        some.clear();
        bytes = 0;
      }
    }
    write(some, visible && first);
    if (visible && !first) {
      refresh();
    }
  }

  void remove(String id, boolean visible) {
    write(List.of(new Line(id, null)), visible);
  }

  /** Makes visible what was written. */
  void refresh() {
    call("the refreshing of an index", "_refresh");
  }

  /** Puts on disk what was written, so that a node that starts has little to do again. */
  void flush() {
    call("the flushing of an index", "_flush");
  }

  private void call(String what, String end) {
    cluster
        .call(new Call(what, "POST", "/" + name + "/" + end, null, limit, Searches::isIncomplete))
        .checked();
  }

  private void write(List<Line> lines, boolean visible) {
    long end = System.nanoTime() + limit.toNanos();
    List<Line> left = lines;
    long wait = FIRST_WAIT;
    while (!left.isEmpty()) {
      Outcome outcome = attempt(left, visible, remaining(end));
      if (outcome.refused != null) {
        throw new UncheckedIOException(refusal(outcome, lines.size()));
      }
      left = outcome.again;
      if (!left.isEmpty()) {
        if (System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2 * wait) > end) {
          throw new UncheckedIOException(rejection(outcome, left, lines.size()));
        }
        wait = outcome.conflict ? wait : pause(wait);
      }
    }
  }

  private static Duration remaining(long end) {
    return Duration.ofNanos(Math.max(TimeUnit.MILLISECONDS.toNanos(1), end - System.nanoTime()));
  }

  /**
   * What became of some documents.
   *
   * @param again those that are to be sent again
   * @param conflict whether that is since another process' clock is ahead
   * @param refused the id of one that will never be taken, or null
   * @param reason why the last one was not taken
   */
  private record Outcome(
      List<Line> again, boolean conflict, @Nullable String refused, Object reason) {}

  private Outcome attempt(List<Line> lines, boolean visible, Duration left) {
    version = Math.max(version + 1, TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()));
    var body = new ArrayList<Map<String, Object>>();
    for (Line line : lines) {
      Map<String, Object> target = new LinkedHashMap<>();
      target.put("_id", line.id);
      target.put("version", version);
      target.put("version_type", "external_gte");
      body.add(Map.of(line.item == null ? "delete" : "index", target));
      if (line.item != null) {
        body.add(Documents.document(line.item));
      }
    }
    String path =
        "/"
            + Generations.writeAlias(name)
            + "/_bulk?require_alias=true&filter_path=errors,items.*.status,items.*.error"
            + (visible ? "&refresh=true" : "");
    Reply reply =
        cluster
            .call(
                new Call(
                    "a write",
                    "POST",
                    path,
                    Json.lines(body),
                    left,
                    answer ->
                        !Boolean.FALSE.equals(Json.at(answer, "errors"))
                            && Json.list(answer, "items").size() != lines.size()))
            .checked();
    var again = new ArrayList<Line>();
    boolean conflict = false;
    Object reason = Map.of();
    if (!Boolean.FALSE.equals(Json.at(reply.body(), "errors"))) {
      List<Object> items = Json.list(reply.body(), "items");
      for (int i = 0; i < lines.size(); i++) {
        Object item = items.get(i);
        Object result = Json.object(item).values().iterator().next();
        long status = Json.number(result, "status");
        Object error = Json.object(result, "error");
        if (status == 409) {
          conflict = true;
          again.add(lines.get(i));
          reason = error;
          raiseVersion(error);
        } else if (status == 503 || (status == 429 && !Problems.isReadOnly(error))) {
          again.add(lines.get(i));
          reason = error;
        } else if (status >= 300 && !(status == 404 && lines.get(i).item == null)) {
          return new Outcome(List.of(), false, lines.get(i).id, error);
        }
      }
    }
    return new Outcome(again, conflict, null, reason);
  }

  /** Another process' clock is ahead: what it wrote came before. */
  private void raiseVersion(Object error) {
    Matcher current = CURRENT_VERSION.matcher(Json.text(error, "reason"));
    if (current.find()) {
      version = Math.max(version, Long.parseLong(current.group(1)));
    }
  }

  private OpenSearchException refusal(Outcome outcome, int size) {
    if (Problems.isReadOnly(outcome.reason)) {
      return Problems.readOnly("a write");
    }
    if (Json.text(outcome.reason, "type").equals("index_not_found_exception")) {
      return Problems.gone("a write", name);
    }
    return new OpenSearchException(
        "the cluster refused the product "
            + outcome.refused
            + ": "
            + Problems.error(outcome.reason)
            + "; of "
            + size
            + " that were sent together others may be written");
  }

  private OpenSearchException rejection(Outcome outcome, List<Line> left, int size) {
    return new OpenSearchException(
        "the cluster is too busy: of "
            + size
            + " products "
            + left.size()
            + " were not taken within "
            + limit.toSeconds()
            + " seconds, the first "
            + left.get(0).id
            + " ("
            + Problems.error(outcome.reason)
            + "); write the same again later, or less at a time",
        true);
  }

  private static long pause(long wait) {
    try {
      Thread.sleep(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(
          new InterruptedIOException("interrupted while the cluster was busy"));
    }
    return Math.min(LONGEST_WAIT, 2 * wait);
  }
}

package io.lookalike.index.opensearch;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Calls to the nodes of a cluster. Each call has a time limit, within which it is tried again on
 * other nodes where one cannot be reached, does not answer in time, or is overloaded; all calls of
 * this module may be made twice. A node that failed is passed over for a while as long as there are
 * others; when calls fail again and again, a {@link Circuit} refuses them at once. Thread-safe.
 *
 * <p>What is usually answered in milliseconds ({@link Call#quick}) is asked of another node too as
 * soon as that takes much longer than usual, and the first answer counts: a node that stands still,
 * or waits for one that does, does not hold up a page.
 */
final class Cluster {

  /** What part of a call's time limit one attempt may take. */
  private static final int ATTEMPTS = 4;

  private static final long SHORTEST_WAIT = 10;
  private static final long LONGEST_WAIT = 1_000;
  private static final long FIRST_PASSED_OVER = TimeUnit.MILLISECONDS.toNanos(200);
  private static final int MOST_DOUBLED = 6;

  /** How many times the usual time is waited until another node is asked as well. */
  private static final int PATIENCE = 8;

  private static final long LEAST_PATIENCE = TimeUnit.MILLISECONDS.toNanos(200);

  /** How much of the usual time the last call decides. */
  private static final double NEWEST = .05;

  /**
   * What is asked of the cluster.
   *
   * @param what it is, for messages, such as {@code a search}
   * @param path with what follows a question mark
   * @param limit for all attempts together
   * @param quick whether it is usually answered in milliseconds, and changes nothing
   * @param incomplete tells by the body whether a part of the answer is missing that another
   *     attempt may well bring
   */
  record Call(
      String what,
      String method,
      String path,
      byte @Nullable [] body,
      Duration limit,
      boolean quick,
      Predicate<Object> incomplete) {

    Call(
        String what,
        String method,
        String path,
        byte @Nullable [] body,
        Duration limit,
        Predicate<Object> incomplete) {
      this(what, method, path, body, limit, false, incomplete);
    }

    Call(String what, String method, String path, byte @Nullable [] body, Duration limit) {
      this(what, method, path, body, limit, answer -> false);
    }

    /** The same, usually answered in milliseconds. */
    Call asQuick() {
      return new Call(what, method, path, body, limit, true, incomplete);
    }
  }

  /**
   * An answer that is not worth another attempt.
   *
   * @param status HTTP's
   * @param body JSON
   * @param attempts how many it took
   */
  record Reply(Call call, int status, Object body, int attempts) {

    boolean isMissing() {
      return status == 404;
    }

    /** The same, if it is what was wanted. */
    Reply checked() {
      if (status >= 300) {
        throw new UncheckedIOException(Problems.of(this));
      }
      return this;
    }
  }

  private static final class Node {
    final URI address;
    private int failures;
    private long passedOverUntil;

    Node(URI address) {
      this.address = address;
    }

    synchronized boolean isPassedOver(long now) {
      return failures > 0 && passedOverUntil - now > 0;
    }

    synchronized void failed() {
      passedOverUntil =
          System.nanoTime() + (FIRST_PASSED_OVER << Math.min(failures++, MOST_DOUBLED));
    }

    synchronized void answered() {
      failures = 0;
    }
  }

  private final List<Node> nodes;
  private final HttpClient client;
  private final @Nullable String authorization;
  private final Circuit circuit = new Circuit(System::nanoTime);
  private final AtomicInteger next = new AtomicInteger();

  /** How long a quick call takes, in nanoseconds: a mean that follows. Races do no harm. */
  private volatile double usual = 0;

  /**
   * Prepares calls.
   *
   * @param addresses without a path at the end
   * @param authorization the header's value, which appears nowhere else; null for none
   * @param tls whom to trust; null for whom the JVM trusts
   */
  Cluster(
      List<URI> addresses,
      @Nullable String authorization,
      @Nullable SSLContext tls,
      Duration connectLimit) {
    this.nodes = addresses.stream().map(Node::new).toList();
    this.authorization = authorization;
    HttpClient.Builder builder =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(connectLimit);
    if (tls != null) {
      builder.sslContext(tls);
    }
    this.client = builder.build();
  }

  /** The nodes that are called. */
  @Override
  public String toString() {
    var names = new ArrayList<String>();
    nodes.forEach(node -> names.add(node.address.toString()));
    return String.join(",", names);
  }

  /**
   * How an attempt ended.
   *
   * @param nanos how long it took
   */
  private record Outcome(
      Node node,
      int attempt,
      @Nullable HttpResponse<byte[]> response,
      @Nullable Throwable problem,
      long nanos) {}

  /**
   * Calls, again if need be.
   *
   * @return the answer, whatever its status, unless it is one that passes
   * @throws UncheckedIOException around an {@link OpenSearchException} if there was none in time
   */
  Reply call(Call call) {
    long refused = circuit.refusedFor();
    if (refused > 0) {
      throw new UncheckedIOException(Problems.refused(this, call, refused));
    }
    long end = System.nanoTime() + call.limit.toNanos();
    long patience = patience(call);
    String last = "";
    BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
    var running = new ArrayList<CompletableFuture<?>>();
    try {
      for (int attempt = 1; ; attempt++) {
        Node node = node();
        running.add(send(node, call, attempt, outcomes));
        Outcome outcome = next(outcomes, Math.min(patience, end - System.nanoTime()));
        long wait = 0;
        if (outcome == null) {
          node.failed();
          last = node.address + " did not answer within " + seconds(patience);
          if (call.quick) {
            patience *= 2; // who answers first is taken
          } else {
            running.forEach(each -> each.cancel(true));
            outcomes = new LinkedBlockingQueue<>();
          }
        } else {
          try {
            Reply reply = reply(call, outcome);
            if (!isPassing(reply)) {
              outcome.node.answered();
              circuit.answered();
              if (call.quick) {
                noteUsual(outcome.nanos);
              }
              return reply;
            }
            last = outcome.node.address + " answered " + Problems.reason(reply);
            if (reply.status > 500) {
              outcome.node.failed();
            }
          } catch (SSLException e) {
            throw new UncheckedIOException(Problems.untrusted(outcome.node.address, e));
          } catch (IOException e) {
            outcome.node.failed();
            last = outcome.node.address + " " + reason(e);
          }
          wait = wait(attempt);
        }
        if (System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2 * wait) >= end) {
          circuit.failed();
          throw new UncheckedIOException(Problems.unanswered(this, call, attempt, last));
        }
        pause(wait);
      }
    } finally {
      running.forEach(each -> each.cancel(true));
    }
  }

  /** How long one attempt may take before the next node is asked. */
  private long patience(Call call) {
    long part = call.limit.toNanos() / ATTEMPTS;
    return call.quick && nodes.size() > 1
        ? Math.min(part, Math.max(LEAST_PATIENCE, (long) (PATIENCE * usual)))
        : part;
  }

  private void noteUsual(long nanos) {
    double before = usual;
    usual = before + NEWEST * (nanos - before);
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.1f seconds", nanos / 1e9);
  }

  private Reply reply(Call call, Outcome outcome) throws IOException {
    if (outcome.response != null) {
      return new Reply(
          call, outcome.response.statusCode(), body(outcome.response), outcome.attempt);
    }
    Throwable problem =
        outcome.problem instanceof CompletionException
            ? outcome.problem.getCause()
            : outcome.problem;
    throw problem instanceof IOException cause
        ? cause
        : new IOException(String.valueOf(problem), problem);
  }

  /** The next in turn that is not passed over; if all are, the next in turn. */
  private Node node() {
    int first = Math.floorMod(next.getAndIncrement(), nodes.size());
    long now = System.nanoTime();
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get((first + i) % nodes.size());
      if (!node.isPassedOver(now)) {
        return node;
      }
    }
    return nodes.get(first);
  }

  /** Begins an attempt; how it ends is put among the outcomes. */
  private CompletableFuture<?> send(
      Node node, Call call, int attempt, BlockingQueue<Outcome> outcomes) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(node.address + call.path))
            .method(
                call.method,
                call.body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(call.body));
    if (call.body != null) {
      request.header("Content-Type", "application/json");
    }
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    long start = System.nanoTime();
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    var unused =
        answer.whenComplete(
            (response, problem) ->
                outcomes.add(
                    new Outcome(node, attempt, response, problem, System.nanoTime() - start)));
    return answer;
  }

  /** The next outcome; null if there is none for so long. */
  private @Nullable Outcome next(BlockingQueue<Outcome> outcomes, long nanos) {
    try {
      return outcomes.poll(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private UncheckedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new UncheckedIOException(
        new InterruptedIOException("interrupted while waiting for " + this));
  }

  private static Object body(HttpResponse<byte[]> response) throws IOException {
    try {
      return Json.read(response.body());
    } catch (IOException e) {
      if (response.statusCode() < 300) {
        throw new IOException("answered with something that is no JSON", e);
      }
      return List.of(); // a proxy's page, say: its status tells enough
    }
  }

  /** Whether the same call may well be answered otherwise in a moment. */
  private static boolean isPassing(Reply reply) {
    return switch (reply.status) {
      case 429 -> !Problems.isReadOnly(reply.body);
      case 502, 503, 504 -> true;
      case 400 -> Problems.isUnready(reply.body);
      default -> reply.status < 300 && reply.call.incomplete.test(reply.body);
    };
  }

  private static String reason(IOException e) {
    if (e instanceof ConnectException) {
      return "cannot be connected to";
    }
    String message = String.valueOf(e.getMessage());
    return message.contains("header parser received no bytes")
        ? "closed the connection without an answer (does it speak https?)"
        : message;
  }

  /** Longer and longer, and not the same for all who wait. */
  private static long wait(int attempt) {
    long most = Math.min(LONGEST_WAIT, SHORTEST_WAIT << Math.min(attempt - 1, 10));
    return most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1);
  }

  private void pause(long wait) {
    try {
      Thread.sleep(wait);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }
}

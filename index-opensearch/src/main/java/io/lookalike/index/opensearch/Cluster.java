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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
 */
final class Cluster {

  /** What part of a call's time limit one attempt may take. */
  private static final int ATTEMPTS = 4;

  private static final long SHORTEST_WAIT = 10;
  private static final long LONGEST_WAIT = 1_000;
  private static final long FIRST_PASSED_OVER = TimeUnit.MILLISECONDS.toNanos(200);
  private static final int MOST_DOUBLED = 6;

  /**
   * What is asked of the cluster.
   *
   * @param what it is, for messages, such as {@code a search}
   * @param path with what follows a question mark
   * @param limit for all attempts together
   * @param incomplete tells by the body whether a part of the answer is missing that another
   *     attempt may well bring
   */
  record Call(
      String what,
      String method,
      String path,
      byte @Nullable [] body,
      Duration limit,
      Predicate<Object> incomplete) {

    Call(String what, String method, String path, byte @Nullable [] body, Duration limit) {
      this(what, method, path, body, limit, answer -> false);
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
    String last = "";
    for (int attempt = 1; ; attempt++) {
      long left = end - System.nanoTime();
      Node node = node();
      try {
        long most = Math.min(left, call.limit.toNanos() / ATTEMPTS);
        HttpResponse<byte[]> response = send(node, call, most);
        var reply = new Reply(call, response.statusCode(), body(response), attempt);
        if (!isPassing(reply)) {
          node.answered();
          circuit.answered();
          return reply;
        }
        last = node.address + " answered " + Problems.reason(reply);
        if (reply.status > 500) {
          node.failed();
        }
      } catch (SSLException e) {
        throw new UncheckedIOException(Problems.untrusted(node.address, e));
      } catch (IOException e) {
        node.failed();
        last = node.address + " " + reason(e);
      }
      long wait = wait(attempt);
      if (System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2 * wait) > end) {
        circuit.failed();
        throw new UncheckedIOException(Problems.unanswered(this, call, attempt, last));
      }
      pause(wait);
    }
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

  private HttpResponse<byte[]> send(Node node, Call call, long nanos) throws IOException {
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
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    try {
      return answer.get(nanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new IOException(
          String.format(Locale.ROOT, "did not answer within %.1f seconds", nanos / 1e9), e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(
          new InterruptedIOException("interrupted while waiting for " + node.address));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IOException(String.valueOf(e.getCause()), e);
    }
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
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(
          new InterruptedIOException("interrupted while waiting for " + this));
    }
  }
}

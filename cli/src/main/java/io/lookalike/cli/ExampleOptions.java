package io.lookalike.cli;

import static io.lookalike.cli.UserErrorException.unlessRefused;

import io.lookalike.Combination;
import io.lookalike.Customer;
import io.lookalike.Event;
import io.lookalike.Example;
import io.lookalike.RecommendationRequest;
import io.lookalike.Recommender;
import io.lookalike.Sessions;
import io.lookalike.catalog.Ids;
import io.lookalike.datasets.EventsCsv;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a shopper likes and dislikes beside what was asked about. */
final class ExampleOptions {

  /** {@link Combination} as the command line spells it. */
  enum Combining {
    AVERAGE,
    BEST,
    SUM;

    /** Returns the name on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Option(
      names = "--also-like",
      paramLabel = "ID|PHOTO[=WEIGHT]",
      description =
          "Show what looks like this too; it weighs 1, as what was asked about does, if no weight"
              + " follows. May be repeated.")
  private List<String> alsoLike = List.of();

  @Option(
      names = "--not-like",
      paramLabel = "ID|PHOTO[=WEIGHT]",
      description = "Show what looks less like this. May be repeated.")
  private List<String> notLike = List.of();

  @Option(
      names = "--combine",
      paramLabel = "HOW",
      description =
          "How several make one order. average: by one direction between them; best: by the one that"
              + " is nearest; sum: as average, but a dislike counts as much as a like. Default:"
              + " average.")
  private Combining combining = Combining.AVERAGE;

  @Option(
      names = "--events",
      paramLabel = "FILE",
      description =
          "CSV of what customers did: time, customer, event (viewed, clicked, added, bought or"
              + " dismissed), product, and, if wanted, tenant.")
  private @Nullable Path events;

  @Option(
      names = "--customer",
      paramLabel = "ID",
      description = "Whose page it is: what they did of late counts. Needs --events.")
  private @Nullable String customer;

  @Option(
      names = "--tenant",
      defaultValue = "",
      paramLabel = "NAME",
      description = "The customer's tenant, where the events name tenants.")
  private String tenant = "";

  @Option(
      names = "--half-life",
      defaultValue = "30",
      paramLabel = "MINUTES",
      description = "After how long an event counts half. Default: ${DEFAULT-VALUE}.")
  private long halfLife;

  @Option(
      names = "--session-share",
      defaultValue = "0.5",
      paramLabel = "SHARE",
      description =
          "How much a session counts against what was asked about, from 0. Default:"
              + " ${DEFAULT-VALUE}.")
  private double share;

  @Option(
      names = "--max-events",
      defaultValue = "50",
      paramLabel = "N",
      description = "How many of a customer's events count, the latest. Default: ${DEFAULT-VALUE}.")
  private int maxEvents;

  @Option(
      names = "--event-weight",
      paramLabel = "EVENT=WEIGHT",
      description =
          "What a kind of event counts, from 0. Default: viewed 1, clicked 2, added, bought and"
              + " dismissed 4. May be repeated.")
  private Map<String, Double> eventWeights = Map.of();

  private final List<Event> read = new ArrayList<>();

  /** Whether there is something to show even if no product is named. */
  boolean namesCustomer() {
    return customer != null;
  }

  private Customer customer() {
    return new Customer(tenant, String.valueOf(customer));
  }

  /** Adds the files that were named. */
  void addTo(Inputs inputs) {
    inputs.file(events);
    alsoLike.forEach(inputs::example);
    notLike.forEach(inputs::example);
  }

  /**
   * Reads the events; the time of the last is now.
   *
   * @param console told what was skipped
   */
  Sessions sessions(Console console) throws IOException {
    if ((customer == null) != (events == null)) {
      throw new UserErrorException("--events and --customer belong together; give both or neither");
    }
    String problem = customer == null ? null : Ids.problem(customer);
    if (problem != null) {
      throw new UserErrorException("--customer " + problem);
    }
    if (events != null) {
      CataloguePath.report(EventsCsv.of(events).read(read::add), console);
      if (read.stream().noneMatch(e -> e.customer().equals(customer()))) {
        console.note(events + " has no event of " + customer + "; the page is anybody's");
      }
    }
    Sessions.Builder sessions = Sessions.builder().clock(InstantSource.fixed(now(console)));
    unlessRefused("--half-life", halfLife, () -> sessions.halfLife(minutes(halfLife)));
    unlessRefused("--max-events", maxEvents, () -> sessions.maxEvents(maxEvents));
    unlessRefused("--session-share", share, () -> sessions.share(share));
    for (Map.Entry<String, Double> each : eventWeights.entrySet()) {
      Event.Kind kind = kind(each.getKey());
      if (kind == null) {
        throw new UserErrorException(
            "--event-weight is "
                + each.getKey()
                + "="
                + each.getValue()
                + ", expected viewed, clicked, added, bought or dismissed and a number from 0");
      }
      unlessRefused(
          "--event-weight",
          each.getKey() + "=" + each.getValue(),
          () -> sessions.weight(kind, each.getValue()));
    }
    return sessions.build();
  }

  private static Event.@Nullable Kind kind(String name) {
    for (Event.Kind kind : Event.Kind.values()) {
      if (kind.name().toLowerCase(Locale.ROOT).equals(name)) {
        return kind;
      }
    }
    return null;
  }

  /** The last event's time, or this moment if that is yet to come. */
  private Instant now(Console console) {
    Instant last = read.stream().map(Event::time).max(Instant::compareTo).orElse(Instant.EPOCH);
    Instant now = Instant.now();
    if (!last.isAfter(now)) {
      return last;
    }
    Instant past =
        read.stream()
            .map(Event::time)
            .filter(t -> !t.isAfter(now))
            .max(Instant::compareTo)
            .orElse(now);
    console.note(
        "the last event is of " + last + ", which is yet to come; events fade as at " + past);
    return past;
  }

  private static Duration minutes(long minutes) {
    try {
      return Duration.ofMinutes(minutes);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("too large, expected at most " + Long.MAX_VALUE / 60, e);
    }
  }

  /** An example whose name may end with its weight; a name may hold an equals sign itself. */
  private static Example example(
      String option,
      String name,
      NamedProducts named,
      Function<String, @Nullable Example> examples) {
    int at = name.lastIndexOf('=');
    Example whole;
    try {
      whole = examples.apply(name);
    } catch (UserErrorException e) { // said of what stands before a weight
      if (at < 0) {
        throw e;
      }
      whole = null;
    }
    if (whole != null) {
      return whole;
    }
    Example part = at < 0 ? null : examples.apply(name.substring(0, at));
    if (part == null) {
      throw named.neither(name);
    }
    double weight;
    try {
      weight = Double.parseDouble(name.substring(at + 1));
    } catch (NumberFormatException e) {
      weight = Double.NaN;
    }
    double weighed = weight;
    return unlessRefused(option, name, () -> part.weighing(weighed));
  }

  /** Tells a shop what happened. */
  void replay(Recommender shop, NamedProducts named) {
    for (Event event : read) {
      String id = named.find(event.productId());
      shop.record(id == null ? event : new Event(event.customer(), event.kind(), id, event.time()));
    }
  }

  /**
   * Adds what is liked and disliked to a request.
   *
   * @param request null if nothing was asked about but a customer's own page
   * @param examples makes one of a product's id or a photo; null if a name is neither
   */
  RecommendationRequest with(
      @Nullable RecommendationRequest request,
      NamedProducts named,
      Function<String, @Nullable Example> examples) {
    RecommendationRequest asked =
        request == null ? RecommendationRequest.forCustomer(customer()) : request;
    for (String name : alsoLike) {
      asked = asked.alsoLike(example("--also-like", name, named, examples));
    }
    for (String name : notLike) {
      asked = asked.notLike(example("--not-like", name, named, examples));
    }
    asked = asked.combining(Combination.valueOf(combining.name()));
    return customer == null ? asked : asked.inSessionOf(customer());
  }
}

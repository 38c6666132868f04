package io.lookalike.cli;

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

  /** The largest weight that {@link Sessions} take. */
  private static final double MOST = 1_000_000;

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
      description = "Whose page it is: what he did of late counts. Needs --events.")
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

  /**
   * Reads the events; the time of the last is now.
   *
   * @param console told what was skipped
   */
  Sessions sessions(Console console) throws IOException {
    if ((customer == null) != (events == null)) {
      throw new UserErrorException("--events and --customer belong together; give both or neither");
    }
    if (customer != null && customer.isBlank()) {
      throw new UserErrorException("--customer is blank, expected a customer's id");
    }
    String problem = customer == null ? null : Ids.problem(customer);
    if (problem != null) {
      throw new UserErrorException("--customer " + problem);
    }
    if (halfLife < 1) {
      throw new UserErrorException("--half-life is " + halfLife + ", expected 1 or more minutes");
    }
    if (maxEvents < 1) {
      throw new UserErrorException("--max-events is " + maxEvents + ", expected 1 or more");
    }
    if (!(share >= 0 && share <= MOST)) {
      throw new UserErrorException(
          "--session-share is " + share + ", expected a number from 0 to 1000000");
    }
    if (events != null) {
      CataloguePath.report(EventsCsv.of(events).read(read::add), console);
      if (read.stream().noneMatch(e -> e.customer().equals(customer()))) {
        console.note(events + " has no event of " + customer + "; the page is anybody's");
      }
    }
    Instant now = read.stream().map(Event::time).max(Instant::compareTo).orElse(Instant.EPOCH);
    Sessions.Builder sessions =
        Sessions.builder()
            .clock(InstantSource.fixed(now))
            .halfLife(Duration.ofMinutes(halfLife))
            .maxEvents(maxEvents)
            .share(share);
    for (Map.Entry<String, Double> each : eventWeights.entrySet()) {
      Event.Kind kind = kind(each.getKey());
      double weight = each.getValue();
      if (kind == null || !(weight >= 0 && weight <= MOST)) {
        throw new UserErrorException(
            "--event-weight is "
                + each.getKey()
                + "="
                + weight
                + ", expected viewed, clicked, added, bought or dismissed and a number from 0 to"
                + " 1000000");
      }
      sessions.weight(kind, weight);
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

  /** An example whose name may end with its weight. */
  private static Example example(String name, Function<String, Example> examples) {
    int at = name.lastIndexOf('=');
    if (at < 0 || !name.substring(at + 1).matches("[0-9.]+")) {
      return examples.apply(name);
    }
    try {
      return examples
          .apply(name.substring(0, at))
          .weighing(Double.parseDouble(name.substring(at + 1)));
    } catch (IllegalArgumentException e) {
      throw new UserErrorException(
          "the weight of " + name + " is not one; write a number above 0 after the =");
    }
  }

  /** Tells a shop what happened. */
  void replay(Recommender shop) {
    read.forEach(shop::record);
  }

  /**
   * Adds what is liked and disliked to a request.
   *
   * @param request null if nothing was asked about but a customer's own page
   */
  RecommendationRequest with(
      @Nullable RecommendationRequest request, Function<String, Example> examples) {
    RecommendationRequest asked =
        request == null ? RecommendationRequest.forCustomer(customer()) : request;
    for (String name : alsoLike) {
      asked = asked.alsoLike(example(name, examples));
    }
    for (String name : notLike) {
      asked = asked.notLike(example(name, examples));
    }
    asked = asked.combining(Combination.valueOf(combining.name()));
    return customer == null ? asked : asked.inSessionOf(customer());
  }
}

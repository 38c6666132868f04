package io.lookalike;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What customers have done of late, from which their pages are made: see {@link
 * Recommender#record(Event)} and {@link RecommendationRequest#forCustomer}. Kept in memory and
 * bounded: in the number of sessions, in the events of each, and in time.
 *
 * <p>Each product of a session is one example. What weighs most of what was done with it since it
 * was last dismissed makes it a liked one; if a dismissal came last, it is a disliked one. A weight
 * halves with every {@linkplain Builder#halfLife half-life}. The same events make the same session,
 * in whatever order they come in.
 *
 * <p>Safe for use by several threads; reading never waits for recording. One object may serve the
 * recommenders of several tenants.
 */
public final class Sessions {

  private static final Comparator<Deed> OLDEST_FIRST =
      Comparator.comparing(Deed::time).thenComparing(Deed::productId).thenComparing(Deed::kind);

  private final int examples;
  private final double halfLifeSeconds;
  private final Map<Event.Kind, Double> weights;
  private final double share;
  private final InstantSource clock;
  private final Cache<Customer, List<Deed>> cache;

  /** An event of a session. */
  private record Deed(Event.Kind kind, String productId, Instant time) {}

  /** A product as an example; disliked where the weight is negative. */
  record Liking(String productId, double weight) {}

  /**
   * A session as it is at one moment.
   *
   * @param likings one for each product, the last event's first
   * @param hidden what was dismissed or bought
   */
  record Taste(List<Liking> likings, Set<String> hidden) {
    static final Taste NONE = new Taste(List.of(), Set.of());
  }

  private Sessions(Builder builder) {
    examples = builder.examples == null ? 50 : builder.examples;
    Duration halfLife = builder.halfLife == null ? Duration.ofMinutes(30) : builder.halfLife;
    halfLifeSeconds = halfLife.toNanos() / 1e9;
    weights = new EnumMap<>(builder.weights);
    share = builder.share == null ? .5 : builder.share;
    clock = builder.clock == null ? InstantSource.system() : builder.clock;
    cache =
        Caffeine.newBuilder()
            .maximumSize(builder.sessions == null ? 100_000 : builder.sessions)
            .expireAfterWrite(builder.timeToLive == null ? Duration.ofHours(2) : builder.timeToLive)
            .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
            // On the calling thread, so that bounds hold at once and no thread is started.
            .executor(Runnable::run)
            .build();
  }

  /**
   * Begins with the defaults.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * How many sessions are held.
   *
   * @return at least 0
   */
  public long size() {
    cache.cleanUp();
    return cache.estimatedSize();
  }

  /**
   * Forgets all that a customer has done here, as if it had never been recorded. Purchases stay
   * counted in the {@link PurchaseLog}, which does not know who bought.
   *
   * @param customer who
   * @return whether anything was known
   */
  public boolean forget(Customer customer) {
    return cache.asMap().remove(Objects.requireNonNull(customer, "customer")) != null;
  }

  void record(Event event) {
    var deed = new Deed(event.kind(), event.productId(), event.time());
    cache.asMap().compute(event.customer(), (customer, before) -> with(before, deed));
  }

  private List<Deed> with(@Nullable List<Deed> before, Deed deed) {
    if (before == null) {
      return List.of(deed);
    }
    int at = Collections.binarySearch(before, deed, OLDEST_FIRST);
    if (at >= 0) {
      return before;
    }
    var deeds = new ArrayList<Deed>(before.size() + 1);
    deeds.addAll(before);
    deeds.add(-at - 1, deed);
    return List.copyOf(
        deeds.size() > examples ? deeds.subList(deeds.size() - examples, deeds.size()) : deeds);
  }

  /** What a customer likes by now. */
  Taste taste(Customer customer) {
    List<Deed> deeds = cache.getIfPresent(customer);
    if (deeds == null) {
      return Taste.NONE;
    }
    Instant now = clock.instant();
    var weightOf = new LinkedHashMap<String, Double>();
    var dismissed = new HashSet<String>();
    var hidden = new HashSet<String>();
    for (Deed deed : deeds) {
      double weight = weights.getOrDefault(deed.kind, 0.0) * freshness(deed.time, now);
      // What was done last goes to the end.
      Double earlier = weightOf.remove(deed.productId);
      if (deed.kind == Event.Kind.DISMISSED) {
        weightOf.put(deed.productId, -weight);
        dismissed.add(deed.productId);
      } else {
        weightOf.put(deed.productId, Math.max(weight, earlier == null ? 0 : earlier));
        dismissed.remove(deed.productId);
        if (deed.kind == Event.Kind.BOUGHT) {
          hidden.add(deed.productId);
        }
      }
    }
    hidden.addAll(dismissed);
    var likings = new ArrayList<Liking>(weightOf.size());
    weightOf.forEach((id, weight) -> likings.add(new Liking(id, weight)));
    Collections.reverse(likings);
    return new Taste(likings, hidden);
  }

  /** What is left of a weight of 1; what lies ahead counts as now. */
  private double freshness(Instant time, Instant now) {
    double age = (double) now.getEpochSecond() - time.getEpochSecond();
    age += (now.getNano() - time.getNano()) / 1e9;
    return Math.pow(2, -Math.max(0, age) / halfLifeSeconds);
  }

  /**
   * What a session's weights are multiplied with beside consulted examples: together these then
   * weigh {@code share} times as much at most, and ever less as the session fades.
   */
  double scale(double consulted, List<Liking> likings) {
    double total = likings.stream().mapToDouble(l -> Math.abs(l.weight)).sum();
    return share * consulted / (total + 1);
  }

  /** Settings of sessions. Setting anything twice is an error. Not safe for several threads. */
  public static final class Builder {
    private @Nullable Integer sessions;
    private @Nullable Integer examples;
    private @Nullable Duration timeToLive;
    private @Nullable Duration halfLife;
    private @Nullable Double share;
    private @Nullable InstantSource clock;
    private final Map<Event.Kind, Double> weights = new EnumMap<>(Event.Kind.class);
    private final Set<Event.Kind> weighed = new HashSet<>();

    private Builder() {
      weights.put(Event.Kind.VIEWED, 1.0);
      weights.put(Event.Kind.CLICKED, 2.0);
      weights.put(Event.Kind.ADDED, 4.0);
      weights.put(Event.Kind.BOUGHT, 4.0);
      weights.put(Event.Kind.DISMISSED, 4.0);
    }

    /**
     * How many sessions are held; beyond that, those least used go (Caffeine's policy).
     *
     * @param sessions at least 1; the default is 100,000
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     * @throws IllegalStateException if it was already set
     */
    public Builder maxSessions(int sessions) {
      this.sessions = once("maxSessions", this.sessions, atLeastOne("maxSessions", sessions));
      return this;
    }

    /**
     * How many events of a session are held, the latest.
     *
     * @param events at least 1; the default is 50
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     * @throws IllegalStateException if it was already set
     */
    public Builder maxEvents(int events) {
      this.examples = once("maxEvents", this.examples, atLeastOne("maxEvents", events));
      return this;
    }

    /**
     * How long after its last event a session is forgotten.
     *
     * @param timeToLive more than 0; the default is 2 hours
     * @return this builder
     * @throws IllegalArgumentException if it is not positive
     * @throws IllegalStateException if it was already set
     */
    public Builder timeToLive(Duration timeToLive) {
      this.timeToLive = once("timeToLive", this.timeToLive, positive("timeToLive", timeToLive));
      return this;
    }

    /**
     * After how long an event counts half.
     *
     * @param halfLife more than 0; the default is 30 minutes
     * @return this builder
     * @throws IllegalArgumentException if it is not positive
     * @throws IllegalStateException if it was already set
     */
    public Builder halfLife(Duration halfLife) {
      this.halfLife = once("halfLife", this.halfLife, positive("halfLife", halfLife));
      return this;
    }

    /**
     * What a kind of event counts. The defaults, which are not fitted to any shop: viewed 1,
     * clicked 2, added, bought and dismissed 4.
     *
     * @param kind the kind
     * @param weight at least 0, also for a dismissal, which counts against what looks like it
     * @return this builder
     * @throws IllegalArgumentException if the weight is negative or not finite
     * @throws IllegalStateException if this kind's was already set
     */
    public Builder weight(Event.Kind kind, double weight) {
      if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "the weight of " + kind + " is " + weight + ", expected a number from 0");
      }
      if (!weighed.add(kind)) {
        throw new IllegalStateException(
            "the weight of " + kind + " was already set to " + weights.get(kind));
      }
      weights.put(kind, weight);
      return this;
    }

    /**
     * How much a session counts on a page about something else: with s here, and t the sum of the
     * session's weights without their signs, together s t / (t + 1) times as much as what was
     * consulted.
     *
     * @param share at least 0; the default is 0.5
     * @return this builder
     * @throws IllegalArgumentException if it is negative or not finite
     * @throws IllegalStateException if it was already set
     */
    public Builder share(double share) {
      if (!(share >= 0 && share < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("share is " + share + ", expected a number from 0");
      }
      this.share = once("share", this.share, share);
      return this;
    }

    /**
     * What tells the time, for tests and replays.
     *
     * @param clock the default is the system's
     * @return this builder
     * @throws IllegalStateException if it was already set
     */
    public Builder clock(InstantSource clock) {
      this.clock = once("clock", this.clock, clock);
      return this;
    }

    /**
     * Makes empty sessions.
     *
     * @return the sessions
     */
    public Sessions build() {
      return new Sessions(this);
    }

    private static int atLeastOne(String name, int value) {
      if (value < 1) {
        throw new IllegalArgumentException(name + " is " + value + ", expected 1 or more");
      }
      return value;
    }

    private static Duration positive(String name, Duration value) {
      if (value.isNegative() || value.isZero()) {
        throw new IllegalArgumentException(name + " is " + value + ", expected more than 0");
      }
      return value;
    }

    private static <T> T once(String name, @Nullable T before, T value) {
      Objects.requireNonNull(value, name);
      if (before != null) {
        throw new IllegalStateException(name + " was already set to " + before);
      }
      return value;
    }
  }
}

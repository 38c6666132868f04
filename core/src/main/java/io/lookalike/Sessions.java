package io.lookalike;

import static io.lookalike.internal.Once.once;

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
 * Recommender#record(Event)} and {@link RecommendationRequest#forCustomer}. Kept in memory only.
 *
 * <p>Bounds: by default 100,000 sessions, of which those least used go; in each the latest 50
 * events; each until 2 hours after it was last written to. That is about 500 MB at the very most,
 * 100 bytes an event. An event that comes in late, when a full session holds only later ones, or
 * more than a day after a session would have ended, is not taken in.
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

  private static final Comparator<PastEvent> OLDEST_FIRST =
      Comparator.comparing(PastEvent::time)
          .thenComparing(PastEvent::productId)
          .thenComparing(PastEvent::kind);

  /** How much older than a session's life its events may be: it may live on by later ones. */
  private static final Duration GRACE = Duration.ofDays(1);

  /** In seconds from 1970. */
  private static final long CLOCK_ENDS = 4_000_000_000L;

  private final int maxSessions;
  private final int maxEvents;
  private final Duration timeToLive;

  /** How old an event of a session may be. */
  private final Duration oldest;

  private final Duration halfLife;
  private final double halfLifeSeconds;
  private final Map<Event.Kind, Double> weights;
  private final double share;
  private final InstantSource clock;
  private final Cache<Customer, List<PastEvent>> cache;

  /** An event of a session. */
  private record PastEvent(Event.Kind kind, String productId, Instant time, @Nullable String id) {

    boolean isTheSameDelivery(PastEvent other) {
      return id != null && id.equals(other.id);
    }
  }

  private Sessions(Builder builder) {
    maxSessions = builder.sessions == null ? 100_000 : builder.sessions;
    maxEvents = builder.events == null ? 50 : builder.events;
    timeToLive = builder.timeToLive == null ? Duration.ofHours(2) : builder.timeToLive;
    boolean forGood = timeToLive.toSeconds() > Long.MAX_VALUE / 2;
    oldest = forGood ? timeToLive : timeToLive.plus(GRACE);
    halfLife = builder.halfLife == null ? Duration.ofMinutes(30) : builder.halfLife;
    halfLifeSeconds = halfLife.getSeconds() + halfLife.getNano() / 1e9;
    weights = new EnumMap<>(builder.weights);
    share = builder.share == null ? .5 : builder.share;
    clock = builder.clock == null ? InstantSource.system() : builder.clock;
    cache =
        Caffeine.newBuilder()
            .maximumSize(maxSessions)
            .expireAfterWrite(timeToLive)
            .ticker(this::nanos)
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

  /** Takes note of an event, unless it is of no session any more. */
  void record(Event event) {
    if (event.time().isBefore(oldest())) {
      return;
    }
    var past = new PastEvent(event.kind(), event.productId(), event.time(), event.id());
    cache.asMap().compute(event.customer(), (customer, before) -> with(before, past));
  }

  /** Whose sessions are held. */
  Set<Customer> known() {
    return cache.asMap().keySet();
  }

  /** What was done before is of no session any more, even if that lived on by later events. */
  Instant oldest() {
    return ago(oldest);
  }

  /** Time may begin later. */
  private Instant ago(Duration age) {
    Instant now = clock.instant();
    return Duration.between(Instant.MIN, now).compareTo(age) < 0 ? Instant.MIN : now.minus(age);
  }

  /** Forgets the sessions whose last event is too old, whenever it was recorded here. */
  void dropStale() {
    Instant last = ago(timeToLive);
    cache.asMap().values().removeIf(past -> past.get(past.size() - 1).time.isBefore(last));
  }

  private List<PastEvent> with(@Nullable List<PastEvent> before, PastEvent event) {
    if (before == null) {
      return List.of(event);
    }
    int at = Collections.binarySearch(before, event, OLDEST_FIRST);
    if (at >= 0 || before.stream().anyMatch(event::isTheSameDelivery)) {
      return before;
    }
    var events = new ArrayList<PastEvent>(before.size() + 1);
    events.addAll(before);
    events.add(-at - 1, event);
    return List.copyOf(
        events.size() > maxEvents
            ? events.subList(events.size() - maxEvents, events.size())
            : events);
  }

  /** What a customer's session tells by now. */
  SessionProfile profile(Customer customer) {
    List<PastEvent> events = cache.getIfPresent(customer);
    if (events == null) {
      return SessionProfile.NONE;
    }
    Instant now = clock.instant();
    var weightOf = new LinkedHashMap<String, Double>();
    var dismissed = new HashSet<String>();
    var hidden = new HashSet<String>();
    for (PastEvent event : events) {
      double weight = weights.getOrDefault(event.kind, 0.0) * freshness(event.time, now);
      // What was done last goes to the end.
      Double earlier = weightOf.remove(event.productId);
      if (event.kind == Event.Kind.DISMISSED) {
        weightOf.put(event.productId, -weight);
        dismissed.add(event.productId);
      } else {
        weightOf.put(event.productId, Math.max(weight, earlier == null ? 0 : earlier));
        dismissed.remove(event.productId);
        if (event.kind == Event.Kind.BOUGHT) {
          hidden.add(event.productId);
        }
      }
    }
    hidden.addAll(dismissed);
    var preferences = new ArrayList<SessionProfile.Preference>(weightOf.size());
    weightOf.forEach((id, weight) -> preferences.add(new SessionProfile.Preference(id, weight)));
    Collections.reverse(preferences);
    return new SessionProfile(preferences, hidden);
  }

  /**
   * The clock in nanoseconds, whose differences fit; before 1843 and after 2096 it stands still.
   */
  private long nanos() {
    Instant now = clock.instant();
    long seconds = Math.max(-CLOCK_ENDS, Math.min(CLOCK_ENDS, now.getEpochSecond()));
    return TimeUnit.SECONDS.toNanos(seconds) + now.getNano();
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
  double scale(double consulted, SessionProfile profile) {
    return share * consulted / (profile.weight() + 1);
  }

  /** Returns the settings and how many sessions are held, in words. */
  @Override
  public String toString() {
    return "sessions: "
        + size()
        + " of at most "
        + maxSessions
        + ", each of "
        + maxEvents
        + " events, for "
        + timeToLive
        + "; half-life "
        + halfLife
        + ", share "
        + share
        + ", weights "
        + weights;
  }

  /** Settings of sessions. Setting anything twice is an error. Not safe for several threads. */
  public static final class Builder {
    /** Of a weight or a share: more would be no weight but a mistake. */
    private static final double MOST = 1_000_000;

    private @Nullable Integer sessions;
    private @Nullable Integer events;
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
      this.events = once("maxEvents", this.events, atLeastOne("maxEvents", events));
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
      this.timeToLive = positive("timeToLive", once("timeToLive", this.timeToLive, timeToLive));
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
      this.halfLife = positive("halfLife", once("halfLife", this.halfLife, halfLife));
      return this;
    }

    /**
     * What a kind of event counts. The defaults, which are not fitted to any shop: viewed 1,
     * clicked 2, added, bought and dismissed 4.
     *
     * @param kind the kind
     * @param weight from 0 to 1,000,000, also for a dismissal, which counts against what looks like
     *     it
     * @return this builder
     * @throws IllegalArgumentException if the weight is outside its range
     * @throws IllegalStateException if this kind's was already set
     */
    public Builder weight(Event.Kind kind, double weight) {
      if (!(weight >= 0 && weight <= MOST)) {
        throw new IllegalArgumentException(
            "the weight of " + kind + " is " + weight + ", expected a number from 0 to 1000000");
      }
      if (!weighed.add(kind)) {
        throw new IllegalStateException(
            "the weight of " + kind + " was already set to " + weights.get(kind));
      }
      weights.put(kind, weight);
      return this;
    }

    /**
     * How much a session counts on a page about something else: at most so many times as much as
     * what was consulted, so by default at most half of it, and less as the session fades. With s
     * here and t the sum of the session's weights without their signs, it counts s t / (t + 1).
     *
     * @param share from 0 to 1,000,000; the default is 0.5
     * @return this builder
     * @throws IllegalArgumentException if it is outside its range
     * @throws IllegalStateException if it was already set
     */
    public Builder share(double share) {
      if (!(share >= 0 && share <= MOST)) {
        throw new IllegalArgumentException(
            "share is " + share + ", expected a number from 0 to 1000000");
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
  }
}

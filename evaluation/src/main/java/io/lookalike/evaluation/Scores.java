package io.lookalike.evaluation;

import io.lookalike.math.UnitVector;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What all settings scored in one task: a number for each question, measure and slice. */
final class Scores {

  /** What is called new is at most this old. */
  private static final Duration NEW = Duration.ofDays(28);

  private static final double PERSISTENCE = 0.8;

  private final Task task;
  private final int k;

  // Of all cuts, one after the other.
  private int[] customers = {};
  private float[] profiles = {};
  private final int[] sliceSizes = new int[Slice.values().length];
  private final List<OfSetting> settings = new ArrayList<>();
  private int candidates;

  // Of the cut that is being scored.
  private @Nullable Past past;
  private @Nullable Questions questions;
  private Set<Integer> bestSellers = Set.of();
  private long allPieces;
  private int first;

  /** What one setting scored. */
  static final class OfSetting {
    /** By measure, then by question; NaN where a question is left out. */
    final float[][] values = new float[Measure.values().length][0];

    /** By slice and measure of {@link Measure#OF_SLICES}, then by question. */
    final float[][][] slices = new float[Slice.values().length][Measure.OF_SLICES.length][0];

    final long[] shown;
    long[] nanos = {};

    /** The last cut's pages, for examples. */
    int[][] lastPages = {};

    OfSetting(int products) {
      shown = new long[products];
    }
  }

  Scores(Task task, int settings, int products, int k) {
    this.task = task;
    this.k = k;
    for (int i = 0; i < settings; i++) {
      this.settings.add(new OfSetting(products));
    }
  }

  Task task() {
    return task;
  }

  OfSetting of(int setting) {
    return settings.get(setting);
  }

  int[] customers() {
    return customers;
  }

  /** Popularity of what each question's page is about. */
  float[] profiles() {
    return profiles;
  }

  int questions(Slice slice) {
    return sliceSizes[slice.column()];
  }

  /** Number of products that could be shown at the last cut. */
  int candidates() {
    return candidates;
  }

  /** The last cut's questions. */
  Questions lastQuestions() {
    return Objects.requireNonNull(questions);
  }

  Past lastPast() {
    return Objects.requireNonNull(past);
  }

  /** Begins with the questions of a cut. */
  void begin(Past past, Questions questions) {
    this.past = past;
    this.questions = questions;
    first = customers.length;
    candidates = past.launched().length;
    allPieces = Arrays.stream(past.pieces()).sum();
    bestSellers = bestSellers(past);
    List<Questions.One> all = questions.all();
    customers = Arrays.copyOf(customers, first + all.size());
    profiles = Arrays.copyOf(profiles, first + all.size());
    for (int q = 0; q < all.size(); q++) {
      customers[first + q] = all.get(q).customer();
      int[] about = questions.about(questions.pages().get(all.get(q).page()));
      profiles[first + q] = (float) ExposureMetrics.averagePopularity(pieces(about, past));
      for (Slice slice : Slice.values()) {
        sliceSizes[slice.column()] += Questions.relevant(all.get(q), slice) > 0 ? 1 : 0;
      }
    }
  }

  private Set<Integer> bestSellers(Past past) {
    var best = new HashSet<Integer>();
    Arrays.stream(past.launched())
        .boxed()
        .sorted(Baselines.bestSellersFirst(past, Baselines.DAYS))
        .limit(k)
        .forEach(best::add);
    return best;
  }

  private static long[] pieces(int[] products, Past past) {
    return Arrays.stream(products).mapToLong(past::pieces).toArray();
  }

  /** Scores a setting's pages of the cut. */
  void add(int setting, PageMaking.Pages pages, int threads) {
    Questions asked = lastQuestions();
    OfSetting scored = settings.get(setting);
    List<Questions.One> all = asked.all();
    for (int m = 0; m < scored.values.length; m++) {
      scored.values[m] = Arrays.copyOf(scored.values[m], first + all.size());
    }
    for (float[][] slice : scored.slices) {
      for (int m = 0; m < slice.length; m++) {
        slice[m] = Arrays.copyOf(slice[m], first + all.size());
      }
    }
    int before = scored.nanos.length;
    scored.nanos = Arrays.copyOf(scored.nanos, before + pages.nanos().length);
    System.arraycopy(pages.nanos(), 0, scored.nanos, before, pages.nanos().length);
    scored.lastPages = pages.shown();
    var ofPages = new float[pages.shown().length][];
    Parallel.forEach(
        ofPages.length, threads, p -> ofPages[p] = ofPage(asked.pages().get(p), pages.shown()[p]));
    Parallel.forEach(
        all.size(),
        threads,
        q -> {
          Questions.One one = all.get(q);
          int[] shown = pages.shown()[one.page()];
          for (int m = 0; m < scored.values.length; m++) {
            scored.values[m][first + q] = ofPages[one.page()][m];
          }
          hits(scored, first + q, one, shown);
        });
    for (Questions.One one : all) { // a page counts as often as somebody looks at it
      for (int product : pages.shown()[one.page()]) {
        scored.shown[product]++;
      }
    }
  }

  /** What is on a page, whoever looks at it. */
  private float[] ofPage(Question question, int[] shown) {
    Past then = lastPast();
    ReplayCatalogue catalogue = then.catalogue();
    Questions asked = lastQuestions();
    var values = new float[Measure.values().length];
    long[] pieces = pieces(shown, then);
    int[] about = asked.about(question);
    double popularity = ExposureMetrics.averagePopularity(pieces);
    set(values, Measure.POPULARITY, popularity);
    set(
        values,
        Measure.NOVELTY,
        ExposureMetrics.novelty(pieces, allPieces, then.launched().length));
    set(values, Measure.SIMILARITY, similarity(shown, catalogue));
    // Above the line of the ratio; below it is the profile itself.
    set(
        values,
        Measure.LIFT,
        about.length == 0
            ? Double.NaN
            : popularity - ExposureMetrics.averagePopularity(pieces(about, then)));
    set(
        values,
        Measure.NEVER_SOLD,
        ExposureMetrics.share(Arrays.stream(pieces).filter(p -> p == 0).count(), shown.length));
    Instant since = then.at().minus(NEW);
    set(
        values,
        Measure.NEW,
        ExposureMetrics.share(
            Arrays.stream(shown).filter(p -> then.isNew(p, since)).count(), shown.length));
    Set<Integer> designs = asked.designs(question);
    set(
        values,
        Measure.VARIANTS,
        designs.isEmpty()
            ? Double.NaN
            : ExposureMetrics.share(
                Arrays.stream(shown).filter(p -> designs.contains(catalogue.design(p))).count(),
                shown.length));
    Set<Integer> categories = asked.categories(question);
    set(
        values,
        Measure.SAME_CATEGORY,
        categories.isEmpty()
            ? Double.NaN
            : ExposureMetrics.share(
                Arrays.stream(shown)
                    .filter(p -> categories.contains(catalogue.category(p)))
                    .count(),
                shown.length));
    return values;
  }

  private static double similarity(int[] shown, ReplayCatalogue catalogue) {
    var vectors = new ArrayList<UnitVector>(shown.length);
    for (int product : shown) {
      float[] features = catalogue.features(product);
      if (features != null) {
        vectors.add(UnitVector.of(features));
      }
    }
    return ExposureMetrics.intraListSimilarity(vectors);
  }

  /** What of a page somebody bought. */
  private void hits(OfSetting scored, int at, Questions.One one, int[] shown) {
    for (Slice slice : Slice.values()) {
      int relevant = Questions.relevant(one, slice);
      float[][] target = scored.slices[slice.column()];
      if (relevant == 0) {
        for (float[] values : target) {
          values[at] = Float.NaN;
        }
        continue;
      }
      boolean[] hits = Questions.hits(one, shown, slice);
      for (int m = 0; m < target.length; m++) {
        target[m][at] = (float) accuracy(Measure.OF_SLICES[m], hits, relevant);
      }
    }
    int relevant = one.bought().length;
    boolean[] hits = Questions.hits(one, shown, Slice.ALL);
    for (Measure measure : Measure.values()) {
      if (measure.isAccuracy()) {
        scored.values[measure.column()][at] = (float) accuracy(measure, hits, relevant);
      }
    }
    int unexpected = 0;
    for (int i = 0; i < hits.length; i++) {
      unexpected += hits[i] && !bestSellers.contains(shown[i]) ? 1 : 0;
    }
    scored.values[Measure.SERENDIPITY.column()][at] =
        (float) ExposureMetrics.share(unexpected, shown.length);
  }

  private double accuracy(Measure measure, boolean[] hits, int relevant) {
    return switch (measure) {
      case PRECISION -> RankingMetrics.precision(hits, relevant, k);
      case RECALL -> RankingMetrics.recall(hits, relevant, k);
      case HIT_RATE -> RankingMetrics.hitRate(hits, relevant, k);
      case MRR -> RankingMetrics.reciprocalRank(hits, relevant, k);
      case MAP -> RankingMetrics.kaggleAveragePrecision(hits, relevant, k);
      case NDCG -> RankingMetrics.ndcg(hits, relevant, k);
      case RBP -> RankingMetrics.rankBiasedPrecision(hits, relevant, k, PERSISTENCE);
      default -> throw new IllegalArgumentException(measure + " is none of what was bought");
    };
  }

  private static void set(float[] values, Measure measure, double value) {
    values[measure.column()] = (float) value;
  }

  /** How often each product that could be shown was shown. */
  long[] shownOfCandidates(int setting) {
    int[] launched = lastPast().launched();
    return Arrays.stream(launched).mapToLong(p -> settings.get(setting).shown[p]).toArray();
  }
}

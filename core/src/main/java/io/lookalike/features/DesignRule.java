package io.lookalike.features;

import io.lookalike.features.WithinCovariance.Normalization;
import java.io.DataInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns from products that belong together, and uses what it has learnt if that stands a test.
 *
 * @param source tells which products are variants of one design
 * @param category what products of a kind have in common, or null
 */
record DesignRule(DesignSource source, @Nullable String category) implements FeatureTransform.Rule {

  private static final Logger LOG = LoggerFactory.getLogger(DesignRule.class);

  /** Fewer designs than this leave too few to ask about. */
  static final int MIN_DESIGNS = 40;

  /** Axes on which covariances are taken, and directions that are kept of them for designs. */
  private static final int AXES = 512;

  private static final int DESIGN_DIRECTIONS = 256;

  /** So many standard deviations are no chance: 98 of 100 times. */
  private static final double SURE = 2;

  /** A part of so many is kept out in turn, or less where that makes up all questions. */
  private static final int TURNS = 4;

  @Override
  public String name() {
    return source instanceof DesignSource.Given
        ? "pairs"
        : "designs-" + source.name() + (category == null ? "" : "-" + category);
  }

  @Override
  public FeatureTransform fit(FeatureSet features) {
    int products = CatalogueTransform.products(features);
    if (products < CatalogueTransform.MIN_PRODUCTS) {
      return FeatureTransform.identity(features.dimension());
    }
    PrincipalAxes axes = PrincipalAxes.of(features, AXES);
    if (axes.rank() < Math.min(features.dimension(), CatalogueTransform.MIN_AXES)) {
      return FeatureTransform.identity(features.dimension());
    }
    PcaRule.Settings settings = CatalogueTransform.ofSize(products);
    FeatureTransform unlabelled =
        PcaTransform.of(axes.first(settings.dimensions()), products, settings.exponent());
    RowGroups designs = source.of(features);
    RowGroups categories =
        category == null ? new RowGroups("", List.of()) : RowGroups.by(features, category);
    if (designs.count() >= MIN_DESIGNS) {
      return new Lessons(features, axes, designs, true)
          .learnt(
              categories.count() > 1 ? List.of(designs, categories) : List.of(designs), unlabelled);
    }
    LOG.info(
        "{} products have {} values of {} that several share, expected {} or more to learn from",
        products,
        designs.count(),
        source.name(),
        MIN_DESIGNS);
    return categories.count() > 1
        ? new Lessons(features, axes, categories, false).learnt(List.of(categories), unlabelled)
        : unlabelled;
  }

  /** What a catalogue's groups teach, and what comes of it on products that are kept out. */
  private static final class Lessons {
    private final FeatureSet features;
    private final int products;
    private final PrincipalAxes axes;
    private final RowGroups asked;
    private final boolean designs;

    /** By way, as {@link HeldOutSearch#right}, the right answers of each fold one after another. */
    private final List<double[][]> answers = new ArrayList<>();

    /** The groups of the products that were asked about, in the same order. */
    private final List<int[]> askedGroups = new ArrayList<>();

    Lessons(FeatureSet features, PrincipalAxes axes, RowGroups asked, boolean designs) {
      this.features = features;
      this.products = CatalogueTransform.products(features);
      this.axes = axes;
      this.asked = asked;
      this.designs = designs;
    }

    /**
     * Tries what groups teach on what is held out, in turns until enough has been asked, and uses
     * the best, or nothing of it.
     */
    FeatureTransform learnt(List<RowGroups> teachers, FeatureTransform unlabelled) {
      int turns = Math.max(TURNS, asked.rows() / HeldOutSearch.MOST_QUESTIONS);
      List<WithinCovariance> whole = List.of();
      int questions = 0;
      for (int turn = 0; turn < TURNS && questions < HeldOutSearch.MOST_QUESTIONS; turn++) {
        BitSet heldOut = heldOut(turn, turns);
        if (heldOut.isEmpty()) {
          break;
        }
        List<HeldOutSearch.Map> maps = new ArrayList<>();
        maps.add(HeldOutSearch.Map.of(axes, CatalogueTransform.ofSize(products)));
        whole = new ArrayList<>();
        for (RowGroups by : teachers) {
          WithinCovariance without = WithinCovariance.of(features, axes, by.of(heldOut, false));
          Normalization tried = without.normalization(dimensions(by));
          maps.add(
              tried == null // photos of a group do not differ
                  ? maps.get(0)
                  : new HeldOutSearch.Map(tried.map(), tried.dimensions()));
          whole.add(without.plus(WithinCovariance.of(features, axes, by.of(heldOut, true))));
        }
        var search = new HeldOutSearch(features, axes, heldOut, asked, designs);
        answers.add(search.right(maps));
        askedGroups.add(search.askedGroups());
        questions += search.askedGroups().length;
      }
      return chosen(teachers, whole, unlabelled, questions);
    }

    private int dimensions(RowGroups by) {
      return designs && by.attribute().equals(asked.attribute()) ? DESIGN_DIRECTIONS : AXES;
    }

    /** Whole designs; of categories some products. */
    private BitSet heldOut(int turn, int turns) {
      var rows = new BitSet();
      int product = -1;
      String last = "";
      for (int g = 0; g < asked.count(); g++) {
        for (int row : asked.groups().get(g)) {
          String id = features.id(row);
          product += id.isEmpty() || !id.equals(last) ? 1 : 0;
          last = id;
          rows.set(row, (designs ? g : product) % turns == turn);
        }
      }
      return rows;
    }

    private FeatureTransform chosen(
        List<RowGroups> teachers,
        List<WithinCovariance> whole,
        FeatureTransform unlabelled,
        int questions) {
      Map<String, Double> shares = new LinkedHashMap<>();
      String chosen = CatalogueTransform.byCatalogueSize().name();
      shares.put(HeldOutCheck.NONE, share(0));
      shares.put(chosen, share(1));
      FeatureTransform transform = unlabelled;
      double best = 0;
      boolean taught = false;
      for (int t = 0; t < teachers.size(); t++) {
        String name = "within " + teachers.get(t).attribute();
        Normalization all = whole.get(t).normalization(dimensions(teachers.get(t)));
        if (all == null) {
          LOG.info(
              "Photos of one {} do not differ, and teach nothing", teachers.get(t).attribute());
          continue;
        }
        taught = true;
        shares.put(name, share(2 + t));
        if (share(2 + t) > best && isBetter(2 + t)) {
          best = share(2 + t);
          chosen = name;
          transform = GroupTransform.of(axes, all, teachers.get(t), products);
        }
      }
      if (!taught) {
        return unlabelled;
      }
      String question =
          designs
              ? "another of the same " + asked.attribute() + " in the ten nearest"
              : "the same " + asked.attribute() + " among the ten nearest";
      var check = new HeldOutCheck(question, questions, shares, chosen);
      LOG.info("Learnt from the catalogue: {}", check);
      return new CheckedTransform(transform, check);
    }

    private double share(int way) {
      return answers.stream().flatMapToDouble(turn -> Arrays.stream(turn[way])).average().orElse(0);
    }

    /** Whether answers are better than without labels, and not by chance: groups vary alike. */
    private boolean isBetter(int way) {
      double sum = 0;
      double squares = 0;
      for (int turn = 0; turn < answers.size(); turn++) {
        double[] now = answers.get(turn)[way];
        double[] before = answers.get(turn)[1];
        Map<Integer, Double> differences = new LinkedHashMap<>();
        for (int q = 0; q < now.length; q++) {
          // Products of one design are found, or not, together; those of a category are not.
          int group = designs ? askedGroups.get(turn)[q] : q;
          differences.merge(group, now[q] - before[q], Double::sum);
        }
        for (double difference : differences.values()) {
          sum += difference;
          squares += difference * difference;
        }
      }
      return sum > SURE * Math.sqrt(squares);
    }
  }

  @Override
  public boolean reads(String rule) {
    return WrittenTransform.isOf(rule);
  }

  @Override
  public FeatureTransform read(DataInput in) throws IOException {
    return WrittenTransform.read(in);
  }

  /** Returns the name. */
  @Override
  public String toString() {
    return name();
  }
}

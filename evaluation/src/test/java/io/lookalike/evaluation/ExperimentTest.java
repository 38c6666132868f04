package io.lookalike.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExperimentTest {

  private static final long SEED = 11;

  private static Experiment experiment(String name) {
    return Experiment.named(name, List.of("a", "b"));
  }

  @Test
  void customersStayInTheirArmAndAreDividedEvenly() {
    Experiment one = experiment("one");
    Experiment two = experiment("two");
    long inA = IntStream.range(0, 10_000).filter(i -> one.arm("c" + i).equals("a")).count();
    long same =
        IntStream.range(0, 10_000).filter(i -> one.arm("c" + i).equals(two.arm("c" + i))).count();
    assertThat(inA).isBetween(4_800L, 5_200L);
    assertThat(same).as("experiments divide independently").isBetween(4_800L, 5_200L);
    assertThat(experiment("one").arm("anna")).isEqualTo(one.arm("anna"));
    assertThat(one.arm("anna")).as("for good, on every version").isEqualTo("a");
  }

  @Test
  void countsWhatCameOfAnArm() {
    Experiment experiment = experiment("e");
    String arm = experiment.arm("anna");
    experiment.shown("anna");
    experiment.shown("anna");
    experiment.succeeded("anna");
    experiment.add(arm, new Experiment.Count(10, 3));
    assertThat(experiment.count(arm)).isEqualTo(new Experiment.Count(12, 4));
    assertThat(experiment.count(arm).rate()).isCloseTo(1 / 3.0, within(1e-12));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> {
              for (int i = 0; i < 9; i++) {
                experiment.succeeded("anna");
              }
            })
        .withMessage("13 of 12 pages succeeded, expected 0 to as many as were shown");
    assertThat(experiment.count(arm)).isEqualTo(new Experiment.Count(12, 12));
  }

  @Test
  void aCaseWorkedByHand() {
    Experiment experiment = experiment("e");
    experiment.add("a", new Experiment.Count(9_998, 499));
    experiment.add("b", new Experiment.Count(9_998, 599));
    Experiment.Report report = experiment.report("b", "a");
    // rates .05 and .06 with one success and failure more; d = 100 / 9998
    double v = (0.05 * 0.95 + 0.06 * 0.94) / 9_998;
    double t = 1e-4;
    double d = 100 / 9_998.0;
    double ratio = Math.sqrt(v / (v + t)) * Math.exp(t * d * d / (2 * v * (v + t)));
    assertThat(report.p()).isCloseTo(1 / ratio, within(1e-9));
    assertThat(report.difference().value()).isCloseTo(d, within(1e-12));
    // where the interval ends, the ratio is 20
    double half = report.difference().high() - d;
    assertThat(Math.sqrt(v / (v + t)) * Math.exp(t * half * half / (2 * v * (v + t))))
        .isCloseTo(20, within(1e-6));
  }

  @Test
  void lookingAsOftenAsOneLikesRaisesNoFalseAlarm() {
    int alarms = 0;
    for (int run = 0; run < 200; run++) {
      var random = new Random(SEED * 1_000 + run);
      Experiment experiment = experiment("e");
      boolean alarm = false;
      for (int look = 0; look < 100; look++) {
        for (String arm : List.of("a", "b")) {
          int successes = 0;
          for (int i = 0; i < 100; i++) {
            successes += random.nextDouble() < 0.1 ? 1 : 0;
          }
          experiment.add(arm, new Experiment.Count(100, successes));
        }
        alarm |= experiment.report("a", "b").significant();
      }
      alarms += alarm ? 1 : 0;
    }
    // 5 % of 200 and three standard deviations
    assertThat(alarms).as("seed " + SEED).isLessThanOrEqualTo(19);
  }

  @Test
  void aRealDifferenceIsFound() {
    Experiment experiment = experiment("e");
    experiment.add("a", new Experiment.Count(50_000, 2_500));
    experiment.add("b", new Experiment.Count(50_000, 3_000));
    assertThat(experiment.report("b", "a").significant()).isTrue();
    assertThat(experiment.report("b", "a").difference().contains(0)).isFalse();
    assertThat(experiment("few").report("a", "b").significant()).isFalse();
  }

  @Test
  void saysWhatItExpects() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Experiment.named("e", List.of("a", "a")))
        .withMessage("the arms are [a, a], expected two or more different ones");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> experiment("e").count("c"))
        .withMessage("there is no arm c, only [a, b]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> experiment(" "))
        .withMessage("the experiment's name is blank, expected a text");
  }
}

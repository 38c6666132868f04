package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.cli.Cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Every option of the commands that look at a store or at vectors, with values that no one means.
 */
class OptionsTest {

  private static final List<String> VALUES =
      List.of(
          "0",
          "-1",
          "nan",
          "-0.0",
          "1e-320",
          "1e999",
          "-1e999",
          "2147483647",
          "2147483648",
          "9223372036854775807",
          "99999999999999999999",
          "",
          " ",
          "x",
          "=",
          "x=",
          "=1",
          "x=0",
          "x=-1",
          "x=nan",
          "x=1e999",
          "category=0",
          "category=99999999999",
          "viewed=-1",
          "viewed=nan",
          "window:0",
          "window:1e9",
          "window:1e12",
          "decay:0",
          "decay:nan",
          "decay:1e-300",
          "decay:1e300",
          "trend:0",
          "trend:2147483647",
          "propagate:nan",
          "propagate:2",
          "explore:nan",
          "explore:1:1e12",
          "explore:1:-1",
          "rrf:nan:nan",
          "rrf:0:1",
          "rrf:1e300:1",
          "ranks:2",
          "scores:-1",
          "\0",
          "\uFFFD",
          "@x",
          "x < 1e999",
          "{}",
          "{\"range\":{\"category\":{}}}");

  /** Their values are files, or make the command do more than is to be tried here. */
  private static final Set<String> LEFT_OUT =
      Set.of(
          "--store",
          "--categories",
          "--vectors",
          "--queries",
          "--out",
          "--html",
          "--help",
          "--version");

  @TempDir static Path folder;
  private static Path shop;
  private static Path npy;
  private static String id;

  @BeforeAll
  static void fixtures() throws IOException {
    Path photos = Cli.photos(folder.resolve("photos"), 2, 2);
    Path sales = folder.resolve("sales.csv");
    id = Cli.ids(photos).get(0);
    Files.writeString(sales, "product,time\n" + Cli.ids(photos).get(1) + ",2024-03-01\n");
    Files.writeString(folder.resolve("events.csv"), "time,customer,event,product\n");
    shop = folder.resolve("shop");
    Run run =
        Cli.run("index", photos, "-s", shop, "--purchases", sales, "--extractor", "lite0-fast");
    assertThat(run.exit()).as("%s", run).isZero();
    npy = Cli.npy(folder.resolve("f.npy"), new float[] {1, 0}, new float[] {1, 1});
  }

  static Stream<String> options() {
    var names = new ArrayList<String>();
    for (String command : List.of("similar", "neighbors", "bench")) {
      for (OptionSpec option : options(command)) {
        if (!option.arity().equals(CommandLine.Range.valueOf("0"))
            && !LEFT_OUT.contains(option.longestName())) {
          names.add(command + " " + option.longestName());
        }
      }
    }
    assertThat(names).hasSizeGreaterThan(30);
    return names.stream();
  }

  private static List<OptionSpec> options(String command) {
    Class<?> type =
        Stream.of(Main.class.getAnnotation(CommandLine.Command.class).subcommands())
            .filter(c -> c.getAnnotation(CommandLine.Command.class).name().equals(command))
            .findFirst()
            .orElseThrow();
    return new CommandLine(type).getCommandSpec().options();
  }

  @ParameterizedTest
  @MethodSource("options")
  void noValueIsUnexpected(String commandAndOption) {
    String command = commandAndOption.split(" ")[0];
    String option = commandAndOption.split(" ")[1];
    for (String value : VALUES) {
      var args = new ArrayList<Object>(List.of(command, option, value));
      switch (command) {
        case "similar" -> {
          args.addAll(List.of("-s", shop));
          if (!option.equals("--rank")) {
            args.addAll(List.of("--rank", "balanced"));
          }
          args.add(id);
          if (Set.of("--half-life", "--max-events", "--session-share", "--event-weight", "--tenant")
              .contains(option)) {
            args.addAll(List.of("--customer", "ann", "--events", folder.resolve("events.csv")));
          }
          if (option.equals("--boost-by")) {
            args.addAll(List.of("--boost", "category = x"));
          }
        }
        case "neighbors" -> args.addAll(List.of("--vectors", npy, "-o", folder.resolve("n.csv")));
        default -> {
          // -k 3 is more than there are vectors, so that nothing is measured.
          args.addAll(List.of("--vectors", npy, "--queries", npy, "-o", folder.resolve("r")));
          if (!option.equals("-k")) {
            args.addAll(List.of("-k", "3"));
          }
        }
      }
      Run run = Cli.run(args.toArray());
      assertThat(run.err())
          .as("%s: %s", args, run)
          .doesNotContain("unexpected java", "unexpected io", "Exception:", "Exception)");
      assertThat(run.exit()).as("%s: %s", args, run).isIn(0, 2);
    }
  }
}

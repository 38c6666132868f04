package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.cli.Cli.Run;
import io.lookalike.math.VectorMath;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

class MainTest {

  @TempDir Path temp;

  @Test
  void withoutACommandItSaysWhatThereIs() {
    Run run = Cli.run();
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .contains("embed", "index", "similar", "neighbors", "doctor", "completion", "Examples:");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"demo", "embed", "index", "similar", "neighbors", "paper", "doctor", "completion"})
  void everyCommandHasHelp(String command) {
    Run run = Cli.run(command, "--help");
    assertThat(run.exit()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).startsWith("Usage: lookalike " + command);
    assertThat(run.out()).contains("Examples:\n  ").contains("lookalike " + command);
    assertThat(run.outLines()).allMatch(line -> line.length() <= 80);
  }

  @Test
  void helpCutsNoSentenceAndWrapsNoExample() {
    String all = Cli.run("--help").out().replaceAll("\\s+", " ");
    for (Class<?> subcommand : Main.class.getAnnotation(Command.class).subcommands()) {
      Command command = subcommand.getAnnotation(Command.class);
      assertThat(command.description()).as(command.name()).hasSize(1);
      String names = String.join(", ", names(command));
      assertThat(all).contains(names + " " + command.description()[0]);
      Run run = Cli.run(command.name(), "--help");
      assertThat(run.out().replaceAll("\\s+", " ")).contains(command.description()[0]);
      assertThat(run.outLines()).containsAll(List.of(command.footer()));
    }
  }

  @Test
  void everyCommandHasExamplesOfItsOwn() {
    checkExamples("lookalike", List.of(), Main.class);
  }

  private static void checkExamples(String qualified, List<String> names, Class<?> command) {
    for (Class<?> subcommand : command.getAnnotation(Command.class).subcommands()) {
      String name = subcommand.getAnnotation(Command.class).name();
      var all = new ArrayList<>(names);
      all.add(name);
      String whole = qualified + " " + name;
      checkExamples(whole, all, subcommand);
      all.add("--help");
      Run run = Cli.run(all.toArray());
      assertThat(run.out()).as("%s --help", whole).contains("Examples:");
      assertThat(run.out().substring(run.out().indexOf("Examples:")))
          .as("the examples of %s", whole)
          .contains(whole)
          .satisfies(
              examples -> assertThat(examples.lines()).allMatch(line -> line.length() <= 80));
    }
  }

  private static List<String> names(Command command) {
    var names = new ArrayList<String>(List.of(command.name()));
    names.addAll(List.of(command.aliases()));
    return names;
  }

  @Test
  void aCommandAnswersToItsOldName() {
    assertThat(Cli.run("neighbours", "--help").out()).startsWith("Usage: lookalike neighbors");
  }

  @Test
  void aFileThatMayNotBeReadIsTheUsersToMend() {
    var err = new StringWriter();
    var console =
        new Console(new PrintWriter(new StringWriter()), new PrintWriter(err, true), Map.of());
    var command = new CommandLine(CommandSpec.create());
    int exit =
        new Errors(console)
            .handleExecutionException(
                new AccessDeniedException("shop/manifest.properties"),
                command,
                command.parseArgs());
    assertThat(exit).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo(
            "lookalike: shop/manifest.properties: permission denied; change its permissions, or run"
                + " as who owns it\n");
  }

  @Test
  void versionIsPrinted() {
    Run run = Cli.run("--version");
    assertThat(run.exit()).isZero();
    assertThat(run.out()).startsWith("lookalike ");
  }

  @Test
  void completionNamesCommandsAndOptions() {
    Run run = Cli.run("completion");
    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .startsWith("#!/usr/bin/env bash")
        .contains("complete -F _complete_lookalike", "neighbors", "--transform", "lite0-fast");
  }

  @Test
  void stackTracesAreForTheVerbose() {
    Path missing = temp.resolve("missing");
    Run terse = Cli.run("similar", "--store", missing, "a");
    assertThat(terse.errLines()).hasSize(1);
    Run verbose = Cli.run("similar", "--store", missing, "a", "--verbose");
    assertThat(verbose.exit()).isEqualTo(terse.exit());
    assertThat(verbose.errLines().get(0)).isEqualTo(terse.errLines().get(0));
    assertThat(verbose.err()).contains("\n\tat io.lookalike.");
  }

  @Test
  void anOutputThatCannotBeWrittenIsAFailure() {
    Writer full =
        new Writer() {
          @Override
          public void write(char[] text, int offset, int length) throws IOException {
            throw new IOException("no space left");
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    var err = new StringWriter();
    int exit = Main.run(new PrintWriter(full), new PrintWriter(err, true), Map.of(), "completion");
    assertThat(exit).isEqualTo(1);
    assertThat(err.toString())
        .isEqualTo(
            "lookalike: stdout could not be written; make room on the disk, or write elsewhere\n");
  }

  @Test
  void aReaderThatHasGoneIsNoFailure() throws IOException {
    var broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    var err = new StringWriter();
    for (boolean pipe : new boolean[] {true, false}) {
      int exit =
          Main.run(
              new PrintWriter(new PipedOutput(broken, pipe)),
              new PrintWriter(err, true),
              Map.of(),
              "completion");
      assertThat(exit).isEqualTo(pipe ? 0 : 1);
      assertThat(err.toString().isEmpty()).isEqualTo(pipe);
    }
  }

  @Test
  void doctorNamesWhatIsOn() {
    Run run = Cli.run("doctor");
    assertThat(run.exit()).as("%s", run).isZero();
    assertThat(run.outLines())
        .hasSize(7)
        .allMatch(line -> line.startsWith("ok "))
        .anyMatch(line -> line.contains("JDK") && line.contains(Runtime.version().toString()))
        .anyMatch(line -> line.contains("File names"))
        .anyMatch(line -> line.contains("SIMD") && line.contains(VectorMath.active().name()))
        .anyMatch(line -> line.contains("ONNX Runtime") && line.contains("1280 features"))
        .anyMatch(line -> line.contains("SQLite") && line.contains("stores can be opened"))
        .anyMatch(line -> line.contains("bruteforce, hnsw"))
        .anyMatch(line -> line.contains("GiB") && line.contains("-Xmx"));
  }
}

package io.lookalike.cli;

import io.lookalike.catalog.Ids;
import io.lookalike.index.IndexFactory;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/** The {@code lookalike} command. */
@Command(
    name = "lookalike",
    description = "Finds the products that look alike, and those of them that sell.",
    versionProvider = Main.Version.class,
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND",
    usageHelpAutoWidth = true,
    subcommands = {
      DemoCommand.class,
      EmbedCommand.class,
      IndexCommand.class,
      SimilarCommand.class,
      LearnCommand.class,
      SuggestCommand.class,
      NeighborsCommand.class,
      StoreCommand.class,
      PaperCommand.class,
      BenchCommand.class,
      EvaluateCommand.class,
      LooksCommand.class,
      MapCommand.class,
      DoctorCommand.class,
      CompletionCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done; pictures and rows that were skipped have been reported",
      "1:failed while at work, or doctor found something missing, or store audit something wrong",
      "2:what was asked for cannot be done as asked"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lookalike index photos/ --store shop --purchases purchases.csv",
      "  lookalike similar --store shop 0215303002",
      "  lookalike similar --help"
    })
public final class Main {

  private final Console console;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "No progress and no summary; only results, warnings and errors.")
  @SuppressWarnings("UnusedMethod")
  void quiet(boolean quiet) {
    console.quiet = quiet;
  }

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Log what is done, and show the stack trace of an error.")
  @SuppressWarnings("UnusedMethod")
  void verbose(boolean verbose) {
    console.verbose = verbose;
    if (verbose) {
      // Read when the first logger is made, which no command does before it runs.
      System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "info");
    }
  }

  private Main(Console console) {
    this.console = console;
  }

  /**
   * Runs the command line and exits: 0 if it is done, 1 if it failed while at work, 2 if it cannot
   * be done as asked.
   *
   * @param args a subcommand and its options
   */
  public static void main(String[] args) {
    // Neither the platform's character set nor its way to write numbers may show in what we write.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    var stdout = new PipedOutput(stream(FileDescriptor.out), PipedOutput.isStdoutPipe());
    var out = new PrintWriter(stdout, false, StandardCharsets.UTF_8);
    var err = new PrintWriter(stream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    System.exit(run(out, err, System.getenv(), args));
  }

  private static FileOutputStream stream(FileDescriptor descriptor) {
    return new FileOutputStream(descriptor);
  }

  /** Runs the command line and returns its exit code. */
  static int run(
      PrintWriter out, PrintWriter err, Map<String, String> environment, String... args) {
    var console = new Console(out, err, environment);
    var errors = new Errors(console);
    var commandLine =
        withConverters(new CommandLine(new Main(console)))
            .setOut(out)
            .setErr(err)
            .setExpandAtFiles(false) // an id may begin with @
            .setParameterExceptionHandler(errors)
            .setExecutionExceptionHandler(errors);
    int exit;
    try {
      exit = commandLine.execute(args);
    } catch (OutOfMemoryError e) {
      exit = errors.outOfMemory(e);
    } catch (NoClassDefFoundError e) {
      exit = errors.missingClass(e);
    } finally {
      console.end();
    }
    out.flush();
    if (out.checkError()) {
      console.warn("stdout could not be written; make room on the disk, or write elsewhere");
      exit = 1;
    }
    return exit;
  }

  /** Teaches a command line to read values, and to say what was expected. */
  static CommandLine withConverters(CommandLine commandLine) {
    return commandLine
        .registerConverter(int.class, Main::wholeNumber)
        .registerConverter(Integer.class, Main::wholeNumber)
        .registerConverter(Float.class, text -> Main.number(text).floatValue())
        .registerConverter(double.class, Main::number)
        .registerConverter(Double.class, Main::number)
        .registerConverter(LocalDate.class, Main::day)
        .registerConverter(Path.class, Main::path)
        .registerConverter(StorePlace.class, StorePlace::of)
        .registerConverter(IndexFactory.class, IndexName::of)
        .registerConverter(CatalogueFormat.class, choice(CatalogueFormat.values()))
        .registerConverter(TransformChoice.class, choice(TransformChoice.values()))
        .registerConverter(Rank.class, choice(Rank.values()))
        .registerConverter(
            ExampleOptions.Combining.class, choice(ExampleOptions.Combining.values()));
  }

  private static Double number(String text) {
    try {
      return Double.valueOf(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("it is " + text + ", expected a number");
    }
  }

  private static Integer wholeNumber(String text) {
    try {
      return Integer.valueOf(text);
    } catch (NumberFormatException e) {
      if (text.matches("[+-]?\\d+")) {
        throw new TypeConversionException(
            "it is "
                + text
                + ", which is too "
                + (text.startsWith("-") ? "small" : "large")
                + "; whole numbers go up to "
                + Integer.MAX_VALUE);
      }
      throw new TypeConversionException("it is " + text + ", expected a whole number");
    }
  }

  static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new TypeConversionException("it is " + Ids.shown(text) + ", " + noPath());
    }
  }

  /** What is wrong with a text that cannot be a path, and what to do about it. */
  static String noPath() {
    String charset = System.getProperty("sun.jnu.encoding");
    return "which is no path where file names are "
        + charset
        + ("UTF-8".equals(charset) ? "" : "; start Java with LC_ALL=C.UTF-8 set");
  }

  private static LocalDate day(String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeParseException e) {
      throw new TypeConversionException("it is " + text + ", expected a day such as 2020-09-01");
    }
  }

  /** Reads a value by the name that it shows, and says which there are. */
  private static <E extends Enum<E>> ITypeConverter<E> choice(E[] values) {
    return text -> {
      for (E value : values) {
        if (value.toString().equals(text)) {
          return value;
        }
      }
      String names = Stream.of(values).map(Enum::toString).collect(Collectors.joining(", "));
      throw new TypeConversionException("it is " + text + ", expected one of " + names);
    };
  }

  Console console() {
    return console;
  }

  /** Reads the version that the build has put into the jar's manifest. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"lookalike " + (version == null ? "(not from a jar)" : version)};
    }
  }
}

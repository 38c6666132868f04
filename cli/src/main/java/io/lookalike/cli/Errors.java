package io.lookalike.cli;

import io.lookalike.UnknownProductException;
import io.lookalike.catalog.FilterSyntaxException;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.datasets.DatasetException;
import io.lookalike.datasets.vectors.VectorFileException;
import io.lookalike.extractor.ModelFileException;
import io.lookalike.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever goes wrong into one line on stderr and an exit code. */
final class Errors implements IParameterExceptionHandler, IExecutionExceptionHandler {

  private static final int FAILURE = 1;
  private static final int USER_ERROR = 2;

  private final Console console;

  Errors(Console console) {
    this.console = console;
  }

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String message = String.valueOf(e.getMessage());
    if (message.startsWith("Missing required subcommand")) {
      command.usage(command.getErr());
      return USER_ERROR;
    }
    String help = command.getCommandSpec().qualifiedName() + " --help";
    String said = said(e);
    console.warn(said + (said.endsWith("?") ? " See " : "; see ") + help);
    return USER_ERROR;
  }

  /** What is wrong with options. */
  static String said(ParameterException e) {
    return e instanceof UnmatchedArgumentException unmatched
        ? unmatched(unmatched)
        : uncapitalized(oneLine(String.valueOf(e.getMessage())));
  }

  private static String unmatched(UnmatchedArgumentException e) {
    String first = e.getUnmatched().get(0);
    CommandSpec command = e.getCommandLine().getCommandSpec();
    String what;
    if (first.startsWith("-")) {
      what = "unknown option " + first;
    } else if (command.parent() == null && !command.subcommands().isEmpty()) {
      what = "there is no command " + first;
    } else {
      what = "unexpected argument \"" + first + "\"";
    }
    List<String> similar = e.getSuggestions();
    return similar.isEmpty() ? what : what + "; did you mean " + similar.get(0) + "?";
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    Exception problem = e;
    if (e instanceof UncheckedIOException && e.getCause() instanceof IOException cause) {
      problem = cause;
    }
    int exit = USER_ERROR;
    if (problem instanceof AccessDeniedException denied) {
      console.warn(oneLine(describe(denied)) + "; change its permissions, or run as who owns it");
    } else if (problem instanceof UserErrorException
        || problem instanceof DatasetException
        || problem instanceof VectorFileException
        || problem instanceof StoreException
        || problem instanceof ModelFileException
        || problem instanceof FilterSyntaxException
        || problem instanceof UnknownProductException
        || problem instanceof UnreadableImageException) {
      console.warn(oneLine(String.valueOf(problem.getMessage())));
    } else {
      exit = FAILURE;
      console.warn(failure(problem));
    }
    if (console.verbose) {
      console.stackTrace(e);
    }
    return exit;
  }

  private String failure(Exception problem) {
    if (problem instanceof IOException io) {
      return oneLine(describe(io));
    }
    if (problem instanceof CancellationException) {
      return "interrupted";
    }
    String hint = console.verbose ? "" : "; run it again with --verbose for the stack trace";
    return "unexpected " + oneLine(problem.toString()) + hint;
  }

  /** The JDK's file exceptions have the path alone for a message. */
  static String describe(IOException e) {
    return e instanceof FileSystemException file ? file.getFile() + ": " + reason(e) : reason(e);
  }

  /** What is wrong, without the file if that can be told apart. */
  static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "there is no such file";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileSystemException file) {
      return file.getReason() == null ? e.getClass().getSimpleName() : file.getReason();
    }
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  int outOfMemory(OutOfMemoryError e) {
    console.warn(
        String.format(
            Locale.ROOT,
            "out of memory (%s); the heap may grow to %d MiB: allow more with the JVM's option"
                + " -Xmx, as in LOOKALIKE_JAVA_OPTS=-Xmx8g",
            e.getMessage(),
            Runtime.getRuntime().maxMemory() >> 20));
    return FAILURE;
  }

  /** A runtime made by jlink may lack what the program needs. */
  int missingClass(NoClassDefFoundError e) {
    console.warn(
        "this Java ("
            + System.getProperty("java.home")
            + ") cannot load "
            + String.valueOf(e.getMessage()).replace('/', '.')
            + "; use a whole JDK, or add the class's module with jlink");
    if (console.verbose) {
      console.stackTrace(e);
    }
    return FAILURE;
  }

  private static String oneLine(String message) {
    return message.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  private static String uncapitalized(String message) {
    return message.isEmpty()
        ? message
        : message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
  }
}

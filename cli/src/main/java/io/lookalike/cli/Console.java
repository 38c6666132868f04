package io.lookalike.cli;

import io.lookalike.ProgressListener;
import java.io.PrintWriter;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Where the command line speaks: results on stdout, everything else on stderr. Lines on stderr and
 * the progress bar, which is drawn by another thread, take turns.
 */
final class Console {

  /** Control characters, and those that set a direction of writing. */
  private static final Pattern UNSEEN =
      Pattern.compile("[\\p{Cc}\\u061C\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069]");

  /**
   * Set by the launcher if stderr is a terminal, which cannot be asked of the JVM: how wide it is.
   */
  static final String COLUMNS = "LOOKALIKE_TERMINAL_COLUMNS";

  private static final String TO_LINE_START_AND_ERASE = "\r\033[K";

  private final PrintWriter out;
  private final PrintWriter err;
  private final int columns;
  boolean quiet;
  boolean verbose;
  private boolean barShows;
  private final List<AutoCloseable> closing = new ArrayList<>();

  Console(PrintWriter out, PrintWriter err, Map<String, String> environment) {
    this.out = out;
    this.err = err;
    this.columns = columns(environment.getOrDefault(COLUMNS, ""));
  }

  private static int columns(String text) {
    return text.matches("[1-9]\\d{1,3}") ? Integer.parseInt(text) : 0;
  }

  /** A line of what was asked for. */
  void result(String line) {
    out.println(line);
  }

  /**
   * A line for people, of texts that a catalogue may hold: what would move a terminal's cursor,
   * color it or turn the direction of the line is written out, such as {@code <U+001B>}.
   */
  static String plain(String line) {
    return UNSEEN
        .matcher(line)
        .replaceAll(each -> String.format("<U+%04X>", (int) each.group().charAt(0)));
  }

  /** What was asked for, in whatever form it takes. */
  PrintWriter results() {
    return out;
  }

  /** A line that may be left out. */
  void note(String line) {
    if (!quiet) {
      line(line);
    }
  }

  /** A line that must be seen. */
  void warn(String line) {
    line("lookalike: " + line);
  }

  void stackTrace(Throwable e) {
    synchronized (err) {
      e.printStackTrace(err);
    }
  }

  private void line(String line) {
    synchronized (err) {
      if (barShows) {
        err.print(TO_LINE_START_AND_ERASE);
        barShows = false;
      }
      err.println(line);
    }
  }

  private void drawBar(String bar) {
    synchronized (err) {
      err.print("\r" + bar);
      err.flush();
      barShows = true;
    }
  }

  private void eraseBar() {
    synchronized (err) {
      err.print(TO_LINE_START_AND_ERASE);
      err.flush();
      barShows = false;
    }
  }

  /** Has something closed when the command has been carried out. */
  void atEnd(AutoCloseable resource) {
    closing.add(resource);
  }

  /** Closes what was to be closed at the end. */
  void end() {
    for (AutoCloseable resource : closing) {
      try {
        resource.close();
      } catch (Exception e) {
        warn("a connection was not closed well: " + e.getMessage());
      }
    }
    closing.clear();
  }

  /** How long ago a reading of {@link System#nanoTime} is, for people. */
  static String since(long nanoTime) {
    return String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - nanoTime) / 1e9);
  }

  /**
   * Begins a progress bar with rate and time left, where stderr is a terminal and nobody wants
   * quiet; else one that shows nothing.
   *
   * @param task what is being done
   * @param unit what is counted, in the plural
   * @param total their number
   */
  Progress progress(String task, String unit, long total) {
    return new Progress(quiet || columns == 0 ? null : bar(task, unit, total));
  }

  private ProgressBar bar(String task, String unit, long total) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(total)
        .setUnit(" " + unit, 1)
        .showSpeed(new DecimalFormat("0", DecimalFormatSymbols.getInstance(Locale.ROOT)))
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(200)
        // One column less than there are, since some terminals wrap a full line.
        .setConsumer(new DelegatingProgressBarConsumer(this::drawBar, columns - 1))
        .build();
  }

  /** A progress bar that vanishes when it is closed. */
  final class Progress implements ProgressListener, AutoCloseable {
    private final @Nullable ProgressBar bar;

    private Progress(@Nullable ProgressBar bar) {
      this.bar = bar;
    }

    @Override
    public void progress(long done, long total) {
      if (bar != null) {
        bar.stepTo(done);
      }
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
        eraseBar();
      }
    }
  }
}

package io.lookalike.datasets;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Gathers a reading's report; in a strict reading throws at the first thing skipped. */
final class Findings {
  private final Path file;
  private final boolean strict;
  private final List<Problem> problems = new ArrayList<>();
  private long accepted;
  private long skipped;
  private long unknownProducts;

  Findings(Path file, boolean strict) {
    this.file = file;
    this.strict = strict;
  }

  void accept() {
    accepted++;
  }

  long accepted() {
    return accepted;
  }

  void unknownProduct() {
    unknownProducts++;
  }

  /** Reports something that the data are read in spite of. */
  void note(long line, String reason) {
    note(new Problem(file, line, reason));
  }

  /** Reports a part of something that is read without it. */
  void leaveOut(Problem problem) {
    if (strict) {
      throw new DatasetException(problem);
    }
    note(problem);
  }

  void skip(long line, String reason) {
    skip(new Problem(file, line, reason));
  }

  void skip(Problem problem) {
    if (strict) {
      throw new DatasetException(problem);
    }
    skipped++;
    note(problem);
  }

  /** Counts something that is skipped for a reason reported before. */
  void skipAgain() {
    skipped++;
  }

  private void note(Problem problem) {
    if (problems.size() < ReadReport.MAX_PROBLEMS) {
      problems.add(problem);
    }
  }

  ReadReport report() {
    return new ReadReport(accepted, skipped, unknownProducts, problems);
  }
}

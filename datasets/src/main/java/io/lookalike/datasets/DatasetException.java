package io.lookalike.datasets;

import java.nio.file.Path;

/**
 * A file of which nothing can be used, or, in a strict reading, the first thing in it that cannot.
 * The message is one line: the file, the line, what was found and what was expected.
 */
public final class DatasetException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Held as the problem itself, which formats the message. */
  private final transient Problem problem;

  DatasetException(Problem problem) {
    super(problem.toString());
    this.problem = problem;
  }

  DatasetException(Path file, long line, String reason) {
    this(new Problem(file, line, reason));
  }

  /**
   * What is wrong and where.
   *
   * @return the problem, of which the message is the text form
   */
  public Problem problem() {
    return problem;
  }
}

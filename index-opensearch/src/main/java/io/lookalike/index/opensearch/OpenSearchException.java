package io.lookalike.index.opensearch;

import java.io.IOException;

/**
 * What a cluster refused, or did not answer in time: what was asked of it, what came instead, and
 * what to do. Calls of an index throw it as the cause of an {@link java.io.UncheckedIOException}.
 * No message holds credentials.
 */
public final class OpenSearchException extends IOException {

  private static final long serialVersionUID = 1L;

  /** Whether it is of no use to ask again at once. */
  private final boolean unavailable;

  OpenSearchException(String message, boolean unavailable) {
    super(message);
    this.unavailable = unavailable;
  }

  OpenSearchException(String message) {
    this(message, false);
  }

  /**
   * Whether no node answered within the time limit, or none has for a while, so that calls are
   * refused without being tried. A shop shows something else meanwhile.
   *
   * @return false if the cluster answered, and did not do what was asked
   */
  public boolean isUnavailable() {
    return unavailable;
  }
}

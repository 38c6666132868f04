package io.lookalike.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What is to be cleared away if the program is interrupted before this is closed. */
final class ExitHook implements Closeable {

  private final Thread thread;

  ExitHook(Closeable clearing) {
    this.thread =
        new Thread(
            () -> {
              try {
                clearing.close();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    Runtime.getRuntime().addShutdownHook(thread);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(thread);
    } catch (IllegalStateException e) {
      return; // The program is ending and runs the hook by itself.
    }
  }
}

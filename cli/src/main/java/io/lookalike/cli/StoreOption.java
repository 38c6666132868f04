package io.lookalike.cli;

import picocli.CommandLine.Option;

/** The store that a command asks. */
@SuppressWarnings("NullAway.Init") // picocli sets it
final class StoreOption {

  @Option(
      names = {"-s", "--store"},
      required = true,
      paramLabel = StorePlace.LABEL,
      description = "What index has made: a folder, or jdbc:postgresql://HOST/DATABASE.")
  StorePlace place;
}

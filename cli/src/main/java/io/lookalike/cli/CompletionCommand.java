package io.lookalike.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** A script that completes commands and options. */
@Command(
    name = "completion",
    description = "Prints a script with which bash or zsh completes commands and options.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  source <(lookalike completion)",
      "  lookalike completion > ~/.local/share/bash-completion/completions/lookalike"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class CompletionCommand implements Callable<Integer> {

  @ParentCommand private Main main;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    CommandLine root = spec.root().commandLine();
    main.console().result(AutoComplete.bash(root.getCommandName(), root).stripTrailing());
    return 0;
  }
}

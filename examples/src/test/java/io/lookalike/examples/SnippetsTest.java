package io.lookalike.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every block of Java in README.md and docs is a part of these examples, which compile and run. The
 * part lies between the lines {@code // snippet: name} and {@code // end}; parts of one name in one
 * file belong together. White space does not count.
 */
class SnippetsTest {
  private static final Path SOURCES = Path.of("examples/src");
  private static final Pattern BLOCK =
      Pattern.compile("^```java\\R(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);

  @Test
  void documentsQuoteWhatCompiles() throws IOException {
    Map<String, String> snippets = new LinkedHashMap<>();
    for (Path file : files(SOURCES, ".java")) {
      snippets.putAll(snippets(Files.readAllLines(file)));
    }
    List<Path> documents = files(Path.of("docs"), ".md");
    Path readme = Path.of("README.md");
    if (Files.exists(readme)) {
      documents.add(readme);
    }

    int blocks = 0;
    for (Path document : documents) {
      for (String block : blocks(Files.readString(document))) {
        assertThat(snippets.values())
            .as("the block of Java in %s that begins %s", document, block.lines().findFirst())
            .contains(withoutSpace(block));
        blocks++;
      }
    }
    assertThat(blocks).isGreaterThanOrEqualTo(2);
  }

  private static Map<String, String> snippets(List<String> source) {
    Map<String, String> snippets = new LinkedHashMap<>();
    String name = null;
    for (String line : source) {
      String text = line.strip();
      if (text.startsWith("// snippet: ")) {
        assertThat(name).as("a snippet within a snippet: " + text).isNull();
        name = text.substring("// snippet: ".length());
      } else if (text.equals("// end")) {
        name = null;
      } else if (name != null) {
        snippets.merge(name, withoutSpace(text), String::concat);
      }
    }
    assertThat(name).as("a snippet that does not end").isNull();
    return snippets;
  }

  private static List<String> blocks(String markdown) {
    return BLOCK.matcher(markdown).results().map(match -> match.group(1)).toList();
  }

  private static List<Path> files(Path folder, String ending) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return new ArrayList<>(
          paths.filter(path -> path.toString().endsWith(ending)).sorted().toList());
    }
  }

  private static String withoutSpace(String text) {
    return text.replaceAll("\\s+", "");
  }
}

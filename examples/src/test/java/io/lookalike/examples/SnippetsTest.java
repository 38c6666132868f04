package io.lookalike.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
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

  private static final Pattern FENCED =
      Pattern.compile("^```.*?^```", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);

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

  @Test
  void linksLeadToFilesAndHeadings() throws IOException {
    List<Path> documents = files(Path.of("docs"), ".md");
    documents.add(Path.of("README.md"));
    documents.removeIf(Files::notExists);
    var broken = new ArrayList<String>();
    int links = 0;
    for (Path document : documents) {
      String text = FENCED.matcher(Files.readString(document)).replaceAll("");
      for (MatchResult link : LINK.matcher(text).results().toList()) {
        String target = link.group(1);
        if (target.matches("[a-z]+:.*")) {
          continue;
        }
        links++;
        int hash = target.indexOf('#');
        String file = hash < 0 ? target : target.substring(0, hash);
        Path path = file.isEmpty() ? document : document.resolveSibling(file).normalize();
        if (Files.notExists(path)
            || (hash >= 0
                && path.toString().endsWith(".md")
                && !anchors(path).contains(target.substring(hash + 1)))) {
          broken.add(document + ": " + target);
        }
      }
    }
    assertThat(broken).isEmpty();
    assertThat(links).isGreaterThan(100);
  }

  /** What GitHub makes of a document's headings. */
  private static Set<String> anchors(Path document) throws IOException {
    var anchors = new HashSet<String>();
    String text = FENCED.matcher(Files.readString(document)).replaceAll("");
    for (MatchResult heading : HEADING.matcher(text).results().toList()) {
      String anchor =
          heading
              .group(1)
              .strip()
              .replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1")
              .toLowerCase(Locale.ROOT)
              .replaceAll("[^\\p{L}\\p{N} _-]", "")
              .replace(' ', '-');
      for (int i = 1; !anchors.add(i == 1 ? anchor : anchor + "-" + (i - 1)); i++) {}
    }
    return anchors;
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

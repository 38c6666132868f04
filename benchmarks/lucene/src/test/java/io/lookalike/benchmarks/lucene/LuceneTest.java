package io.lookalike.benchmarks.lucene;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.bench.Contestant;
import io.lookalike.benchmarks.peers.ContestantContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Lucene keeps the contract, and leaves no files. */
class LuceneTest extends ContestantContract {

  LuceneTest() {
    super("lucene");
  }

  @Test
  void filters() {
    assertThat(contestant().filters()).isTrue();
  }

  @Test
  void deletesItsFiles() throws Exception {
    Path folder;
    try (var built = (Lucene.Index) contestant().build(new Contestant.Task(vectors(), null, 1))) {
      folder = built.folder();
      long bytes = 0;
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          bytes += Files.size(file);
        }
      }
      assertThat(built.bytesOutsideHeap()).isEqualTo(bytes);
      assertThat(bytes).isGreaterThan(4L * vectors().size() * vectors().get(0).length);
    }
    assertThat(folder).doesNotExist();
  }
}

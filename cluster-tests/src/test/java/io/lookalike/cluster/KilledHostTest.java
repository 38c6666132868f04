package io.lookalike.cluster;

import static io.lookalike.RecommendationRequest.like;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.AuditReport;
import io.lookalike.Recommender;
import io.lookalike.catalog.ProductFeatures;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The shop's own process is killed under load; the next one finds all that was promised. */
@Tag("opensearch")
@Timeout(300)
class KilledHostTest {

  private static final Logger LOG = LoggerFactory.getLogger(KilledHostTest.class);

  private static TestCluster cluster;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    cluster = TestCluster.of(1);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static String aliased(String index) throws Exception {
    return cluster.ask("GET", "/_cat/aliases/" + index + "?h=index", "").strip();
  }

  private static List<String> indexes(String index) throws Exception {
    return cluster.indexes().stream().filter(n -> n.startsWith(index + "-")).toList();
  }

  /**
   * Runs a host until it has said so many lines that begin so, kills it, and tells what it said.
   */
  private List<String> killed(String index, String task, int next, String until, int times)
      throws Exception {
    Process host =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                ShopHost.class.getName(),
                folder.toString(),
                index,
                task,
                String.valueOf(next),
                String.join(",", cluster.urls()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var said = new ArrayList<String>();
    try (BufferedReader out = host.inputReader(UTF_8)) {
      int left = times;
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        said.add(line);
        if (line.startsWith(until) && --left == 0) {
          host.toHandle().destroyForcibly(); // which leaves what it has said to be read
        }
      }
    } finally {
      host.destroyForcibly().waitFor();
    }
    assertThat(said).as("it was killed, and did not end").anyMatch(line -> line.startsWith(until));
    return said;
  }

  @Test
  void theHostIsKilledUnderLoad() throws Exception {
    Set<String> there = new TreeSet<>();
    Set<String> gone = new TreeSet<>();
    int next = 0;
    String serves = null;
    for (int round = 0; round < 3; round++) {
      List<String> said = killed("host", "serve", next, "added", 60 + 17 * round);
      Set<String> unsure = new TreeSet<>();
      int pages = 0;
      for (String line : said) {
        assertThat(line).doesNotStartWith("wrong");
        String id = line.substring(line.indexOf(' ') + 1);
        if (line.startsWith("adding") || line.startsWith("removing")) {
          next = Math.max(next, 1 + Integer.parseInt(id.substring(1)));
          there.remove(id);
          unsure.add(id);
        } else if (line.startsWith("added")) {
          there.add(id);
          unsure.remove(id);
        } else if (line.startsWith("removed")) {
          gone.add(id);
          unsure.remove(id);
        } else if (line.equals("page")) {
          pages++;
        }
      }
      LOG.info("killed after {} pages and {} lines, unsure of {}", pages, said.size(), unsure);
      assertThat(pages).isPositive();
      serves = serves == null ? aliased("host") : serves;
      try (Recommender shop = ShopHost.open(folder, "host", cluster.urls())) {
        assertThat(aliased("host")).as("nothing was built").isEqualTo(serves);
        for (String id : unsure) {
          (shop.product(id).isPresent() ? there : gone).add(id);
        }
        assertThat(shop.size()).isEqualTo(ShopHost.STAYING + there.size());
        for (String id : there) {
          ProductFeatures product = ShopHost.product(id);
          assertThat(shop.similarTo(product.features(), 1).get(0).id()).isEqualTo(id);
        }
        assertThat(gone).allMatch(id -> shop.product(id).isEmpty());
        assertThat(shop.recommend(like("s7").k(12)).ids()).hasSize(12);
        AuditReport audit = shop.audit(200, 20);
        assertThat(audit.healthy()).as("%s", audit).isTrue();
      }
    }
  }

  /** As does the process that opens a store whose index another has begun to fill. */
  @Test
  void whoIsKilledWhileFillingLeavesThatToTheNext() throws Exception {
    try (Recommender shop = ShopHost.open(folder, "filling", cluster.urls())) {
      var staying = new ArrayList<ProductFeatures>();
      for (int i = 0; i < ShopHost.STAYING; i++) {
        staying.add(ShopHost.product("s" + i));
      }
      shop.addAll(staying);
    }
    String first = aliased("filling");
    killed("filling", "reindex", 0, "read 350", 1);
    assertThat(aliased("filling")).isEqualTo(first);
    List<String> both = indexes("filling");
    assertThat(both).as("it was filling another").hasSize(2);
    killed("filling", "reindex", 0, "read 200", 1);
    assertThat(indexes("filling")).as("and went on with that").isEqualTo(both);
    try (Recommender shop = ShopHost.open(folder, "filling", cluster.urls())) {
      assertThat(aliased("filling")).isEqualTo(first);
      shop.reindex((done, total) -> {});
      assertThat(indexes("filling")).isEqualTo(both);
      assertThat(aliased("filling")).isNotEqualTo(first);
      assertThat(shop.size()).isEqualTo(ShopHost.STAYING);
      AuditReport audit = shop.audit(200, 20);
      assertThat(audit.healthy()).as("%s", audit).isTrue();
    }
  }
}

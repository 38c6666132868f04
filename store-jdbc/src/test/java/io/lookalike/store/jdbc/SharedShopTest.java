package io.lookalike.store.jdbc;

import static io.lookalike.store.jdbc.StoreContents.all;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.lookalike.Recommender;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoredProduct;
import io.lookalike.store.jdbc.ShopProcess.Deed;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three processes sell from one PostgreSQL database. One is killed while it writes, one is cut off
 * from the server in the middle of a change, the server is killed and started again. Then those
 * that are left, and a new one, answer like a recommender in memory that was told what the database
 * has to hold: all that was acknowledged, nothing that was refused, and of what is not known all or
 * nothing.
 */
@Tag("crash")
@Tag("processes")
@Timeout(600)
class SharedShopTest {

  /** What one change may take at most, whatever happens. */
  private static final long SOON_MILLIS = 30_000;

  @AutoClose private static PostgresServer server;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    server = PostgresServer.start();
  }

  @Test
  void whatProcessesShareSurvivesThem() throws Exception {
    int rounds = Math.max(1, Integer.getInteger("lookalike.crash.kills", 3) / 3);
    long seed = System.nanoTime();
    for (int round = 0; round < rounds; round++) {
      var scene = new Scene(seed + round, "shared" + round);
      try {
        scene.play();
      } catch (Exception | AssertionError e) {
        throw new AssertionError("seed " + scene.seed + ": " + e.getMessage() + scene.told(), e);
      } finally {
        scene.end();
      }
    }
  }

  private static void await(String what, Supplier<Boolean> condition) throws Exception {
    long end = System.nanoTime() + SOON_MILLIS * 1_000_000;
    while (!condition.get()) {
      assertThat(System.nanoTime()).as("whether " + what + " in time").isLessThan(end);
      Thread.sleep(10);
    }
  }

  private final class Scene {
    final long seed;
    private final String schema;
    private final Random random;
    private final List<Child> children = new ArrayList<>();

    Scene(long seed, String schema) {
      this.seed = seed;
      this.schema = schema;
      this.random = new Random(seed);
    }

    void play() throws Exception {
      try (Recommender shop =
          ShopProcess.builder()
              .store(JdbcStore.builder(server.source()).schema(schema).open())
              .build()) {
        for (String id : ShopProcess.SHARED) {
          shop.add(new Product(id, Attributes.none().with("sum", 0)), ShopProcess.features(id, 0));
        }
        shop.add(Product.of("held"));
      }
      try (Wire wire = new Wire(server.port())) {
        Child a = new Child("a", server.port(), "plain");
        Child b = new Child("b", server.port(), "pool");
        Child c = new Child("c", wire.port(), "pool");
        for (Child child : children) {
          await(child.name + " is open", () -> child.ready);
          child.tell("write");
        }
        await("all write", () -> children.stream().allMatch(child -> child.done.get() > 30));
        Thread.sleep(random.nextInt(200));
        a.kill();
        goesOn(b, c);

        c.tell("hold");
        await("c is in the middle of a change", () -> c.holding);
        wire.cut();
        goesOn(b); // though the server does not know that c is gone
        c.tell("go on");
        await("c knows", () -> c.held != null);
        assertThat(c.held).isNotEqualTo("done");
        wire.mend();
        goesOn(b, c);

        Thread.sleep(random.nextInt(200));
        wire.cut();
        Thread.sleep(
            ShopProcess.PATIENCE.toMillis() * 5 / 2); // longer than it waits for the server
        wire.mend();
        goesOn(b, c);

        server.kill();
        try {
          Thread.sleep(random.nextInt(1_000));
        } finally {
          server.startAgain();
        }
        goesOn(b, c);
        Child d = new Child("d", server.port(), "plain");
        await("d is open", () -> d.ready);
        d.tell("write");
        goesOn(b, c, d);
        for (Child child : List.of(b, c, d)) {
          child.tell("pause");
          await(child.name + " pauses", () -> child.paused);
        }
        String expected = ShopProcess.answers(oracle());
        for (Child child : List.of(b, c, d)) {
          child.answersLike(expected);
        }
      }
    }

    /** Each acknowledges something that it begins from now on. */
    private void goesOn(Child... some) throws Exception {
      for (Child child : some) {
        int before = child.done.get();
        await(child.name + " goes on", () -> child.done.get() > before + 1);
      }
    }

    /** What all must answer: a shop in memory with what the store has to hold. */
    private Recommender oracle() throws Exception {
      try (JdbcStore store = JdbcStore.builder(server.source()).schema(schema).open()) {
        Map<String, Attributes> found = new TreeMap<>();
        for (StoredProduct product : all(store.products(1, 0))) {
          found.put(product.id(), product.attributes());
        }
        Set<String> purchases = new HashSet<>(all(store.purchaseIds()));
        assertThat(purchases).hasSameSizeAs(all(store.purchaseIds()));
        Set<StoreChange> events = new HashSet<>(all(store.events(0)));
        Recommender shop = ShopProcess.builder().build();
        Set<String> sold = new HashSet<>();
        // What made each product, by all that is known: the number of a deed, -1 if it is not
        // there.
        Map<String, Set<Integer>> made = new TreeMap<>();
        Map<String, Set<Integer>> updated = new HashMap<>();
        Map<String, int[]> updates = new HashMap<>();
        int seen = 0;
        for (Child child : children) {
          assertThat(child.failed).isNull();
          for (int number = 0; number < child.outcomes.size(); number++) {
            Deed deed = Deed.of(seed, child.name, number);
            String outcome = child.outcomes.get(number);
            String what = deed + " " + outcome;
            switch (deed.kind()) {
              case PUT -> may(made, deed.id(), outcome, number);
              case REMOVE -> may(made, deed.id(), outcome, -1);
              case UPDATE -> {
                may(updated, deed.id() + " " + deed.who(), outcome, number);
                int[] range = updates.computeIfAbsent(deed.id(), id -> new int[2]);
                range[0] += outcome.equals("done") ? 1 : 0;
                range[1] += outcome.equals("refused") ? 0 : 1;
              }
              case SELL -> {
                String id = deed.purchase().id();
                assertIs(purchases.contains(id), outcome, what, id.startsWith("both"));
                if (purchases.contains(id) && sold.add(id)) {
                  shop.purchases().record(deed.purchase());
                }
              }
              case SEE -> {
                boolean there = events.contains(told(deed));
                assertIs(there, outcome, what, false);
                if (there) {
                  seen++;
                  shop.record(deed.event());
                }
              }
            }
          }
        }
        assertThat(sold).containsExactlyInAnyOrderElementsOf(purchases);
        assertThat(events).hasSize(seen);
        for (Map.Entry<String, Set<Integer>> each : made.entrySet()) {
          String id = each.getKey();
          Attributes is = found.remove(id);
          int by = is == null ? -1 : (int) is.number("deed").orElseThrow();
          assertThat(each.getValue()).as("what made %s", id).contains(by);
          if (is != null) {
            shop.add(new Product(id, is), ShopProcess.features(id, by));
          }
        }
        for (String id : ShopProcess.SHARED) {
          Attributes is = found.remove(id);
          assertThat(is).as(id).isNotNull();
          int[] range = updates.getOrDefault(id, new int[2]);
          assertThat((int) is.number("sum").orElseThrow())
              .as("updates of %s", id)
              .isBetween(range[0], range[1]);
          for (Child child : children) {
            assertThat(updated.getOrDefault(id + " " + child.name, Set.of(-1)))
                .as("which update of %s by %s was the last", id, child.name)
                .contains((int) is.number(child.name).orElse(-1));
          }
          shop.add(new Product(id, is), ShopProcess.features(id, 0));
        }
        shop.add(new Product("held", found.remove("held")));
        assertThat(found).isEmpty();
        return shop;
      }
    }

    private static StoreChange told(Deed deed) {
      return new StoreChange.Did(
          deed.event().customer().tenant(),
          deed.event().customer().id(),
          deed.event().kind().name(),
          deed.id(),
          deed.event().time(),
          null);
    }

    private static void may(
        Map<String, Set<Integer>> states, String of, String outcome, int state) {
      Set<Integer> may = states.computeIfAbsent(of, any -> new HashSet<>(Set.of(-1)));
      if (outcome.equals("done")) {
        may.clear();
      }
      if (!outcome.equals("refused")) {
        may.add(state);
      }
    }

    private static void assertIs(boolean there, String outcome, String what, boolean byAnother) {
      if (outcome.equals("done")) {
        assertThat(there).as(what).isTrue();
      } else if (outcome.equals("refused") && !byAnother) {
        assertThat(there).as(what).isFalse();
      }
    }

    /** What the processes wrote into their logs. */
    String told() {
      var text = new StringBuilder();
      for (Child child : children) {
        try {
          text.append("\n--- ").append(child.name).append(": ").append(child.outcomes.size());
          text.append(" deeds, ")
              .append(child.failed)
              .append('\n')
              .append(Files.readString(child.log));
        } catch (IOException e) {
          text.append(e);
        }
      }
      return text.toString();
    }

    void end() throws Exception {
      for (Child child : children) {
        child.kill();
      }
    }

    /** A process, and what it has told. */
    private final class Child {
      final String name;
      final Path log;
      final Process process;
      private final PrintStream commands;
      private final List<String> answer = new ArrayList<>();
      final List<String> outcomes = new ArrayList<>();
      final AtomicInteger done = new AtomicInteger();
      private final Thread reader = new Thread(this::read);
      volatile boolean ready;
      volatile boolean holding;
      volatile boolean paused;
      volatile String held;
      volatile String failed;
      private volatile String answered;

      Child(String name, int port, String source) throws Exception {
        this.name = name;
        this.log = folder.resolve(schema + name + ".txt");
        var command = new ArrayList<String>();
        command.addAll(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                ShopProcess.class.getName(),
                server.url().replace(":" + server.port() + "/", ":" + port + "/"),
                schema,
                name,
                Long.toString(seed),
                source));
        process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        children.add(this);
        reader.setDaemon(true);
        reader.start();
      }

      /** By SIGKILL. */
      void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
        reader.join();
      }

      void tell(String command) {
        commands.println(command);
      }

      private void read() {
        try (BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
          for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            heard(line);
          }
        } catch (IOException e) {
          // the last line of one that was killed
        }
      }

      private void heard(String line) {
        if (line.startsWith("begins ")) {
          outcomes.add("unknown"); // until it is told
        } else if (line.matches("(done|refused|unknown) \\d+")) {
          String outcome = line.substring(0, line.indexOf(' '));
          outcomes.set(outcomes.size() - 1, outcome);
          if (outcome.equals("done")) {
            done.incrementAndGet();
          }
        } else if (line.equals("ready")) {
          ready = true;
        } else if (line.equals("holding")) {
          holding = true;
        } else if (line.equals("paused")) {
          paused = true;
        } else if (line.startsWith("held: ")) {
          held = line.substring(6);
        } else if (line.startsWith("failed")) {
          failed = line;
        } else if (line.equals(".")) {
          answered = String.join("\n", answer) + "\n";
          answer.clear();
        } else {
          answer.add(line);
        }
      }

      /** Sooner or later, when it has followed the others. */
      void answersLike(String expected) throws Exception {
        long end = System.nanoTime() + SOON_MILLIS * 1_000_000;
        do {
          if (System.nanoTime() > end) {
            fail(name + " answers\n" + answered + "\nexpected\n" + expected);
          }
          answered = null;
          tell("ask");
          await(name + " answers", () -> answered != null);
        } while (!expected.equals(answered));
      }
    }
  }
}

package io.lookalike.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A laboratory for what no store may lose: processes are killed while they write, and the power is
 * cut, so that what was written but not yet forced to the disk is there in part, torn and out of
 * order. After each such end the store is opened, and holds every write that had returned, all of
 * it or nothing of the one under way, and nothing else.
 *
 * <pre>{@code
 * class MyStoreCrashes extends CatalogueStoreCrashes {
 *   public static class Opening implements Opener {
 *     public CatalogueStore open(String place) throws StoreException {
 *       return MyStore.open(Path.of(place));
 *     }
 *   }
 *
 *   protected Class<? extends Opener> opener() {
 *     return Opening.class;
 *   }
 * }
 * }</pre>
 *
 * <p>The tests have the tag {@code crash}. There are as many rounds as the system properties {@code
 * lookalike.crash.kills} and {@code lookalike.crash.cuts} say, 3 and 20 if they are not set.
 */
@Tag("crash")
@Timeout(900)
@SuppressWarnings("NullAway") // a test fails at a null that should not be there
public abstract class CatalogueStoreCrashes {

  /**
   * Opens the store under test, in this process or another; has a constructor without parameters.
   */
  public interface Opener {

    /**
     * Opens the store, or makes it.
     *
     * @param place as {@link CatalogueStoreCrashes#place} told it
     * @return the store
     * @throws StoreException if it cannot be opened
     */
    CatalogueStore open(String place) throws StoreException;
  }

  /** Empty at the beginning of each test. */
  @TempDir Path folder;

  /** For subclasses. */
  protected CatalogueStoreCrashes() {}

  /**
   * How other processes open the store.
   *
   * @return a public class
   */
  protected abstract Class<? extends Opener> opener();

  /**
   * Where the store is.
   *
   * @param folder empty, of this test
   * @return a text that {@link Opener#open} understands
   */
  protected String place(Path folder) {
    return folder.resolve("store").toString();
  }

  /**
   * Whether {@link #place} is a folder with all files of the store, so that the power can be cut.
   *
   * @return true, unless overridden
   */
  protected boolean isFolder() {
    return true;
  }

  private CatalogueStore open(String place) throws Exception {
    return opener().getDeclaredConstructor().newInstance().open(place);
  }

  // ---- killed

  @Test
  void whatIsAcknowledgedSurvivesKills() throws Exception {
    int rounds = Integer.getInteger("lookalike.crash.kills", 3);
    long seed = System.nanoTime();
    var random = new Random(seed);
    String place = place(folder);
    var oracle = new MemoryStore();
    for (int round = 0; round < rounds; round++) {
      String when = "seed " + seed + ", kill " + round;
      long acknowledged = killed(place, seed, random.nextInt(400));
      try (CatalogueStore store = open(place)) {
        long last = store.lastChange();
        assertThat(last).as(when).isBetween(acknowledged, acknowledged + 1);
        follow(oracle, seed, last);
        StoreHistory.assertSame(when, oracle, store);
      }
    }
  }

  private static void follow(MemoryStore oracle, long seed, long last) throws StoreException {
    while (oracle.lastChange() < last) {
      oracle.write(before -> StoreHistory.changes(seed, before + 1));
    }
  }

  /**
   * Kills a writing process, some time after its first write.
   *
   * @return what it told last. It tells a file: of a pipe, the JDK can lose what was written just
   *     before the end of the process
   */
  private long killed(String place, long seed, int millis) throws Exception {
    Path told = Files.createTempFile("told", ".txt");
    Process process = start(Map.of(), place, seed, Long.MAX_VALUE, Redirect.to(told.toFile()));
    for (int i = 0; Files.size(told) == 0 && process.isAlive() && i < 6_000; i++) {
      Thread.sleep(10);
    }
    Thread.sleep(millis);
    assertThat(process.isAlive()).as("whether the writer still writes").isTrue();
    process.destroyForcibly(); // SIGKILL
    process.waitFor();
    String text = Files.readString(told);
    Files.delete(told);
    String whole = text.substring(0, text.lastIndexOf('\n')); // one cut off was not told
    return Long.parseLong(whole.substring(whole.lastIndexOf('\n') + 1));
  }

  private Process start(
      Map<String, String> environment, String place, long seed, long until, Redirect output)
      throws IOException {
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Writer.class.getName(),
            opener().getName(),
            place,
            Long.toString(seed),
            Long.toString(until));
    builder.environment().putAll(environment);
    builder.redirectError(Redirect.INHERIT);
    builder.redirectOutput(output);
    return builder.start();
  }

  /** Writes one change after the other, and says so after each. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) throws Exception {
      Opener opener =
          Class.forName(args[0]).asSubclass(Opener.class).getDeclaredConstructor().newInstance();
      long seed = Long.parseLong(args[2]);
      long until = Long.parseLong(args[3]);
      Path acknowledged = Path.of(args[1]).resolve(PowerCuts.ACKNOWLEDGED);
      try (CatalogueStore store = opener.open(args[1]);
          FileChannel log =
              until == Long.MAX_VALUE
                  ? null
                  : FileChannel.open(
                      acknowledged, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        for (long last = store.lastChange(); last < until; ) {
          last = store.write(before -> StoreHistory.changes(seed, before + 1));
          if (log == null) {
            System.out.println(last);
            System.out.flush();
          } else {
            log.write(ByteBuffer.allocate(Long.BYTES).putLong(0, last));
          }
        }
      }
    }
  }

  // ---- without power

  @Test
  void whatIsAcknowledgedSurvivesPowerCuts() throws Exception {
    assumeTrue(isFolder(), "the store's files are not ours");
    int rounds = Integer.getInteger("lookalike.crash.cuts", 20);
    long seed = System.nanoTime();
    Path place = Files.createDirectory(folder.resolve("place"));
    Path record = folder.resolve("record");
    Process process =
        start(
            PowerCuts.recording(folder, place, record),
            place.toString(),
            seed,
            20 + rounds / 10,
            Redirect.PIPE);
    assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    var cuts = new PowerCuts(place, record, new Random(seed));
    var oracle = new MemoryStore();
    long lastAcknowledged = 0;
    for (int at : cuts.chosen(rounds)) {
      String when = "seed " + seed + ", power cut at operation " + at;
      Path after = folder.resolve("after");
      long acknowledged = cuts.cut(at, after);
      assertThat(acknowledged).as(when).isGreaterThanOrEqualTo(lastAcknowledged);
      lastAcknowledged = acknowledged;
      try (CatalogueStore store = open(after.toString())) {
        long last = store.lastChange();
        assertThat(last).as(when).isBetween(acknowledged, acknowledged + 1);
        if (oracle.lastChange() > last) {
          oracle = new MemoryStore();
        }
        follow(oracle, seed, last);
        StoreHistory.assertSame(when, oracle, store);
      } catch (StoreException | UncheckedIOException e) {
        throw new AssertionError(when + ": " + e.getMessage(), e);
      }
      PowerCuts.delete(after);
    }
    assertThat(lastAcknowledged).as("whether writes were seen").isPositive();
  }
}

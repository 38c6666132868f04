package io.lookalike.benchmarks.peers;

import io.lookalike.bench.Contestant;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A library of Python's, searched in a process of its own. It measures each call by itself, on one
 * thread: a call from here would take longer than a search. The time that Python's own call takes,
 * one to three microseconds, counts. Measured where {@code python3}, or the program that the system
 * property {@code lookalike.python} names, has the library's package.
 */
public abstract class PythonPeer implements Contestant {

  /** Looking for a package loads nothing. */
  private static final int LONGEST_LOOK_SECONDS = 20;

  private final String name;
  private final String module;
  private final String distribution;
  private final String parameter;
  private final int[] values;

  private PythonPeer(
      String name, String module, String distribution, String parameter, int... values) {
    this.name = name;
    this.module = module;
    this.distribution = distribution;
    this.parameter = parameter;
    this.values = values;
  }

  /** SymphonyQG (Gou et al., SIGMOD 2025), by its authors' RaBitQ library. */
  public static final class SymphonyQg extends PythonPeer {
    /** For {@link java.util.ServiceLoader}. */
    public SymphonyQg() {
      super("symphonyqg", "rabitqlib", "rabitqlib", "ef", 10, 15, 20, 30, 50, 80, 120, 200);
    }
  }

  /** Glass: HNSW with 8 bits a coordinate. */
  public static final class Glass extends PythonPeer {
    /** For {@link java.util.ServiceLoader}. */
    public Glass() {
      super("glass", "glass", "pyglass-portable", "ef", 14, 20, 30, 50, 80, 120, 200);
    }
  }

  /** VSAG's HGraph with 8 bits a coordinate. */
  public static final class Vsag extends PythonPeer {
    /** For {@link java.util.ServiceLoader}. */
    public Vsag() {
      super("vsag", "pyvsag", "pyvsag", "ef_search", 10, 14, 20, 30, 50, 80, 120);
    }
  }

  /** ScaNN: a tree and anisotropic codes. */
  public static final class Scann extends PythonPeer {
    /** For {@link java.util.ServiceLoader}. */
    public Scann() {
      super("scann", "scann", "scann", "leaves", 5, 8, 12, 20, 35, 60);
    }
  }

  /** USearch: HNSW of bf16 vectors. */
  public static final class Usearch extends PythonPeer {
    /** For {@link java.util.ServiceLoader}. */
    public Usearch() {
      super("usearch", "usearch", "usearch", "expansion", 10, 20, 40, 64, 120, 200);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String parameter() {
    return parameter;
  }

  @Override
  public List<Integer> values(int k) {
    return IntStream.of(values).boxed().toList();
  }

  @Override
  public boolean filters() {
    return false;
  }

  @Override
  public boolean singleThreaded() {
    return true;
  }

  private static String python() {
    return System.getProperty("lookalike.python", "python3");
  }

  @Override
  public Optional<String> missing() {
    String look =
        "import importlib.util as u, sys; sys.exit(u.find_spec('"
            + module
            + "') is None or u.find_spec('numpy') is None)";
    try {
      Process process =
          new ProcessBuilder(python(), "-c", look)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(LONGEST_LOOK_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      } else if (process.exitValue() == 0) {
        return Optional.empty();
      }
    } catch (IOException e) { // there is no such program
      return Optional.of("no program " + python() + "; name one by -Dlookalike.python=FILE");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.of(
        python()
            + " has no "
            + distribution
            + "; pip install numpy "
            + distribution
            + ", or name another by -Dlookalike.python=FILE");
  }

  @Override
  public Built build(Task task) throws IOException {
    if (task.matching() != null) {
      throw new IllegalArgumentException(name + " cannot search among matching vectors alone");
    }
    var apart = new Apart(name);
    boolean done = false;
    try {
      apart.build(task);
      done = true;
      return apart;
    } finally {
      if (!done) {
        apart.close();
      }
    }
  }

  /** The process. */
  private static final class Apart implements MeasuredApart {
    private final String name;
    private final Path folder;
    private final Process process;
    private final BufferedReader answers;
    private final Writer requests;
    private double seconds;
    private long bytes;
    private @Nullable List<float[]> asked;

    Apart(String name) throws IOException {
      this.name = name;
      folder = Files.createTempDirectory("lookalike-peer");
      Path script = folder.resolve("peers.py");
      try (InputStream in = PythonPeer.class.getResourceAsStream("peers.py")) {
        Files.copy(Objects.requireNonNull(in, "peers.py"), script);
      }
      var starting =
          new ProcessBuilder(python(), script.toString(), name, folder.toString())
              .redirectError(folder.resolve("log").toFile());
      starting.environment().put("OMP_NUM_THREADS", "1");
      starting.environment().put("TF_CPP_MIN_LOG_LEVEL", "3");
      process = starting.start();
      answers = process.inputReader(StandardCharsets.UTF_8);
      requests = process.outputWriter(StandardCharsets.UTF_8);
    }

    void build(Task task) throws IOException {
      List<float[]> base = task.vectors();
      write("base", base);
      String[] told = ask("build", base.size(), base.get(0).length, task.threads()).split(" ", -1);
      seconds = Long.parseLong(told[0]) / 1e9;
      bytes = Long.parseLong(told[1]);
      Files.delete(folder.resolve("base"));
    }

    private void write(String file, List<float[]> vectors) throws IOException {
      try (OutputStream out =
          new BufferedOutputStream(Files.newOutputStream(folder.resolve(file)))) {
        for (float[] vector : vectors) {
          ByteBuffer row =
              ByteBuffer.allocate(Float.BYTES * vector.length).order(ByteOrder.LITTLE_ENDIAN);
          row.asFloatBuffer().put(vector);
          out.write(row.array());
        }
      }
    }

    private String ask(Object... request) throws IOException {
      String answer;
      try {
        requests.write(String.join(" ", Stream.of(request).map(String::valueOf).toList()) + "\n");
        requests.flush();
        answer = answers.readLine();
      } catch (IOException e) { // it has ended; its log tells why
        answer = null;
      }
      if (answer == null || !answer.startsWith("ok")) {
        throw new IOException(
            name
                + " has failed: "
                + (answer == null ? log() : answer.substring("failed ".length())));
      }
      return answer.substring("ok".length()).strip();
    }

    /** The last that the process has told. */
    private String log() throws IOException {
      List<String> lines =
          Files.readString(folder.resolve("log"), StandardCharsets.ISO_8859_1).lines().toList();
      return lines.isEmpty() ? "its process has ended" : lines.get(lines.size() - 1);
    }

    @Override
    public double buildSeconds() {
      return seconds;
    }

    @Override
    public void set(int value) {
      try {
        ask("set", value);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the queries of a race are one list
    public Turn turn(List<float[]> queries, int k, int first, long nanos) throws IOException {
      if (asked != queries) {
        write("queries", queries);
        ask("ask", queries.size(), queries.get(0).length);
        asked = queries;
      }
      String[] told = ask("turn", first, k, nanos).split(";", -1);
      long[] times = Arrays.stream(told[0].split(" ", -1)).mapToLong(Long::parseLong).toArray();
      var found = new int[queries.size()][];
      for (String row : told[1].split(" ", -1)) {
        int colon = row.indexOf(':');
        found[Integer.parseInt(row.substring(0, colon))] =
            Arrays.stream(row.substring(colon + 1).split(",", -1))
                .mapToInt(Integer::parseInt)
                .toArray();
      }
      return new Turn(times, found);
    }

    @Override
    public long bytesOutsideHeap() {
      return bytes;
    }

    @Override
    public void close() throws IOException {
      process.destroy();
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }
}

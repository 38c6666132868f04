package io.lookalike.cli;

import static java.util.stream.Collectors.toCollection;

import io.lookalike.datasets.vectors.NpyWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Runs the command line in this JVM, and makes it something to work on. */
final class Cli {

  /** What a run left: its exit code and what it wrote. */
  record Run(int exit, String out, String err) {
    List<String> outLines() {
      return out.lines().toList();
    }

    List<String> errLines() {
      return err.lines().toList();
    }
  }

  /** The demo's photos, which are in the source tree. */
  private static final Path DEMO = Path.of("..", "examples", "demo");

  private Cli() {}

  static Run run(Object... args) {
    return runIn(Map.of(), args);
  }

  static Run runIn(Map<String, String> environment, Object... args) {
    var out = new StringWriter();
    var err = new StringWriter();
    String[] texts = Stream.of(args).map(Object::toString).toArray(String[]::new);
    int exit = Main.run(new PrintWriter(out), new PrintWriter(err, true), environment, texts);
    return new Run(exit, out.toString(), err.toString());
  }

  /** Copies the first photos of the demo's categories: sub-folders named by category. */
  static Path photos(Path folder, int categories, int each) throws IOException {
    var rows = new ArrayList<String[]>();
    for (String line : Files.readAllLines(DEMO.resolve("products.csv"))) {
      rows.add(line.split(",", -1));
    }
    List<String> names = rows.stream().skip(1).map(r -> r[2]).distinct().limit(categories).toList();
    for (String name : names) {
      Path target = Files.createDirectories(folder.resolve(name));
      rows.stream()
          .filter(r -> r[2].equals(name))
          .limit(each)
          .forEach(r -> copy(DEMO.resolve(r[4]), target.resolve(r[0] + ".jpg")));
    }
    return folder;
  }

  private static void copy(Path from, Path to) {
    try {
      Files.copy(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The ids of the photos in a folder, in the order of their paths. */
  static List<String> ids(Path photos) throws IOException {
    try (Stream<Path> files = Files.walk(photos)) {
      return files
          .filter(f -> f.toString().endsWith(".jpg"))
          .map(f -> photos.relativize(f).toString())
          .sorted()
          .map(f -> f.replaceAll(".*/|\\.jpg", ""))
          .collect(toCollection(ArrayList::new));
    }
  }

  /** A command line in a process of its own, which can be killed. */
  static Process start(Path log, Object... args) throws IOException {
    return startIn(Map.of(), log, args);
  }

  /** The same, with variables of its own in its environment. */
  static Process startIn(Map<String, String> environment, Path log, Object... args)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.lookalike.cli.Main"));
    Stream.of(args).map(Object::toString).forEach(command::add);
    var process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    process.environment().putAll(environment);
    return process.start();
  }

  /** Kills a command when there are features of some products in its store. */
  static long killAtFeatures(Process process, Path log, Path store, int least) throws Exception {
    while (features(store) < least) {
      if (!process.isAlive()) {
        throw new AssertionError("it ended too soon: " + Files.readString(log));
      }
      Thread.sleep(2);
    }
    process.destroyForcibly().waitFor();
    return features(store);
  }

  /** Number of products with features in a store, which may be in use; 0 if there is none yet. */
  static long features(Path store) {
    Path file = store.resolve("lookalike.db");
    if (!Files.exists(file)) {
      return 0;
    }
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement query = connection.createStatement();
        ResultSet rows = query.executeQuery("SELECT count(*) FROM features")) {
      return rows.next() ? rows.getLong(1) : 0;
    } catch (SQLException e) {
      return 0; // it is just being made
    }
  }

  static Path npy(Path file, float[]... rows) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      var writer = new NpyWriter(channel, rows[0].length);
      for (float[] row : rows) {
        writer.write(row);
      }
      writer.finish();
    }
    return file;
  }

  static Path npy(Path file, int version, String descr, String fortran, String shape, byte[] data)
      throws IOException {
    String text =
        "{'descr': '"
            + descr
            + "', 'fortran_order': "
            + fortran
            + ", 'shape': ("
            + shape
            + "), }\n";
    var bytes = new ByteArrayOutputStream();
    bytes.write(0x93);
    bytes.writeBytes("NUMPY".getBytes(StandardCharsets.US_ASCII));
    bytes.write(version);
    bytes.write(0);
    bytes.write(text.length() & 0xFF);
    bytes.write(text.length() >> 8);
    if (version > 1) {
      bytes.write(0);
      bytes.write(0);
    }
    bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(data);
    return Files.write(file, bytes.toByteArray());
  }
}

package io.lookalike.store.jdbc;

import io.lookalike.catalog.Attributes;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.Looks;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreException;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another process that uses a store, and prints what happens to it. */
final class Child {

  private Child() {}

  /**
   * Runs this class.
   *
   * @param before a shell's commands before it, such as for limits
   * @return what it printed
   */
  static String run(String before, String... arguments) throws Exception {
    Process process = start(before, arguments);
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }

  static Process start(String before, String... arguments) throws IOException {
    var command = new ArrayList<String>();
    command.addAll(
        List.of(
            "sh",
            "-c",
            before + " exec \"$@\"",
            "sh",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[1]);
    try {
      switch (args[0]) {
        case "open" -> JdbcStore.sqlite(folder).close();
        case "hold" -> hold(folder);
        case "fill" -> fill(folder);
        case "files" -> files(folder);
        default -> throw new IllegalArgumentException(args[0]);
      }
      System.out.println("done");
    } catch (StoreException e) {
      System.out.println(e.getMessage());
    }
  }

  /** Keeps the store open until it is killed. */
  private static void hold(Path folder) throws Exception {
    JdbcStore.sqlite(folder);
    System.out.println("open");
    Thread.sleep(600_000);
  }

  /** Writes until that fails; what had returned must be there, and nothing else. */
  private static void fill(Path folder) throws StoreException {
    long written = 0;
    try (CatalogueStore store = JdbcStore.sqlite(folder)) {
      try {
        while (written < 100_000) {
          String id = "p" + written;
          Looks looks = new Looks(1, new float[1_280], null);
          looks.features()[0] = 1;
          written = store.write(last -> List.of(new StoreChange.Put(id, Attributes.none(), looks)));
        }
      } catch (StoreException e) {
        System.out.println(e.getMessage());
      }
      System.out.println((store.lastChange() - written) + " more than written");
      System.out.println((store.count(1) - written) + " more products");
    }
  }

  /** Reads and opens the store when no file can be opened any more, and again when they can. */
  private static void files(Path folder) throws IOException {
    var files = new ArrayList<FileInputStream>();
    Path noise = Files.createDirectory(folder.resolveSibling(folder.getFileName() + "-noise"));
    Files.write(noise.resolve(SqliteDatabase.FILE), new byte[] {1, 2, 3});
    try {
      JdbcStore.sqlite(noise).close();
    } catch (StoreException e) {
      // So that what tells errors is loaded.
    }
    try (CatalogueStore store = JdbcStore.sqlite(folder)) {
      store.write(last -> List.of(new StoreChange.Setting("a", "b")));
      var readers = new ArrayList<AutoCloseable>();
      try {
        while (true) {
          files.add(new FileInputStream("/dev/null"));
        }
      } catch (IOException e) {
        // That was the last. Java itself needs some, to load classes.
      }
      for (int i = 0; i < 10; i++) {
        files.remove(files.size() - 1).close();
      }
      try {
        while (readers.size() < 20) {
          readers.add(store.events(0)); // each of another connection
        }
      } catch (StoreException e) {
        System.out.println(e.getMessage());
      }
      for (FileInputStream file : files) {
        file.close();
      }
      System.out.println(store.write(last -> List.of(new StoreChange.Setting("c", "d"))));
      System.out.println(store.manifest().size());
    }
  }
}

package io.lookalike.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * What a folder may look like after the power was cut. A small library in C, {@code record.c}, is
 * loaded into the process that writes and records what it does to files. Up to any point of this
 * record, what was forced to the disk is there; of what came after the last force of a file, each
 * sector of 512 bytes may be there or not.
 */
final class PowerCuts {

  /** Where the process that writes says what has returned; no file of the store. */
  static final String ACKNOWLEDGED = "acknowledged";

  private static final int SECTOR = 512;

  private final Path folder;
  private final List<Operation> operations = new ArrayList<>();
  private final Random random;

  /** What is on the disk for certain. */
  private final Map<String, byte[]> forced = new HashMap<>();

  /** What may be, too, in its order. */
  private final Map<String, List<Operation>> pending = new TreeMap<>();

  private int done;
  private long acknowledged;

  private record Operation(char kind, String file, long offset, byte[] bytes) {}

  /**
   * Prepares a process to be recorded, or ends the test if that cannot be done here.
   *
   * @param work for the library
   * @param folder whose files are recorded
   * @param record made by the process
   * @return its environment
   */
  static Map<String, String> recording(Path work, Path folder, Path record) throws Exception {
    Path source = work.resolve("record.c");
    Path library = work.resolve("record.so");
    try (InputStream in = PowerCuts.class.getResourceAsStream("record.c")) {
      Files.copy(in, source);
    }
    String problem = "";
    try {
      Process compiler =
          new ProcessBuilder(
                  "cc",
                  "-shared",
                  "-fPIC",
                  "-O1",
                  "-o",
                  library.toString(),
                  source.toString(),
                  "-ldl",
                  "-lpthread")
              .redirectErrorStream(true)
              .start();
      problem = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Assumptions.assumeTrue(
          compiler.waitFor() == 0 && System.getProperty("os.name").equals("Linux"),
          "record.c is for Linux and its C compiler: " + problem);
    } catch (IOException e) {
      Assumptions.abort("there is no C compiler to record writes with: " + e.getMessage());
    }
    return Map.of(
        "LD_PRELOAD", library.toString(),
        "LOOKALIKE_FOLDER", folder.toRealPath().toString(),
        "LOOKALIKE_RECORD", record.toString());
  }

  PowerCuts(Path folder, Path record, Random random) throws IOException {
    this.folder = folder.toRealPath();
    this.random = random;
    var names = new HashMap<Integer, String>();
    try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(record)))) {
      while (true) {
        char kind = (char) in.readByte();
        int file = Integer.reverseBytes(in.readInt());
        long offset = Long.reverseBytes(in.readLong());
        byte[] bytes = in.readNBytes(length(kind, Long.reverseBytes(in.readLong())));
        if (kind == 'n') {
          String path = new String(bytes, StandardCharsets.UTF_8);
          names.put(file, this.folder.relativize(Path.of(path)).toString());
        } else {
          operations.add(new Operation(kind, names.getOrDefault(file, ""), offset, bytes));
        }
      }
    } catch (EOFException e) {
      // That is all.
    }
    assertThat(operations).as("operations recorded").hasSizeGreaterThan(50);
  }

  private static int length(char kind, long length) {
    return kind == 'w' || kind == 'n' ? (int) length : 0;
  }

  /** So many points of the record, in their order. */
  int[] chosen(int count) {
    return random.ints(count, 0, operations.size() + 1).sorted().toArray();
  }

  /**
   * Makes a folder as it may be after the power was cut.
   *
   * @param at before which operation, not before that of the last call
   * @param result a folder to be made
   * @return the last write that had returned
   */
  long cut(int at, Path result) throws IOException {
    for (; done < at; done++) {
      apply(operations.get(done));
    }
    var files = new TreeMap<String, byte[]>(forced);
    int fate = random.nextInt(4);
    pending.forEach(
        (name, maybe) -> {
          for (Operation operation : maybe) {
            maybe(files, name, operation, fate);
          }
        });
    Files.createDirectory(result);
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      if (!file.getKey().endsWith("-shm")) { // memory that processes share, and no file at all
        Path path = result.resolve(file.getKey());
        Files.createDirectories(path.getParent());
        Files.write(path, file.getValue());
      }
    }
    return acknowledged;
  }

  private void apply(Operation operation) {
    String name = operation.file;
    if (name.equals(ACKNOWLEDGED)) {
      if (operation.kind == 'w') {
        acknowledged = ByteBuffer.wrap(operation.bytes).getLong();
      }
    } else if (operation.kind == 's') {
      // A file made again after its removal is another one; that it is there is now certain.
      List<Operation> all = pending.getOrDefault(name, List.of());
      all.forEach(some -> surely(forced, name, some));
      all.clear();
    } else if (operation.kind == 'd') {
      pending.forEach(
          (file, all) -> {
            if (all.removeIf(some -> some.kind == 'u')) {
              forced.remove(file);
            }
          });
    } else {
      pending.computeIfAbsent(name, file -> new ArrayList<>()).add(operation);
    }
  }

  /** What is left of an operation: all, nothing, all or nothing, or some sectors. */
  private void maybe(Map<String, byte[]> files, String name, Operation operation, int fate) {
    if (fate == 0 || (fate == 1 && random.nextBoolean())) {
      surely(files, name, operation);
    } else if (fate == 2 && operation.kind == 'w') {
      for (int from = 0; from < operation.bytes.length; from += SECTOR) {
        if (random.nextBoolean()) {
          int to = Math.min(operation.bytes.length, from + SECTOR);
          byte[] sector = Arrays.copyOfRange(operation.bytes, from, to);
          surely(files, name, new Operation('w', name, operation.offset + from, sector));
        }
      }
    }
  }

  private static void surely(Map<String, byte[]> files, String name, Operation operation) {
    if (operation.kind == 'u') {
      files.remove(name);
      return;
    }
    byte[] before = files.getOrDefault(name, new byte[0]);
    int offset = Math.toIntExact(operation.offset);
    if (operation.kind == 't') {
      files.put(name, Arrays.copyOf(before, offset));
      return;
    }
    int end = offset + operation.bytes.length;
    byte[] after = Arrays.copyOf(before, Math.max(before.length, end));
    System.arraycopy(operation.bytes, 0, after, offset, operation.bytes.length);
    files.put(name, after);
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}

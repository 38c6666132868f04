package io.lookalike.store.jdbc;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A PostgreSQL server of the tests' own, from the programs that the machine has: in a temporary
 * folder, on a free port of this machine alone. Since it refuses to run as root, root runs it as
 * another user.
 */
final class PostgresServer implements AutoCloseable {

  private static final String USER = "lookalike";

  private final Path bin;
  private final Path folder;
  private final int port;

  /**
   * Starts a server.
   *
   * @throws org.opentest4j.TestAbortedException if there are no programs of PostgreSQL here, unless
   *     the environment has {@code CI=true}, where they must be; or if this is a root that cannot
   *     become another user, as in a namespace of its own
   */
  static PostgresServer start() throws Exception {
    Optional<Path> bin = programs();
    if (bin.isEmpty()) {
      String reason = "there is no initdb in PATH and /usr/lib/postgresql; install PostgreSQL";
      if ("true".equals(System.getenv("CI"))) {
        fail(reason);
      }
      Assumptions.abort(reason);
    }
    return new PostgresServer(bin.get());
  }

  private static Optional<Path> programs() throws IOException {
    var folders = new ArrayList<Path>();
    Path debian = Path.of("/usr/lib/postgresql");
    if (Files.isDirectory(debian)) {
      try (Stream<Path> versions = Files.list(debian)) {
        versions.sorted(Comparator.reverseOrder()).map(v -> v.resolve("bin")).forEach(folders::add);
      }
    }
    for (String path : System.getenv("PATH").split(":")) {
      folders.add(Path.of(path));
    }
    return folders.stream()
        .filter(at -> Files.isExecutable(at.resolve("initdb")))
        .filter(at -> Files.isExecutable(at.resolve("pg_ctl")))
        .findFirst();
  }

  private PostgresServer(Path bin) throws Exception {
    this.bin = bin;
    folder = Files.createTempDirectory("lookalike-postgres");
    if (isRoot()) {
      try {
        Files.getFileAttributeView(folder, FileOwnerAttributeView.class).setOwner(other());
      } catch (FileSystemException e) {
        Files.delete(folder);
        Assumptions.abort("this root may not become another user, as which PostgreSQL would run");
      }
    }
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path data = folder.resolve("data");
    run("initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
    startAgain();
  }

  /** Starts the server after {@link #stop} or {@link #kill}. */
  void startAgain() throws Exception {
    run(
        "pg_ctl",
        "-D",
        folder.resolve("data"),
        "-l",
        folder.resolve("log"),
        "-w",
        "-o",
        "-c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=50 -p "
            + port,
        "start");
  }

  /** Stops the server at once, as where the machine loses power. */
  void kill() throws Exception {
    run("pg_ctl", "-D", folder.resolve("data"), "-m", "immediate", "-w", "stop");
  }

  PGSimpleDataSource source() {
    var source = new PGSimpleDataSource();
    source.setServerNames(new String[] {"127.0.0.1"});
    source.setPortNumbers(new int[] {port});
    source.setDatabaseName("postgres");
    source.setUser(USER);
    source.setReWriteBatchedInserts(true);
    return source;
  }

  String url() {
    return source().getURL() + "&user=" + USER;
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private static UserPrincipal other() throws IOException {
    return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
  }

  private void run(String program, Object... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(
          List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"));
    }
    command.add(bin.resolve(program).toString());
    Arrays.stream(arguments).map(Object::toString).forEach(command::add);
    Path output = Files.createTempFile("lookalike-postgres", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        fail(command + " failed: " + Files.readString(output));
      }
    } finally {
      Files.delete(output);
    }
  }

  @Override
  public void close() throws Exception {
    kill();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException e)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}

package io.lookalike.store.jdbc;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.fail;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
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
import javax.sql.DataSource;
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
  private final String settings;
  private final List<HikariDataSource> pools = new ArrayList<>();

  /**
   * Starts a server.
   *
   * @param settings further ones, such as {@code fsync=off}
   * @throws org.opentest4j.TestAbortedException if there are no programs of PostgreSQL here, unless
   *     the environment has {@code CI=true}, where they must be; or if this is a root that cannot
   *     become another user, as in a namespace of its own
   */
  static PostgresServer start(String... settings) throws Exception {
    Optional<Path> bin = programs();
    if (bin.isEmpty()) {
      String reason = "there is no initdb in PATH and /usr/lib/postgresql; install PostgreSQL";
      if ("true".equals(System.getenv("CI"))) {
        fail(reason);
      }
      Assumptions.abort(reason);
    }
    return new PostgresServer(bin.get(), settings);
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

  private PostgresServer(Path bin, String... settings) throws Exception {
    this.bin = bin;
    this.settings = Arrays.stream(settings).map(each -> " -c " + each).collect(joining());
    folder = Files.createTempDirectory("lookalike-postgres");
    try {
      own(folder);
    } catch (FileSystemException e) {
      Files.delete(folder);
      Assumptions.abort("this root may not become another user, as which PostgreSQL would run");
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
            + port
            + settings,
        "start");
  }

  /** Stops the server at once, as where the machine loses power. */
  void kill() throws Exception {
    run("pg_ctl", "-D", folder.resolve("data"), "-m", "immediate", "-w", "stop");
  }

  int port() {
    return port;
  }

  /** Where its user may write. */
  Path folder() {
    return folder;
  }

  /** Gives a file to the user as whom the server runs. */
  Path own(Path file) throws IOException {
    if (isRoot()) {
      Files.getFileAttributeView(file, FileOwnerAttributeView.class).setOwner(other());
    }
    return file;
  }

  /** Writes a schema as SQL that a connection can execute. */
  void dump(String schema, Path file) throws Exception {
    Path out = folder.resolve("data").resolve("dump.sql"); // where the server's user may write
    run(
        "pg_dump",
        "--host=127.0.0.1",
        "--port=" + port,
        "--username=" + USER,
        "--schema=" + schema,
        "--inserts",
        "--no-owner",
        "--no-privileges",
        "--file=" + out,
        "postgres");
    try (Stream<String> lines = Files.lines(out)) {
      Files.write(
          file,
          lines
              .filter(line -> !line.isEmpty() && !line.startsWith("--"))
              .filter(line -> !line.startsWith("\\") && !line.startsWith("SET "))
              .filter(line -> !line.startsWith("SELECT pg_catalog.set_config"))
              .toList());
    }
    Files.delete(out);
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

  /** Connections to share, until this is closed. */
  DataSource pool(int size) {
    var config = new HikariConfig();
    config.setDataSource(source());
    config.setMaximumPoolSize(size);
    var pool = new HikariDataSource(config);
    pools.add(pool);
    return pool;
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
    pools.forEach(HikariDataSource::close);
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

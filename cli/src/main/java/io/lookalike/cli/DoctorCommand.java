package io.lookalike.cli;

import com.sun.management.OperatingSystemMXBean;
import io.lookalike.catalog.ImageSource;
import io.lookalike.extractor.EfficientNetLite;
import io.lookalike.extractor.OnnxRuntime;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.index.IndexProvider;
import io.lookalike.index.opensearch.ClusterReport;
import io.lookalike.math.VectorMath;
import io.lookalike.store.jdbc.JdbcStore;
import java.awt.image.BufferedImage;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** What this machine and this JVM offer. */
@Command(
    name = "doctor",
    description = {
      "Shows what is on, what is missing and what turns it on. Exit code 1 if anything is missing."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lookalike doctor",
      "  lookalike doctor --index opensearch:https://search:9200/shop"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class DoctorCommand implements Callable<Integer> {

  private static final String NATIVE_ACCESS_FLAG = "--enable-native-access=ALL-UNNAMED";

  @ParentCommand private Main main;

  @Option(
      names = "--index",
      paramLabel = "opensearch:URL",
      description = "Also look at a cluster, as index and similar take it.")
  private @Nullable String index;

  /** One line of the report. */
  private record Finding(boolean good, String what, String text) {}

  @Override
  public Integer call() {
    var findings =
        new ArrayList<>(
            List.of(jdk(), fileNames(), simd(), onnxRuntime(), sqlite(), indexes(), memory()));
    if (index != null) {
      findings.add(cluster(index));
    }
    for (Finding f : findings) {
      main.console()
          .result(
              String.format(
                  Locale.ROOT, "%-8s %-13s %s", f.good ? "ok" : "MISSING", f.what, f.text));
    }
    return findings.stream().allMatch(Finding::good) ? 0 : 1;
  }

  private static Finding jdk() {
    return new Finding(
        true,
        "JDK",
        System.getProperty("java.vm.name")
            + " "
            + Runtime.version()
            + " ("
            + System.getProperty("java.home")
            + ") on "
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch"));
  }

  /** Whether any name of a file can be read, as the locale decides when the JVM starts. */
  private static Finding fileNames() {
    String charset = System.getProperty("sun.jnu.encoding", "unknown");
    boolean all =
        Charset.isSupported(charset) && Charset.forName(charset).newEncoder().canEncode('日');
    return new Finding(
        all,
        "File names",
        all
            ? charset
            : charset + " alone; others cannot be read: start Java with LC_ALL=C.UTF-8 set");
  }

  private static Finding simd() {
    String name;
    try {
      name = VectorMath.active().name();
    } catch (IllegalStateException | ExceptionInInitializerError e) {
      return new Finding(false, "SIMD", String.valueOf(e.getMessage()));
    }
    if (name.startsWith("simd")) {
      return new Finding(true, "SIMD", name);
    }
    Optional<String> obstacle = VectorMath.obstacle();
    return obstacle.isPresent()
        ? new Finding(
            false, "SIMD", name + "; searches are several times slower: " + obstacle.get())
        : new Finding(
            true, "SIMD", name + ", as -Dlookalike.simd=" + System.getProperty("lookalike.simd"));
  }

  /** Loads the network and looks at a picture: what a user will do next. */
  private static Finding onnxRuntime() {
    Optional<String> obstacle = OnnxRuntime.obstacle();
    if (obstacle.isPresent()) {
      return new Finding(
          false,
          "ONNX Runtime",
          obstacle.get() + "; until then photos cannot be read, products can be asked by id");
    }
    var picture = new BufferedImage(192, 256, BufferedImage.TYPE_INT_RGB);
    try (FeatureExtractor network = EfficientNetLite.builtIn()) {
      ImageSource source = ImageSource.of("a test picture", picture);
      float[] first = network.extract(source);
      long start = System.nanoTime();
      network.extract(source);
      return new Finding(
          true,
          "ONNX Runtime",
          String.format(
              Locale.ROOT,
              "%s; %s makes %d features of a picture in %.0f ms on one core%s",
              OnnxRuntime.version(),
              "lite0",
              first.length,
              (System.nanoTime() - start) / 1e6,
              nativeAccessEnabled()
                  ? ""
                  : "; the JVM's warning about it ends with " + NATIVE_ACCESS_FLAG));
    } catch (RuntimeException | LinkageError e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return new Finding(
          false,
          "ONNX Runtime",
          e.getMessage() + " (" + cause + "); photos cannot be read, products can be asked by id");
    }
  }

  /** Whether this JVM lets native code be loaded without a warning; JDKs before 22 always do. */
  private static boolean nativeAccessEnabled() {
    try {
      Method asked = Module.class.getMethod("isNativeAccessEnabled");
      return Boolean.TRUE.equals(asked.invoke(DoctorCommand.class.getModule()));
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  private static Finding sqlite() {
    Optional<String> obstacle = JdbcStore.sqliteObstacle();
    return new Finding(
        obstacle.isEmpty(),
        "SQLite",
        obstacle
            .map(why -> why + "; until then --store cannot be used")
            .orElse("stores can be opened"));
  }

  private static Finding indexes() {
    String names =
        IndexProvider.all().stream()
            .map(IndexProvider::name)
            .sorted()
            .collect(Collectors.joining(", "));
    return new Finding(!names.isEmpty(), "Indexes", names.isEmpty() ? "none" : names);
  }

  private static Finding cluster(String name) {
    try {
      ClusterReport report = IndexName.cluster(name).report();
      return new Finding(
          report.problems().isEmpty(),
          "OpenSearch",
          report.problems().isEmpty() ? described(report) : String.join("; ", report.problems()));
    } catch (UncheckedIOException e) {
      return new Finding(false, "OpenSearch", Errors.reason(Objects.requireNonNull(e.getCause())));
    }
  }

  private static String described(ClusterReport report) {
    String plugins =
        report.plugins().values().stream().distinct().sorted().collect(Collectors.joining(", "));
    return report.version()
        + ", nodes: "
        + report.nodes()
        + ", "
        + report.status()
        + (plugins.isEmpty() ? "" : ", k-NN plug-in " + plugins)
        + (report.indexes().isEmpty()
            ? ", no index yet"
            : "; " + String.join("; ", report.indexes()));
  }

  private static Finding memory() {
    long heap = Runtime.getRuntime().maxMemory();
    String machine = "";
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      machine = " of the machine's " + gibibytes(system.getTotalMemorySize());
    }
    return new Finding(
        true,
        "Memory",
        "the heap may grow to "
            + gibibytes(heap)
            + machine
            + " (-Xmx changes it); cores: "
            + Runtime.getRuntime().availableProcessors());
  }

  private static String gibibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
  }
}

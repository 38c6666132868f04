package io.lookalike.datasets;

import com.sun.management.OperatingSystemMXBean;
import io.lookalike.PurchaseLog;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Reads a {@code transactions_train.csv} into a purchase log, and prints what that took.
 *
 * <pre>
 * java -Xmx1g -cp ... io.lookalike.datasets.HmReadingSpeed DIR
 * </pre>
 */
final class HmReadingSpeed {

  private HmReadingSpeed() {}

  public static void main(String[] args) throws IOException {
    long start = System.nanoTime();
    var log = new PurchaseLog();
    ReadReport report = HmDataset.in(Path.of(args[0])).readTransactions(log::record);
    double seconds = (System.nanoTime() - start) / 1e9;
    long peak =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .map(MemoryPoolMXBean::getPeakUsage)
            .mapToLong(usage -> usage.getUsed())
            .sum();
    // Says more than the time on the clock where other programs want the same cores.
    double cpu =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime() / 1e9;
    long rows = report.accepted() + report.skipped();
    System.out.printf(
        Locale.ROOT,
        "%d rows (%d skipped) of %d articles in %.2f s, %.2f million rows/s; CPU time of the whole"
            + " process %.2f s, %.2f million rows/s; heap at most %d MiB of %d%n",
        rows,
        report.skipped(),
        log.products(),
        seconds,
        rows / seconds / 1e6,
        cpu,
        rows / cpu / 1e6,
        peak >> 20,
        Runtime.getRuntime().maxMemory() >> 20);
  }
}

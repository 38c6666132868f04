package io.lookalike.cli;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.ProductImage;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.datasets.vectors.NpyWriter;
import io.lookalike.datasets.vectors.RowIds;
import io.lookalike.features.FeatureExtractor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Photos to a NumPy file. */
@Command(
    name = "embed",
    description = "Turns photos into features: a float32 n x d NumPy file, and the rows' ids.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lookalike embed photos/ --out features.npy",
      "      writes features.npy and features.ids.csv",
      "  lookalike embed products.csv --out features.npy --extractor lite0-fast"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the options
final class EmbedCommand implements Callable<Integer> {

  @ParentCommand private Main main;

  @Mixin private CatalogueOptions catalogue;

  @Option(
      names = {"-o", "--out"},
      required = true,
      paramLabel = "F.npy",
      description = "Where to write; the ids go to F.ids.csv.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    Console console = main.console();
    Inputs inputs = catalogue.inputs();
    try (NewFile npy = NewFile.at(out, inputs);
        NewFile ids = NewFile.at(RowIds.beside(out), inputs)) {
      List<ProductImage> items = catalogue.read(console);
      inputs.photos(items).check(out);
      long start = System.nanoTime();
      try (FeatureExtractor extractor = catalogue.extractor()) {
        var rows = new Rows(npy.channel(), ids.channel(), items, extractor.dimension());
        extract(extractor, items, rows, console);
        rows.finish();
        if (rows.npy.rows() == 0) {
          throw catalogue.nothingReadable(items.size());
        }
        ids.commit();
        npy.commit();
        console.note(summary(rows.npy.rows(), items.size(), extractor.dimension(), start));
      }
    }
    return 0;
  }

  private void extract(
      FeatureExtractor extractor, List<ProductImage> items, Rows rows, Console console) {
    List<ImageSource> images = items.stream().map(ProductImage::image).toList();
    try (Console.Progress bar = console.progress("embedding", "photos", images.size())) {
      extractor.extractAll(
          images,
          new FeatureExtractor.Sink() {
            private long done;

            @Override
            public void extracted(int index, float[] features) {
              rows.put(index, Optional.of(features));
              bar.progress(++done, images.size());
            }

            @Override
            public void unreadable(int index, UnreadableImageException reason) {
              catalogue.unreadable(String.valueOf(reason.getMessage()), console);
              rows.put(index, Optional.empty());
              bar.progress(++done, images.size());
            }
          });
    }
  }

  private String summary(long written, int all, int dimension, long start) {
    return String.format(
        Locale.ROOT,
        "embedded %d of %d photos in %s: %s (%d x %d float32) and %s",
        written,
        all,
        Console.since(start),
        out,
        written,
        dimension,
        RowIds.beside(out));
  }

  /**
   * Writes rows in the order of the photos, though they come as they are done; only those wait that
   * overtook another.
   */
  private static final class Rows {
    private final NpyWriter npy;
    private final CsvWriter ids;
    private final List<ProductImage> items;
    private final Map<Integer, Optional<float[]>> waiting = new HashMap<>();
    private int next;

    Rows(FileChannel npy, FileChannel ids, List<ProductImage> items, int dimension)
        throws IOException {
      this.npy = new NpyWriter(npy, dimension);
      this.ids =
          CsvWriter.builder()
              .lineDelimiter(LineDelimiter.LF)
              .build(Channels.newWriter(ids, StandardCharsets.UTF_8));
      this.items = items;
      this.ids.writeRecord(RowIds.COLUMN);
    }

    void put(int index, Optional<float[]> features) {
      waiting.put(index, features);
      for (Optional<float[]> f = waiting.remove(next); f != null; f = waiting.remove(next)) {
        if (f.isPresent()) {
          write(items.get(next).product().id(), f.get());
        }
        next++;
      }
    }

    private void write(String id, float[] features) {
      try {
        npy.write(features);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      ids.writeRecord(id);
    }

    void finish() throws IOException {
      npy.finish();
      ids.flush();
    }
  }
}

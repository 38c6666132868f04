package io.lookalike.cli;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.lookalike.PurchaseLog;
import io.lookalike.Recommender;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import io.lookalike.datasets.Catalogue;
import io.lookalike.datasets.vectors.NpyMatrix;
import io.lookalike.datasets.vectors.RowIds;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.Neighbor;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.bruteforce.BruteForceIndex;
import io.lookalike.index.bruteforce.NeighborTable;
import io.lookalike.internal.PhotoKey;
import io.lookalike.math.UnitVector;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** All pairs: the nearest neighbors of every product. */
@Command(
    name = "neighbors",
    aliases = "neighbours",
    description = "Finds the nearest neighbors of every product, exactly.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lookalike neighbors --store shop --out neighbors.csv",
      "  lookalike neighbors --vectors features.npy --out neighbors.csv -k 20",
      "      reads features.ids.csv too; without it, ids are row numbers from 0",
      "  lookalike neighbors --vectors f.npy --out n.csv --transform none \\",
      "      --categories photos/"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the options
final class NeighborsCommand implements Callable<Integer> {

  private static final int BATCH = 512;

  @ParentCommand private Main main;

  @Option(
      names = {"-s", "--store"},
      paramLabel = StorePlace.LABEL,
      description =
          "What index has made: a folder, or jdbc:postgresql://HOST/DATABASE. Either this or"
              + " --vectors.")
  private @Nullable StorePlace store;

  @Option(
      names = "--vectors",
      paramLabel = "F.npy",
      description =
          "A NumPy file of float32 or float64, a row for each product, as embed writes it; with"
              + " the rows' ids in F.ids.csv.")
  private @Nullable Path vectors;

  @Option(names = "--transform", paramLabel = "NAME", description = TransformChoice.DESCRIPTION)
  private @Nullable TransformChoice transform;

  @Option(
      names = "-k",
      defaultValue = "10",
      paramLabel = "N",
      description = "Number of neighbors of each. Default: ${DEFAULT-VALUE}.")
  private int k;

  @Option(
      names = {"-o", "--out"},
      required = true,
      paramLabel = "FILE.csv",
      description = "Where to write: id,rank,neighbour,similarity.")
  private Path out;

  @Option(
      names = "--categories",
      paramLabel = "PHOTOS|CSV",
      description =
          "Where the products' categories are, to print how many of the neighbors share the"
              + " query's: a folder of photos in sub-folders, or a CSV file with the columns id and"
              + " category. A store has them already.")
  private @Nullable Path categories;

  @Override
  public Integer call() throws IOException {
    if (k < 1) {
      throw new UserErrorException("-k is " + k + ", expected 1 or more");
    }
    if ((store == null) == (vectors == null)) {
      throw new UserErrorException(
          (store == null
                  ? "neither --store nor --vectors was given"
                  : "both --store and --vectors were given")
              + ", expected one of them");
    }
    if (store != null) {
      if (transform != null) {
        throw new UserErrorException(
            "--transform is for --vectors; a store has its own, chosen by index --transform");
      }
      ofStore(store);
    } else {
      ofVectors(Objects.requireNonNull(vectors));
    }
    return 0;
  }

  private void ofStore(StorePlace place) throws IOException {
    var inputs = new Inputs().store(place);
    Map<String, String> categoryOf = categories(inputs);
    var index = new KeptIndex(BruteForceIndex.factory());
    try (NewFile file = NewFile.at(out, inputs);
        Recommender shop =
            Store.open(
                place,
                new ExtractorOptions(),
                main.console(),
                (builder, store) -> builder.index(index).purchases(new PurchaseLog()))) {
      List<String> ids = new ArrayList<>(shop.searcher().ids());
      ids.sort(null);
      if (categories == null) {
        for (String id : ids) {
          shop.product(id).ifPresent(product -> addCategory(product, categoryOf));
        }
      }
      var exact = (BruteForceIndex) Objects.requireNonNull(index.latest);
      NeighborTable.Builder table = NeighborTable.builder();
      write(
          file,
          ids,
          exact,
          exact.size() == ids.size() ? table : table.productOf(PhotoKey::product),
          categoryOf);
    }
  }

  /** Remembers the index that it has made. */
  private static final class KeptIndex implements IndexFactory {
    private final IndexFactory factory;
    private @Nullable NeighborIndex latest;

    KeptIndex(IndexFactory factory) {
      this.factory = factory;
    }

    private NeighborIndex kept(NeighborIndex index) {
      latest = index;
      return index;
    }

    @Override
    public NeighborIndex create(int dimension) {
      return kept(factory.create(dimension));
    }

    @Override
    public NeighborIndex build(int dimension, Iterable<IndexItem> items) {
      return kept(factory.build(dimension, items));
    }

    @Override
    public Optional<NeighborIndex> open(Path file, int dimension) throws IOException {
      Optional<NeighborIndex> opened = factory.open(file, dimension);
      opened.ifPresent(this::kept);
      return opened;
    }
  }

  private void ofVectors(Path npy) throws IOException {
    var inputs = new Inputs().file(npy).file(RowIds.beside(npy));
    Map<String, String> categoryOf = categories(inputs);
    FeatureTransform.Rule rule = (transform == null ? TransformChoice.AUTO : transform).rule();
    try (NewFile file = NewFile.at(out, inputs);
        NpyMatrix matrix = NpyMatrix.open(npy)) {
      List<String> ids = RowIds.read(npy, matrix.size());
      checkRows(npy, matrix, ids);
      FeatureTransform fitted = rule.fit(matrix);
      try (var index =
          (BruteForceIndex) BruteForceIndex.factory().create(fitted.outputDimension())) {
        fill(index, matrix, ids, fitted);
        write(file, ids, index, NeighborTable.builder(), categoryOf);
      }
    }
  }

  /** Before anything is fitted to them. */
  private static void checkRows(Path npy, NpyMatrix matrix, List<String> ids) {
    for (int i = 0; i < ids.size(); i++) {
      checkRow(npy, i, ids.get(i), matrix.row(i));
    }
  }

  /**
   * Checks a row of features.
   *
   * @throws UserErrorException naming the file, the row and its id, if it is no direction
   */
  static void checkRow(Path npy, int row, String id, float[] features) {
    try {
      UnitVector.of(features);
    } catch (IllegalArgumentException e) {
      throw new UserErrorException(npy + ", row " + row + " (id " + id + "): " + e.getMessage(), e);
    }
  }

  private static void fill(
      NeighborIndex index, NpyMatrix matrix, List<String> ids, FeatureTransform transform) {
    var batch = new ArrayList<IndexItem>(BATCH);
    for (int i = 0; i < ids.size(); i++) {
      UnitVector vector = UnitVector.of(transform.apply(matrix.row(i)));
      batch.add(new IndexItem(ids.get(i), vector, Attributes.none()));
      if (batch.size() == BATCH || i == ids.size() - 1) {
        index.upsertAll(batch);
        batch.clear();
      }
    }
  }

  /** Reads the categories that were named, and notes what was read. */
  private Map<String, String> categories(Inputs inputs) throws IOException {
    var categoryOf = new HashMap<String, String>();
    if (categories != null) {
      if (!Files.exists(categories)) {
        throw new UserErrorException(
            "there is no file or folder "
                + categories
                + "; name a folder of photos, in sub-folders by category, or a CSV file with the"
                + " columns id and category");
      }
      inputs.file(categories);
      Catalogue catalogue = Catalogue.of(categories);
      if (!Files.isDirectory(categories)) {
        catalogue = catalogue.text(Facts.CATEGORY);
      }
      CataloguePath.report(
          catalogue.readProducts(product -> addCategory(product, categoryOf)), main.console());
    }
    return categoryOf;
  }

  private static void addCategory(Product product, Map<String, String> categoryOf) {
    Object category = product.attributes().get(Facts.CATEGORY);
    if (category != null) {
      categoryOf.put(product.id(), Facts.text(category));
    }
  }

  private void write(
      NewFile file,
      List<String> ids,
      BruteForceIndex index,
      NeighborTable.Builder settings,
      Map<String, String> categoryOf)
      throws IOException {
    long start = System.nanoTime();
    NeighborTable table;
    try (Console.Progress bar = main.console().progress("neighbours", "products", ids.size())) {
      table = settings.k(k).progress(bar).build(index);
    }
    Console console = main.console();
    var share = new CategoryShare(categoryOf);
    CsvWriter csv =
        CsvWriter.builder()
            .lineDelimiter(LineDelimiter.LF)
            .build(Channels.newWriter(file.channel(), StandardCharsets.UTF_8));
    csv.writeRecord("id", "rank", "neighbour", "similarity");
    for (String id : ids) {
      List<Neighbor> neighbors = table.neighbors(id);
      writeRows(csv, id, neighbors);
      share.add(id, neighbors);
    }
    csv.flush();
    file.commit();
    int listed = Math.min(k, ids.size() - 1);
    console.note(
        String.format(
            Locale.ROOT,
            "wrote the %d nearest of each of %d products to %s in %s",
            listed,
            ids.size(),
            out,
            Console.since(start)));
    if (categories != null && ids.stream().noneMatch(categoryOf::containsKey)) {
      console.warn(categories + " has the category of none of these products");
    }
    share
        .mean()
        .ifPresent(
            mean ->
                console.result(
                    String.format(
                        Locale.ROOT,
                        "mean share of the top %d in the query's own category: %.3f",
                        listed,
                        mean)));
  }

  private static void writeRows(CsvWriter csv, String id, List<Neighbor> neighbors) {
    int rank = 1;
    for (Neighbor n : neighbors) {
      csv.writeRecord(
          id, Integer.toString(rank++), n.id(), String.format(Locale.ROOT, "%.6f", n.similarity()));
    }
  }
}

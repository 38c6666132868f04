package io.lookalike.cli;

import io.lookalike.AuditReport;
import io.lookalike.Event;
import io.lookalike.PurchaseLog;
import io.lookalike.Recommender;
import io.lookalike.StoreInfo;
import io.lookalike.catalog.Ids;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.LastingIndex;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.hnsw.HnswIndex;
import io.lookalike.index.opensearch.OpenSearchIndex;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.Looks;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import io.lookalike.store.StoredTransform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.TypeConversionException;

/** What is done with a store as a whole. */
@Command(
    name = "store",
    description =
        "Shows what is in a store, proves it, moves it, makes its index anew, and erases what a"
            + " customer did.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      StoreCommand.Info.class,
      StoreCommand.Convert.class,
      StoreCommand.Export.class,
      StoreCommand.Import.class,
      StoreCommand.Audit.class,
      StoreCommand.Reindex.class,
      StoreCommand.Forget.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lookalike store info shop",
      "  lookalike store convert old-shop shop",
      "  lookalike store export shop files",
      "  lookalike store reindex shop --index opensearch:https://search:9200/shop",
      "  lookalike store forget shop 4711"
    })
final class StoreCommand {

  @ParentCommand
  @SuppressWarnings("NullAway.Init")
  private Main main;

  private Console console() {
    return main.console();
  }

  /** Whether a customer bought something; all else is of sessions. */
  static boolean isPurchase(StoreChange.Did did) {
    return did.kind().equals(Event.Kind.BOUGHT.name());
  }

  /** What is in a store. */
  @Command(
      name = "info",
      description = "Shows what is in a store, and what it was made with.",
      footerHeading = "%nExamples:%n",
      footer = {"  lookalike store info shop", "  lookalike store info jdbc:postgresql://db/shop"})
  @SuppressWarnings("NullAway.Init") // picocli sets the options
  static final class Info implements Callable<Integer> {

    @ParentCommand private StoreCommand parent;

    @Parameters(paramLabel = StorePlace.LABEL, description = "The store.")
    private StorePlace place;

    @Override
    public Integer call() throws IOException {
      try (CatalogueStore store = place.open(parent.console())) {
        StoreInfo info = Store.info(place, store);
        Optional<StoredTransform> transform = store.transform(info.network());
        long with = store.count(info.network());
        line("store", place + ", " + store.id());
        line("products", store.count(0) + ", " + with + " of them with features");
        line("sales", sales(store));
        events(store);
        line(
            "network",
            (info.extractor().isEmpty() ? "features from elsewhere" : info.extractor())
                + ", "
                + info.dimension()
                + " features");
        others(store, info);
        line(
            "transform",
            transform.map(t -> t.description() + " (number " + t.version() + ")").orElse("none"));
        line("changes", Long.toString(store.lastChange()));
        line("index", index(store, info));
        if (place.folder() != null) {
          line("size", size(place.folder()));
        }
      }
      return 0;
    }

    private void line(String name, String value) {
      parent.console().result(String.format(Locale.ROOT, "%-10s %s", name, value));
    }

    private static String sales(CatalogueStore store) throws IOException {
      Map<String, Long> pieces = new TreeMap<>();
      LocalDate first = LocalDate.MAX;
      LocalDate last = LocalDate.MIN;
      try (StoreCursor<StoreChange> sales = store.sales(0)) {
        while (sales.hasNext()) {
          if (sales.next() instanceof StoreChange.Sold sold) {
            pieces.merge(sold.productId(), sold.pieces(), Long::sum);
            first = first.isBefore(sold.day()) ? first : sold.day();
            last = last.isAfter(sold.day()) ? last : sold.day();
          }
        }
      }
      return pieces.isEmpty()
          ? "none"
          : String.format(
              Locale.ROOT,
              "%d pieces of %d products, from %s to %s",
              pieces.values().stream().mapToLong(n -> n).sum(),
              pieces.values().stream().filter(n -> n > 0).count(),
              first,
              last);
    }

    /** Events of sessions, and purchases whose customer is known, apart. */
    private void events(CatalogueStore store) throws IOException {
      long bought = 0;
      long others = 0;
      try (StoreCursor<StoreChange> all = store.events(0)) {
        while (all.hasNext()) {
          if (all.next() instanceof StoreChange.Did did) {
            if (isPurchase(did)) {
              bought++;
            } else {
              others++;
            }
          }
        }
      }
      line("sessions", others == 0 ? "none" : others + " events");
      line("customers", (bought == 0 ? "no" : bought) + " purchases kept with the customer");
    }

    /** Networks that do not serve. */
    private void others(CatalogueStore store, StoreInfo info) throws IOException {
      for (Map.Entry<String, String> entry : new TreeMap<>(store.manifest()).entrySet()) {
        Matcher name = Pattern.compile("network[.](\\d+)[.]extractor").matcher(entry.getKey());
        if (name.matches() && Integer.parseInt(name.group(1)) != info.network()) {
          long count = store.count(Integer.parseInt(name.group(1)));
          line("network", entry.getValue() + ", which does not serve, of " + count + " products");
        }
      }
    }

    private static String index(CatalogueStore store, StoreInfo info) throws IOException {
      if (store.folder().isEmpty()) {
        return "none is saved, as there is no folder for it";
      }
      StoreInfo.SavedIndex saved = info.savedIndex(store).orElse(null);
      return saved == null
          ? "none is saved; a program that opens the store builds it"
          : String.format(
              Locale.ROOT,
              "%s, %.1f MB, of change %d, %d products changed since",
              saved.file().getFileName(),
              Files.size(saved.file()) / 1e6,
              saved.change(),
              changed(store, info.network(), saved.change()));
    }

    private static long changed(CatalogueStore store, int network, long since)
        throws StoreException {
      long changed = 0;
      try (StoreCursor<StoredProduct> products = store.products(network, since)) {
        for (; products.hasNext(); products.next()) {
          changed++;
        }
      }
      return changed;
    }

    private static String size(Path folder) throws IOException {
      long bytes = 0;
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          bytes += Files.size(file);
        }
      }
      return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
  }

  /** A catalogue of an earlier version becomes a store. */
  @Command(
      name = "convert",
      description =
          "Makes a store of a catalogue that a version before the store saved in a folder. That"
              + " folder stays as it is. Where this was stopped, do it again.",
      footerHeading = "%nExamples:%n",
      footer = {"  lookalike store convert old-shop shop"})
  @SuppressWarnings("NullAway.Init") // picocli sets the options
  static final class Convert implements Callable<Integer> {

    @ParentCommand private StoreCommand parent;

    @Parameters(index = "0", paramLabel = "OLD", description = "The folder of the old catalogue.")
    private Path old;

    @Parameters(index = "1", paramLabel = "NEW", description = "The store: a new folder.")
    private StorePlace place;

    @Override
    public Integer call() throws IOException {
      Console console = parent.console();
      OldFolder from = OldFolder.open(old);
      place.checkWritable();
      int network = 1;
      long[] count = {0};
      try (CatalogueStore store = place.openOrCreate(console);
          Console.Progress bar = console.progress("converting", "products", from.products())) {
        var filler = new StoreFiller(place, store, "the conversion of " + from.name());
        from.read(
            (id, attributes, features) -> {
              Looks looks = features == null ? null : new Looks(network, features, null);
              filler.put(new StoreChange.Put(id, attributes, looks));
              bar.progress(++count[0], from.products());
            });
        PurchaseLog sales = from.sales();
        for (String id : sales.soldIds()) {
          for (Map.Entry<LocalDate, Long> day : sales.daily(id).entrySet()) {
            filler.sold(id, day.getKey(), day.getValue());
          }
        }
        Optional<StoredTransform> transform = from.transform(network);
        filler.finish(
            new StoreInfo(
                network,
                from.extractor(),
                from.dimension(),
                transform.map(StoredTransform::rule).orElse("none")),
            transform,
            from.purchaseIds());
        console.note(
            String.format(
                Locale.ROOT,
                "converted %d products and %d pieces sold into %s; %s stays as it was",
                count[0],
                sales.total(),
                place,
                old));
      }
      return 0;
    }
  }

  /** A store becomes files. */
  @Command(
      name = "export",
      description =
          "Writes what is in a store as files that other programs read: products.csv,"
              + " features.npy with features.ids.csv, sales.csv, purchase-ids.csv, events.csv,"
              + " transform.bin and manifest.json. Without events.csv they are imported without"
              + " sessions and without the purchases that were kept with their customers.",
      footerHeading = "%nExamples:%n",
      footer = {"  lookalike store export shop files"})
  @SuppressWarnings("NullAway.Init") // picocli sets the options
  static final class Export implements Callable<Integer> {

    @ParentCommand private StoreCommand parent;

    @Parameters(index = "0", paramLabel = StorePlace.LABEL, description = "The store.")
    private StorePlace place;

    @Parameters(index = "1", paramLabel = "OUT", description = "A new or empty folder.")
    private Path out;

    @Override
    public Integer call() throws IOException {
      checkEmpty(out);
      new Inputs().store(place).check(out);
      try (CatalogueStore store = place.open(parent.console())) {
        StoreFiles.Count count = StoreFiles.export(place, store, out);
        parent.console().note("exported " + count + " from " + place + " to " + out);
      }
      return 0;
    }

    private static void checkEmpty(Path out) throws IOException {
      if (Files.exists(out) && !Files.isDirectory(out)) {
        throw new UserErrorException(out + " is a file; name a new folder");
      }
      if (Files.isDirectory(out)) {
        try (Stream<Path> files = Files.list(out)) {
          if (files.findAny().isPresent()) {
            throw new UserErrorException(out + " holds files already; name a new folder");
          }
        }
      }
    }
  }

  /** Files become a store. */
  @Command(
      name = "import",
      description =
          "Makes a store of what export has written. Where this was stopped, do it again.",
      footerHeading = "%nExamples:%n",
      footer = {
        "  lookalike store import files shop",
        "  lookalike store import files jdbc:postgresql://db/shop"
      })
  @SuppressWarnings("NullAway.Init") // picocli sets the options
  static final class Import implements Callable<Integer> {

    @ParentCommand private StoreCommand parent;

    @Parameters(index = "0", paramLabel = "IN", description = "What export has written.")
    private Path in;

    @Parameters(
        index = "1",
        paramLabel = StorePlace.LABEL,
        description = "The store: a new folder.")
    private StorePlace place;

    @Override
    public Integer call() throws IOException {
      place.checkWritable();
      StoreFiles.check(in);
      try (CatalogueStore store = place.openOrCreate(parent.console())) {
        StoreFiles.Count count = StoreFiles.load(in, place, store);
        parent.console().note("imported " + count + " from " + in + " into " + place);
      }
      return 0;
    }
  }

  /** Is everything there, and found? */
  @Command(
      name = "audit",
      description =
          "Reads all of a store, compares it with the graph that is saved beside it, or is built of"
              + " it, and searches for every product. What can be mended is mended, and saved."
              + " Exit code 1 if something is wrong after that. Pictures that many products share"
              + " are named.",
      footerHeading = "%nExamples:%n",
      footer = {"  lookalike store audit shop", "  lookalike store audit shop --changes"})
  @SuppressWarnings("NullAway.Init") // picocli sets the options
  static final class Audit implements Callable<Integer> {

    @ParentCommand private StoreCommand parent;

    @Parameters(paramLabel = StorePlace.LABEL, description = "The store.")
    private StorePlace place;

    @Option(
        names = "--changes",
        description =
            "Look only at the pages of what has been put in since it was last audited, and at those"
                + " beside it; no shared pictures are named.")
    private boolean changes;

    @Override
    public Integer call() throws IOException {
      try (Recommender shop =
          Store.open(
              place,
              new ExtractorOptions(),
              parent.console(),
              (builder, store) -> builder.index(HnswIndex.factory()))) {
        AuditReport report = changes ? shop.auditChanges() : shop.audit();
        shop.save();
        parent.console().result(report.toString());
        if (!changes) { // which are not to cost a look at all products
          SharedLooks.lines(shop, SharedLooks.MANY, KindOptions.VARIANTS)
              .forEach(parent.console()::result);
        }
        return report.healthy() ? 0 : 1;
      }
    }
  }

  /** The index is made anew. */
  @Command(
      name = "reindex",
      description =
          "Makes the index anew of what a store holds, beside the one that serves, which it then"
              + " takes the place of. In a cluster, a run that was stopped goes on when it is started"
              + " again, and the index before stays: --back. Programs that have the store open find"
              + " the new one when they open it again.",
      footerHeading = "%nExamples:%n",
      footer = {
        "  lookalike store reindex shop --index hnsw",
        "  lookalike store reindex shop --index opensearch:https://search:9200/shop",
        "  lookalike store reindex shop --index opensearch:http://os:9200/shop --back"
      })
  @SuppressWarnings("NullAway.Init") // picocli sets the options
  static final class Reindex implements Callable<Integer> {

    @ParentCommand private StoreCommand parent;

    @Parameters(paramLabel = StorePlace.LABEL, description = "The store.")
    private StorePlace place;

    @Option(
        names = "--index",
        required = true,
        paramLabel = IndexName.LABEL,
        description =
            "Where: hnsw, a graph beside the store, or a cluster:"
                + " opensearch:URL[,URL][/INDEX][?shards=N&replicas=N&quantized].")
    private String index;

    @Option(
        names = "--back",
        description =
            "Go back to the index in a cluster before the one that serves, and build none.")
    private boolean back;

    @Override
    public Integer call() throws IOException {
      Console console = parent.console();
      if (back) {
        OpenSearchIndex.Builder cluster = IndexName.cluster(index);
        try (CatalogueStore store = place.open(console)) {
          console.note(index + " is " + cluster.rollBack(store.id()) + " now");
        }
        return 0;
      }
      IndexFactory factory = factory();
      if (!IndexName.isKept(index)) {
        throw new UserErrorException(
            "--index is " + index + ", which is not kept anywhere; expected hnsw or a cluster");
      }
      long start = System.nanoTime();
      try (Recommender shop =
          Store.open(
              place,
              new ExtractorOptions(),
              console,
              (builder, store) -> {
                long total = store.count(Store.info(place, store).network());
                builder.index(new Anew(factory, console, total));
              })) {
        shop.save();
        console.note(
            String.format(
                Locale.ROOT,
                "indexed %d products in %s; they are found by --index %s",
                shop.searcher().size(),
                Console.since(start),
                index));
      }
      return 0;
    }

    private IndexFactory factory() {
      try {
        return IndexName.of(index);
      } catch (TypeConversionException e) {
        throw new UserErrorException("--index: " + e.getMessage(), e);
      }
    }

    /** Opens no index, so that one is built. */
    private record Anew(IndexFactory factory, Console console, long total) implements IndexFactory {

      @Override
      public NeighborIndex create(int dimension) {
        return factory.create(dimension);
      }

      @Override
      public NeighborIndex build(
          LastingIndex.Origin origin, int dimension, Iterable<IndexItem> items) {
        try (Console.Progress bar = console.progress("indexing", "products", total)) {
          return factory.build(origin, dimension, () -> counted(items.iterator(), bar));
        }
      }

      private Iterator<IndexItem> counted(Iterator<IndexItem> items, Console.Progress bar) {
        return new Iterator<>() {
          private long read;

          @Override
          public boolean hasNext() {
            return items.hasNext();
          }

          @Override
          public IndexItem next() {
            IndexItem item = items.next();
            bar.progress(Math.min(++read, total), total); // of several photos each is an item
            return item;
          }
        };
      }
    }
  }

  /** What a customer did is erased. */
  @Command(
      name = "forget",
      description =
          "Erases what a customer did and bought: events of sessions, and the purchases that index"
              + " --bought-together or the shop has kept with their customers. Pieces sold stay"
              + " counted, without the customer.",
      footerHeading = "%nExamples:%n",
      footer = {
        "  lookalike store forget shop 4711",
        "  lookalike store forget shop 4711 --tenant outlet"
      })
  @SuppressWarnings("NullAway.Init") // picocli sets the options
  static final class Forget implements Callable<Integer> {

    @ParentCommand private StoreCommand parent;

    @Parameters(index = "0", paramLabel = StorePlace.LABEL, description = "The store.")
    private StorePlace place;

    @Parameters(index = "1", paramLabel = "CUSTOMER", description = "The customer's id.")
    private String customer;

    @Option(
        names = "--tenant",
        defaultValue = "",
        paramLabel = "NAME",
        description = "The shop of the customer, where several have one store.")
    private String tenant;

    @Override
    public Integer call() throws IOException {
      String problem = Ids.problem(customer);
      if (problem != null) {
        throw new UserErrorException("the customer " + problem);
      }
      try (CatalogueStore store = place.open(parent.console())) {
        long bought = 0;
        long events = 0;
        try (StoreCursor<StoreChange> all = store.events(0)) {
          while (all.hasNext()) {
            if (all.next() instanceof StoreChange.Did did
                && did.customer().equals(customer)
                && did.tenant().equals(tenant)) {
              bought += isPurchase(did) ? 1 : 0;
              events++;
            }
          }
        }
        if (events > 0) {
          store.write(last -> List.of(new StoreChange.Forgotten(tenant, customer)));
        }
        parent
            .console()
            .note(
                events == 0
                    ? place + " knows nothing of " + Ids.shown(customer)
                    : "erased what "
                        + place
                        + " knew of "
                        + Ids.shown(customer)
                        + ": "
                        + events
                        + " events"
                        + (bought == 0 ? "" : ", " + bought + " of them purchases"));
      }
      return 0;
    }
  }
}

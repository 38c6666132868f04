package io.lookalike;

import io.lookalike.LiveCatalogue.Moment;
import io.lookalike.LiveCatalogue.Row;
import io.lookalike.LiveCatalogue.Serving;
import io.lookalike.catalog.Product;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.IndexFactory;
import io.lookalike.index.IndexItem;
import io.lookalike.index.NeighborIndex;
import io.lookalike.index.SavableIndex;
import io.lookalike.internal.AttributesCodec;
import io.lookalike.math.UnitVector;
import io.lookalike.store.StoreException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A catalogue in a {@link StoreFolder}: products, features, transform, purchases, and the index, if
 * it is one that can be saved. The index is derived from the rest: where it is missing or cannot be
 * used, it is built anew. Rows are written and read one at a time.
 *
 * @param serving transform and index
 * @param features the extractor's features by id, in the file, where the transform can be refitted
 * @param withoutLooks products without features
 * @param purchases what was bought; null if none was saved
 */
record SavedCatalogue(
    Serving serving,
    Map<String, FeatureRow> features,
    List<Product> withoutLooks,
    @Nullable PurchaseLog purchases) {

  private static final Logger LOG = LoggerFactory.getLogger(SavedCatalogue.class);

  private static final String PRODUCTS = "products";
  private static final String FEATURES = "features";
  private static final String TRANSFORM = "transform";
  private static final String PURCHASES = "purchases";
  private static final String HERE = "here";
  private static final String ELSEWHERE = "elsewhere";
  private static final String CHANGES = "changes";
  private static final String INDEX = "index";

  /** Number of products by which a saved index is recognised. */
  private static final int SAMPLE = 64;

  /** A vector that was saved as features and normalised again is as close as this to itself. */
  private static final float SAME = .9999f;

  /** The largest piece of a file that is mapped at once, in bytes. */
  private static final long PIECE = 1L << 30;

  // ---- saving

  /**
   * Saves a catalogue as it is at one moment, while others write.
   *
   * @param extractor the extractor's identity, empty if there is none
   * @param purchases what was bought, or null if that is not to be saved here
   */
  static void save(
      Path folder, String extractor, LiveCatalogue catalogue, @Nullable PurchaseLog purchases)
      throws IOException {
    StoreFolder.save(
        folder,
        store -> {
          try (Moment moment = catalogue.moment(index -> saveIndex(store, index))) {
            int dimension = catalogue.dimension();
            FeatureTransform transform = moment.transform();
            boolean fitted = !transform.equals(FeatureTransform.identity(dimension));
            store.put("extractor", extractor);
            store.put("dimension", Integer.toString(dimension));
            store.put("products", Integer.toString(moment.ids().size()));
            // Before the first refit, whatever the rule, the transform is the identity.
            store.put(
                "transform.rule", (fitted ? catalogue.rule() : FeatureTransform.Rule.NONE).name());
            store.put("transform.description", transform.description());
            store.write(TRANSFORM, transform::write);
            if (store.has(INDEX)) {
              store.write(CHANGES, out -> writeIds(out, moment.changedSinceIndexSaved()));
            }
            saveRows(store, moment, dimension);
          }
          store.put(PURCHASES, purchases == null ? ELSEWHERE : HERE);
          if (purchases != null) {
            purchases.save(store.fresh(PURCHASES));
            store.writtenAndChecked(PURCHASES);
          }
        });
  }

  private static void saveIndex(StoreFolder store, NeighborIndex index) throws IOException {
    if (index instanceof SavableIndex savable) {
      savable.save(store.fresh(INDEX));
      store.written(INDEX);
    }
  }

  /**
   * Two files, both in the order of the ids; products without features have no row in the second.
   */
  private static void saveRows(StoreFolder store, Moment moment, int dimension) throws IOException {
    List<String> ids = moment.ids().stream().sorted().toList();
    var values = new float[dimension];
    ByteBuffer row = ByteBuffer.allocate(dimension * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    store.write(
        PRODUCTS,
        products -> {
          products.writeInt(ids.size());
          store.write(
              FEATURES,
              features -> {
                for (String id : ids) {
                  Row each = moment.row(id);
                  StoreFolder.writeText(products, id);
                  byte[] attributes = AttributesCodec.encode(each.product().attributes());
                  products.writeInt(attributes.length);
                  products.write(attributes);
                  FeatureRow known = each.features();
                  products.writeBoolean(known != null);
                  if (known != null) {
                    known.copyTo(values, 0);
                    row.asFloatBuffer().put(values);
                    features.write(row.array());
                  }
                }
              });
        });
  }

  private static void writeIds(DataOutputStream out, Set<String> ids) throws IOException {
    out.writeInt(ids.size());
    for (String id : ids) {
      StoreFolder.writeText(out, id);
    }
  }

  // ---- opening

  /**
   * Opens a saved catalogue.
   *
   * @param extractor the identity of the extractor at hand, empty if there is none
   * @param withPurchases whether what was bought is wanted
   * @throws StoreException if the folder is no store, is damaged, or was made otherwise
   */
  static SavedCatalogue open(
      Path folder,
      String extractor,
      int dimension,
      FeatureTransform.Rule rule,
      IndexFactory indexes,
      boolean withPurchases)
      throws IOException {
    return StoreFolder.open(
        folder,
        store -> {
          try {
            return open(store, extractor, dimension, rule, indexes, withPurchases);
          } catch (UncheckedIOException e) { // out of an iterator
            throw named(folder, Objects.requireNonNull(e.getCause()));
          } catch (EOFException | CharacterCodingException e) {
            throw named(folder, e);
          }
        });
  }

  /** What readers of single values throw does not say where. */
  private static IOException named(Path folder, IOException e) {
    return e instanceof EOFException || e instanceof CharacterCodingException
        ? StoreFolder.damaged(folder, "a file in it ends too early, or holds no text", e)
        : e;
  }

  private static SavedCatalogue open(
      StoreFolder store,
      String extractor,
      int dimension,
      FeatureTransform.Rule rule,
      IndexFactory indexes,
      boolean withPurchases)
      throws IOException {
    store.check("extractor", extractor, "open it with the former, or index again");
    store.check(
        "dimension", Integer.toString(dimension), "open it with the former, or index again");
    FeatureTransform.Rule fitted = FeatureTransform.Rule.NONE;
    String made = store.text("transform.rule");
    if (!made.equals(fitted.name())) {
      if (!rule.reads(made)) {
        store.check(
            "transform.rule",
            rule.name(),
            "call transform(...) with the former's rule when opening it, or index again");
      }
      fitted = rule;
    }
    FeatureTransform transform = store.read(TRANSFORM, fitted::read);
    if (transform.inputDimension() != dimension) {
      throw StoreFolder.damaged(
          store.file(TRANSFORM),
          "it takes " + transform.inputDimension() + " features, expected " + dimension,
          null);
    }
    PurchaseLog purchases = withPurchases && hasPurchases(store) ? loadPurchases(store) : null;
    Rows rows = new Rows(store, dimension);
    NeighborIndex index = openIndex(store, transform, rows, indexes);
    try {
      if (index == null) {
        store.checkedFile(FEATURES);
        index = build(transform, rows, indexes);
      }
      boolean refits = !rule.equals(FeatureTransform.Rule.NONE);
      Map<String, FeatureRow> features = new HashMap<>();
      List<Product> withoutLooks = new ArrayList<>();
      if (refits || rows.size() < store.number(PRODUCTS)) {
        try (Rows.Cursor cursor = rows.cursor()) {
          while (cursor.hasNext()) {
            Row row = cursor.next();
            if (row.features() == null) {
              withoutLooks.add(row.product());
            } else if (refits) {
              features.put(row.product().id(), row.features());
            }
          }
        }
      }
      return new SavedCatalogue(new Serving(transform, index), features, withoutLooks, purchases);
    } catch (IOException | RuntimeException | Error e) {
      if (index != null) {
        index.close();
      }
      throw e;
    }
  }

  private static boolean hasPurchases(StoreFolder store) throws StoreException {
    String where = store.text(PURCHASES);
    if (!where.equals(HERE) && !where.equals(ELSEWHERE)) {
      throw store.damagedManifest(
          PURCHASES + " is " + where + ", expected " + HERE + " or " + ELSEWHERE);
    }
    return where.equals(HERE);
  }

  private static PurchaseLog loadPurchases(StoreFolder store) throws IOException {
    Path file = store.checkedFile(PURCHASES);
    try {
      return PurchaseLog.load(file);
    } catch (IOException e) {
      if (!Files.exists(file)) { // deleted by a save that has just ended
        throw new NoSuchFileException(file.toString());
      }
      throw new StoreException(
          e.getMessage() + "; restore the folder from a copy, or index again", e);
    }
  }

  private static NeighborIndex build(FeatureTransform transform, Rows rows, IndexFactory indexes) {
    return indexes.build(transform.outputDimension(), () -> new Indexed(rows.cursor(), transform));
  }

  /** Rows as an index takes them; what has no features is left out. */
  private static final class Indexed implements Iterator<IndexItem> {
    private final Rows.Cursor rows;
    private final FeatureTransform transform;
    private @Nullable Row next;

    Indexed(Rows.Cursor rows, FeatureTransform transform) {
      this.rows = rows;
      this.transform = transform;
    }

    @Override
    public boolean hasNext() {
      while (next == null && rows.hasNext()) {
        Row row = rows.next();
        next = row.features() == null ? null : row;
      }
      if (next == null) {
        rows.close();
      }
      return next != null;
    }

    @Override
    public IndexItem next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Row row = Objects.requireNonNull(next);
      next = null;
      return item(row, transform);
    }
  }

  private static IndexItem item(Row row, FeatureTransform transform) {
    return new IndexItem(
        row.product().id(),
        UnitVector.of(transform.apply(Objects.requireNonNull(row.features()).toArray())),
        row.product().attributes());
  }

  /**
   * The saved index with what was written while it was saved; null, and logged, if it is no use.
   */
  private static @Nullable NeighborIndex openIndex(
      StoreFolder store, FeatureTransform transform, Rows rows, IndexFactory indexes)
      throws IOException {
    if (!store.has(INDEX)) {
      return null;
    }
    NeighborIndex index = null;
    String why;
    try {
      Path file = store.file(INDEX);
      Optional<NeighborIndex> opened = indexes.open(file, transform.outputDimension());
      if (opened.isEmpty()) {
        LOG.info("{} was saved by another kind of index: the index is built anew", file);
        return null;
      }
      index = opened.get();
      why = catchUp(store, transform, rows, index);
      if (why == null) {
        return index;
      }
    } catch (NoSuchFileException e) {
      why = "there is no " + e.getFile();
    } catch (IOException | UncheckedIOException e) {
      why = e.getMessage();
    } catch (RuntimeException | Error e) {
      if (index != null) {
        index.close();
      }
      throw e;
    }
    if (index != null) {
      index.close();
    }
    LOG.warn("The saved index cannot be used and is built anew: {}", why);
    return null;
  }

  /** Brings a saved index up to the catalogue's moment; says why it does not belong to it. */
  private static @Nullable String catchUp(
      StoreFolder store, FeatureTransform transform, Rows rows, NeighborIndex index)
      throws IOException {
    Set<String> changed = store.read(CHANGES, SavedCatalogue::readIds);
    var left = new HashSet<>(changed);
    try (Rows.Cursor cursor = rows.cursor()) {
      // All rows if some have changed, else as many as tell whether the index belongs.
      for (int i = 0; cursor.hasNext() && (i < SAMPLE || !left.isEmpty()); i++) {
        Row row = cursor.next();
        String id = row.product().id();
        if (row.features() == null) {
          continue;
        }
        IndexItem expected = item(row, transform);
        if (left.remove(id)) {
          index.upsert(expected);
          continue;
        }
        IndexItem found = i < SAMPLE ? index.item(id) : expected;
        if (found == null
            || !found.attributes().equals(expected.attributes())
            || found.vector().cosine(expected.vector()) < SAME) {
          return "it holds something else than the catalogue as " + id;
        }
      }
    }
    left.forEach(index::remove);
    return index.size() == rows.size()
        ? null
        : "it holds " + index.size() + " products, expected " + rows.size();
  }

  private static Set<String> readIds(DataInputStream in) throws IOException {
    Set<String> ids = new HashSet<>();
    for (int left = in.readInt(); left > 0; left--) {
      ids.add(StoreFolder.readText(in));
    }
    return ids;
  }

  /** Products and features as saved, the latter mapped. */
  private static final class Rows {
    private final Path products;
    private final Path featuresFile;
    private final List<FloatBuffer> pieces = new ArrayList<>();
    private final int dimension;
    private final int pieceRows;
    private final int size;

    Rows(StoreFolder store, int dimension) throws IOException {
      this.dimension = dimension;
      products = store.checkedFile(PRODUCTS);
      featuresFile = store.file(FEATURES);
      long rowBytes = (long) dimension * Float.BYTES;
      pieceRows = (int) Math.max(1, PIECE / rowBytes);
      try (FileChannel channel = FileChannel.open(featuresFile)) {
        long bytes = channel.size();
        if (bytes % rowBytes != 0 || bytes / rowBytes > store.number(PRODUCTS)) {
          throw StoreFolder.damaged(featuresFile, "it has " + bytes + " bytes", null);
        }
        size = (int) (bytes / rowBytes);
        for (long at = 0; at < bytes; at += pieceRows * rowBytes) {
          long length = Math.min(bytes - at, pieceRows * rowBytes);
          pieces.add(
              channel
                  .map(FileChannel.MapMode.READ_ONLY, at, length)
                  .order(ByteOrder.LITTLE_ENDIAN)
                  .asFloatBuffer());
        }
      }
    }

    /** Number of products with features. */
    int size() {
      return size;
    }

    Cursor cursor() {
      try {
        return new Cursor(
            new DataInputStream(new BufferedInputStream(Files.newInputStream(products), 1 << 16)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Goes through the rows. */
    final class Cursor implements AutoCloseable {
      private final DataInputStream in;
      private final int count;
      private final AttributesCodec.Decoder decoder = new AttributesCodec.Decoder();
      private int read;
      private int featureRows;

      private Cursor(DataInputStream in) throws IOException {
        this.in = in;
        this.count = in.readInt();
      }

      boolean hasNext() {
        return read < count;
      }

      Row next() {
        try {
          read++;
          String id = StoreFolder.readText(in);
          ByteBuffer attributes = ByteBuffer.wrap(StoreFolder.readBytes(in));
          var product = new Product(id, decoder.decode(attributes));
          if (!in.readBoolean()) {
            return new Row(product, null);
          }
          if (featureRows == size) {
            throw StoreFolder.damaged(featuresFile, "it has too few rows", null);
          }
          int row = featureRows++;
          return new Row(
              product,
              new FeatureRow.Mapped(
                  pieces.get(row / pieceRows), row % pieceRows * dimension, dimension));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        } catch (IllegalArgumentException e) {
          throw new UncheckedIOException(
              StoreFolder.damaged(products, String.valueOf(e.getMessage()), e));
        }
      }

      @Override
      public void close() {
        try {
          in.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }
}

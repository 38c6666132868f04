package io.lookalike.index.hnsw;

import io.lookalike.catalog.Ids;
import io.lookalike.internal.AttributesCodec;
import io.lookalike.internal.SectionFormat;
import io.lookalike.internal.SectionReader;
import io.lookalike.internal.SectionWriter;
import io.lookalike.internal.Utf8;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Reads and writes an {@link HnswIndex}; {@code docs/format.md} has the format. */
final class IndexFile {

  private static final String MEAN = "mean";
  private static final String AXES = "axes";
  private static final String SCALES = "scales";
  private static final String CENTRE = "centre";
  private static final String CODES = "codes";
  private static final String BIASES = "biases";
  private static final String LINKS = "links";
  private static final String LEVELS = "levels";
  private static final String UPPER_LINKS = "upper links";
  private static final String PLACES = "places";
  private static final String FINGERPRINTS = "fingerprints";
  private static final String ID_ENDS = "id ends";
  private static final String IDS = "ids";
  private static final String NODES = "nodes";
  private static final String ATTRIBUTE_ENDS = "attribute ends";
  private static final String ATTRIBUTES = "attributes";
  private static final String NOTED = "noted";
  private static final String AUDITED = "audited";
  private static final String VECTORS = "vectors";
  private static final String VECTOR_CHECKSUMS = "vector checksums";

  /** What messages call the fields at the beginning. */
  private static final String HEADER = "header";

  private static final SectionFormat FORMAT =
      new SectionFormat(
          "graph index",
          "LLGRPH01",
          4,
          512,
          72,
          96,
          List.of(
              MEAN,
              AXES,
              SCALES,
              CENTRE,
              CODES,
              BIASES,
              LINKS,
              LEVELS,
              UPPER_LINKS,
              PLACES,
              FINGERPRINTS,
              ID_ENDS,
              IDS,
              NODES,
              ATTRIBUTE_ENDS,
              ATTRIBUTES,
              NOTED,
              AUDITED,
              VECTORS,
              VECTOR_CHECKSUMS));

  private static final int DIMENSION_AT = 16;
  private static final int NODES_AT = 20;
  private static final int PRODUCTS_AT = 24;
  private static final int M_AT = 28;
  private static final int EF_CONSTRUCTION_AT = 32;
  private static final int EF_SEARCH_AT = 36;
  private static final int LEAST_NODES_AT = 40;
  private static final int LEARNT_FROM_AT = 44;
  private static final int SEED_AT = 48;
  private static final int ENTRY_AT = 56;
  private static final int STEP_AT = 64;
  private static final int ERROR_AT = 68;
  private static final int PLACES_AT = 80;
  private static final int GROWS_AT = 84;

  /**
   * What a file holds.
   *
   * @param nodes by place if there is a graph
   * @param places each node's place in the graph, if there is one
   * @param arrays the graph's arrays without gaps, or null if there is no graph
   * @param products in the order of their ids
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Content(
      int dimension,
      Settings settings,
      List<Node> nodes,
      int[] places,
      @Nullable GraphArrays arrays,
      @Nullable Quantizer quantizer,
      int learntFrom,
      List<Entry> products) {}

  private IndexFile() {}

  // ---- writing

  static void save(Content content, Path file) throws IOException {
    var numbers = new IdentityHashMap<Node, Integer>();
    for (int i = 0; i < content.nodes.size(); i++) {
      numbers.put(content.nodes.get(i), i);
    }
    checkThatItCanBeOpened(content, numbers);
    SectionWriter.save(file, FORMAT, out -> write(content, numbers, out));
  }

  /** A good file is not replaced by one that will be refused. */
  private static void checkThatItCanBeOpened(Content content, Map<Node, Integer> numbers) {
    var hasProduct = new boolean[content.nodes.size()];
    for (Entry entry : content.products) {
      checkState(numbers.containsKey(entry.node()), "a product has no node");
      hasProduct[Objects.requireNonNull(numbers.get(entry.node()))] = true;
    }
    for (boolean has : hasProduct) {
      checkState(has, "a node has no product");
    }
    GraphArrays arrays = content.arrays;
    if (arrays == null) {
      return;
    }
    checkState(content.places.length == content.nodes.size(), "a node has no place in the graph");
    int slot = (int) arrays.entry;
    checkState(
        slot >= 0 && slot < arrays.capacity && arrays.levels(slot) == (int) (arrays.entry >> 32),
        "the graph has no entry");
    checkState(areLinks(arrays.links, arrays.capacity), "a link leads nowhere");
    for (int i = 0; i < arrays.capacity; i++) {
      checkState(areLinks(arrays.upperLinks(i), arrays.capacity), "an upper link leads nowhere");
    }
  }

  private static void checkState(boolean good, String what) {
    if (!good) {
      throw new IllegalStateException(
          "this index is damaged in memory ("
              + what
              + ") and was not saved; what was saved before is untouched, build the index again");
    }
  }

  private static void write(Content content, Map<Node, Integer> numbers, SectionWriter out)
      throws IOException {
    header(content, out.header());
    Quantizer quantizer = content.quantizer;
    GraphArrays arrays = content.arrays;
    int capacity = arrays == null ? 0 : arrays.capacity;
    out.section(MEAN, () -> out.floats(quantizer == null ? new float[0] : quantizer.mean()));
    out.section(AXES, () -> out.bytes(quantizer == null ? new byte[0] : quantizer.axes()));
    out.section(SCALES, () -> out.floats(quantizer == null ? new float[0] : quantizer.scales()));
    out.section(CENTRE, () -> out.floats(quantizer == null ? new float[0] : quantizer.centre()));
    out.section(
        CODES,
        () -> {
          if (arrays != null) {
            out.bytes(arrays.codes, arrays.codeAt(0));
          }
        });
    out.section(BIASES, () -> out.ints(arrays == null ? new int[0] : arrays.biases));
    out.section(LINKS, () -> out.ints(arrays == null ? new int[0] : arrays.links));
    out.section(
        LEVELS,
        () -> {
          for (int slot = 0; slot < capacity; slot++) {
            out.room(1).put((byte) Objects.requireNonNull(arrays).levels(slot));
          }
        });
    out.section(
        UPPER_LINKS,
        () -> {
          for (int slot = 0; slot < capacity; slot++) {
            out.ints(Objects.requireNonNull(arrays).upperLinks(slot));
          }
        });
    out.section(PLACES, () -> out.ints(content.places));
    out.section(
        FINGERPRINTS,
        () -> {
          for (Node node : content.nodes) {
            out.room(Long.BYTES).putLong(node.fingerprint());
          }
        });
    var ids = new ArrayList<byte[]>(content.products.size());
    for (Entry entry : content.products) {
      ids.add(Utf8.encode(entry.id()));
    }
    texts(out, ID_ENDS, IDS, ids);
    out.section(
        NODES,
        () -> {
          for (Entry entry : content.products) {
            out.room(Integer.BYTES).putInt(Objects.requireNonNull(numbers.get(entry.node())));
          }
        });
    var attributes = new ArrayList<byte[]>(content.products.size());
    for (Entry entry : content.products) {
      attributes.add(AttributesCodec.encode(entry.attributes()));
    }
    texts(out, ATTRIBUTE_ENDS, ATTRIBUTES, attributes);
    out.section(NOTED, () -> noted(content.nodes, numbers, out));
    out.section(AUDITED, () -> out.bytes(audited(content.nodes)));
    var sums = new int[content.nodes.size()];
    out.sectionOfParts(VECTORS, () -> vectors(content, sums, out));
    out.section(VECTOR_CHECKSUMS, () -> out.ints(sums));
  }

  private static void header(Content content, ByteBuffer header) {
    Settings settings = content.settings;
    header.putInt(DIMENSION_AT, content.dimension);
    header.putInt(NODES_AT, content.nodes.size());
    header.putInt(PRODUCTS_AT, content.products.size());
    header.putInt(M_AT, settings.m());
    header.putInt(EF_CONSTRUCTION_AT, settings.efConstruction());
    header.putInt(EF_SEARCH_AT, settings.efSearch().base());
    header.putInt(GROWS_AT, settings.efSearch().grows() ? 1 : 0);
    header.putInt(LEAST_NODES_AT, settings.leastNodes());
    header.putInt(LEARNT_FROM_AT, content.learntFrom);
    header.putLong(SEED_AT, settings.seed());
    header.putLong(ENTRY_AT, content.arrays == null ? 0 : content.arrays.entry);
    header.putInt(PLACES_AT, content.arrays == null ? 0 : content.arrays.capacity);
    if (content.quantizer != null) {
      header.putFloat(STEP_AT, content.quantizer.step());
      header.putFloat(ERROR_AT, content.quantizer.expectedError());
    }
  }

  private static void texts(SectionWriter out, String ends, String title, List<byte[]> all)
      throws IOException {
    out.section(
        ends,
        () -> {
          long end = 0;
          for (byte[] each : all) {
            end += each.length;
            if (end > Integer.MAX_VALUE - Long.BYTES) {
              throw new IOException(
                  "its " + title + " take more than 2 GiB, which such a file cannot hold");
            }
            out.room(Integer.BYTES).putInt((int) end);
          }
        });
    out.section(
        title,
        () -> {
          for (byte[] each : all) {
            out.bytes(each);
          }
        });
  }

  private static void noted(List<Node> nodes, Map<Node, Integer> numbers, SectionWriter out)
      throws IOException {
    for (int i = 0; i < nodes.size(); i++) {
      for (Node other : nodes.get(i).noted()) {
        Integer number = numbers.get(other);
        if (number != null) {
          out.room(2 * Integer.BYTES).putInt(i).putInt(number);
        }
      }
    }
  }

  /** A bit for each node, in bytes of eight from the lowest on. */
  private static byte[] audited(List<Node> nodes) {
    var bits = new byte[(nodes.size() + 7) / 8];
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).isAudited()) {
        bits[i / 8] |= (byte) (1 << i % 8);
      }
    }
    return bits;
  }

  private static void vectors(Content content, int[] sums, SectionWriter out) throws IOException {
    ByteBuffer row =
        ByteBuffer.allocate(content.dimension * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < sums.length; i++) {
      row.asFloatBuffer().put(content.nodes.get(i).vector().toArray());
      var checksum = new CRC32C();
      checksum.update(row.duplicate());
      sums[i] = (int) checksum.getValue();
      out.bytes(row.array());
    }
  }

  // ---- reading

  static Content open(Path file) throws IOException {
    try (SectionReader in = SectionReader.open(file, FORMAT)) {
      return new Input(file, in).read();
    }
  }

  /** One file that is being opened. */
  private static final class Input {
    private final Path file;
    private final SectionReader in;
    private final ByteBuffer header;

    Input(Path file, SectionReader in) {
      this.file = file;
      this.in = in;
      this.header = in.header();
    }

    Content read() throws IOException {
      int dimension = header.getInt(DIMENSION_AT);
      int count = header.getInt(NODES_AT);
      int products = header.getInt(PRODUCTS_AT);
      int slots = header.getInt(PLACES_AT);
      int learntFrom = header.getInt(LEARNT_FROM_AT);
      boolean hasGraph = learntFrom > 0;
      in.check(
          dimension >= 1
              && count >= 0
              && products >= count
              && (count > 0 || products == 0)
              && learntFrom >= 0
              && slots >= 0
              && slots <= count
              && hasGraph == slots > 0,
          HEADER);
      // Before anything is allocated: a damaged number must not cost more memory than the file has.
      in.check(
          in.length(PLACES) == (hasGraph ? (long) Integer.BYTES * count : 0)
              && in.length(FINGERPRINTS) == (long) Long.BYTES * count
              && in.length(AUDITED) == (count + 7L) / 8
              && in.length(VECTOR_CHECKSUMS) == (long) Integer.BYTES * count
              && in.length(ID_ENDS) == (long) Integer.BYTES * products
              && in.length(NODES) == (long) Integer.BYTES * products
              && in.length(ATTRIBUTE_ENDS) == (long) Integer.BYTES * products,
          HEADER);
      Settings settings = settings();
      Quantizer quantizer = quantizer(hasGraph, dimension);
      GraphArrays arrays = arrays(slots, quantizer, settings);
      var places = new int[hasGraph ? count : 0];
      in.read(PLACES, places);
      List<ByteBuffer> prints = in.pieces(FINGERPRINTS, (long) Long.BYTES * count);
      String[] ids = ids(products);
      var nodeOf = new int[products];
      in.read(NODES, nodeOf);
      SavedAttributes attributes = attributes(products);
      int[] noted = noted();
      var audited = new byte[(int) in.length(AUDITED)];
      in.read(AUDITED, audited);
      long vectorsAt = in.beginOfParts(VECTORS, (long) Float.BYTES * dimension * count);
      var sums = new int[count];
      in.read(VECTOR_CHECKSUMS, sums);
      var vectors = new MappedVectors(file, in.channel(), vectorsAt, dimension, sums);
      var nodes = new ArrayList<Node>(count);
      for (ByteBuffer piece : prints) {
        while (piece.hasRemaining()) {
          nodes.add(new Node(vectors, nodes.size(), piece.getLong()));
        }
      }
      note(noted, nodes);
      for (int i = 0; i < count; i++) {
        nodes.get(i).setAudited((audited[i / 8] >> i % 8 & 1) == 1);
      }
      for (int i = 0; i < places.length; i++) {
        int slot = places[i];
        in.check(slot >= 0 && slot < slots && (i == 0 || slot >= places[i - 1]), PLACES);
        Look look = arrays.look(slot);
        arrays.setLook(slot, look == null ? nodes.get(i) : NodeGroup.joined(look, nodes.get(i)));
      }
      for (int slot = 0; slot < slots; slot++) {
        in.check(arrays.look(slot) != null, PLACES);
      }
      var entries = new ArrayList<Entry>(products);
      for (int i = 0; i < products; i++) {
        in.check(nodeOf[i] >= 0 && nodeOf[i] < count, NODES);
        Node node = nodes.get(nodeOf[i]);
        var entry = new Entry(ids[i], node, i, attributes);
        Entries before = node.entries();
        node.setEntries(before == null ? entry : before.with(entry));
        entries.add(entry);
      }
      for (Node node : nodes) {
        in.check(node.entries() != null, NODES);
      }
      return new Content(
          dimension,
          settings,
          nodes,
          places,
          hasGraph ? arrays : null,
          hasGraph ? quantizer : null,
          learntFrom,
          entries);
    }

    private Settings settings() throws IOException {
      int m = header.getInt(M_AT);
      int efConstruction = header.getInt(EF_CONSTRUCTION_AT);
      int efSearch = header.getInt(EF_SEARCH_AT);
      int grows = header.getInt(GROWS_AT);
      int leastNodes = header.getInt(LEAST_NODES_AT);
      in.check(
          HnswIndex.Builder.areValid(m, efConstruction, efSearch, leastNodes)
              && (grows == 0 || grows == 1),
          HEADER);
      return new Settings(
          m,
          efConstruction,
          new EfSearch(efSearch, grows == 1),
          header.getLong(SEED_AT),
          Runtime.getRuntime().availableProcessors(),
          leastNodes);
    }

    private Quantizer quantizer(boolean hasGraph, int dimension) throws IOException {
      long axes = in.length(SCALES) / Float.BYTES;
      float step = header.getFloat(STEP_AT);
      float error = header.getFloat(ERROR_AT);
      in.check(
          hasGraph == axes > 0
              && axes <= dimension
              && in.length(MEAN) == (hasGraph ? (long) Float.BYTES * dimension : 0)
              && in.length(CENTRE) == Float.BYTES * axes
              && (!hasGraph || (step > 0 && step < 1))
              && error >= 0
              && error < Float.POSITIVE_INFINITY,
          HEADER);
      int count = (int) axes;
      long bytes = Quantizer.axesBytes(dimension, count);
      in.check(bytes == in.length(AXES), HEADER);
      var mean = new float[hasGraph ? dimension : 0];
      var rotation = new byte[(int) bytes];
      var scales = new float[count];
      var centre = new float[count];
      in.read(MEAN, mean);
      in.read(AXES, rotation);
      in.read(SCALES, scales);
      in.read(CENTRE, centre);
      return new Quantizer(mean, rotation, scales, centre, step, error);
    }

    private GraphArrays arrays(int slots, Quantizer quantizer, Settings settings)
        throws IOException {
      int codeLength = quantizer.length();
      in.check(
          slots <= GraphArrays.mostSlots(Math.max(1, codeLength), settings)
              && in.length(CODES) == (long) slots * codeLength
              && in.length(LINKS) == (long) Integer.BYTES * slots * settings.width(0),
          HEADER);
      var arrays = new GraphArrays(slots, codeLength, settings);
      in.read(CODES, arrays.codes, arrays.codeAt(0));
      in.read(BIASES, arrays.biases);
      for (int bias : arrays.biases) {
        in.check(bias <= 0 && bias >= -Encoder.MOST_BIAS, BIASES);
      }
      in.read(LINKS, arrays.links);
      in.check(areLinks(arrays.links, slots), LINKS);
      var levels = new byte[slots];
      in.read(LEVELS, levels);
      long upper = 0;
      for (byte level : levels) {
        in.check(level >= 0 && level <= Graph.MOST_LAYERS, LEVELS);
        upper += (long) level * arrays.upperWidth;
      }
      List<ByteBuffer> pieces = in.pieces(UPPER_LINKS, Integer.BYTES * upper);
      int piece = 0;
      for (int slot = 0; slot < slots; slot++) {
        arrays.makeUpperLinks(slot, levels[slot]);
        int[] links = arrays.upperLinks(slot);
        for (int i = 0; i < links.length; i++) {
          if (!pieces.get(piece).hasRemaining()) {
            piece++;
          }
          links[i] = pieces.get(piece).getInt();
        }
        in.check(areLinks(links, slots), UPPER_LINKS);
      }
      for (int slot = 0; slot < slots; slot++) {
        int[] links = arrays.upperLinks(slot);
        for (int i = 0; i < links.length; i++) {
          // A link leads to another slot of its own layer.
          int layer = 1 + i / arrays.upperWidth;
          in.check(links[i] == GraphArrays.NONE || arrays.levels(links[i]) >= layer, UPPER_LINKS);
        }
      }
      long entry = header.getLong(ENTRY_AT);
      int slot = (int) entry;
      in.check(
          slots == 0 || (slot >= 0 && slot < slots && arrays.levels(slot) == (int) (entry >> 32)),
          HEADER);
      arrays.entry = entry;
      return arrays;
    }

    /** Where each text ends in the section after this one. */
    private int[] ends(String title, String texts, int count) throws IOException {
      var ends = new int[count];
      in.read(title, ends);
      int begin = 0;
      for (int end : ends) {
        in.check(begin <= end, title);
        begin = end;
      }
      in.check(begin == in.length(texts), title);
      return ends;
    }

    private String[] ids(int count) throws IOException {
      int[] ends = ends(ID_ENDS, IDS, count);
      var texts = new byte[(int) Math.min(Integer.MAX_VALUE - 8, in.length(IDS))];
      in.read(IDS, texts);
      var ids = new String[count];
      int begin = 0;
      for (int i = 0; i < count; i++) {
        try {
          ids[i] = Utf8.decode(texts, begin, ends[i] - begin);
        } catch (IllegalArgumentException e) {
          throw damaged(IDS, e);
        }
        begin = ends[i];
        in.check(Ids.problem(ids[i]) == null && (i == 0 || ids[i - 1].compareTo(ids[i]) < 0), IDS);
      }
      return ids;
    }

    private SavedAttributes attributes(int count) throws IOException {
      int[] ends = ends(ATTRIBUTE_ENDS, ATTRIBUTES, count);
      return new SavedAttributes(
          file, ATTRIBUTES, in.section(ATTRIBUTES, in.length(ATTRIBUTES)), ends);
    }

    private int[] noted() throws IOException {
      long numbers = in.length(NOTED) / Integer.BYTES;
      in.check(numbers <= Integer.MAX_VALUE - 8 && numbers % 2 == 0, NOTED);
      var noted = new int[(int) numbers];
      in.read(NOTED, noted);
      return noted;
    }

    /** What is noted at one node comes together. */
    private void note(int[] noted, List<Node> nodes) throws IOException {
      var others = new ArrayList<Node>();
      for (int i = 0; i < noted.length; i += 2) {
        int node = noted[i];
        int other = noted[i + 1];
        in.check(
            node >= (i == 0 ? 0 : noted[i - 2])
                && node < nodes.size()
                && other >= 0
                && other < nodes.size(),
            NOTED);
        others.add(nodes.get(other));
        if (i + 2 == noted.length || noted[i + 2] != node) {
          nodes.get(node).note(others);
          others.clear();
        }
      }
    }

    private IOException damaged(String title, Exception cause) {
      IOException damaged = SectionReader.damaged(file, title);
      damaged.initCause(cause);
      return damaged;
    }
  }

  private static boolean areLinks(int[] links, int slots) {
    boolean good = true;
    for (int link : links) {
      good &= link >= GraphArrays.NONE && link < slots;
    }
    return good;
  }
}

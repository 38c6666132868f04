package io.lookalike.index.hnsw;

import io.lookalike.catalog.Attributes;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Reads and writes an {@link HnswIndex}; {@code docs/format.md} has the format. */
final class IndexFile {

  private static final long MAGIC = 0x313048505247_4C4CL; // "LLGRPH01"
  private static final int VERSION = 1;
  private static final int HEADER = 512;
  private static final int SECTIONS_AT = 96;
  private static final int SECTION_ENTRY = 16;
  private static final int ALIGNMENT = 8;
  private static final int CHUNK = 1 << 16;

  /** The sections in their order. */
  private enum Section {
    MEAN,
    AXES,
    SCALES,
    CENTRE,
    CODES,
    BIASES,
    LINKS,
    LEVELS,
    UPPER_LINKS,
    FINGERPRINTS,
    ID_ENDS,
    IDS,
    NODES,
    ATTRIBUTE_ENDS,
    ATTRIBUTES,
    VECTORS,
    VECTOR_CHECKSUMS;

    /** As messages and the documentation call it. */
    String title() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  private static final List<Section> SECTIONS = List.of(Section.values());

  /**
   * What a file holds.
   *
   * @param nodes by slot if there is a graph
   * @param arrays the graph's arrays without gaps, or null if there is no graph
   * @param entry the graph's entry
   * @param products in the order of their ids
   */
  record Content(
      int dimension,
      Settings settings,
      List<Node> nodes,
      @Nullable GraphArrays arrays,
      @Nullable Quantizer quantizer,
      int learntFrom,
      long entry,
      List<Entry> products) {}

  private IndexFile() {}

  // ---- writing

  static void save(Content content, Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder == null || Files.isDirectory(absolute)) {
      throw new IOException(file + " is a folder; name a file to save to");
    }
    if (!Files.isDirectory(folder)) {
      throw new IOException("there is no folder " + folder + " to save to; create it first");
    }
    try {
      // Not made of the file's name, which may be as long as a name can be.
      Path part = Files.createTempFile(folder, ".lookalike-", ".part");
      try {
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
          new Output(channel).write(content);
          channel.force(true);
        }
        Files.move(
            part, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      // The file system's own names the part, and nobody knows that file.
      String reason = e instanceof FileSystemException named ? named.getReason() : e.getMessage();
      throw new IOException(
          "cannot save to "
              + file
              + ": "
              + (reason == null ? e.getClass().getSimpleName() : reason),
          e);
    }
  }

  private interface Body {
    void write() throws IOException;
  }

  /** Writes little-endian numbers and sums up their checksum. */
  private static final class Output {
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    private final CRC32C checksum = new CRC32C();
    private long written = HEADER;

    Output(FileChannel channel) {
      this.channel = channel;
    }

    void write(Content content) throws IOException {
      channel.position(HEADER);
      Quantizer quantizer = content.quantizer;
      GraphArrays arrays = content.arrays;
      section(Section.MEAN, () -> floats(quantizer == null ? new float[0] : quantizer.mean()));
      section(Section.AXES, () -> bytes(quantizer == null ? new byte[0] : quantizer.axes()));
      section(Section.SCALES, () -> floats(quantizer == null ? new float[0] : quantizer.scales()));
      section(Section.CENTRE, () -> floats(quantizer == null ? new float[0] : quantizer.centre()));
      section(Section.CODES, () -> bytes(arrays == null ? new byte[0] : arrays.codes));
      section(Section.BIASES, () -> ints(arrays == null ? new int[0] : arrays.biases));
      section(Section.LINKS, () -> ints(arrays == null ? new int[0] : arrays.links));
      section(
          Section.LEVELS,
          () -> {
            for (int slot = 0; arrays != null && slot < arrays.capacity; slot++) {
              room(1).put((byte) arrays.levels(slot));
            }
          });
      section(
          Section.UPPER_LINKS,
          () -> {
            for (int slot = 0; arrays != null && slot < arrays.capacity; slot++) {
              ints(arrays.upperLinks(slot));
            }
          });
      section(
          Section.FINGERPRINTS,
          () -> {
            for (Node node : content.nodes) {
              room(Long.BYTES).putLong(node.fingerprint());
            }
          });
      texts(content.products);
      var numbers = new IdentityHashMap<Node, Integer>();
      for (int i = 0; i < content.nodes.size(); i++) {
        numbers.put(content.nodes.get(i), i);
      }
      section(
          Section.NODES,
          () -> {
            for (Entry entry : content.products) {
              room(Integer.BYTES).putInt(Objects.requireNonNull(numbers.get(entry.node())));
            }
          });
      attributes(content.products);
      var sums = new int[content.nodes.size()];
      section(Section.VECTORS, () -> vectors(content.nodes, sums));
      section(Section.VECTOR_CHECKSUMS, () -> ints(sums));
      header(content);
    }

    private void header(Content content) throws IOException {
      Settings settings = content.settings;
      header.putLong(0, MAGIC).putInt(8, VERSION).putInt(12, HEADER);
      header.putInt(16, content.dimension).putInt(20, content.nodes.size());
      header.putInt(24, content.products.size());
      header.putInt(28, settings.m()).putInt(32, settings.efConstruction());
      header.putInt(36, settings.efSearch()).putInt(40, settings.leastNodes());
      header.putInt(44, content.learntFrom).putLong(48, settings.seed());
      header.putLong(56, content.entry);
      header.putFloat(64, content.quantizer == null ? 0 : content.quantizer.step());
      header.putLong(72, written);
      header.putInt(HEADER - Integer.BYTES, crc(header.slice(0, HEADER - Integer.BYTES)));
      channel.position(0);
      while (header.hasRemaining()) {
        channel.write(header);
      }
    }

    /** Writes a section, padded with zeros, and its entry in the header. */
    private void section(Section section, Body body) throws IOException {
      checksum.reset();
      long begin = written;
      body.write();
      flush();
      long bytes = written - begin;
      room(ALIGNMENT).put(new byte[(int) (padded(bytes) - bytes)]);
      flush();
      int at = entryAt(section);
      header.putLong(at, bytes);
      header.putInt(at + Long.BYTES, section == Section.VECTORS ? 0 : (int) checksum.getValue());
    }

    private ByteBuffer room(int bytes) throws IOException {
      if (buffer.remaining() < bytes) {
        flush();
      }
      return buffer;
    }

    private void flush() throws IOException {
      buffer.flip();
      checksum.update(buffer.duplicate());
      written += buffer.remaining();
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      buffer.clear();
    }

    private void bytes(byte[] values) throws IOException {
      for (int from = 0; from < values.length; from += CHUNK) {
        int n = Math.min(CHUNK, values.length - from);
        room(n).put(values, from, n);
      }
    }

    private void ints(int[] values) throws IOException {
      for (int value : values) {
        room(Integer.BYTES).putInt(value);
      }
    }

    private void floats(float[] values) throws IOException {
      for (float value : values) {
        room(Float.BYTES).putFloat(value);
      }
    }

    private void texts(List<Entry> products) throws IOException {
      var ids = new ArrayList<byte[]>(products.size());
      for (Entry entry : products) {
        ids.add(utf8("the id", entry.id()));
      }
      section(Section.ID_ENDS, () -> ends(ids, "the ids"));
      section(
          Section.IDS,
          () -> {
            for (byte[] id : ids) {
              bytes(id);
            }
          });
    }

    private void attributes(List<Entry> products) throws IOException {
      var all = new ArrayList<byte[]>(products.size());
      for (Entry entry : products) {
        all.add(encoded(entry.attributes()));
      }
      section(Section.ATTRIBUTE_ENDS, () -> ends(all, "the attributes"));
      section(
          Section.ATTRIBUTES,
          () -> {
            for (byte[] each : all) {
              bytes(each);
            }
          });
    }

    private void ends(List<byte[]> all, String what) throws IOException {
      long end = 0;
      for (byte[] each : all) {
        end += each.length;
        if (end > Integer.MAX_VALUE - ALIGNMENT) {
          throw new IOException(what + " take more than 2 GiB, which a snapshot cannot hold");
        }
        room(Integer.BYTES).putInt((int) end);
      }
    }

    private void vectors(List<Node> nodes, int[] sums) throws IOException {
      ByteBuffer row = null;
      for (int i = 0; i < sums.length; i++) {
        float[] values = nodes.get(i).vector().toArray();
        if (row == null) {
          row = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        }
        row.asFloatBuffer().put(values);
        sums[i] = crc(row.duplicate());
        bytes(row.array());
      }
    }
  }

  private static byte[] utf8(String what, String text) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      var array = new byte[bytes.remaining()];
      bytes.get(array);
      return array;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          what + " \"" + text + "\" is no valid text and cannot be saved", e);
    }
  }

  /**
   * Names and values; big-endian as {@link DataOutputStream} writes, but for the texts' lengths.
   */
  private static byte[] encoded(Attributes attributes) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      for (Map.Entry<String, Object> each : attributes.asMap().entrySet()) {
        text(each.getKey(), out);
        Object value = each.getValue();
        if (value instanceof String string) {
          out.writeByte('s');
          text(string, out);
        } else if (value instanceof Double number) {
          out.writeByte('n');
          out.writeLong(Long.reverseBytes(Double.doubleToLongBits(number)));
        } else if (value instanceof Long whole) {
          out.writeByte('w');
          out.writeLong(Long.reverseBytes(whole));
        } else if (value instanceof Boolean truth) {
          out.writeByte(truth ? 't' : 'f');
        } else if (value instanceof Instant instant) {
          out.writeByte('i');
          out.writeLong(Long.reverseBytes(instant.getEpochSecond()));
          out.writeInt(Integer.reverseBytes(instant.getNano()));
        } else if (value instanceof Set<?> members) {
          out.writeByte('m');
          out.writeInt(Integer.reverseBytes(members.size()));
          for (Object member : new TreeSet<Object>(members)) {
            text(member.toString(), out);
          }
        }
      }
    }
    return bytes.toByteArray();
  }

  private static void text(String text, DataOutputStream out) throws IOException {
    byte[] bytes = utf8("the attribute", text);
    out.writeInt(Integer.reverseBytes(bytes.length));
    out.write(bytes);
  }

  private static int entryAt(Section section) {
    return SECTIONS_AT + SECTIONS.indexOf(section) * SECTION_ENTRY;
  }

  private static long padded(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private static int crc(ByteBuffer bytes) {
    var checksum = new CRC32C();
    checksum.update(bytes);
    return (int) checksum.getValue();
  }

  // ---- reading

  static Content open(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file + " is a folder; name a file that holds an index");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new Input(file, channel).read();
    }
  }

  /** One file that is being opened. */
  private static final class Input {
    private final Path file;
    private final FileChannel channel;
    private final ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    private long position = HEADER;

    Input(Path file, FileChannel channel) {
      this.file = file;
      this.channel = channel;
    }

    Content read() throws IOException {
      readHeader();
      int dimension = header.getInt(16);
      int count = header.getInt(20);
      int products = header.getInt(24);
      int m = header.getInt(28);
      int efConstruction = header.getInt(32);
      int efSearch = header.getInt(36);
      int leastNodes = header.getInt(40);
      int learntFrom = header.getInt(44);
      check(
          dimension >= 1
              && count >= 0
              && products >= count
              && (count > 0 || products == 0)
              && HnswIndex.Builder.areValid(m, efConstruction, efSearch, leastNodes)
              && learntFrom >= 0,
          "header");
      int threads = Runtime.getRuntime().availableProcessors();
      var settings =
          new Settings(m, efConstruction, efSearch, header.getLong(48), threads, leastNodes);
      boolean hasGraph = learntFrom > 0;
      Quantizer quantizer = quantizer(hasGraph, dimension);
      GraphArrays arrays = arrays(hasGraph ? count : 0, quantizer, settings);
      long entry = header.getLong(56);
      if (hasGraph) {
        int slot = (int) entry;
        check(slot >= 0 && slot < count && arrays.levels(slot) == (int) (entry >> 32), "header");
      }
      ByteBuffer prints = section(Section.FINGERPRINTS, 8L * count);
      String[] ids = ids(products);
      ByteBuffer nodeOf = section(Section.NODES, 4L * products);
      List<Attributes> attributes = attributes(products);
      long vectorsAt = position;
      skip(Section.VECTORS, 4L * dimension * count);
      checkPadding(vectorsAt + 4L * dimension * count);
      ByteBuffer sums = section(Section.VECTOR_CHECKSUMS, 4L * count);
      check(position == channel.size(), "header");
      var vectors = new MappedVectors(file, channel, vectorsAt, dimension, sums.asIntBuffer());
      var nodes = new ArrayList<Node>(count);
      for (int i = 0; i < count; i++) {
        var node = new Node(vectors, i, prints.getLong(8 * i));
        node.setSlot(i);
        if (hasGraph) {
          arrays.nodes[i] = node;
        }
        nodes.add(node);
      }
      var entries = new ArrayList<Entry>(products);
      for (int i = 0; i < products; i++) {
        int number = nodeOf.getInt(4 * i);
        check(number >= 0 && number < count, Section.NODES.title());
        var product = new Entry(ids[i], nodes.get(number), attributes.get(i));
        nodes.get(number).add(product);
        entries.add(product);
      }
      for (Node node : nodes) {
        check(node.first() != null, Section.NODES.title());
      }
      return new Content(
          dimension,
          settings,
          nodes,
          hasGraph ? arrays : null,
          hasGraph ? quantizer : null,
          learntFrom,
          entry,
          entries);
    }

    private Quantizer quantizer(boolean hasGraph, int dimension) throws IOException {
      long axes = length(Section.SCALES) / Float.BYTES;
      check(
          hasGraph == axes > 0 && axes <= dimension && (!hasGraph || header.getFloat(64) > 0),
          "header");
      float[] mean = floats(Section.MEAN, hasGraph ? dimension : 0);
      byte[] rotation = bytes(Section.AXES, Quantizer.axesBytes(dimension, (int) axes));
      float[] scales = floats(Section.SCALES, (int) axes);
      float[] centre = floats(Section.CENTRE, (int) axes);
      return new Quantizer(mean, rotation, scales, centre, header.getFloat(64));
    }

    private GraphArrays arrays(int count, Quantizer quantizer, Settings settings) throws IOException {
      int codeLength = quantizer.length();
      check(count <= GraphArrays.mostSlots(Math.max(1, codeLength), settings), "header");
      var arrays = new GraphArrays(count, codeLength, settings);
      section(Section.CODES, (long) count * codeLength).get(arrays.codes);
      section(Section.BIASES, 4L * count).asIntBuffer().get(arrays.biases);
      section(Section.LINKS, 4L * arrays.links.length).asIntBuffer().get(arrays.links);
      checkLinks(arrays.links, count, Section.LINKS);
      ByteBuffer levels = section(Section.LEVELS, count);
      long upper = 0;
      for (int slot = 0; slot < count; slot++) {
        check(levels.get(slot) >= 0, Section.LEVELS.title());
        upper += (long) levels.get(slot) * arrays.upperWidth;
      }
      ByteBuffer links = section(Section.UPPER_LINKS, 4 * upper);
      for (int slot = 0; slot < count; slot++) {
        int above = levels.get(slot);
        arrays.makeUpperLinks(slot, above);
        if (above > 0) {
          int[] upperLinks = arrays.upperLinks(slot);
          for (int i = 0; i < upperLinks.length; i++) {
            upperLinks[i] = links.getInt();
          }
          checkLinks(upperLinks, count, Section.UPPER_LINKS);
        }
      }
      return arrays;
    }

    private void checkLinks(int[] links, int count, Section section) throws IOException {
      boolean good = true;
      for (int link : links) {
        good &= link >= GraphArrays.NONE && link < count;
      }
      check(good, section.title());
    }

    private void readHeader() throws IOException {
      while (header.hasRemaining() && channel.read(header) >= 0) {
        // until all is there
      }
      int there = header.position();
      header.rewind();
      if (there < Long.BYTES || header.getLong(0) != MAGIC) {
        throw new IOException(
            file + " is no index: it does not begin with LLGRPH01; name another file");
      }
      if (there < HEADER) {
        throw new IOException(damage("header") + ": it ends after " + there + " bytes");
      }
      boolean sumIsRight =
          header.getInt(HEADER - Integer.BYTES) == crc(header.slice(0, HEADER - Integer.BYTES));
      if (header.getInt(8) > VERSION && sumIsRight) {
        throw new IOException(
            file
                + " has version "
                + header.getInt(8)
                + " of the format, expected at most "
                + VERSION
                + "; use a newer Lookalike");
      }
      check(sumIsRight && header.getInt(8) == VERSION && header.getInt(12) == HEADER, "header");
      if (channel.size() != header.getLong(72)) {
        throw new IOException(
            file
                + " is damaged: it has "
                + channel.size()
                + " bytes, its header tells of "
                + header.getLong(72)
                + "; save it again");
      }
    }

    private long length(Section section) {
      return header.getLong(entryAt(section));
    }

    private void skip(Section section, long bytes) throws IOException {
      check(
          bytes >= 0 && length(section) == bytes && position + padded(bytes) <= channel.size(),
          "header");
      position += padded(bytes);
    }

    /** What follows the vectors is under none of their checksums. */
    private void checkPadding(long from) throws IOException {
      if (from < position) {
        ByteBuffer padding = channel.map(FileChannel.MapMode.READ_ONLY, from, position - from);
        while (padding.hasRemaining()) {
          check(padding.get() == 0, Section.VECTORS.title());
        }
      }
    }

    private ByteBuffer section(Section section, long bytes) throws IOException {
      long begin = position;
      skip(section, bytes);
      check(position - begin <= Integer.MAX_VALUE, "header");
      ByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, begin, position - begin);
      check(
          crc(mapped.duplicate()) == header.getInt(entryAt(section) + Long.BYTES), section.title());
      return mapped.slice(0, (int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private byte[] bytes(Section section, int count) throws IOException {
      var bytes = new byte[count];
      section(section, count).get(bytes);
      return bytes;
    }

    private float[] floats(Section section, int count) throws IOException {
      var floats = new float[count];
      section(section, 4L * count).asFloatBuffer().get(floats);
      return floats;
    }

    /** Where each text ends in the section after this one, which has these bytes in all. */
    private int[] ends(Section section, int count) throws IOException {
      var ends = new int[count];
      section(section, 4L * count).asIntBuffer().get(ends);
      int begin = 0;
      for (int end : ends) {
        check(begin <= end, section.title());
        begin = end;
      }
      return ends;
    }

    private String[] ids(int count) throws IOException {
      int[] ends = ends(Section.ID_ENDS, count);
      byte[] texts = bytes(Section.IDS, count == 0 ? 0 : ends[count - 1]);
      var ids = new String[count];
      int begin = 0;
      for (int i = 0; i < count; i++) {
        ids[i] = new String(texts, begin, ends[i] - begin, StandardCharsets.UTF_8);
        begin = ends[i];
        check(i == 0 || ids[i - 1].compareTo(ids[i]) < 0, Section.IDS.title());
      }
      return ids;
    }

    private List<Attributes> attributes(int count) throws IOException {
      int[] ends = ends(Section.ATTRIBUTE_ENDS, count);
      ByteBuffer texts = section(Section.ATTRIBUTES, count == 0 ? 0 : ends[count - 1]);
      var all = new ArrayList<Attributes>(count);
      int begin = 0;
      for (int end : ends) {
        try {
          all.add(
              begin == end
                  ? Attributes.none()
                  : decoded(texts.slice(begin, end - begin).order(ByteOrder.LITTLE_ENDIAN)));
        } catch (BufferUnderflowException | IllegalArgumentException | DateTimeException e) {
          throw new IOException(damage(Section.ATTRIBUTES.title()) + "; save it again", e);
        }
        begin = end;
      }
      return all;
    }

    private void check(boolean good, String part) throws IOException {
      if (!good) {
        throw new IOException(damage(part) + "; save it again");
      }
    }

    private String damage(String part) {
      return file + " is damaged (" + part + ")";
    }
  }

  private static Attributes decoded(ByteBuffer in) {
    Map<String, Object> values = new LinkedHashMap<>();
    while (in.hasRemaining()) {
      String name = text(in);
      byte type = in.get();
      values.put(
          name,
          switch (type) {
            case 's' -> text(in);
            case 'n' -> in.getDouble();
            case 'w' -> in.getLong();
            case 't' -> true;
            case 'f' -> false;
            case 'i' -> Instant.ofEpochSecond(in.getLong(), in.getInt());
            case 'm' -> members(in);
            default -> throw new IllegalArgumentException("type " + type);
          });
    }
    return Attributes.of(values);
  }

  private static Set<String> members(ByteBuffer in) {
    var members = new LinkedHashSet<String>();
    for (int left = in.getInt(); left > 0; left--) {
      members.add(text(in));
    }
    return members;
  }

  private static String text(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("length " + length);
    }
    String text = StandardCharsets.UTF_8.decode(in.slice(in.position(), length)).toString();
    in.position(in.position() + length);
    return text;
  }
}

package io.lookalike.datasets.vectors;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Node;
import io.jhdf.exceptions.HdfException;
import io.jhdf.exceptions.HdfFilterException;
import io.jhdf.exceptions.UnsupportedHdfException;
import io.jhdf.object.message.DataLayout;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * A file of vectors in one of the formats that benchmarks are published in: NumPy's {@code .npy},
 * IDX (also compressed by gzip), the HDF5 files of ann-benchmarks, and the {@code .fvecs}, {@code
 * .bvecs} and {@code .ivecs} of TEXMEX. What tells itself is known by its first bytes, the last
 * three by their names. For HDF5, {@code io.jhdf:jhdf} must be on the class path.
 *
 * <pre>{@code
 * try (Vectors features = VectorFile.of(Path.of("features.npy")).vectors()) {
 *   for (float[] row : features) {
 *     ...
 *   }
 * }
 * }</pre>
 *
 * <p>Immutable, and thread-safe. All methods throw a {@link VectorFileException} if the file holds
 * something else than what is asked for, or is damaged, and an {@link IOException} if it cannot be
 * read.
 */
public final class VectorFile {

  /** The vectors to search, in a file of ann-benchmarks. */
  private static final String TRAIN = "train";

  private static final int MOST_DIMENSIONS = 1 << 20;

  /** No packing makes numbers smaller by more than this. */
  private static final int MOST_PACKED = 1_100;

  private final Path file;
  private final Format format;

  private enum Format {
    NPY,
    IDX,
    IDX_GZ,
    HDF5,
    FVECS,
    BVECS,
    IVECS
  }

  private VectorFile(Path file, Format format) {
    this.file = file;
    this.format = format;
  }

  /**
   * Finds out what a file is.
   *
   * @param file of one of the formats
   * @return what reads it
   * @throws VectorFileException if it is missing, or none of the formats
   * @throws IOException if it cannot be read
   */
  public static VectorFile of(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new VectorFileException(
          Files.exists(file) ? file + " is no file" : "there is no file " + file);
    }
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(8);
    }
    return new VectorFile(file, format(file, start));
  }

  private static Format format(Path file, byte[] start) {
    if (startsWith(start, 0x93, 'N', 'U', 'M', 'P', 'Y')) {
      return Format.NPY;
    }
    if (startsWith(start, 0x89, 'H', 'D', 'F')) {
      return Format.HDF5;
    }
    if (startsWith(start, 0x1f, 0x8b)) {
      return Format.IDX_GZ;
    }
    String name = file.toString().toLowerCase(Locale.ROOT);
    for (Format format : List.of(Format.FVECS, Format.BVECS, Format.IVECS)) {
      if (name.endsWith("." + format.name().toLowerCase(Locale.ROOT))) {
        return format;
      }
    }
    if (startsWith(start, 0, 0)) {
      return Format.IDX;
    }
    throw new VectorFileException(
        file
            + " begins with "
            + (start.length == 0 ? "nothing" : HexFormat.ofDelimiter(" ").formatHex(start))
            + ", expected a .npy, .fvecs, .bvecs, IDX (also .gz) or HDF5 file");
  }

  private static boolean startsWith(byte[] start, int... expected) {
    for (int i = 0; i < expected.length; i++) {
      if (i >= start.length || (start[i] & 0xff) != expected[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether this is a file of ann-benchmarks: with the vectors to search, queries, and the nearest
   * of each query in one.
   *
   * @return true for HDF5
   */
  public boolean isHdf5() {
    return format == Format.HDF5;
  }

  /**
   * Opens the vectors; of an HDF5 file, those to search.
   *
   * @return at least one; those of a NumPy file stay there and are read as they are asked for,
   *     others are in memory
   * @throws IOException if the file cannot be read
   */
  public Vectors vectors() throws IOException {
    return vectors(TRAIN);
  }

  /**
   * Opens vectors of a file that may hold several kinds.
   *
   * @param dataset which, of an HDF5 file: {@code train} or {@code test}; passed over for others
   * @return at least one; those of a NumPy file stay there and are read as they are asked for,
   *     others are in memory
   * @throws IOException if the file cannot be read
   */
  public Vectors vectors(String dataset) throws IOException {
    if (format == Format.NPY) {
      return NpyMatrix.open(file);
    }
    List<float[]> rows =
        switch (format) {
          case IDX, IDX_GZ -> idx();
          case HDF5 -> hdf5Floats(dataset);
          case FVECS, BVECS -> vecs();
          case NPY, IVECS ->
              throw new VectorFileException(
                  file + " holds whole numbers, such as the rows of the nearest; expected vectors");
        };
    if (rows.isEmpty()) {
      throw damaged("it holds no vectors");
    }
    return new VectorList(rows);
  }

  /**
   * Reads which rows are the nearest to each query, closest first.
   *
   * @return for each query as many rows as the file has
   * @throws IOException if the file cannot be read
   */
  public List<int[]> nearest() throws IOException {
    return switch (format) {
      case IVECS -> {
        var rows = new ArrayList<int[]>();
        for (ByteBuffer row : blocks(Integer.BYTES)) {
          var numbers = new int[row.remaining() / Integer.BYTES];
          row.asIntBuffer().get(numbers);
          rows.add(numbers);
        }
        yield rows;
      }
      case HDF5 -> hdf5Truth();
      default ->
          throw new VectorFileException(
              file + " is no file of neighbours, expected .ivecs, or .hdf5 with neighbors");
    };
  }

  /**
   * Which distance an HDF5 file of ann-benchmarks is meant for.
   *
   * @return {@code angular} or {@code euclidean}, for example; empty if it does not say
   */
  public String distance() {
    return hdf5(
        hdf -> {
          var attribute = hdf.getAttribute("distance");
          return attribute == null ? "" : String.valueOf(attribute.getData());
        });
  }

  // ---- IDX: 0, 0, type, number of dimensions, their sizes, all big-endian

  private List<float[]> idx() throws IOException {
    try (var in = new DataInputStream(new BufferedInputStream(uncompressed(), 1 << 16))) {
      int magic = in.readInt();
      int type = magic >> 8;
      int dimensions = magic & 0xff;
      int bytes = idxBytes(type);
      if (bytes == 0 || dimensions < 2) {
        throw new VectorFileException(
            String.format(
                Locale.ROOT,
                "%s begins with %08x, expected the head of an IDX file of two or more dimensions",
                file,
                magic));
      }
      int count = in.readInt();
      long length = 1;
      for (int i = 1; i < dimensions; i++) {
        int size = in.readInt();
        length = size < 1 || size > MOST_DIMENSIONS ? 0 : length * size;
        if (length < 1 || length > MOST_DIMENSIONS) {
          throw damaged("dimension " + (i + 1) + " has the size " + size);
        }
      }
      if (count < 0) {
        throw damaged("it claims to hold " + count + " vectors");
      }
      var rows = new ArrayList<float[]>(Math.min(count, 1 << 20));
      for (int i = 0; i < count; i++) {
        byte[] data = in.readNBytes((int) length * bytes);
        if (data.length < length * bytes) {
          throw damaged("it ends in vector " + i + " of " + count);
        }
        rows.add(numbers(ByteBuffer.wrap(data), type, (int) length));
      }
      if (in.read() >= 0) {
        throw damaged("more follows after its " + count + " vectors");
      }
      return rows;
    } catch (EOFException | ZipException e) {
      throw damaged(
          e instanceof ZipException ? "gzip says " + e.getMessage() : "it ends too soon", e);
    }
  }

  private InputStream uncompressed() throws IOException {
    InputStream in = Files.newInputStream(file);
    if (format != Format.IDX_GZ) {
      return in;
    }
    try {
      return new GZIPInputStream(in);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static int idxBytes(int type) {
    return switch (type) {
      case 0x08, 0x09 -> 1;
      case 0x0b -> 2;
      case 0x0c, 0x0d -> 4;
      case 0x0e -> 8;
      default -> 0;
    };
  }

  private static float[] numbers(ByteBuffer data, int type, int length) {
    var row = new float[length];
    for (int i = 0; i < length; i++) {
      row[i] =
          switch (type) {
            case 0x08 -> data.get() & 0xff;
            case 0x09 -> data.get();
            case 0x0b -> data.getShort();
            case 0x0c -> data.getInt();
            case 0x0d -> data.getFloat();
            default -> (float) data.getDouble();
          };
    }
    return row;
  }

  // ---- fvecs, bvecs, ivecs: each vector with its length before it, little-endian

  private List<float[]> vecs() throws IOException {
    boolean bytes = format == Format.BVECS;
    var rows = new ArrayList<float[]>();
    for (ByteBuffer row : blocks(bytes ? Byte.BYTES : Float.BYTES)) {
      var numbers = new float[bytes ? row.remaining() : row.remaining() / Float.BYTES];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = bytes ? row.get() & 0xff : row.getFloat();
      }
      rows.add(numbers);
    }
    return rows;
  }

  private List<ByteBuffer> blocks(int numberBytes) throws IOException {
    var blocks = new ArrayList<ByteBuffer>();
    try (var in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      int first = -1;
      while (true) {
        byte[] head = in.readNBytes(Integer.BYTES);
        if (head.length == 0) {
          return blocks;
        }
        int length =
            head.length < Integer.BYTES
                ? -1
                : ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt();
        first = first < 0 ? length : first;
        if (length < 1 || length > MOST_DIMENSIONS || length != first) {
          throw damaged(
              "row "
                  + blocks.size()
                  + (head.length < Integer.BYTES
                      ? " is cut short"
                      : " claims to have "
                          + length
                          + " numbers"
                          + (blocks.isEmpty() ? "" : ", the first has " + first)));
        }
        byte[] data = in.readNBytes(length * numberBytes);
        if (data.length < length * numberBytes) {
          throw damaged("row " + blocks.size() + " is cut short");
        }
        blocks.add(ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN));
      }
    }
  }

  // ---- HDF5

  private List<float[]> hdf5Floats(String dataset) {
    Object data = data(dataset);
    if (data instanceof float[][] floats) {
      return Arrays.asList(floats);
    }
    if (data instanceof double[][] doubles) {
      return Arrays.stream(doubles)
          .map(
              row -> {
                var floats = new float[row.length];
                for (int i = 0; i < row.length; i++) {
                  floats[i] = (float) row[i];
                }
                return floats;
              })
          .toList();
    }
    throw new VectorFileException(
        file
            + ": "
            + dataset
            + " is of type "
            + data.getClass().getSimpleName()
            + ", expected rows of floating-point numbers");
  }

  private List<int[]> hdf5Truth() {
    Object data = data("neighbors");
    if (data instanceof int[][] ints) {
      return Arrays.asList(ints);
    }
    if (data instanceof long[][] longs) {
      var rows = new ArrayList<int[]>(longs.length);
      for (long[] numbers : longs) {
        var row = new int[numbers.length];
        for (int i = 0; i < row.length; i++) {
          if (numbers[i] != (int) numbers[i]) {
            throw new VectorFileException(
                file
                    + ", query "
                    + rows.size()
                    + ": names row "
                    + numbers[i]
                    + ", which no file has");
          }
          row[i] = (int) numbers[i];
        }
        rows.add(row);
      }
      return rows;
    }
    throw new VectorFileException(
        file
            + ": neighbors is of type "
            + data.getClass().getSimpleName()
            + ", expected rows of whole numbers");
  }

  private Object data(String name) {
    return hdf5(
        hdf -> {
          Node node = hdf.getChild(name);
          if (!(node instanceof Dataset dataset)) {
            String held = String.join(", ", hdf.getChildren().keySet());
            throw new VectorFileException(
                file
                    + (node != null
                        ? ": " + name + " is no dataset"
                        : " has " + (held.isEmpty() ? "" : held + ", but ") + "no dataset " + name)
                    + "; expected a file of ann-benchmarks with train, test and neighbors");
          }
          checkSize(name, dataset);
          return dataset.getData();
        });
  }

  /** Before memory is asked for what a damaged head claims. */
  private void checkSize(String name, Dataset dataset) {
    double bytes = dataset.getDataType().getSize();
    for (int size : dataset.getDimensions()) {
      bytes *= size;
    }
    long heap = Runtime.getRuntime().maxMemory();
    boolean packed = dataset.getDataLayout() == DataLayout.CHUNKED;
    if (bytes < 0 || bytes > (packed ? MOST_PACKED : 1) * (double) file.toFile().length()) {
      throw damaged(
          name
              + " claims to have the shape "
              + Arrays.toString(dataset.getDimensions())
              + ", more than the file can hold");
    }
    if (2 * bytes > heap) {
      throw new VectorFileException(
          String.format(
              Locale.ROOT,
              "%s: %s takes %.0f MiB of heap to read, more than the %d MiB that there are; raise"
                  + " -Xmx",
              file,
              name,
              2 * bytes / (1 << 20),
              heap >> 20));
    }
  }

  /**
   * Reads by a library that trusts what it finds: a damaged file makes it throw exceptions of many
   * classes, or ask for more memory or depth than there is.
   */
  private <T> T hdf5(Function<HdfFile, T> reading) {
    try (HdfFile hdf = new HdfFile(file)) {
      return reading.apply(hdf);
    } catch (VectorFileException e) {
      throw e;
    } catch (NoClassDefFoundError | ExceptionInInitializerError e) {
      throw new VectorFileException(
          file
              + " cannot be read, as a library of io.jhdf:jhdf is not on the class path: "
              + root(e).getMessage()
              + "; add jhdf with all that it depends on (com.ning:compress-lzf for filters)",
          e);
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      String unsupported = unsupported(e);
      if (unsupported != null) {
        throw new VectorFileException(
            file
                + " holds what cannot be read here: "
                + unsupported
                + "; write its datasets again as plain ones, contiguous or with gzip",
            e);
      }
      throw damaged(e instanceof HdfException ? String.valueOf(e.getMessage()) : e.toString(), e);
    }
  }

  private static Throwable root(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /** What of HDF5 the library does not know, or null. */
  private static @Nullable String unsupported(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnsupportedHdfException
          || (cause instanceof HdfFilterException
              && String.valueOf(cause.getMessage()).contains("not available"))) {
        return cause.getMessage();
      }
    }
    return null;
  }

  private VectorFileException damaged(String how) {
    return damaged(how, null);
  }

  private VectorFileException damaged(String how, @Nullable Throwable cause) {
    return new VectorFileException(
        Objects.requireNonNull(file) + " is damaged: " + how + "; get it again", cause);
  }
}

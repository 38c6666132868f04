package io.lookalike.cli;

import io.lookalike.PurchaseLog;
import io.lookalike.catalog.Attributes;
import io.lookalike.internal.AttributesCodec;
import io.lookalike.internal.SectionFormat;
import io.lookalike.internal.SectionReader;
import io.lookalike.internal.Utf8;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredTransform;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the folder in which a catalogue was saved before there was a store, format {@code
 * lookalike-store-3}: {@code manifest.properties}, and the files that it names with their lengths
 * and CRC-32C. The saved index is not read; it is made anew.
 */
final class OldFolder {

  private static final String MANIFEST = "manifest.properties";
  private static final String FORMAT = "lookalike-store-3";
  private static final String NONE = "none";

  private static final String IDS = "ids";
  private static final int IDS_AT = 20;
  private static final SectionFormat PURCHASES =
      new SectionFormat(
          "purchase log", "LLSALES1", 1, 96, 24, 32, List.of("products", "days", IDS));

  private final Path folder;
  private final Properties manifest;

  private OldFolder(Path folder, Properties manifest) {
    this.folder = folder;
    this.manifest = manifest;
  }

  /** Receives products. */
  interface Sink {
    void product(String id, Attributes attributes, float @Nullable [] features) throws IOException;
  }

  static OldFolder open(Path folder) throws IOException {
    if (!StorePlace.isOld(folder)) {
      throw new UserErrorException(
          folder
              + " holds no catalogue of an earlier version (there is no "
              + MANIFEST
              + " in it)");
    }
    var manifest = new Properties();
    try {
      manifest.load(new StringReader(Files.readString(folder.resolve(MANIFEST))));
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new StoreException(folder.resolve(MANIFEST) + " is damaged: " + e.getMessage(), e);
    }
    String format = manifest.getProperty("format", NONE);
    if (!format.equals(FORMAT)) {
      throw new StoreException(
          folder.resolve(MANIFEST)
              + ": the format is "
              + format
              + ", expected "
              + FORMAT
              + "; index the photos again");
    }
    return new OldFolder(folder, manifest);
  }

  String extractor() throws StoreException {
    return text("extractor");
  }

  int dimension() throws StoreException {
    long dimension = number("dimension");
    if (dimension < 1 || dimension > Integer.MAX_VALUE) {
      throw damaged(folder.resolve(MANIFEST), "dimension is " + dimension, null);
    }
    return (int) dimension;
  }

  int products() throws StoreException {
    return (int) number("products");
  }

  /** What tells this catalogue from others. */
  String name() throws StoreException {
    return folder.toAbsolutePath().normalize() + " (" + text("products.crc32c") + ")";
  }

  /** The transform, if one was fitted. */
  Optional<StoredTransform> transform(int network) throws IOException {
    String rule = text("transform.rule");
    return rule.equals(NONE)
        ? Optional.empty()
        : Optional.of(
            new StoredTransform(
                network,
                1,
                rule,
                text("transform.description"),
                Files.readAllBytes(checked("transform"))));
  }

  /** Goes through the products, in the order of their ids. */
  void read(Sink sink) throws IOException {
    Path products = checked("products");
    Path features = checked("features");
    ByteBuffer row = ByteBuffer.allocate(dimension() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    var decoder = new AttributesCodec.Decoder();
    try (var in = stream(products);
        var vectors = stream(features)) {
      for (int left = in.readInt(); left > 0; left--) {
        String id = Utf8.decode(ByteBuffer.wrap(bytes(in)));
        Attributes attributes = decoder.decode(ByteBuffer.wrap(bytes(in)));
        float[] vector = null;
        if (in.readBoolean()) {
          vectors.readFully(row.array());
          vector = new float[row.capacity() / Float.BYTES];
          row.asFloatBuffer().get(vector);
        }
        sink.product(id, attributes, vector);
      }
      if (in.read() >= 0 || vectors.read() >= 0) {
        throw damaged(products, "it does not fit its features", null);
      }
    } catch (EOFException | IllegalArgumentException e) {
      throw damaged(products, String.valueOf(e.getMessage()), e);
    }
  }

  /** What was sold; empty if that was not saved in this folder. */
  PurchaseLog sales() throws IOException {
    return hasSales() ? PurchaseLog.load(checked("purchases")) : new PurchaseLog();
  }

  /** The ids of purchases that were counted, the oldest first. */
  List<String> purchaseIds() throws IOException {
    var ids = new ArrayList<String>();
    if (hasSales()) {
      try (SectionReader in = SectionReader.open(file("purchases"), PURCHASES)) {
        ByteBuffer from = in.section(IDS, in.length(IDS));
        for (int left = in.header().getInt(IDS_AT); left > 0; left--) {
          in.check(from.remaining() >= Integer.BYTES, IDS);
          int length = from.getInt();
          in.check(length > 0 && length <= from.remaining(), IDS);
          ids.add(Utf8.decode(from.slice(from.position(), length)));
          from.position(from.position() + length);
        }
      }
    }
    return ids;
  }

  private boolean hasSales() throws StoreException {
    return text("purchases").equals("here");
  }

  private static DataInputStream stream(Path file) throws IOException {
    return new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
  }

  private static byte[] bytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    byte[] bytes = length < 0 ? new byte[0] : in.readNBytes(length);
    if (bytes.length != length) {
      throw new EOFException("it ends too early");
    }
    return bytes;
  }

  /** A file, checked as a whole before a byte of it is believed. */
  private Path checked(String kind) throws IOException {
    Path file = file(kind);
    long bytes = number(kind + ".bytes");
    var checksum = new CRC32C();
    try (InputStream in = new CheckedInputStream(Files.newInputStream(file), checksum)) {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (NoSuchFileException e) {
      throw damaged(file, "there is no such file", e);
    }
    if (Files.size(file) != bytes) {
      throw damaged(file, "it has " + Files.size(file) + " bytes, expected " + bytes, null);
    }
    // That of the features was not always written; their length tells.
    String expected = manifest.getProperty(kind + ".crc32c");
    String found = Long.toHexString(checksum.getValue());
    if (expected != null && !found.equals(expected)) {
      throw damaged(file, "its CRC-32C is " + found + ", expected " + expected, null);
    }
    return file;
  }

  private Path file(String kind) throws StoreException {
    String name = text(kind + ".file");
    if (!name.matches("[a-z]+-\\d+[.]bin")) {
      throw damaged(folder.resolve(MANIFEST), kind + ".file is " + name, null);
    }
    return folder.resolve(name);
  }

  private String text(String key) throws StoreException {
    String value = manifest.getProperty(key);
    if (value == null) {
      throw damaged(folder.resolve(MANIFEST), "it has no " + key, null);
    }
    return value;
  }

  private long number(String key) throws StoreException {
    String value = text(key);
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw damaged(folder.resolve(MANIFEST), key + " is " + value + ", expected a number", e);
    }
  }

  private static StoreException damaged(Path file, String how, @Nullable Throwable cause) {
    return new StoreException(
        file + " is damaged: " + how + "; restore the folder from a copy, or index again", cause);
  }
}

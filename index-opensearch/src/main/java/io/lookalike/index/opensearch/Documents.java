package io.lookalike.index.opensearch;

import io.lookalike.catalog.Attributes;
import io.lookalike.index.IndexItem;
import io.lookalike.internal.AttributesCodec;
import io.lookalike.math.UnitVector;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Products as documents. The graph's copy of a vector ({@link #VECTOR}) and what is only searched
 * by are left out of the source; there a vector is packed (four bytes a number, little-endian, in
 * Base64), which takes half of what JSON numbers do and comes back bit by bit. So an update by the
 * server itself, which knows the source alone, would lose the vector: documents are replaced whole.
 */
final class Documents {

  /** What the graph is made of. */
  static final String VECTOR = "vector";

  /**
   * What makes a byte of each number, for the graph; beside these, the server keeps the numbers.
   */
  private static final String QUANTIZER = "sq";

  /** The same, packed. */
  static final String PACKED = "packed";

  /** The attributes, as {@link AttributesCodec} has them, in Base64. */
  static final String ATTRIBUTES = "attributes";

  /** The product's id once more, to sort by. */
  static final String ID = "id";

  /** What the source leaves out. */
  static final List<String> UNSOURCED = List.of(VECTOR, ID, Terms.FIELD);

  /** The longest {@code _id} that the server takes, in bytes of UTF-8. */
  static final int LONGEST_ID = 512;

  private final AttributesCodec.Decoder decoder = new AttributesCodec.Decoder();

  /** The fields of the mapping. */
  static Map<String, Object> fields(int dimension, Settings settings) {
    Map<String, Object> method = new LinkedHashMap<>();
    method.put("name", "hnsw");
    method.put("engine", "lucene");
    method.put("space_type", "cosinesimil");
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("m", settings.m());
    parameters.put("ef_construction", settings.efConstruction());
    if (settings.quantized()) {
      parameters.put("encoder", Map.of("name", QUANTIZER));
    }
    method.put("parameters", parameters);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put(ID, Map.of("type", "keyword", "index", false));
    fields.put(VECTOR, Map.of("type", "knn_vector", "dimension", dimension, "method", method));
    fields.put(Terms.FIELD, Map.of("type", "keyword", "doc_values", false));
    fields.put(PACKED, Map.of("type", "binary"));
    fields.put(ATTRIBUTES, Map.of("type", "binary"));
    return fields;
  }

  /** Whether a mapping's graphs compare bytes. */
  static boolean isQuantized(@Nullable Object mapping) {
    return Json.text(mapping, "properties", VECTOR, "method", "parameters", "encoder", "name")
        .equals(QUANTIZER);
  }

  static Map<String, Object> document(IndexItem item) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put(ID, item.id());
    document.put(VECTOR, item.vector());
    document.put(Terms.FIELD, Terms.of(item.attributes()));
    document.put(PACKED, packed(item.vector()));
    document.put(
        ATTRIBUTES, Base64.getEncoder().encodeToString(AttributesCodec.encode(item.attributes())));
    return document;
  }

  private static String packed(UnitVector vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.dimension() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector.toArray());
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  /** The vector that a document's source holds. */
  UnitVector vector(Object document) {
    try {
      byte[] bytes = Base64.getDecoder().decode(Json.text(document, "_source", PACKED));
      var values = new float[bytes.length / Float.BYTES];
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
      return UnitVector.ofNormalized(values);
    } catch (IllegalArgumentException e) {
      throw changed(document, e);
    }
  }

  /** The attributes that a document's source holds. */
  Attributes attributes(Object document) {
    try {
      byte[] bytes = Base64.getDecoder().decode(Json.text(document, "_source", ATTRIBUTES));
      return decoder.decode(ByteBuffer.wrap(bytes));
    } catch (IllegalArgumentException e) {
      throw changed(document, e);
    }
  }

  IndexItem item(Object document) {
    return new IndexItem(Json.text(document, "_id"), vector(document), attributes(document));
  }

  private static UncheckedIOException changed(Object document, IllegalArgumentException e) {
    var problem =
        new OpenSearchException(
            "the document "
                + Json.text(document, "_id")
                + " is not one that this library has written ("
                + e.getMessage()
                + "); build the index again from the store");
    problem.initCause(e);
    return new UncheckedIOException(problem);
  }
}

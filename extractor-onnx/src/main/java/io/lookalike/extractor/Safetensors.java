package io.lookalike.extractor;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The list of tensors of a safetensors file: eight bytes that hold the length of a JSON object,
 * that object, and then all numbers (the format's description in {@code huggingface/safetensors}).
 */
final class Safetensors {
  /** As the reference implementation's: no header is longer. */
  private static final long MAX_HEADER = 100_000_000;

  private Safetensors() {}

  static Map<String, StoredTensor> tensors(FileChannel channel) throws IOException {
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    Checkpoint.fill(channel, length, 0);
    long header = length.getLong(0);
    if (header < 2 || header > MAX_HEADER || header > channel.size() - 8) {
      throw new MalformedCheckpointException(
          "truncated or no safetensors: its list of tensors should take "
              + Long.toUnsignedString(header)
              + " bytes, the whole file has "
              + channel.size(),
          null);
    }
    ByteBuffer json = ByteBuffer.allocate((int) header);
    Checkpoint.fill(channel, json, 8);
    Map<String, Object> entries;
    try {
      entries = JSON.std.mapFrom(json.array());
    } catch (IOException e) {
      throw new MalformedCheckpointException(
          "a safetensors file whose list of tensors is damaged: " + e.getMessage(), e);
    }
    var tensors = new LinkedHashMap<String, StoredTensor>();
    for (Map.Entry<String, Object> entry : entries.entrySet()) {
      if (!entry.getKey().equals("__metadata__")) {
        tensors.put(entry.getKey(), tensor(entry.getKey(), entry.getValue(), 8 + header));
      }
    }
    return tensors;
  }

  private static StoredTensor tensor(String name, Object value, long start)
      throws MalformedCheckpointException {
    if (value instanceof Map<?, ?> fields
        && fields.get("dtype") instanceof String type
        && fields.get("shape") instanceof List<?> dimensions
        && fields.get("data_offsets") instanceof List<?> offsets
        && offsets.size() == 2
        && offsets.get(0) instanceof Number first
        && offsets.get(1) instanceof Number end) {
      long[] shape = new long[dimensions.size()];
      boolean sound = true;
      for (int i = 0; i < shape.length; i++) {
        shape[i] = dimensions.get(i) instanceof Number n ? n.longValue() : -1;
        sound &= shape[i] >= 0 && shape[i] <= Integer.MAX_VALUE;
      }
      StoredTensor tensor = new StoredTensor(type, shape, start + first.longValue());
      if (sound
          && first.longValue() >= 0
          && (!type.equals(StoredTensor.FLOAT32)
              || tensor.bytes() == end.longValue() - first.longValue())) {
        return tensor;
      }
    }
    throw new MalformedCheckpointException(
        "a safetensors file whose list of tensors is damaged at " + name + ": " + value, null);
  }
}

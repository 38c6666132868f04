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
  /** No list of tensors is longer; a network of a thousand layers has 200 KB. */
  private static final long MAX_HEADER = 4 << 20;

  private Safetensors() {}

  static Map<String, StoredTensor> tensors(FileChannel channel) throws IOException {
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    Checkpoint.fill(channel, length, 0);
    long header = length.getLong(0);
    if (header < 2 || header > MAX_HEADER || header > channel.size() - 8) {
      throw new MalformedCheckpointException(
          "truncated or no safetensors: its list of tensors should take "
              + Long.toUnsignedString(header)
              + " bytes, expected at most "
              + Math.min(MAX_HEADER, channel.size() - 8)
              + " of the "
              + channel.size()
              + " that the file has",
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
        && offsets.size() == 2) {
      long first = whole(offsets.get(0));
      long end = whole(offsets.get(1));
      long[] shape = new long[dimensions.size()];
      boolean sound = first >= 0 && end >= first;
      for (int i = 0; i < shape.length; i++) {
        shape[i] = whole(dimensions.get(i));
        sound &= shape[i] >= 0 && shape[i] <= Integer.MAX_VALUE;
      }
      if (sound
          && (!type.equals(StoredTensor.FLOAT32) || StoredTensor.bytes(shape) == end - first)) {
        return new StoredTensor(type, shape, Math.addExact(start, first));
      }
    }
    throw new MalformedCheckpointException(
        "a safetensors file whose list of tensors is damaged at " + name + ": " + value, null);
  }

  /** A whole number that a long holds, from 0; -1 for anything else. */
  private static long whole(Object value) {
    return value instanceof Integer || value instanceof Long ? ((Number) value).longValue() : -1;
  }
}

package io.lookalike.extractor;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the part of Python's pickle format that dictionaries of tensors are written in (protocols 2
 * to 5, {@code Lib/pickletools.py}).
 *
 * <p>A pickle is a program that may call any function of Python. Here nothing is called: the few
 * functions that rebuild a tensor or an ordered dictionary are known by name and done in Java, and
 * any other call, and any instruction that dictionaries of tensors do not need, is refused.
 *
 * <p>Python's values become: dict {@link Map}, list {@link ArrayList}, tuple another {@link List},
 * str {@link String}, int {@link Long}, float {@link Double}, bool {@link Boolean}, None null.
 */
final class Pickle {

  /**
   * Numbers in the file.
   *
   * @param type the class that PyTorch keeps them in, such as {@code FloatStorage}
   * @param key which storage
   * @param first the first of its numbers that counts
   */
  record Storage(String type, String key, long first) {}

  /**
   * A tensor: how a storage's numbers are to be looked at.
   *
   * @param storage the numbers
   * @param offset of the first number
   * @param shape the dimensions
   * @param stride how many numbers further the next one along each dimension is
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record TensorView(Storage storage, long offset, long[] shape, long[] stride) {}

  /** Something of Python's, by name; never looked up, never called. */
  private record Global(String name) {}

  /** No tensor has more. */
  private static final int MAX_DIMENSIONS = 64;

  private final ByteBuffer in;
  private final Map<Integer, @Nullable Object> memo = new HashMap<>();
  private final Deque<List<@Nullable Object>> marked = new ArrayDeque<>();
  private List<@Nullable Object> stack = new ArrayList<>();

  /** How many more entries dictionaries can have: a pickle spends bytes on each. */
  private int entriesLeft;

  private Pickle(ByteBuffer in) {
    this.in = in;
    this.entriesLeft = in.remaining();
  }

  /**
   * Reads one pickle.
   *
   * @param in is left after its end
   * @return what was pickled
   */
  static @Nullable Object read(ByteBuffer in) throws MalformedCheckpointException {
    in.order(ByteOrder.LITTLE_ENDIAN);
    try {
      return new Pickle(in).run();
    } catch (BufferUnderflowException e) {
      throw new MalformedCheckpointException("truncated in its list of tensors", e);
    }
  }

  private @Nullable Object run() throws MalformedCheckpointException {
    while (true) {
      int instruction = in.get() & 0xff;
      switch (instruction) {
        case 0x80 -> in.get(); // PROTO
        case 0x95 -> in.getLong(); // FRAME
        case '.' -> {
          return pop();
        }
        case '(' -> {
          marked.push(stack);
          stack = new ArrayList<>();
        }
        case '0' -> pop();
        case 'N' -> push(null);
        case 0x88 -> push(true);
        case 0x89 -> push(false);
        case 'K' -> push((long) (in.get() & 0xff));
        case 'M' -> push((long) (in.getShort() & 0xffff));
        case 'J' -> push((long) in.getInt());
        case 0x8a -> push(readInteger(in.get() & 0xff));
        case 'G' -> {
          in.order(ByteOrder.BIG_ENDIAN);
          push(in.getDouble());
          in.order(ByteOrder.LITTLE_ENDIAN);
        }
        case 'U', 0x8c -> push(readText(in.get() & 0xff)); // the former from Python 2
        case 'T', 'X' -> push(readText(in.getInt()));
        case ')' -> push(tuple(List.of()));
        case 0x85 -> push(tuple(last(1)));
        case 0x86 -> push(tuple(last(2)));
        case 0x87 -> push(tuple(last(3)));
        case 't' -> push(tuple(sinceMark()));
        case ']' -> push(new ArrayList<@Nullable Object>());
        case 'a' -> {
          Object item = pop();
          list(top()).add(item);
        }
        case 'e' -> {
          List<@Nullable Object> items = sinceMark();
          list(top()).addAll(items);
        }
        case '}' -> push(new LinkedHashMap<Object, @Nullable Object>());
        case 's' -> {
          List<@Nullable Object> pair = last(2);
          put(map(top()), pair);
        }
        case 'u' -> {
          List<@Nullable Object> pairs = sinceMark();
          put(map(top()), pairs);
        }
        case 'q' -> memo.put(in.get() & 0xff, top());
        case 'r' -> memo.put(in.getInt(), top());
        case 0x94 -> memo.put(memo.size(), top());
        case 'h' -> push(remembered(in.get() & 0xff));
        case 'j' -> push(remembered(in.getInt()));
        case 'c' -> push(new Global(readLine() + '.' + readLine()));
        case 0x93 -> {
          List<@Nullable Object> names = last(2);
          push(new Global(text(names.get(0)) + '.' + text(names.get(1))));
        }
        case 'Q' -> push(storage(items(pop())));
        case 'R' -> {
          List<@Nullable Object> arguments = items(pop());
          push(rebuilt(global(pop()), arguments));
        }
        case 'b' -> {
          pop(); // attributes, which PyTorch gives to the dictionary of a network
          if (!(top() instanceof Map)) {
            throw refused("sets attributes of " + described(top()));
          }
        }
        case 0x81 -> {
          pop(); // arguments
          throw refused("makes an object of " + described(pop()));
        }
        default -> throw refused(String.format("holds the instruction 0x%02x", instruction));
      }
    }
  }

  private @Nullable Object rebuilt(Global function, List<@Nullable Object> arguments)
      throws MalformedCheckpointException {
    return switch (function.name()) {
      case "collections.OrderedDict" -> {
        var map = new LinkedHashMap<Object, @Nullable Object>();
        if (!arguments.isEmpty()) { // from Python 2: a list of pairs
          for (Object pair : items(arguments.get(0))) {
            put(map, items(pair));
          }
        }
        yield map;
      }
      case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2" -> view(arguments);
      case "torch._utils._rebuild_parameter" -> at(arguments, 0);
      default -> throw refused("calls " + function.name());
    };
  }

  private TensorView view(List<@Nullable Object> arguments) throws MalformedCheckpointException {
    if (!(at(arguments, 0) instanceof Storage storage)) {
      throw found(at(arguments, 0), "a storage");
    }
    TensorView view =
        new TensorView(
            storage,
            integer(at(arguments, 1)),
            dimensions(at(arguments, 2)),
            dimensions(at(arguments, 3)));
    if (view.offset() < 0 || view.shape().length != view.stride().length) {
      throw refused("has a tensor that begins at " + view.offset() + " or lacks a stride");
    }
    return view;
  }

  /** ('storage', class, key, where it was, how many) and, in old files, (view, first, how many). */
  private Storage storage(List<@Nullable Object> id) throws MalformedCheckpointException {
    String type = global(at(id, 1)).name();
    if (!"storage".equals(id.get(0)) || !type.startsWith("torch.")) {
      throw refused("refers to " + described(id.get(0)) + " of " + type);
    }
    Object part = id.size() > 5 ? id.get(5) : null;
    long first = part == null ? 0 : integer(at(items(part), 1));
    if (first < 0) {
      throw refused("has a storage that begins at " + first);
    }
    return new Storage(type.substring("torch.".length()), text(at(id, 2)), first);
  }

  private long[] dimensions(@Nullable Object tuple) throws MalformedCheckpointException {
    List<@Nullable Object> items = items(tuple);
    if (items.size() > MAX_DIMENSIONS) {
      throw refused("has a tensor of " + items.size() + " dimensions");
    }
    long[] longs = new long[items.size()];
    for (int i = 0; i < longs.length; i++) {
      longs[i] = integer(items.get(i));
      if (longs[i] < 0 || longs[i] > Integer.MAX_VALUE) {
        throw refused("has a tensor with a dimension of " + longs[i]);
      }
    }
    return longs;
  }

  private void put(Map<Object, @Nullable Object> map, List<@Nullable Object> keysAndValues)
      throws MalformedCheckpointException {
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      Object key = keysAndValues.get(i);
      if (!(key instanceof String || key instanceof Long)) {
        throw found(key, "a text as key");
      }
      map.put(key, at(keysAndValues, i + 1));
      if (--entriesLeft < 0) {
        throw refused("has more entries than it has bytes");
      }
    }
  }

  // The stack.

  private void push(@Nullable Object value) {
    stack.add(value);
  }

  private @Nullable Object pop() throws MalformedCheckpointException {
    return last(1).get(0);
  }

  private @Nullable Object top() throws MalformedCheckpointException {
    return at(stack, stack.size() - 1);
  }

  private List<@Nullable Object> last(int count) throws MalformedCheckpointException {
    if (stack.size() < count) {
      throw damaged("a value is missing");
    }
    List<@Nullable Object> tail = stack.subList(stack.size() - count, stack.size());
    List<@Nullable Object> items = new ArrayList<>(tail);
    tail.clear();
    return items;
  }

  private List<@Nullable Object> sinceMark() throws MalformedCheckpointException {
    if (marked.isEmpty()) {
      throw damaged("a mark is missing");
    }
    List<@Nullable Object> items = stack;
    stack = marked.pop();
    return items;
  }

  private @Nullable Object remembered(int place) throws MalformedCheckpointException {
    if (!memo.containsKey(place)) {
      throw damaged("what it refers to is missing");
    }
    return memo.get(place);
  }

  // What a value must be.

  private @Nullable Object at(List<@Nullable Object> items, int index)
      throws MalformedCheckpointException {
    if (index < 0 || index >= items.size()) {
      throw damaged("a value is missing");
    }
    return items.get(index);
  }

  private static List<@Nullable Object> tuple(List<@Nullable Object> items) {
    return Collections.unmodifiableList(items);
  }

  /** Of a list or a tuple. */
  @SuppressWarnings("unchecked") // lists hold anything
  private List<@Nullable Object> items(@Nullable Object value) throws MalformedCheckpointException {
    if (value instanceof List<?> items) {
      return (List<@Nullable Object>) items;
    }
    throw found(value, "a tuple");
  }

  @SuppressWarnings("unchecked") // lists hold anything
  private ArrayList<@Nullable Object> list(@Nullable Object value)
      throws MalformedCheckpointException {
    if (value instanceof ArrayList<?> list) {
      return (ArrayList<@Nullable Object>) list;
    }
    throw found(value, "a list");
  }

  @SuppressWarnings("unchecked") // all maps here are of these types
  private Map<Object, @Nullable Object> map(@Nullable Object value)
      throws MalformedCheckpointException {
    if (value instanceof Map<?, ?> map) {
      return (Map<Object, @Nullable Object>) map;
    }
    throw found(value, "a dictionary");
  }

  private Global global(@Nullable Object value) throws MalformedCheckpointException {
    if (value instanceof Global global) {
      return global;
    }
    throw found(value, "the name of a class or function");
  }

  private String text(@Nullable Object value) throws MalformedCheckpointException {
    if (value instanceof String text) {
      return text;
    }
    throw found(value, "a text");
  }

  private long integer(@Nullable Object value) throws MalformedCheckpointException {
    if (value instanceof Long number) {
      return number;
    }
    throw found(value, "a whole number");
  }

  /**
   * A value in a few words. Never what is in it: a list may hold itself, and a text may be long.
   *
   * @param value of this class's kinds
   */
  static String described(@Nullable Object value) {
    if (value instanceof Long || value instanceof Double || value instanceof Boolean) {
      return value.toString();
    }
    if (value instanceof String text) {
      return '"' + (text.length() > 40 ? text.substring(0, 40) + "..." : text) + '"';
    }
    return value == null
        ? "None"
        : value instanceof Map
            ? "a dictionary"
            : value instanceof ArrayList
                ? "a list"
                : value instanceof List
                    ? "a tuple"
                    : value instanceof Global global ? global.name() : "a tensor";
  }

  private static MalformedCheckpointException refused(String what) {
    return new MalformedCheckpointException(
        "the list of tensors "
            + what
            + "; only dictionaries of tensors are read, such as a network's state_dict()",
        null);
  }

  private MalformedCheckpointException found(@Nullable Object value, String expected) {
    return damaged("found " + described(value) + ", expected " + expected);
  }

  private MalformedCheckpointException damaged(String how) {
    return new MalformedCheckpointException(
        "damaged in its list of tensors, before byte " + in.position() + ": " + how, null);
  }

  // Bytes.

  /** Little-endian, of up to 8 bytes; what is longer only marks the file and is cut. */
  private long readInteger(int bytes) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      long b = in.get();
      if (i < Long.BYTES) {
        // The highest byte carries the sign.
        value |= (i == bytes - 1 ? b : b & 0xff) << (8 * i);
      }
    }
    return value;
  }

  private String readText(int bytes) {
    if (bytes < 0 || bytes > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] text = new byte[bytes];
    in.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private String readLine() {
    int start = in.position();
    while (in.get() != '\n') {
      // on to the end of the line
    }
    byte[] line = new byte[in.position() - 1 - start];
    in.get(start, line);
    return new String(line, StandardCharsets.UTF_8);
  }
}

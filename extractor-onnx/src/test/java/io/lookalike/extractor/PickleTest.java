package io.lookalike.extractor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.extractor.VggWeights.Pickler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole files are in {@link Vgg19Test}. */
class PickleTest {
  @TempDir private Path folder;

  @Test
  void executesNothingThatAPickleAsksFor() throws IOException {
    Path touched = folder.resolve("touched");
    byte[] pickle =
        new Pickler()
            .raw(0x80, 2)
            .global("os system")
            .text("touch " + touched)
            .raw(0x85, 'R', '.')
            .bytes();
    assertThatThrownBy(() -> Pickle.read(ByteBuffer.wrap(pickle)))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("calls os.system; only dictionaries of tensors are read");
    assertThat(touched).doesNotExist();
    byte[] attributes = new Pickler().raw(0x80, 2).global("os system").raw('}', 'b', '.').bytes();
    assertThatThrownBy(() -> Pickle.read(ByteBuffer.wrap(attributes)))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("sets attributes");
    byte[] builtin = new Pickler().raw(0x80, 2, 0x82, 1, '.').bytes(); // by a number, not a name
    assertThatThrownBy(() -> Pickle.read(ByteBuffer.wrap(builtin)))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("instruction 0x82");
  }

  @Test
  void readsDictionariesListsAndTuples() throws IOException {
    byte[] pickle =
        new Pickler()
            .raw(0x80, 2, '}', '(')
            .text("a")
            .raw('K', 7, 0x85) // (7,)
            .text("b")
            .raw(']', '(', 'N', 0x88, 'e') // [None, True]
            .text("c")
            .integer(-3)
            .raw('u', '.')
            .bytes();
    Map<String, Object> expected =
        Map.of("a", List.of(7L), "b", Arrays.asList(null, true), "c", -3L);
    assertThat(Pickle.read(ByteBuffer.wrap(pickle))).isEqualTo(expected);
  }

  /** Instructions as in {@code Lib/pickletools.py}; {@code g} stands for a class by name. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        ". | a value is missing",
        "0. | a value is missing",
        "q | truncated",
        "t. | a mark is missing",
        "N e. | a mark is missing",
        "h 1 . | what it refers to is missing",
        "N N a. | found None, expected a list",
        ") N a. | found a tuple, expected a list",
        "( t N a. | found a tuple, expected a list",
        "] N N s. | found a list, expected a dictionary",
        "} N N s. | found None, expected a text as key",
        "} ) N s. | found a tuple, expected a text as key",
        "} ( N u. | found None, expected a text as key",
        "} ( K 1 u. | a value is missing",
        "} R. | found a dictionary, expected a tuple",
        ") ) R. | found a tuple, expected the name of a class or function",
        "K 1 Q. | found 1, expected a tuple",
        ") Q. | a value is missing",
        "N N 2 Q. | found None, expected the name of a class or function",
        "N g 2 Q. | the list of tensors refers to None of os.system",
        "N N = . | found None, expected a text",
        "g ) o. | the list of tensors makes an object of os.system; only dictionaries",
      })
  void namesWhatIsDamaged(String instructions, String message) {
    assertThatThrownBy(() -> Pickle.read(assembled(instructions)))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining(message);
  }

  private static ByteBuffer assembled(String instructions) {
    Pickler pickler = new Pickler().raw(0x80, 2);
    boolean number = false;
    for (char c : instructions.replace(" ", "").toCharArray()) {
      if (number) {
        pickler.raw(c - '0');
        number = false;
      } else if (c == 'g') {
        pickler.global("os system");
      } else {
        pickler.raw(c == '2' ? 0x86 : c == '=' ? 0x93 : c == 'o' ? 0x81 : c);
        number = c == 'K' || c == 'h';
      }
    }
    return ByteBuffer.wrap(pickler.bytes());
  }

  @Test
  void namesATensorsDefect() {
    assertThatThrownBy(() -> Pickle.read(tensor(true, 0, 1, 1)))
        .hasMessageContaining("found None, expected a storage");
    assertThatThrownBy(() -> Pickle.read(tensor(false, -1, 1, 1)))
        .hasMessageContaining("has a tensor that begins at -1");
    assertThatThrownBy(() -> Pickle.read(tensor(false, 0, 2, 1)))
        .hasMessageContaining("lacks a stride");
    assertThatThrownBy(() -> Pickle.read(tensor(false, 0, 65, 65)))
        .hasMessageContaining("has a tensor of 65 dimensions");
  }

  private static ByteBuffer tensor(boolean without, int offset, int shape, int strides) {
    Pickler pickler = new Pickler().raw(0x80, 2).global("torch._utils _rebuild_tensor_v2");
    pickler.raw('(');
    if (without) {
      pickler.raw('N');
    } else {
      pickler.raw('(').text("storage").global("torch FloatStorage").text("0").raw('t', 'Q');
    }
    pickler.integer(offset);
    for (int dimensions : new int[] {shape, strides}) {
      pickler.raw('(');
      for (int i = 0; i < dimensions; i++) {
        pickler.integer(1);
      }
      pickler.raw('t');
    }
    return ByteBuffer.wrap(pickler.raw('t', 'R', '.').bytes());
  }

  /** Two lists that hold each other would fill the stack of whoever prints them. */
  @Test
  void survivesListsThatHoldThemselves() {
    byte[] pickle =
        new Pickler()
            .raw(0x80, 2, ']', 'q', 0, ']', 'q', 1, 'h', 0, 'a', '0', 'h', 1, 'a', 'b', '.')
            .bytes();
    assertThatThrownBy(() -> Pickle.read(ByteBuffer.wrap(pickle)))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("a value is missing");
    byte[] attributes =
        new Pickler()
            .raw(0x80, 2, ']', 'q', 0, ']', 'q', 1, 'h', 0, 'a', '0', 'h', 1, 'a', 'N', 'b', '.')
            .bytes();
    assertThatThrownBy(() -> Pickle.read(ByteBuffer.wrap(attributes)))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("sets attributes of a list");
  }

  /** A list of pairs made a dictionary again and again would take hours to read. */
  @Test
  void refusesMoreEntriesThanBytes() {
    Pickler pickler = new Pickler().raw(0x80, 2, ']', 'q', 0, '(');
    for (int i = 0; i < 1000; i++) {
      pickler.raw('K', i % 256, 'N', 0x86);
    }
    pickler.raw('e', '0').global("collections OrderedDict").raw('q', 1, '0');
    for (int i = 0; i < 1000; i++) {
      pickler.raw('h', 1, 'h', 0, 0x85, 'R', '0');
    }
    byte[] pickle = pickler.raw('N', '.').bytes();
    assertThatThrownBy(() -> Pickle.read(ByteBuffer.wrap(pickle)))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("more entries than it has bytes");
  }

  /** Whatever instructions come, it is the file that is found damaged, never this reader. */
  @Test
  void survivesAnyInstructions() {
    String instructions = "(((0N\u0088\u0089KMJ\u008aGUX)\u0085\u0086\u0087t]aee}ssuqhc\u0093QRb";
    long seed = 20_261_122;
    var random = new Random(seed);
    int read = 0;
    for (int round = 0; round < 100_000; round++) {
      Pickler pickler = new Pickler().raw(0x80, 2);
      for (int n = random.nextInt(40); n > 0; n--) {
        char instruction = instructions.charAt(random.nextInt(instructions.length()));
        switch (instruction) {
          case 'K', 'q', 'h' -> pickler.raw(instruction, random.nextInt(3));
          case 'M' -> pickler.raw('M', random.nextInt(256), random.nextInt(256));
          case 'J' -> pickler.integer(random.nextInt());
          case 0x8a -> pickler.raw(0x8a, 2, random.nextInt(256), random.nextInt(256));
          case 'U' -> pickler.shortText("storage");
          case 'X' -> pickler.text("0");
          case 'c' ->
              pickler.global(
                  List.of(
                          "torch FloatStorage",
                          "torch._utils _rebuild_tensor_v2",
                          "torch._utils _rebuild_parameter",
                          "collections OrderedDict")
                      .get(random.nextInt(4)));
          default -> pickler.raw(instruction);
        }
      }
      byte[] pickle = pickler.raw('.').bytes();
      try {
        Pickle.read(ByteBuffer.wrap(pickle));
        read++;
      } catch (MalformedCheckpointException e) {
        assertThat(e.getMessage()).as("seed %d, round %d", seed, round).isNotBlank();
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError("seed " + seed + ", round " + round, e);
      }
    }
    assertThat(read).isGreaterThan(1000); // else it tests nothing but the first instruction
  }
}

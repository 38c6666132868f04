package io.lookalike.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers in attributes and filters: each as it was given, to the digit. */
class NumbersTest {

  private static Attributes of(Number number) {
    return Attributes.none().with("n", number);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        9007199254740993L,
        -9007199254740993L,
        100000000000000001L,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MAX_VALUE - 1
      })
  void wholeNumbersBeyondADoublesReachStayApart(long code) {
    long next = code > 0 ? code - 1 : code + 1;
    assertThat(of(code)).isNotEqualTo(of(next));
    assertThat(of(code).wholeNumber("n")).hasValue(code);
    assertThat(of(code)).hasToString("{n=" + code + "}");
    for (Filter equal :
        List.of(
            Filter.equal("n", code),
            Filter.equal("n", BigInteger.valueOf(code)),
            Filter.equal("n", new AtomicLong(code)),
            Filter.in("n", code, 3),
            Filter.in("n", List.of(code)),
            Filter.parse("n = " + code),
            Filter.parse("n = " + code + ".0"),
            Filter.parse("n in (" + code + ")"),
            Filter.parseJson("{\"equal\": {\"n\": " + code + "}}"),
            Filter.parseJson(Filter.toJson(Filter.equal("n", code))),
            Filter.parse(Filter.equal("n", code).toString()),
            Filter.and(Filter.atLeast("n", code), Filter.atMost("n", code)))) {
      assertThat(equal.matches(of(code))).as("%s", equal).isTrue();
      assertThat(equal.matches(of(next))).as("%s on %s", equal, next).isFalse();
    }
    boolean smaller = next < code;
    assertThat(Filter.lessThan("n", code).matches(of(next))).isEqualTo(smaller);
    assertThat(Filter.greaterThan("n", code).matches(of(next))).isEqualTo(!smaller);
    assertThat(Filter.lessThan("n", code).matches(of(code))).isFalse();
    assertThat(Filter.greaterThan("n", code).matches(of(code))).isFalse();
  }

  @Test
  void aValueIsOneHoweverItCame() {
    for (List<Number> same :
        List.<List<Number>>of(
            List.of(3, 3L, 3.0, 3f, (short) 3, BigInteger.valueOf(3), new BigDecimal("3.00")),
            List.of(0, 0.0, -0.0, new BigDecimal("0E-5")),
            List.of(1e17, 100000000000000000L, new BigDecimal("1E17"), BigInteger.TEN.pow(17)),
            List.of(0x1p63, BigInteger.TWO.pow(63), new BigDecimal(Math.scalb(1.0, 63))),
            List.of(39.9, new BigDecimal("39.90")),
            List.of(0.1, new BigDecimal(Double.parseDouble("0.1")), new BigDecimal("1e-1")))) {
      for (Number a : same) {
        for (Number b : same) {
          assertThat(of(a)).as("%s and %s", a, b).isEqualTo(of(b)).hasSameHashCodeAs(of(b));
          assertThat(Filter.equal("n", a)).isEqualTo(Filter.equal("n", b));
          assertThat(Filter.equal("n", a).matches(of(b))).isTrue();
          assertThat(Filter.in("n", a, "x").matches(of(b))).isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "40, 40",
    "40.0, 40",
    "39.90, 39.9",
    "-0.0, 0",
    "4006381333931, 4006381333931",
    "1E15, 1000000000000000",
    "1E17, 100000000000000000",
    "9007199254740993, 9007199254740993",
    "18446744073709551616, 18446744073709551616",
    "1E300, 1.0E300",
    "0.00001, 1.0E-5"
  })
  void printsToTheDigit(String given, String printed) {
    var number = new BigDecimal(given);
    assertThat(of(number)).hasToString("{n=" + printed + "}");
    assertThat(Filter.lessThan("n", number)).hasToString("n < " + printed);
    assertThat(Filter.parse("n < " + printed)).isEqualTo(Filter.lessThan("n", number));
    assertThat(Filter.toJson(Filter.equal("n", number)))
        .isEqualTo("{\"equal\":{\"n\":" + printed + "}}");
  }

  @ParameterizedTest
  @CsvSource({
    "18446744073709551617, has more digits",
    "9223372036854775809, has more digits",
    "100000000000000000000000, has more digits",
    "0.12345678901234567890123, has more digits",
    "100000000000000001.5, has more digits",
    "1E999, is too large",
    "1E-999, is too close to 0",
    "1E2147483647, is too large"
  })
  void whatWouldLoseDigitsIsRefused(String given, String problem) {
    var number = new BigDecimal(given);
    assertThatThrownBy(() -> of(number))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("attribute \"n\" is " + number + ", which " + problem);
    assertThatThrownBy(() -> Filter.equal("n", number))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("a filter's value is " + number + ", which " + problem);
    var e = catchThrowableOfType(FilterSyntaxException.class, () -> Filter.parse("n = " + given));
    assertThat(e).hasMessageContaining("the number " + given + " " + problem);
    assertThat(e.column()).isEqualTo(5);
    var json =
        catchThrowableOfType(
            FilterSyntaxException.class,
            () -> Filter.parseJson("{\"equal\": {\"n\": " + given + "}}"));
    assertThat(json).hasMessageContaining("found " + given + ", which " + problem);
    assertThat(json.column()).isEqualTo(17);
  }

  @Test
  void anEndlessNumberIsRefusedAtOnce() {
    assertThatThrownBy(() -> Filter.parse("n = 0." + "1".repeat(1_000_000)))
        .isInstanceOf(FilterSyntaxException.class)
        .hasMessageContaining("has more digits");
  }

  /** All kinds of numbers against what BigDecimal says of them. */
  @Test
  void theOrderIsExact() {
    for (long seed = 0; seed < 300; seed++) {
      var random = new Random(seed);
      var numbers = new ArrayList<Number>();
      for (int i = 0; i < 8; i++) {
        numbers.add(number(random));
      }
      for (Number a : numbers) {
        assertThat(Filter.parse(Filter.equal("n", a).toString()))
            .as("seed %s: %s", seed, a)
            .isEqualTo(Filter.equal("n", a));
        for (Number b : numbers) {
          int order = new BigDecimal(a.toString()).compareTo(new BigDecimal(b.toString()));
          if (a instanceof Double || b instanceof Double) {
            order = exact(a).compareTo(exact(b));
          }
          String as = "seed " + seed + ": " + a + " and " + b;
          assertThat(Filter.lessThan("n", b).matches(of(a))).as(as).isEqualTo(order < 0);
          assertThat(Filter.atMost("n", b).matches(of(a))).as(as).isEqualTo(order <= 0);
          assertThat(Filter.greaterThan("n", b).matches(of(a))).as(as).isEqualTo(order > 0);
          assertThat(Filter.atLeast("n", b).matches(of(a))).as(as).isEqualTo(order >= 0);
          assertThat(Filter.equal("n", b).matches(of(a))).as(as).isEqualTo(order == 0);
          assertThat(of(a).equals(of(b))).as(as).isEqualTo(order == 0);
        }
      }
    }
  }

  private static BigDecimal exact(Number number) {
    return number instanceof Double ? new BigDecimal((double) number) : new BigDecimal("" + number);
  }

  private static Number number(Random random) {
    long near = 1L << random.nextInt(64);
    long whole = near + random.nextInt(5) - 2;
    return switch (random.nextInt(5)) {
      case 0 -> whole;
      case 1 -> -whole;
      case 2 -> (double) whole;
      case 3 -> Math.scalb(random.nextGaussian(), random.nextInt(200) - 100);
      default -> random.nextInt();
    };
  }

  @Test
  void decimalsThatDifferInTheirLastDigitAreNeverOne() {
    assertThatThrownBy(() -> of(new BigDecimal("100.00000000000002")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has more digits than a number can keep");
    assertThat(of(new BigDecimal("100.00000000000001")).number("n")).hasValue(100.00000000000001);
    long seed = 5;
    var random = new Random(seed);
    for (int i = 0; i < 1_000; i++) {
      double any = random.nextDouble() * Math.pow(10, random.nextInt(12) - 6);
      assertThat(of(new BigDecimal(Double.toString(any))).number("n"))
          .as("as Java writes it, seed %s", seed)
          .hasValue(any);
    }
  }
}

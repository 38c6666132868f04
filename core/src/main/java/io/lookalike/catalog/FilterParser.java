package io.lookalike.catalog;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** A recursive-descent reader of the text form that {@link Filter#parse} documents. */
final class FilterParser {

  // A superfluous leading zero makes an id ("0215303002") or a code, not a number.
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?");
  private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}(T.*)?");
  private static final String EXPECTED_VALUE =
      "a value (a word, a number, a date, true, false, or text in quotes)";

  private static final Set<String> COMPARISONS = Set.of("=", "!=", "<", "<=", ">", ">=");

  private enum Kind {
    WORD,
    QUOTED,
    SYMBOL,
    END
  }

  private record Token(Kind kind, String text, int column) {
    boolean is(String symbolOrKeyword) {
      return switch (kind) {
        case WORD -> text.toLowerCase(Locale.ROOT).equals(symbolOrKeyword);
        case SYMBOL -> text.equals(symbolOrKeyword);
        case QUOTED, END -> false;
      };
    }

    String shown() {
      return kind == Kind.END ? "the end" : "\"" + Ids.shown(text) + "\"";
    }
  }

  private static final int MAX_DEPTH = 200;

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int depth;

  FilterParser(String source) {
    this.source = source;
  }

  Filter parse() {
    scan();
    if (tokens.size() == 1) {
      return Filter.ALL;
    }
    Filter filter = or();
    if (peek().kind != Kind.END) {
      throw expected("\"and\", \"or\" or the end");
    }
    return filter;
  }

  private Filter or() {
    var filters = new ArrayList<Filter>();
    do {
      filters.add(and());
    } while (accept("or"));
    return filters.size() == 1 ? filters.get(0) : new Filter.Or(filters);
  }

  private Filter and() {
    var filters = new ArrayList<Filter>();
    do {
      filters.add(not());
    } while (accept("and"));
    return filters.size() == 1 ? filters.get(0) : new Filter.And(filters);
  }

  private Filter not() {
    if (++depth > MAX_DEPTH) {
      throw error(peek(), "nested more than " + MAX_DEPTH + " deep");
    }
    try {
      if (accept("not")) {
        return new Filter.Not(not());
      }
      if (accept("(")) {
        Filter inner = or();
        expect(")");
        return inner;
      }
      return comparison();
    } finally {
      depth--;
    }
  }

  private Filter comparison() {
    Token name = peek();
    if (name.kind != Kind.WORD && name.kind != Kind.QUOTED) {
      throw expected("an attribute's name, \"not\" or \"(\"");
    }
    at++;
    Token operator = peek();
    if (accept("not")) {
      expect("in");
      return new Filter.Not(new Filter.In(name.text, values()));
    }
    if (accept("in")) {
      return new Filter.In(name.text, values());
    }
    if (operator.kind != Kind.SYMBOL || !COMPARISONS.contains(operator.text)) {
      throw expected("one of = != < <= > >= in, \"not in\" after \"" + name.text + "\"");
    }
    at++;
    Token token = peek();
    Object value = value();
    if (value instanceof Boolean && !operator.is("=") && !operator.is("!=")) {
      throw error(token, "true and false have no order; use = or !=");
    }
    return switch (operator.text) {
      case "=" -> Filter.equal(name.text, value);
      case "!=" -> Filter.not(Filter.equal(name.text, value));
      case "<" -> Filter.lessThan(name.text, value);
      case "<=" -> Filter.atMost(name.text, value);
      case ">" -> Filter.greaterThan(name.text, value);
      default -> Filter.atLeast(name.text, value);
    };
  }

  private Set<Object> values() {
    expect("(");
    var values = new LinkedHashSet<Object>();
    do {
      values.add(value());
    } while (accept(","));
    expect(")");
    return values;
  }

  private Object value() {
    Token token = peek();
    if (token.kind == Kind.QUOTED) {
      at++;
      return token.text;
    }
    if (token.kind != Kind.WORD) {
      throw expected(EXPECTED_VALUE);
    }
    at++;
    if (token.is("true") || token.is("false")) {
      return token.is("true");
    }
    if (NUMBER.matcher(token.text).matches()) {
      Number number = Numbers.parse(token.text);
      if (number == null) {
        throw error(token, "the number " + token.text + " " + Numbers.problem(token.text));
      }
      return number;
    }
    if (DATE.matcher(token.text).matches()) {
      try {
        return token.text.length() == 10
            ? LocalDate.parse(token.text).atStartOfDay(ZoneOffset.UTC).toInstant()
            : Instant.parse(token.text);
      } catch (DateTimeParseException e) {
        throw error(
            token,
            "\""
                + token.text
                + "\" is no date; write 2024-03-01 or 2024-03-01T12:00:00Z, or quote"
                + " it to compare it as text");
      }
    }
    return token.text;
  }

  private Token peek() {
    return tokens.get(at);
  }

  private boolean accept(String symbolOrKeyword) {
    if (peek().is(symbolOrKeyword)) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(String symbolOrKeyword) {
    if (!accept(symbolOrKeyword)) {
      throw expected("\"" + symbolOrKeyword + "\"");
    }
  }

  private FilterSyntaxException expected(String what) {
    return error(peek(), "found " + peek().shown() + ", expected " + what);
  }

  private FilterSyntaxException error(Token where, String problem) {
    return new FilterSyntaxException(source, where.column, problem);
  }

  private void scan() {
    int i = 0;
    while (i < source.length()) {
      char c = source.charAt(i);
      int start = i;
      if (isSpace(c)) {
        i++;
      } else if (c == '"' || c == '\'') {
        i = quoted(start, c);
      } else if ("(),=".indexOf(c) >= 0) {
        i++;
        tokens.add(new Token(Kind.SYMBOL, String.valueOf(c), start + 1));
      } else if ("<>!".indexOf(c) >= 0) {
        i += i + 1 < source.length() && source.charAt(i + 1) == '=' ? 2 : 1;
        tokens.add(new Token(Kind.SYMBOL, source.substring(start, i), start + 1));
      } else {
        while (i < source.length()
            && !isSpace(source.charAt(i))
            && "(),=<>!\"'".indexOf(source.charAt(i)) < 0) {
          i++;
        }
        var word = new Token(Kind.WORD, source.substring(start, i), start + 1);
        if (word.text.codePoints().anyMatch(Ids::isInvisible)) {
          throw error(
              word, word.shown() + " holds what cannot be seen; remove it, or put all in quotes");
        }
        tokens.add(word);
      }
    }
    for (Token token : tokens) {
      String torn = Ids.tornText(token.text);
      if (torn != null) {
        throw error(token, "the text " + torn);
      }
    }
    tokens.add(new Token(Kind.END, "", source.length() + 1));
  }

  /** As Unicode has it, so the no-break space of web pages too. */
  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c);
  }

  private int quoted(int start, char quote) {
    var text = new StringBuilder();
    for (int i = start + 1; i < source.length(); i++) {
      char c = source.charAt(i);
      if (c != quote) {
        text.append(c);
      } else if (i + 1 < source.length() && source.charAt(i + 1) == quote) {
        text.append(c);
        i++;
      } else {
        tokens.add(new Token(Kind.QUOTED, text.toString(), start + 1));
        return i + 1;
      }
    }
    throw new FilterSyntaxException(source, start + 1, "the quote that opens here is never closed");
  }
}

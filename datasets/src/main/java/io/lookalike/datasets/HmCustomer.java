package io.lookalike.datasets;

import io.lookalike.ProgressListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * A customer of H&amp;M's set. Texts are as they stand in the file, where an empty one, {@code
 * NONE} and {@code None} are three different values.
 *
 * @param id 64 hexadecimal digits
 * @param fashionNews whether the column {@code FN} holds 1: gets news by mail
 * @param active whether the column {@code Active} holds 1: can be reached
 * @param clubMemberStatus {@code ACTIVE}, {@code PRE-CREATE}, {@code LEFT CLUB} or empty
 * @param fashionNewsFrequency {@code NONE}, {@code None}, {@code Regularly}, {@code Monthly} or
 *     empty
 * @param age in years, if known
 * @param postalCode a hash of it
 */
public record HmCustomer(
    String id,
    boolean fashionNews,
    boolean active,
    String clubMemberStatus,
    String fashionNewsFrequency,
    OptionalInt age,
    String postalCode) {

  private static final List<String> COLUMNS =
      List.of(
          "customer_id",
          "FN",
          "Active",
          "club_member_status",
          "fashion_news_frequency",
          "age",
          "postal_code");

  // Written by pandas, a whole number in a column with gaps ends with .0.
  private static final Pattern AGE = Pattern.compile("(\\d{1,3})(\\.0)?");

  /** Checks that everything is there. */
  public HmCustomer {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(clubMemberStatus, "clubMemberStatus");
    Objects.requireNonNull(fashionNewsFrequency, "fashionNewsFrequency");
    Objects.requireNonNull(age, "age");
    Objects.requireNonNull(postalCode, "postalCode");
  }

  static ReadReport read(
      Path file, boolean strict, ProgressListener listener, Consumer<? super HmCustomer> sink)
      throws IOException {
    var findings = new Findings(file, strict);
    try (CsvTable table = CsvTable.open(file, COLUMNS, findings)) {
      int[] at = COLUMNS.stream().mapToInt(table.columns()::indexOf).toArray();
      table.forEach(
          listener,
          row -> {
            String id = row.value(at[0]);
            String age = row.value(at[5]);
            var years = AGE.matcher(age);
            if (id.isEmpty()) {
              findings.skip(row.line(), "the customer_id is empty");
            } else if (!age.isEmpty() && !years.matches()) {
              findings.skip(
                  row.line(), "the age is \"" + age + "\", expected a whole number or nothing");
            } else {
              sink.accept(
                  new HmCustomer(
                      id,
                      isOne(row, at[1]),
                      isOne(row, at[2]),
                      row.value(at[3]),
                      row.value(at[4]),
                      age.isEmpty()
                          ? OptionalInt.empty()
                          : OptionalInt.of(Integer.parseInt(years.group(1))),
                      row.value(at[6])));
              findings.accept();
            }
          });
    }
    return findings.report();
  }

  private static boolean isOne(CsvRow row, int column) {
    return row.has(column, "1.0") || row.has(column, "1");
  }
}

package io.lookalike.datasets.vectors;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.lookalike.internal.LostCharacters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The ids of a NumPy file's rows: {@code F.ids.csv} beside {@code F.npy}, one id a line. */
public final class RowIds {

  /** The first line of such a file. */
  public static final String COLUMN = "id";

  private RowIds() {}

  /**
   * The place of the ids that belong to a NumPy file.
   *
   * @param npy the NumPy file
   * @return the file of ids, whether it is there or not
   */
  public static Path beside(Path npy) {
    String name = npy.getFileName().toString();
    String stem = name.endsWith(".npy") ? name.substring(0, name.length() - 4) : name;
    return npy.resolveSibling(stem + ".ids.csv");
  }

  /**
   * Reads the ids that belong to a NumPy file.
   *
   * @param npy the NumPy file
   * @param rows its number of rows
   * @return the ids in the rows' order; the rows' numbers, from 0, if there is no file of ids
   * @throws VectorFileException if there are fewer or more ids than rows, or one breaks the rule
   *     for ids, has lost a character (U+FFFD) or occurs twice
   * @throws IOException if the file cannot be read
   */
  public static List<String> read(Path npy, int rows) throws IOException {
    return read(npy, rows, false);
  }

  /**
   * Reads the ids that belong to a NumPy file, in which a product of several photos has as many
   * rows, one after the other.
   *
   * @param npy the NumPy file
   * @param rows its number of rows
   * @return as {@link #read}, each id as often as it comes
   * @throws VectorFileException as {@link #read}, or if an id comes again after another one
   * @throws IOException if the file cannot be read
   */
  public static List<String> readPhotos(Path npy, int rows) throws IOException {
    return read(npy, rows, true);
  }

  private static List<String> read(Path npy, int rows, boolean photos) throws IOException {
    Path file = beside(npy);
    if (!Files.exists(file)) {
      var numbers = new ArrayList<String>(rows);
      for (int i = 0; i < rows; i++) {
        numbers.add(Integer.toString(i));
      }
      return numbers;
    }
    var lines = new HashMap<String, Long>();
    var ids = new ArrayList<String>(rows);
    try (CsvReader<CsvRecord> records =
        CsvReader.builder().detectBomHeader(true).ofCsvRecord(file)) {
      boolean header = true;
      for (CsvRecord row : records) {
        if (header) {
          checkHeader(file, row);
          header = false;
        } else {
          String last = photos && !ids.isEmpty() ? ids.get(ids.size() - 1) : "";
          ids.add(row.getField(0).equals(last) ? last : checkedId(file, row, lines));
        }
      }
      if (header) {
        throw new VectorFileException(file + " is empty, expected a first line with " + COLUMN);
      }
    } catch (CsvParseException e) {
      throw new VectorFileException(file + ": " + e.getMessage(), e);
    }
    if (ids.size() != rows) {
      throw new VectorFileException(
          file
              + " has "
              + ids.size()
              + " ids, but "
              + npy
              + " has "
              + rows
              + " rows; the two belong to different runs, embed again");
    }
    return ids;
  }

  private static void checkHeader(Path file, CsvRecord row) {
    if (!row.getField(0).equals(COLUMN)) {
      throw new VectorFileException(
          file + ":1: the first column is \"" + row.getField(0) + "\", expected " + COLUMN);
    }
  }

  private static String checkedId(Path file, CsvRecord row, Map<String, Long> lines) {
    String id = row.getField(0);
    long line = row.getStartingLineNumber();
    String problem = LostCharacters.problem(id);
    if (problem != null) {
      throw new VectorFileException(file + ":" + line + ": the id " + problem);
    }
    Long before = lines.putIfAbsent(id, line);
    if (before != null) {
      throw new VectorFileException(
          file + ":" + line + ": the id " + id + " occurs twice, first in line " + before);
    }
    return id;
  }
}

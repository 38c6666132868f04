package io.lookalike.cli;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.extractor.Thumbnail;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Recommendations as a page of HTML: one file with its pictures, letters and style inside, which
 * asks nothing of the network and runs no script.
 *
 * @param title the page's heading
 * @param lead a paragraph below it, or empty
 * @param notice a few words that must not be overlooked, or empty
 * @param sections what was consulted, one after the other
 * @param examples the ranking worked on tables
 * @param footer paragraphs at the end
 */
record ResultPage(
    String title,
    String lead,
    String notice,
    List<Section> sections,
    List<Example> examples,
    List<String> footer) {

  private static final Template TEMPLATE =
      Mustache.compiler().defaultValue("").emptyStringIsFalse(true).compile(text("page.html"));

  /** Widths and heights of the pictures, in pixels, for screens of up to 1.5 dots a pixel. */
  private static final int[] LARGE = {500, 625};

  private static final int[] CARD = {320, 400};
  private static final int[] SMALL = {110, 138};

  /**
   * What was consulted and what goes with it.
   *
   * @param consulted a product, or any picture
   * @param page what a shop would show
   * @param strips products in other orders, shown small beneath
   * @param why what became of each candidate, told on demand, or null
   */
  record Section(Consulted consulted, Row page, List<Row> strips, @Nullable List<Step> why) {

    /** A section that does not tell why. */
    Section(Consulted consulted, Row page, List<Row> strips) {
      this(consulted, page, strips, null);
    }
  }

  /** A candidate's way, each part as text. */
  record Step(
      String id,
      String looks,
      String similarity,
      String sales,
      String popularity,
      String score,
      String rank,
      String outcome) {}

  /**
   * A product or picture consulted.
   *
   * @param name what to call it
   * @param facts a line about it, or empty
   * @param photo its picture, or null if there is none
   */
  record Consulted(String name, String facts, @Nullable ImageSource photo) {}

  /**
   * Products in a row.
   *
   * @param title the row's heading
   * @param remark a line about the order
   * @param tiles the products
   */
  record Row(String title, String remark, List<Tile> tiles) {}

  /**
   * A product recommended.
   *
   * @param name what to call it
   * @param facts a line about it, or empty
   * @param photo its picture, or null if there is none
   * @param similarity to what was consulted
   * @param sales pieces sold
   * @param place a few words on its place, or empty
   */
  record Tile(
      String name,
      String facts,
      @Nullable ImageSource photo,
      float similarity,
      long sales,
      String place) {}

  /**
   * A ranking worked as an example.
   *
   * @param title its heading
   * @param paragraphs what it shows
   * @param caption the table's caption
   * @param ranked ids and sales, best first
   * @param dropped ids that were left out
   */
  record Example(
      String title,
      List<String> paragraphs,
      String caption,
      List<Sales> ranked,
      List<String> dropped) {
    /** An id and the pieces sold. */
    record Sales(String id, long sales) {}
  }

  /** A page with nothing but its sections. */
  static ResultPage of(String title, List<Section> sections) {
    return new ResultPage(title, "", "", sections, List.of(), List.of());
  }

  /**
   * Writes the page.
   *
   * @param file replaced if it is there, and only once the page is complete
   * @return why pictures are missing from the page, one line each
   * @throws IOException if writing fails
   */
  List<String> write(Path file) throws IOException {
    Set<String> problems = new LinkedHashSet<>();
    String html = html(problems);
    try (NewFile out = NewFile.at(file)) {
      out.write(html);
      out.commit();
    }
    return List.copyOf(problems);
  }

  private String html(Set<String> problems) {
    String style = fontFaces() + text("page.css");
    var looks = new ArrayList<LookView>();
    for (Section section : sections) {
      looks.add(look(section, "look-" + (looks.size() + 1), problems));
    }
    return TEMPLATE.execute(
        new PageView(
            contentSecurityPolicy(style),
            dataUri("image/svg+xml", text("icon.svg").getBytes(StandardCharsets.UTF_8)),
            style,
            title,
            lead,
            notice,
            looks,
            looks.size() > 1,
            IntStream.range(0, examples.size()).mapToObj(i -> view(examples.get(i), i)).toList(),
            footer));
  }

  private static ExampleView view(Example example, int index) {
    long most = example.ranked.stream().mapToLong(Example.Sales::sales).max().orElse(1);
    var ranked = new ArrayList<RankedView>();
    for (Example.Sales sales : example.ranked) {
      ranked.add(
          new RankedView(
              ranked.size() + 1,
              sales.id,
              number(sales.sales),
              String.format(Locale.ROOT, "%.1f", 100.0 * sales.sales / most)));
    }
    return new ExampleView(
        "table-" + (index + 1),
        example.title,
        example.paragraphs,
        example.caption,
        ranked,
        example.dropped);
  }

  private static LookView look(Section section, String anchor, Set<String> problems) {
    Consulted consulted = section.consulted;
    ImageSource photo = consulted.photo;
    return new LookView(
        anchor,
        consulted.name,
        consulted.facts,
        photo == null ? "" : picture(photo, LARGE, problems),
        LARGE[0],
        LARGE[1],
        photo == null ? "" : picture(photo, SMALL, problems),
        row(section.page, CARD, problems),
        section.strips.stream().map(strip -> row(strip, SMALL, problems)).toList(),
        section.why == null ? null : new WhyView(section.why));
  }

  private static RowView row(Row row, int[] size, Set<String> problems) {
    var tiles = new ArrayList<TileView>();
    for (Tile tile : row.tiles) {
      tiles.add(
          new TileView(
              tile.name,
              tile.facts,
              tile.photo == null ? "" : picture(tile.photo, size, problems),
              size[0],
              size[1],
              String.format(Locale.ROOT, "%.2f", tile.similarity),
              number(tile.sales),
              tile.sales > 0,
              tile.place));
    }
    return new RowView(row.title, row.remark, tiles);
  }

  private static String picture(ImageSource photo, int[] size, Set<String> problems) {
    try {
      return dataUri("image/jpeg", Thumbnail.jpeg(photo, size[0], size[1]));
    } catch (UnreadableImageException e) {
      problems.add(Objects.requireNonNullElse(e.getMessage(), photo.name()));
      return "";
    }
  }

  private static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Nothing but what the page itself holds. */
  private static String contentSecurityPolicy(String style) {
    return "default-src 'none'; img-src data:; font-src data:; style-src 'sha256-"
        + Base64.getEncoder().encodeToString(sha256(style))
        + "'; base-uri 'none'; form-action 'none'";
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String fontFaces() {
    return fontFace("Instrument Serif", "400", "instrument-serif.woff2")
        + fontFace("Instrument Sans", "400 700", "instrument-sans.woff2");
  }

  private static String fontFace(String family, String weight, String file) {
    return String.format(
        Locale.ROOT,
        "@font-face{font-family:\"%s\";font-weight:%s;font-display:block;"
            + "src:url(%s) format(\"woff2\")}%n",
        family,
        weight,
        dataUri("font/woff2", resource(file)));
  }

  private static String dataUri(String type, byte[] bytes) {
    return "data:" + type + ";base64," + Base64.getEncoder().encodeToString(bytes);
  }

  private static String text(String name) {
    return new String(resource(name), StandardCharsets.UTF_8);
  }

  private static byte[] resource(String name) {
    try (InputStream in = ResultPage.class.getResourceAsStream("page/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + name + " of this program's own jar", e);
    }
  }

  // What the template sees.

  private record PageView(
      String contentSecurityPolicy,
      String icon,
      String style,
      String title,
      String lead,
      String notice,
      List<LookView> looks,
      boolean hasShelves,
      List<ExampleView> examples,
      List<String> footer) {}

  private record LookView(
      String anchor,
      String name,
      String facts,
      String photo,
      int width,
      int height,
      String icon,
      RowView page,
      List<RowView> strips,
      @Nullable WhyView why) {}

  private record WhyView(List<Step> steps) {}

  private record RowView(String title, String remark, List<TileView> tiles) {}

  private record TileView(
      String name,
      String facts,
      String photo,
      int width,
      int height,
      String similarity,
      String sales,
      boolean sold,
      String place) {}

  private record ExampleView(
      String anchor,
      String title,
      List<String> paragraphs,
      String caption,
      List<RankedView> ranked,
      List<String> dropped) {}

  private record RankedView(int place, String id, String sales, String percent) {}
}

package io.lookalike.datasets;

import io.lookalike.ProgressListener;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Objects;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * H&amp;M's fashion set, as Kaggle hands it out (<i>H&amp;M Personalized Fashion
 * Recommendations</i>): {@code articles.csv}, {@code transactions_train.csv}, {@code customers.csv}
 * and the folder {@code images}.
 *
 * <pre>{@code
 * HmDataset hm = HmDataset.in(Path.of("h-and-m"));
 * hm.readArticles(items::add);
 * hm.readTransactions(shop.purchases()::record);
 * }</pre>
 *
 * <p>An article's id is a text of 10 digits; where a spreadsheet has eaten the leading zero, 9
 * digits are read as if it were there. Columns are found by their names, in any order.
 *
 * <p>What cannot be used is reported and the rest is read. Files are streamed. Instances are
 * immutable and safe for use by several threads.
 */
public final class HmDataset {

  private final Path articles;
  private final Path images;
  private final Path transactions;
  private final Path customers;
  private final boolean strict;
  private final ProgressListener listener;
  private final Predicate<? super String> known;

  /** Receives articles. */
  @FunctionalInterface
  public interface ArticleSink {
    /**
     * An article with a picture has been read.
     *
     * @param item the article and its picture, which has not been opened
     */
    void article(ProductImage item);

    /**
     * An article has been read whose picture is not there, as is so of 442 of the real ones. Does
     * nothing unless overridden; the report counts it as skipped either way.
     *
     * @param article the article
     */
    default void withoutPicture(Product article) {}
  }

  /** Receives what was sold. */
  @FunctionalInterface
  public interface SalesSink {
    /**
     * All that was sold of an article; called once for each article.
     *
     * @param articleId the article
     * @param daily pieces sold by day, days without sales left out
     */
    void sold(String articleId, SortedMap<LocalDate, Long> daily);
  }

  /** Receives purchases one by one. */
  @FunctionalInterface
  public interface PurchaseSink {
    /**
     * One piece has been sold.
     *
     * @param customerId who bought it, an id by the {@linkplain io.lookalike.catalog.Ids rule for
     *     ids}
     * @param articleId what was bought
     * @param day when
     */
    void purchase(String customerId, String articleId, LocalDate day);
  }

  private HmDataset(
      Path articles,
      Path images,
      Path transactions,
      Path customers,
      boolean strict,
      ProgressListener listener,
      Predicate<? super String> known) {
    this.articles = Objects.requireNonNull(articles, "articles");
    this.images = Objects.requireNonNull(images, "images");
    this.transactions = Objects.requireNonNull(transactions, "transactions");
    this.customers = Objects.requireNonNull(customers, "customers");
    this.strict = strict;
    this.listener = Objects.requireNonNull(listener, "listener");
    this.known = Objects.requireNonNull(known, "known");
  }

  /**
   * The set in a folder, under the names that Kaggle gives its files.
   *
   * @param folder the folder
   * @return the set; nothing is read yet
   */
  public static HmDataset in(Path folder) {
    return new HmDataset(
        folder.resolve("articles.csv"),
        folder.resolve("images"),
        folder.resolve("transactions_train.csv"),
        folder.resolve("customers.csv"),
        false,
        ProgressListener.NONE,
        id -> true);
  }

  /**
   * A copy that reads articles from another file.
   *
   * @param file the file
   * @return the set
   */
  public HmDataset articles(Path file) {
    return new HmDataset(file, images, transactions, customers, strict, listener, known);
  }

  /**
   * A copy that looks for pictures in another folder.
   *
   * @param folder the folder; the picture of 0108775015 is {@code 010/0108775015.jpg} in it, and
   *     further ones are {@code 010/0108775015_2.jpg}, {@code 010/0108775015_3.jpg} and so on, in
   *     the order of the numbers, with underscores or hyphens
   * @return the set
   */
  public HmDataset images(Path folder) {
    return new HmDataset(articles, folder, transactions, customers, strict, listener, known);
  }

  /**
   * A copy that reads transactions from another file.
   *
   * @param file the file
   * @return the set
   */
  public HmDataset transactions(Path file) {
    return new HmDataset(articles, images, file, customers, strict, listener, known);
  }

  /**
   * A copy that reads customers from another file.
   *
   * @param file the file
   * @return the set
   */
  public HmDataset customers(Path file) {
    return new HmDataset(articles, images, transactions, file, strict, listener, known);
  }

  /**
   * A copy that knows the catalogue: transactions of other articles are counted in the report and
   * skipped, and of each such article the first is among the report's problems.
   *
   * @param known whether the catalogue has an article of this id
   * @return the set
   */
  public HmDataset products(Predicate<? super String> known) {
    return new HmDataset(articles, images, transactions, customers, strict, listener, known);
  }

  /**
   * A copy whose reading fails at the first thing that would be skipped.
   *
   * @return the strict set
   */
  public HmDataset strict() {
    return new HmDataset(articles, images, transactions, customers, true, listener, known);
  }

  /**
   * A copy whose reading reports progress, in bytes of the file.
   *
   * @param listener told every thousand rows or so, and at the end
   * @return the set
   */
  public HmDataset progress(ProgressListener listener) {
    return new HmDataset(articles, images, transactions, customers, strict, listener, known);
  }

  /**
   * Reads the articles. Every column but the id is a text attribute under its own name, codes too;
   * an empty value is no attribute. {@code product_code}, by which an article's variants belong
   * together, is the first 7 digits of the id, whether the file has such a column or not.
   *
   * @param sink receives each article, in the file's order, on the calling thread; what it throws
   *     ends the reading
   * @return what was read, and what was not and why: a bad id, one met before, a picture that is
   *     not there
   * @throws DatasetException if there is no such file; if its header lacks {@code article_id},
   *     names a column twice or cannot be read; and, if {@linkplain #strict() strict}, at the first
   *     row that would be skipped
   * @throws IOException if reading fails
   */
  public ReadReport readArticles(ArticleSink sink) throws IOException {
    return HmArticles.read(articles, images, strict, listener, sink);
  }

  /**
   * Reads the transactions and adds them up by article and day, in one pass. A row is the sale of
   * one piece; the same row again is another one. Takes some 8 bytes of memory for each day on
   * which an article sold: 100 MB for the real file.
   *
   * @param sink receives each article's sales when all have been read, in ascending order of ids,
   *     on the calling thread
   * @return what was read, and what was not and why: a bad date or id
   * @throws DatasetException if there is no such file; if its header lacks {@code t_dat} or {@code
   *     article_id}, names a column twice or cannot be read; and, if {@linkplain #strict() strict},
   *     at the first row that would be skipped
   * @throws IOException if reading fails; nothing has gone to the sink
   */
  public ReadReport readTransactions(SalesSink sink) throws IOException {
    return HmTransactions.read(transactions, strict, listener, known, sink);
  }

  /**
   * Reads the transactions one by one, for who must know which customer bought what. A row is the
   * sale of one piece; the same row again is another one.
   *
   * @param sink receives each purchase, in the file's order, on the calling thread; what it throws
   *     ends the reading
   * @return what was read, and what was not and why: a bad date or id, no customer
   * @throws DatasetException as {@link #readTransactions}, and if the header lacks {@code
   *     customer_id}
   * @throws IOException if reading fails
   */
  public ReadReport readPurchases(PurchaseSink sink) throws IOException {
    return HmTransactions.readEach(transactions, strict, listener, known, sink);
  }

  /**
   * Reads the customers. That an id comes twice is not noticed.
   *
   * @param sink receives each customer, in the file's order, on the calling thread; what it throws
   *     ends the reading
   * @return what was read, and what was not and why: no id, an impossible age
   * @throws DatasetException if there is no such file; if its header lacks one of the seven
   *     columns, names one twice or cannot be read; and, if {@linkplain #strict() strict}, at the
   *     first row that would be skipped
   * @throws IOException if reading fails
   */
  public ReadReport readCustomers(Consumer<? super HmCustomer> sink) throws IOException {
    return HmCustomer.read(customers, strict, listener, sink);
  }
}

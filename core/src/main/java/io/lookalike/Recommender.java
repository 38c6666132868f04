package io.lookalike;

import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.CatalogueItem;
import io.lookalike.catalog.ImageSource;
import io.lookalike.catalog.Product;
import io.lookalike.catalog.ProductImage;
import io.lookalike.catalog.UnreadableImageException;
import io.lookalike.features.FeatureExtractor;
import io.lookalike.features.FeatureTransform;
import io.lookalike.index.NeighborSearcher;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Finds the products that look like a given one, and ranks them for the page.
 *
 * <pre>{@code
 * try (Recommender shop = Recommender.builder()
 *     .extractor(EfficientNetLite.builtIn())
 *     .index(HnswIndex.factory())
 *     .reranker(PopularityReranker.byPurchases())
 *     .build()) {
 *   shop.add(Product.of("0215303002"), ImageSource.of(path));
 *   shop.recordPurchase("0215303001", Instant.now());
 *   List<Recommendation> page = shop.similarTo("0215303002", 10);
 * }
 * }</pre>
 *
 * <p>Safe for use by several threads. Reading never waits for writing: {@code similarTo} runs while
 * products are added, removed and refitted and purchases are recorded. Writers take turns; none
 * waits for a refit, a save or a first load, which work on the catalogue of a moment and catch up
 * with what was written meanwhile. These take turns among themselves.
 *
 * <p>Products are held by the index alone. With a {@linkplain RecommenderBuilder#transform
 * transform}, the extractor's features are kept beside it so that the transform can be refitted: 4
 * bytes a dimension and product on the heap, or, with a {@linkplain
 * RecommenderBuilder#store(io.lookalike.store.CatalogueStore) store}, there. With {@link
 * RecommenderBuilder#variantsBy} and {@link RecommenderBuilder#categoryBy}, the ids of each group
 * take some 50 bytes a product.
 *
 * <p>{@link #builder} makes the recommenders there are. That this is an interface lets frameworks
 * put a proxy, and tests a stand-in, in its place; methods may be added to it.
 */
public interface Recommender extends AutoCloseable {

  /**
   * Begins a recommender. An index is required, and either an extractor or a dimension.
   *
   * @return a new builder
   */
  static RecommenderBuilder builder() {
    return new RecommenderBuilder();
  }

  // ---- reading

  /**
   * The products that look like a product of the catalogue; never the product itself. The short
   * form of {@link #recommend}.
   *
   * @param productId the consulted product
   * @param k how many to show, at least 0
   * @return k recommendations, best first; fewer only as for {@link #recommend}
   * @throws UnknownProductException if the id is not in the catalogue
   * @throws IllegalArgumentException if k is negative
   */
  default List<Recommendation> similarTo(String productId, int k) {
    return recommend(RecommendationRequest.like(productId).k(k)).recommendations();
  }

  /**
   * The products that look like a picture. The short form of {@link #recommend}.
   *
   * @param image any picture; it is not added
   * @param k how many to show, at least 0
   * @return k recommendations, best first; fewer only as for {@link #recommend}
   * @throws UnreadableImageException if there is no readable picture
   * @throws IllegalArgumentException if k is negative
   * @throws IllegalStateException if this recommender has no extractor
   */
  default List<Recommendation> similarTo(ImageSource image, int k) {
    return recommend(RecommendationRequest.like(image).k(k)).recommendations();
  }

  /**
   * The products whose features point the same way as these. The short form of {@link #recommend}.
   *
   * @param features as the extractor makes them, before any transform
   * @param k how many to show, at least 0
   * @return k recommendations, best first; fewer only as for {@link #recommend}
   * @throws IllegalArgumentException if the features have another length, are all zero or not
   *     finite, or if k is negative
   */
  default List<Recommendation> similarTo(float[] features, int k) {
    return recommend(RecommendationRequest.like(features).k(k)).recommendations();
  }

  /**
   * Finds the products that look like what was consulted, and ranks them for the page.
   *
   * <p>The page holds as many as were asked for: where too few of the nearest products may be
   * shown, more are looked at. It is shorter only where the catalogue has no more that the request
   * lets pass, where {@link RecommenderBuilder#onlyNearest} ends the search, or where a reranker or
   * near-duplicates leave too few of the nearest 4,096, or of the nearest 64 times as many as are
   * ranked at first, if that is more. A reranker that shows nothing but what has sold says so by
   * {@link Reranker#soldOnly}, and is given nothing else.
   *
   * <p>As long as nothing is known of the looks of what was consulted (a customer without a
   * session, a product without a photo), the page shows what sells best.
   *
   * @param request what was consulted, and what this page wants otherwise than the shop
   * @return the page
   * @throws UnknownProductException if the consulted product is not in the catalogue
   * @throws UnreadableImageException if there is no readable picture
   * @throws IllegalArgumentException if the features have another length, are all zero or not
   *     finite, or if nothing but the variants of a picture is wanted
   * @throws IllegalStateException if a picture was consulted and this recommender has no extractor,
   *     or if variants are not to be kept and the shop does not know them
   */
  RecommendationPage recommend(RecommendationRequest request);

  /**
   * Answers as {@link #recommend} does, and tells how the page came about: what each stage made of
   * every candidate, and why any other product is not shown. {@code recommend} itself keeps no such
   * record.
   *
   * @param request as for {@link #recommend}, which says also what is thrown
   * @return the page and its explanation
   */
  Explanation explain(RecommendationRequest request);

  /**
   * Suggests the value of an attribute that a product lacks, or checks the one it has: that which
   * most of the 15 nearest products with a value have, and how often such a majority is right in
   * this catalogue. That is measured when an attribute is first asked about, and again when the
   * transform is new or a tenth of the catalogue has been added, removed or updated: it takes 400
   * searches.
   *
   * @param productId a product of the catalogue; its own value has no vote
   * @param attribute such as {@code category}
   * @return the value; nothing if no product near has the attribute, or if nothing is known of the
   *     product's looks
   * @throws UnknownProductException if the id is not in the catalogue
   */
  Optional<Suggestion> suggest(String productId, String attribute);

  /**
   * Suggests the value of an attribute for what a picture shows.
   *
   * @param image any picture; it is not added
   * @param attribute such as {@code category}
   * @return as {@link #suggest(String, String)}
   * @throws UnreadableImageException if there is no readable picture
   * @throws IllegalStateException if this recommender has no extractor
   */
  Optional<Suggestion> suggest(ImageSource image, String attribute);

  /**
   * Finds pictures that many products share: placeholders such as "no image", which look alike and
   * show nothing of the product. All photos of a product count. Products of equal vectors are
   * found, and those that nearly have theirs. To keep such products from being each other's
   * look-alikes, add them with their other photos alone; those that have none {@linkplain #remove
   * remove}, and add {@linkplain #add(Product) without a picture}. Goes through all vectors once.
   *
   * @param least by how many products a picture is shared at least, from 2; a shop's variants and
   *     sizes may well have one photo
   * @return those that most products share first; empty if there is none
   * @throws IllegalArgumentException if {@code least} is less than 2
   */
  List<SharedPicture> sharedPictures(int least);

  /**
   * How many products are in the catalogue.
   *
   * @return at least 0
   */
  int size();

  /**
   * A product of the catalogue.
   *
   * @param productId its id
   * @return the product with its attributes, or nothing if the id is not in the catalogue
   */
  Optional<Product> product(String productId);

  /**
   * All products, with and without a photo. Each iterator goes through those that are there when it
   * is made, but for what is removed meanwhile, and shows each as it is when it comes to it.
   *
   * @return a live view; its iterators are for one thread each
   */
  Iterable<Product> products();

  /**
   * What has been bought.
   *
   * @return the live log
   */
  PurchaseLog purchases();

  /**
   * The transform in use: the identity until {@link #refit} has fitted one.
   *
   * @return the transform
   */
  FeatureTransform transform();

  /**
   * The index, for searches without ranking. A {@link #refit} replaces it, after which this one
   * answers no more.
   *
   * @return the read side of the index
   */
  NeighborSearcher searcher();

  /**
   * What customers have done of late.
   *
   * @return the live sessions
   * @throws IllegalStateException if this recommender keeps none
   */
  Sessions sessions();

  // ---- writing

  /**
   * Adds a product by its picture, or replaces the product with the same id.
   *
   * @param product the product
   * @param image its picture
   * @throws UnreadableImageException if there is no readable picture; nothing has been changed
   * @throws IllegalStateException if this recommender has no extractor
   */
  default void add(Product product, ImageSource image) {
    add(product, List.of(Objects.requireNonNull(image, "image")));
  }

  /**
   * Adds a product by several photos, such as its front, its back and a detail, or replaces the
   * product with the same id. It is on a page once, however many of its photos look like what was
   * asked for; {@link RecommenderBuilder#photos} says how near it is. Where it is consulted itself,
   * each photo counts as an example.
   *
   * @param product the product
   * @param images its photos, from 1 to {@value ProductImage#MOST_IMAGES}
   * @throws UnreadableImageException if one is no readable picture; nothing has been changed
   * @throws IllegalArgumentException if there is no photo, or there are too many
   * @throws IllegalStateException if this recommender has no extractor
   */
  void add(Product product, List<ImageSource> images);

  /**
   * Adds a product by features made elsewhere, or replaces the product with the same id.
   *
   * @param product the product
   * @param features as the extractor would make them, before any transform; copied
   * @throws IllegalArgumentException if the features have another length than the extractor's, are
   *     all zero or not finite; nothing has been changed
   */
  void add(Product product, float[] features);

  /**
   * Adds a product of whose looks nothing is known yet. It can be sold, filtered and shown as a
   * best seller, and is found by its looks once it is added again with a photo. A product that is
   * in the catalogue already keeps its features: only its attributes are replaced.
   *
   * @param product the product
   */
  void add(Product product);

  /**
   * Adds many products, by their pictures, by features made elsewhere, or without either. Good ones
   * go in even if others are bad; what is in when an unexpected exception or an interrupt ends the
   * call stays in. Features that come into an empty catalogue are indexed all at once, and are
   * there, all of them, when the call returns, or not at all if it throws.
   *
   * @param <T> what they are, so that {@code () -> iterator} will do for {@code items}
   * @param items taken as they are needed, as from a file or a database, by one iterator; if an id
   *     occurs twice, the last one counts
   * @param progress told after each item; the total is -1 unless {@code items} is a collection
   * @return how many products went in, and which items did not and why
   * @throws java.util.concurrent.CancellationException if the calling thread is interrupted
   * @throws IllegalStateException if there are pictures and this recommender has no extractor
   */
  <T extends CatalogueItem> AddReport addAll(Iterable<T> items, ProgressListener progress);

  /**
   * Adds many products; the short form without progress.
   *
   * @param <T> what they are
   * @param items as for {@link #addAll(Iterable, ProgressListener)}, which says also what is thrown
   * @return how many products went in, and which items did not and why
   */
  default <T extends CatalogueItem> AddReport addAll(Iterable<T> items) {
    return addAll(items, ProgressListener.NONE);
  }

  /**
   * Replaces a product's attributes and leaves its features alone: a change of price or stock.
   *
   * @param product the id and the new attributes
   * @return false if the id is not in the catalogue
   */
  boolean update(Product product);

  /**
   * Changes a product's attributes in place, so that of several writers each keeps what the others
   * have changed.
   *
   * <pre>{@code
   * shop.update("0215303002", attributes -> attributes.with("stock", 3));
   * }</pre>
   *
   * @param productId the product
   * @param change given the attributes as they are, returns them as they shall be; other writers
   *     wait for it
   * @return false if the id is not in the catalogue
   */
  boolean update(String productId, UnaryOperator<Attributes> change);

  /**
   * Takes a product out of the catalogue; its purchases stay counted. Once this returns, no call
   * that begins afterwards recommends it.
   *
   * @param productId the product
   * @return false if the id was not in the catalogue
   */
  boolean remove(String productId);

  /**
   * Counts the sale of one piece. A sale that is also {@linkplain #record recorded as an event} is
   * counted twice, unless purchase and event carry the same id.
   *
   * @param productId what was bought; it need not be in the catalogue yet
   * @param time when
   * @throws IllegalArgumentException if the id is blank, or as {@link PurchaseLog#record(Purchase)}
   */
  void recordPurchase(String productId, Instant time);

  /**
   * Takes note of what a customer has done: pages for them change at once, and a purchase is
   * counted as by {@link #recordPurchase}.
   *
   * @param event what was done; its product need not be in the catalogue
   * @throws IllegalArgumentException for a purchase as {@link PurchaseLog#record(Purchase)};
   *     nothing has been noted
   * @throws IllegalStateException if this recommender keeps no {@linkplain
   *     RecommenderBuilder#sessions sessions}
   */
  void record(Event event);

  /**
   * Erases what a customer has done: from their session and, where it keeps sessions, from the
   * store. Purchases stay counted; the log of purchases does not know who bought.
   *
   * @param customer who
   * @return whether anything was known
   * @throws IllegalStateException if there are no sessions, or this recommender has been closed
   */
  boolean forget(Customer customer);

  /**
   * Counts sales: all of them, or, if one cannot be counted, none. Searches that run meanwhile may
   * see a part of them.
   *
   * @param sold what was bought; read to the end before anything is counted
   * @throws IllegalArgumentException as {@link PurchaseLog#record(Purchase)}; nothing has been
   *     counted
   * @throws ArithmeticException as {@link PurchaseLog#record(Purchase)}; nothing has been counted
   */
  void recordPurchases(Iterable<Purchase> sold);

  /**
   * Fits the transform, if there is a rule for one, to the catalogue as it is now, and makes the
   * index anew. Searches go on in the old index and writers go on writing until the new one is
   * complete and holds all that was written meanwhile; then it takes the old one's place. With an
   * empty catalogue nothing happens.
   *
   * @return the transform now in use
   * @throws IllegalStateException if this recommender has been closed, also meanwhile; the
   *     catalogue stays as it was
   */
  FeatureTransform refit();

  /**
   * Makes the index anew, with the transform that serves and the settings that the recommender was
   * built with, and saves it: of what the {@linkplain RecommenderBuilder#store(
   * io.lookalike.store.CatalogueStore) store} holds, or, without one, of the index itself. Searches
   * go on in the old index and writers go on writing until the new one is complete and holds all
   * that was written meanwhile; then it takes the old one's place. Where this fails, the old one
   * serves on.
   *
   * <p>In a cluster the new index is filled beside the old one. If the process is killed meanwhile,
   * the same call, or that which opens the recommender, goes on with it.
   *
   * @param progress told how many products have been read
   * @throws java.io.UncheckedIOException if the store cannot be read, or the index cannot be
   *     written or saved
   * @throws IllegalStateException if this recommender has been closed, also meanwhile
   */
  void reindex(ProgressListener progress);

  /**
   * Has the index do now, beside searches, what makes later searches quicker or better, such as to
   * learn again from all products; see {@link io.lookalike.index.NeighborIndex#optimize}. After a
   * bulk load this has been done.
   *
   * @return whether searches now use what was learnt from all products
   */
  boolean optimize();

  /**
   * Prepares a change to another network beside the one that serves: embeds the picture of each
   * product by the other one, fits the {@linkplain RecommenderBuilder#transform transform}, builds
   * the index, and compares both. Pages and changes go on. Nothing has changed for them until
   * {@link Reembedding#swap}.
   *
   * <p>What is embedded goes into the store at once: after a crash, the same call goes on where it
   * ended. To change back, call this with the former network: what it has seen is still there.
   *
   * <pre>{@code
   * try (Reembedding change = shop.reembed(next, product -> photosOf(product), progress)) {
   *   if (change.report().overlap() > 0.3) {
   *     change.swap();
   *   }
   * }
   * }</pre>
   *
   * @param extractor the other network; the caller's until {@link Reembedding#swap} has returned
   * @param pictures where a product's photos are; an empty list if there is none. Called on this
   *     thread and on that of {@code swap}
   * @param progress told how many products have been looked at
   * @return what was prepared, to be swapped or closed
   * @throws IllegalArgumentException if the network serves already
   * @throws IllegalStateException if there is no {@linkplain RecommenderBuilder#store(
   *     io.lookalike.store.CatalogueStore) store}, or this recommender has been closed
   * @throws java.io.UncheckedIOException if the store cannot be read or written
   */
  Reembedding reembed(
      FeatureExtractor extractor,
      Function<Product, List<ImageSource>> pictures,
      ProgressListener progress);

  /**
   * Proves that nothing is lost, with all products and 1,000 pages; see {@link #audit(int, int)}.
   *
   * @return what was found and mended
   */
  default AuditReport audit() {
    return audit(Integer.MAX_VALUE, 1_000);
  }

  /**
   * Proves that nothing is lost, beside searches and writers, and mends what it can:
   *
   * <ol>
   *   <li>Where there is a store, every row of it is read, which tells damage, and compared with
   *       what is in memory: attributes, and vectors with those that the transform makes. What is
   *       missing or different is put in again from the store, and what the store does not know is
   *       taken out.
   *   <li>Products, products with features and pieces sold are counted in both.
   *   <li>Each product is searched for by its own vector in the index that serves, among 11 as for
   *       a product's page, and must come first, or with equals. What is not found is {@linkplain
   *       io.lookalike.index.NeighborIndex#relink linked again}.
   *   <li>The ten nearest of some products are compared with those of exact search.
   * </ol>
   *
   * <p>What is written meanwhile is never taken for a fault. The work is done by daemon threads of
   * the lowest priority, one for each processor and one that leads them. Writers wait only while a
   * few products are looked at again or mended; a refit, a load or a save that is under way is
   * waited for. Audits take turns.
   *
   * @param products how many products are searched for, drawn at random if there are more; at least
   *     0. All are compared with the store
   * @param pages of how many products, drawn at random, the ten nearest are compared; at least 0.
   *     1,000 pages of 100,000 products with 1,280 dimensions take some seconds
   * @return what was found and mended
   * @throws IllegalArgumentException if a number is negative
   * @throws java.io.UncheckedIOException if the store cannot be reached
   * @throws java.util.concurrent.CancellationException if the calling thread is interrupted; it
   *     stays interrupted, and what was mended stays mended
   * @throws IllegalStateException if this recommender has been closed, also meanwhile
   */
  AuditReport audit(int products, int pages);

  /**
   * Audits what has been put in or changed since it was last audited: each photo's own vector is
   * searched for, and its ten nearest are compared with those of exact search, as are those of what
   * is nearest to it, on whose pages it may be. Takes time in proportion to what has changed: the
   * first time, and after the index was made anew, all. Nothing is compared with the store. An
   * index that cannot note what was audited is audited as a whole each time.
   *
   * @return what was found and mended; neither counts nor rows of the store
   * @throws java.util.concurrent.CancellationException as {@link #audit(int, int)}
   * @throws IllegalStateException if this recommender has been closed, also meanwhile
   */
  AuditReport auditChanges();

  /**
   * The share of pages that are audited: whose ten nearest an audit has compared with those of
   * exact search, found right or mended, since the product's vector was put in and the index was
   * made anew. A figure for health checks, such as once a minute: all products are gone through. It
   * outlives the process with the saved index. A page does not count as changed when products near
   * it come and go; {@link #auditChanges} looks at it again when one has come.
   *
   * @return from 0 to 1; 1 if all products are compared in every search, or there are none; 0 for
   *     an index that cannot note it, such as one in a cluster
   * @throws IllegalStateException if this recommender has been closed
   */
  double audited();

  /**
   * Saves the index beside its store, so that the next start opens it instead of building it. This
   * happens by itself after {@link #addAll} and {@link #refit}; call it where much has changed one
   * by one. The catalogue itself is in the store already.
   *
   * @return whether it was saved: false if there is no store with a folder, or the index is of a
   *     kind that cannot be saved
   * @throws IOException if it cannot be written; the file that was there stays
   */
  boolean save() throws IOException;

  /**
   * Frees the index and closes the extractor, unless that is {@linkplain
   * io.lookalike.features.FeatureExtractor#shared shared}. A refit or a save that is under way ends
   * with an exception and is not waited for. Closing twice has no effect.
   */
  @Override
  void close();
}

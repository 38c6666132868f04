package io.lookalike.examples;

import io.lookalike.Recommendation;
import io.lookalike.Recommender;
import io.lookalike.catalog.Product;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** One recommender for the whole application: threads that serve pages beside one that writes. */
public final class SeveralThreads {

  private SeveralThreads() {}

  /**
   * Serves pages while products come, sell and go.
   *
   * @param shop holds the product {@code window}; its features have two dimensions
   * @param readers number of threads that serve pages
   * @param changes number of products that come, sell and go meanwhile
   * @return all pages served
   * @throws ExecutionException if a thread failed
   * @throws InterruptedException if the calling thread is interrupted
   */
  public static List<List<Recommendation>> run(Recommender shop, int readers, int changes)
      throws ExecutionException, InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(readers + 1);
    try {
      // snippet: several threads
      Future<?> writing = threads.submit(() -> change(shop, changes));
      List<Future<List<List<Recommendation>>>> reading = new ArrayList<>();
      for (int i = 0; i < readers; i++) {
        reading.add(
            threads.submit(
                () -> {
                  List<List<Recommendation>> pages = new ArrayList<>();
                  do {
                    pages.add(shop.similarTo("window", 5)); // never waits for the writer
                  } while (!writing.isDone());
                  return pages;
                }));
      }
      // end
      writing.get();
      List<List<Recommendation>> pages = new ArrayList<>();
      for (Future<List<List<Recommendation>>> reader : reading) {
        pages.addAll(reader.get());
      }
      return pages;
    } finally {
      threads.shutdown();
    }
  }

  private static void change(Recommender shop, int changes) {
    var random = new Random(1);
    for (int i = 0; i < changes; i++) {
      shop.add(Product.of("new-" + i), new float[] {1, random.nextFloat()});
      shop.recordPurchase("new-" + i, Instant.EPOCH);
      if (i % 2 == 0) {
        shop.remove("new-" + i);
      }
    }
  }
}

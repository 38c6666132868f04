package io.lookalike;

import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * What a change of network would do to a shop, known before it is done. Immutable.
 *
 * @param from the network that serves, in words
 * @param to the other one
 * @param products number of products that the other one has seen
 * @param embedded how many of these were embedded in this run; the rest had been before
 * @param missing products that the network that serves knows and the other one could not see, and
 *     why: without a picture they would be there, but never by their looks
 * @param sampled number of products whose neighbors were compared
 * @param overlap the mean share of a product's 10 nearest that are among its 10 nearest by the
 *     other network, from 0 to 1
 * @param sameCategoryBefore the mean share of a product's 10 nearest that are in its category, by
 *     the network that serves; {@code NaN} if no category is known
 * @param sameCategoryAfter the same by the other one
 * @param dimensionBefore the length of the vectors that are searched now
 * @param dimensionAfter the same with the other network
 * @param microsBefore the mean time of a search now, in microseconds
 * @param microsAfter the same with the other network
 */
public record ReembedReport(
    String from,
    String to,
    int products,
    int embedded,
    List<AddReport.Rejected> missing,
    int sampled,
    double overlap,
    double sameCategoryBefore,
    double sameCategoryAfter,
    int dimensionBefore,
    int dimensionAfter,
    double microsBefore,
    double microsAfter) {

  /** Copies the list. */
  public ReembedReport {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
    missing = List.copyOf(missing);
  }

  /** Returns the report in several lines. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "from %s to %s%n"
            + "%d products, %d embedded now, %d without a picture%n"
            + "overlap of the 10 nearest of %d products: %.3f%n"
            + "share in the same category: %.3f before, %.3f after%n"
            + "length of the vectors: %d before, %d after%n"
            + "time of a search: %.0f us before, %.0f us after",
        from,
        to,
        products,
        embedded,
        missing.size(),
        sampled,
        overlap,
        sameCategoryBefore,
        sameCategoryAfter,
        dimensionBefore,
        dimensionAfter,
        microsBefore,
        microsAfter);
  }
}

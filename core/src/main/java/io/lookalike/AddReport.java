package io.lookalike;

import java.util.List;
import java.util.Objects;

/**
 * What became of a batch.
 *
 * @param added how many products went in
 * @param rejected those that did not, and why, in the batch's order
 */
public record AddReport(int added, List<Rejected> rejected) {

  /** Copies the list. */
  public AddReport {
    Objects.requireNonNull(rejected, "rejected");
    rejected.forEach(r -> Objects.requireNonNull(r, "a product among rejected"));
    rejected = List.copyOf(rejected);
  }

  /**
   * A product that did not go in.
   *
   * @param id the product's id
   * @param reason one line that names the picture and what is wrong with it
   */
  public record Rejected(String id, String reason) {

    /** Checks that both are there. */
    public Rejected {
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(reason, "reason");
    }
  }
}

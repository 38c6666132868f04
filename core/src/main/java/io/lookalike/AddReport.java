package io.lookalike;

import java.util.List;

/**
 * What became of a batch.
 *
 * @param added how many products went in
 * @param rejected those that did not, and why, in the batch's order
 */
public record AddReport(int added, List<Rejected> rejected) {

  /** Copies the list. */
  public AddReport {
    rejected = List.copyOf(rejected);
  }

  /**
   * A product that did not go in.
   *
   * @param id the product's id
   * @param reason one line that names the picture and what is wrong with it
   */
  public record Rejected(String id, String reason) {}
}

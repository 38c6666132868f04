package io.lookalike.cli;

import io.lookalike.VariantPolicy;
import java.util.Locale;

/** {@link VariantPolicy} as the command line spells them. */
enum VariantName {
  KEEP(VariantPolicy.KEEP),
  COLLAPSE(VariantPolicy.COLLAPSE),
  EXCLUDE_OWN(VariantPolicy.EXCLUDE_OWN),
  ONLY(VariantPolicy.ONLY);

  /** What the name stands for. */
  final VariantPolicy policy;

  VariantName(VariantPolicy policy) {
    this.policy = policy;
  }

  /** Returns the name on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

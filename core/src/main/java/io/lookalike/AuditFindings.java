package io.lookalike;

import io.lookalike.AuditReport.Finding;
import io.lookalike.AuditReport.Findings;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what several threads find of one kind; the first are listed, the others counted. */
final class AuditFindings {

  private final List<Finding> listed = new ArrayList<>();
  private long number;
  private long mended;

  synchronized void add(@Nullable String id, String what, boolean isMended) {
    number++;
    mended += isMended ? 1 : 0;
    if (listed.size() < AuditReport.LISTED) {
      listed.add(new Finding(id, what, isMended));
    }
  }

  synchronized Findings all() {
    return new Findings(number, mended, listed);
  }
}

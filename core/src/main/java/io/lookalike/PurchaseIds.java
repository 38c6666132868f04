package io.lookalike;

import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The ids of the latest purchases, which are not to be counted again. Used under a lock. */
final class PurchaseIds {

  /** So many are kept; about 25 MB. */
  static final int MOST = 200_000;

  private final LinkedHashSet<String> latest = new LinkedHashSet<>();

  boolean contains(@Nullable String id) {
    return id != null && latest.contains(id);
  }

  void add(@Nullable String id) {
    if (id == null) {
      return;
    }
    latest.add(id);
    if (latest.size() > MOST) {
      var oldest = latest.iterator();
      oldest.next();
      oldest.remove();
    }
  }

  void remove(@Nullable String id) {
    if (id != null) {
      latest.remove(id);
    }
  }

  /** A copy, the oldest first. */
  List<String> all() {
    return List.copyOf(latest);
  }
}

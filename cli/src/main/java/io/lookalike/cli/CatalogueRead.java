package io.lookalike.cli;

import io.lookalike.catalog.CatalogueItem;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What was read of a catalogue, with photos and without.
 *
 * @param items at least one with a photo
 * @param skipped number of rows or files that something is wrong with, whose products are unknown
 */
record CatalogueRead(List<CatalogueItem> items, long skipped) {

  Set<String> ids() {
    Set<String> ids = new HashSet<>();
    items.forEach(item -> ids.add(item.product().id()));
    return ids;
  }
}

/** Catalogues and purchases in files: folders of photos, CSV. */
module io.lookalike.datasets {
  requires transitive io.lookalike.core;
  requires static transitive org.jspecify;
  requires de.siegmar.fastcsv;

  exports io.lookalike.datasets;
}

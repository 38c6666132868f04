/** Catalogues and purchases in files: folders of photos, CSV. Vectors in files. */
module io.lookalike.datasets {
  requires transitive io.lookalike.core;
  requires static transitive org.jspecify;
  requires de.siegmar.fastcsv;
  // Optional at run time: for vectors in HDF5 files.
  requires static io.jhdf;

  exports io.lookalike.datasets;
  exports io.lookalike.datasets.vectors;
}

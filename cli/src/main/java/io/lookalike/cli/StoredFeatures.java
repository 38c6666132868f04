package io.lookalike.cli;

import io.lookalike.StoreInfo;
import io.lookalike.catalog.Attributes;
import io.lookalike.catalog.Product;
import io.lookalike.features.FeatureSet;
import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreCursor;
import io.lookalike.store.StoreException;
import io.lookalike.store.StoredProduct;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The features that a store holds, a row for each photo, on the heap, with the attributes. */
record StoredFeatures(int dimension, List<float[]> rows, List<String> ids, List<Attributes> of)
    implements FeatureSet {

  static StoredFeatures of(CatalogueStore store, StoreInfo info) throws StoreException {
    var all =
        new StoredFeatures(
            info.dimension(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    try (StoreCursor<StoredProduct> products = store.products(info.network(), 0)) {
      while (products.hasNext()) {
        StoredProduct product = products.next();
        float[] features = product.features();
        Attributes attributes = product.attributes();
        if (features != null && attributes != null) {
          all.add(new Product(product.id(), attributes), features);
        }
      }
    }
    return all;
  }

  /** Adds a product's photos, one after the other. */
  void add(Product product, float[] features) {
    for (int from = 0; from < features.length; from += dimension) {
      rows.add(Arrays.copyOfRange(features, from, from + dimension));
      ids.add(product.id());
      of.add(product.attributes());
    }
  }

  @Override
  public int size() {
    return rows.size();
  }

  @Override
  public String id(int row) {
    return ids.get(row);
  }

  @Override
  public Attributes attributes(int row) {
    return of.get(row);
  }

  @Override
  public void copyRow(int row, float[] target, int offset) {
    System.arraycopy(rows.get(row), 0, target, offset, dimension);
  }
}

package io.lookalike.extractor;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.api.dataset.ContiguousDataset;
import io.jhdf.object.datatype.FloatingPoint;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The list of tensors of an HDF5 file: its datasets, named by their paths. */
final class Hdf5Checkpoint {
  private Hdf5Checkpoint() {}

  static Map<String, StoredTensor> tensors(Path file) throws IOException {
    try (HdfFile hdf = new HdfFile(file)) {
      var tensors = new LinkedHashMap<String, StoredTensor>();
      collect(hdf, tensors);
      return tensors;
    } catch (RuntimeException e) { // of many classes: the library trusts what it reads
      throw new MalformedCheckpointException("a damaged or truncated HDF5 file: " + e, e);
    }
  }

  private static void collect(Group group, Map<String, StoredTensor> tensors) {
    for (Node node : group) {
      if (node instanceof Group inner && !node.isLink()) {
        collect(inner, tensors);
      } else if (node instanceof Dataset dataset && !node.isLink()) {
        tensors.put(dataset.getPath().substring(1), tensor(dataset));
      }
    }
  }

  private static StoredTensor tensor(Dataset dataset) {
    int[] dimensions = dataset.getDimensions();
    long[] shape = new long[dimensions.length];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = dimensions[i];
    }
    if (!(dataset instanceof ContiguousDataset contiguous)) {
      return new StoredTensor("in pieces (chunked or compressed)", shape, 0);
    }
    return new StoredTensor(type(dataset), shape, contiguous.getDataAddress());
  }

  private static String type(Dataset dataset) {
    if (dataset.getDataType() instanceof FloatingPoint number) {
      String bits = "F" + 8 * number.getSize();
      return number.getByteOrder() == ByteOrder.LITTLE_ENDIAN ? bits : bits + " big-endian";
    }
    return dataset.getJavaType().getSimpleName();
  }
}

package io.lookalike.extractor;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.api.dataset.ContiguousDataset;
import io.jhdf.object.datatype.FloatingPoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The list of tensors of an HDF5 file: its datasets, named by their paths. */
final class Hdf5Checkpoint {
  /** Which forms of the file's first block the library reads; HDF5 2.0 writes others. */
  private static final int LAST_SUPERBLOCK = 3;

  private static final int SIGNATURE = 8;

  /** Groups within groups: Keras has two. A damaged file may have one within itself. */
  private static final int MAX_DEPTH = 32;

  /** As many datasets as no network has. */
  private static final int MAX_TENSORS = 100_000;

  private Hdf5Checkpoint() {}

  static Map<String, StoredTensor> tensors(Path file, FileChannel channel) throws IOException {
    ByteBuffer superblock = ByteBuffer.allocate(1);
    Checkpoint.fill(channel, superblock, SIGNATURE);
    if (superblock.get(0) < 0 || superblock.get(0) > LAST_SUPERBLOCK) {
      throw new MalformedCheckpointException(
          "an HDF5 file whose superblock is of version "
              + (superblock.get(0) & 0xff)
              + ", which is not read; expected 0 to "
              + LAST_SUPERBLOCK
              + ": save it again with h5py's libver=\"earliest\", or as safetensors",
          null);
    }
    try (HdfFile hdf = new HdfFile(file)) {
      var tensors = new LinkedHashMap<String, StoredTensor>();
      collect(hdf, tensors, 0);
      return tensors;
    } catch (RuntimeException | AssertionError e) { // the library trusts what it reads
      throw damaged(e);
    } catch (OutOfMemoryError | StackOverflowError e) { // and makes room for what it claims
      throw damaged(e);
    }
  }

  private static MalformedCheckpointException damaged(Throwable e) {
    return new MalformedCheckpointException("a damaged or truncated HDF5 file: " + e, e);
  }

  private static void collect(Group group, Map<String, StoredTensor> tensors, int depth) {
    if (depth > MAX_DEPTH || tensors.size() > MAX_TENSORS) {
      throw new IllegalStateException("too many groups or datasets");
    }
    for (Node node : group) {
      if (node instanceof Group inner && !node.isLink()) {
        collect(inner, tensors, depth + 1);
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

package io.lookalike.benchmarks.peers;

import io.github.jbellis.jvector.graph.GraphIndexBuilder;
import io.github.jbellis.jvector.graph.GraphSearcher;
import io.github.jbellis.jvector.graph.ImmutableGraphIndex;
import io.github.jbellis.jvector.graph.ListRandomAccessVectorValues;
import io.github.jbellis.jvector.graph.RandomAccessVectorValues;
import io.github.jbellis.jvector.graph.SearchResult;
import io.github.jbellis.jvector.graph.similarity.DefaultSearchScoreProvider;
import io.github.jbellis.jvector.util.Bits;
import io.github.jbellis.jvector.vector.VectorSimilarityFunction;
import io.github.jbellis.jvector.vector.VectorizationProvider;
import io.github.jbellis.jvector.vector.types.VectorFloat;
import io.github.jbellis.jvector.vector.types.VectorTypeSupport;
import io.lookalike.bench.Contestant;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** DataStax' JVector: a DiskANN graph in layers. */
public final class Jvector implements Contestant {

  private static final int M = 16;

  private static final int BEAM_WIDTH = 100;

  private static final float NEIGHBOR_OVERFLOW = 1.2f;

  private static final float ALPHA = 1.2f;

  private static final VectorSimilarityFunction SIMILARITY = VectorSimilarityFunction.DOT_PRODUCT;

  /** For {@link java.util.ServiceLoader}. */
  public Jvector() {}

  @Override
  public String name() {
    return "jvector";
  }

  @Override
  public String parameter() {
    return "rerankK";
  }

  @Override
  public List<Integer> values(int k) {
    return IntStream.of(10, 16, 24, 32, 48, 64, 96, 128, 192, 256)
        .mapToObj(value -> (value * k + 9) / 10)
        .toList();
  }

  @Override
  public boolean filters() {
    return true;
  }

  @Override
  public Built build(Task task) throws IOException {
    VectorTypeSupport types = types();
    var copies = new ArrayList<VectorFloat<?>>(task.vectors().size());
    for (float[] vector : task.vectors()) {
      copies.add(types.createFloatVector(vector.clone()));
    }
    int dimension = copies.get(0).length();
    var vectors = new ListRandomAccessVectorValues(copies, dimension);
    // Else JVector takes as many threads as it sees cores.
    var pool = new ForkJoinPool(task.threads());
    try (GraphIndexBuilder builder =
        GraphIndexBuilder.builder(vectors, SIMILARITY, M)
            .withBeamWidth(BEAM_WIDTH)
            .withNeighborOverflow(NEIGHBOR_OVERFLOW)
            .withAlpha(ALPHA)
            .withSimdExecutor(pool)
            .withParallelExecutor(pool)
            .build()) {
      return new Graph(builder.build(vectors), vectors, task.matching());
    } finally {
      pool.shutdown();
    }
  }

  private static VectorTypeSupport types() {
    return VectorizationProvider.getInstance().getVectorTypeSupport();
  }

  private static final class Graph implements Built {

    private final ImmutableGraphIndex graph;
    private final RandomAccessVectorValues vectors;
    private final Bits matching;

    /** A searcher serves one thread at a time. */
    private final ThreadLocal<GraphSearcher> searchers;

    private volatile int rerankK = 1;

    Graph(ImmutableGraphIndex graph, RandomAccessVectorValues vectors, @Nullable BitSet matching) {
      this.graph = graph;
      this.vectors = vectors;
      this.matching = matching == null ? Bits.ALL : ((BitSet) matching.clone())::get;
      this.searchers = ThreadLocal.withInitial(() -> new GraphSearcher(graph));
    }

    @Override
    public void set(int value) {
      rerankK = value;
    }

    @Override
    public int[] search(float[] query, int k) {
      var exact =
          DefaultSearchScoreProvider.exact(types().createFloatVector(query), SIMILARITY, vectors);
      SearchResult.NodeScore[] nodes =
          searchers.get().search(exact, k, Math.max(k, rerankK), 0, 0, matching).getNodes();
      var found = new int[nodes.length];
      for (int i = 0; i < found.length; i++) {
        found[i] = nodes[i].node;
      }
      return found;
    }

    /** None: JVector's vectors and links are arrays. */
    @Override
    public long bytesOutsideHeap() {
      return 0;
    }

    @Override
    public void close() throws IOException {
      graph.close();
    }
  }
}

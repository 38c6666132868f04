package io.lookalike.benchmarks.lucene;

import io.lookalike.bench.Contestant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;
import org.apache.lucene.codecs.lucene104.Lucene104HnswScalarQuantizedVectorsFormat;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogDocMergePolicy;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.RescoreTopNQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.quantization.QuantizedByteVectorValues.ScalarEncoding;
import org.jspecify.annotations.Nullable;

/** Apache Lucene: HNSW in a file that is mapped. */
public final class Lucene implements Contestant {

  private static final String VECTOR = "vector";

  private static final Term MATCHES = new Term("matches", "yes");

  /** Lucene's default: at most 32 links in the lowest layer. */
  private static final int MAX_CONN = 16;

  /** Lucene's default, its efConstruction. */
  private static final int BEAM_WIDTH = 100;

  /** Just below what Lucene allows a thread, in MB: most catalogues are written in one go. */
  private static final int BUFFER = 2_000;

  /** For {@link java.util.ServiceLoader}. */
  public Lucene() {}

  @Override
  public String name() {
    return "lucene";
  }

  @Override
  public String parameter() {
    return "candidates";
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
  public Index build(Task task) throws IOException {
    Path folder = Files.createTempDirectory("lookalike-lucene-");
    try {
      var directory = new MMapDirectory(folder);
      try {
        write(task, directory);
        return new Index(directory, task.matching() == null ? null : new TermQuery(MATCHES));
      } catch (IOException | RuntimeException e) {
        delete(directory);
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(folder);
      throw e;
    }
  }

  private static void write(Task task, MMapDirectory directory) throws IOException {
    var config =
        new IndexWriterConfig()
            .setCodec(new Codec(task.vectors().get(0).length))
            .setRAMPerThreadHardLimitMB(BUFFER)
            .setRAMBufferSizeMB(BUFFER)
            // Keeps the order of documents, so that their numbers are the rows.
            .setMergePolicy(new LogDocMergePolicy())
            .setUseCompoundFile(false);
    try (var writer = new IndexWriter(directory, config)) {
      for (int row = 0; row < task.vectors().size(); row++) {
        var document = new Document();
        document.add(
            new KnnFloatVectorField(
                VECTOR, task.vectors().get(row), VectorSimilarityFunction.DOT_PRODUCT));
        if (task.matching() != null && task.matching().get(row)) {
          document.add(new StringField(MATCHES.field(), MATCHES.text(), Field.Store.NO));
        }
        writer.addDocument(document);
      }
      writer.forceMerge(1);
    }
  }

  private static void delete(MMapDirectory directory) throws IOException {
    Path folder = directory.getDirectory();
    try (directory) {
      for (String file : directory.listAll()) {
        directory.deleteFile(file);
      }
    }
    Files.delete(folder);
  }

  /** Lucene's newest codec, for vectors of any length. */
  private static final class Codec extends Lucene104Codec {

    private final KnnVectorsFormat format;

    Codec(int dimension) {
      this.format =
          new Lucene104HnswScalarQuantizedVectorsFormat(
              ScalarEncoding.SEVEN_BIT, MAX_CONN, BEAM_WIDTH) {
            @Override
            public int getMaxDimensions(String field) {
              // Lucene's own bound, 1,024, is a caution alone.
              return Math.max(super.getMaxDimensions(field), dimension);
            }
          };
    }

    @Override
    public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
      return format;
    }
  }

  /** The index, opened. */
  static final class Index implements Built {

    private final MMapDirectory directory;
    private final DirectoryReader reader;
    private final IndexSearcher searcher;
    private final @Nullable Query filter;
    private final long bytes;
    private volatile int candidates = 1;

    Index(MMapDirectory directory, @Nullable Query filter) throws IOException {
      this.directory = directory;
      this.reader = DirectoryReader.open(directory);
      this.searcher = new IndexSearcher(reader);
      // What is asked again is searched again.
      searcher.setQueryCache(null);
      this.filter = filter;
      long sum = 0;
      for (String file : directory.listAll()) {
        sum += directory.fileLength(file);
      }
      this.bytes = sum;
    }

    @Override
    public void set(int value) {
      candidates = value;
    }

    @Override
    public int[] search(float[] query, int k) throws IOException {
      var nearest = new KnnFloatVectorQuery(VECTOR, query, Math.max(k, candidates), filter);
      Query exact = RescoreTopNQuery.createFullPrecisionRescorerQuery(nearest, query, VECTOR, k);
      ScoreDoc[] documents = searcher.search(exact, k).scoreDocs;
      var found = new int[documents.length];
      for (int i = 0; i < found.length; i++) {
        found[i] = documents[i].doc;
      }
      return found;
    }

    /** All files: the vectors as floats and as codes, and the graph. */
    @Override
    public long bytesOutsideHeap() {
      return bytes;
    }

    /** Where its files are. */
    Path folder() {
      return directory.getDirectory();
    }

    @Override
    public void close() throws IOException {
      reader.close();
      delete(directory);
    }
  }
}

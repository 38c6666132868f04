"""A graph library of Python's, searched in a process of its own, which measures each call by itself.

Started by PythonPeer with the library's name and a folder. It reads a request a line from the standard input, and
answers with a line that begins with "ok", or with "failed" and the reason.
"""

import json
import os
import sys
import time

# Libraries print to the standard output, which carries the answers.
answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

import numpy as np  # noqa: E402

FOLDER = sys.argv[2]


class SymphonyQg:
    """Gou et al., SIGMOD 2025, by its authors' library: degree and ef of their examples."""

    def __init__(self, base, threads):
        import rabitqlib

        self.index = rabitqlib.SymqgIndex(base.shape[1], 32, "l2")
        self.index.build(base, 200, threads)

    def set(self, value):
        self.ef = value

    def search(self, query, k):
        return self.index.search(query.reshape(1, -1), k, self.ef, 1)[0]


class Glass:
    """Its HNSW with 8 bits a coordinate, refined by the floats; optimized for searches as its README does."""

    def __init__(self, base, threads):
        import glass

        glass.set_num_threads(threads)
        self.graph = glass.Index("HNSW", "L2", quant="SQ8U", R=32, L=200).build(base)
        glass.set_num_threads(1)
        self.searcher = glass.Searcher(self.graph, base, "L2", "SQ8U", "FP32")
        self.searcher.set_ef(32)
        self.searcher.optimize(1)

    def set(self, value):
        self.searcher.set_ef(value)

    def search(self, query, k):
        return self.searcher.search(query, k)


class Vsag:
    """HGraph with 8 bits a coordinate, reordered by the floats."""

    def __init__(self, base, threads):
        import pyvsag

        pyvsag.set_logger_off()
        rows, dimension = base.shape
        settings = {
            "base_quantization_type": "sq8_uniform",
            "max_degree": 32,
            "ef_construction": 200,
            "build_thread_count": threads,
            "precise_quantization_type": "fp32",
            "use_reorder": True,
        }
        self.index = pyvsag.Index(
            "hgraph",
            json.dumps({"dtype": "float32", "metric_type": "ip", "dim": dimension, "index_param": settings}),
        )
        self.index.build(
            vectors=base.ravel(), ids=np.arange(rows, dtype=np.int64), num_elements=rows, dim=dimension
        )

    def set(self, value):
        self.parameters = json.dumps({"hgraph": {"ef_search": value}})

    def search(self, query, k):
        return self.index.knn_search(vector=query, k=k, parameters=self.parameters)[0]


class Scann:
    """A tree and anisotropic codes, reordered by the floats; as many leaves as its README advises."""

    def __init__(self, base, threads):
        import scann

        leaves = max(1, int(1.6 * len(base) ** 0.5))
        self.index = (
            scann.scann_ops_pybind.builder(base, 10, "dot_product")
            .tree(num_leaves=leaves, num_leaves_to_search=max(1, leaves // 20), training_sample_size=len(base))
            .score_ah(2, anisotropic_quantization_threshold=0.2)
            .reorder(100)
            .set_n_training_threads(threads)
            .build()
        )

    def set(self, value):
        self.leaves = value

    def search(self, query, k):
        return self.index.search(query, k, leaves_to_search=self.leaves, pre_reorder_num_neighbors=5 * k)[0]


class Usearch:
    """HNSW of bf16 vectors."""

    def __init__(self, base, threads):
        from usearch.index import Index

        self.index = Index(ndim=base.shape[1], metric="cos", dtype="bf16", connectivity=16, expansion_add=128)
        self.index.add(np.arange(len(base)), base, threads=threads)

    def set(self, value):
        self.index.expansion_search = value

    def search(self, query, k):
        return self.index.search(query, k, threads=1).keys


LIBRARIES = {"symphonyqg": SymphonyQg, "glass": Glass, "vsag": Vsag, "scann": Scann, "usearch": Usearch}


def vectors(name, rows, dimension):
    return np.fromfile(os.path.join(FOLDER, name), "<f4").reshape(int(rows), int(dimension)).astype(np.float32)


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Session:
    def build(self, rows, dimension, threads):
        base = vectors("base", rows, dimension)
        before = resident()
        begun = time.perf_counter_ns()
        self.index = LIBRARIES[sys.argv[1]](base, int(threads))
        took = time.perf_counter_ns() - begun
        return f"{took} {base.nbytes + max(0, resident() - before)}"

    def ask(self, rows, dimension):
        self.queries = list(vectors("queries", rows, dimension))
        return ""

    def set(self, value):
        self.index.set(int(value))
        return ""

    def turn(self, first, k, nanos):
        """Each query by itself, one after the other and from the start again, until the time is up."""
        queries, search, clock, k = self.queries, self.index.search, time.perf_counter_ns, int(k)
        end = clock() + int(nanos)
        times, found, i = [], {}, int(first)
        while not times or clock() < end:
            query = queries[i]
            before = clock()
            answer = search(query, k)
            times.append(clock() - before)
            found[i] = answer
            i = (i + 1) % len(queries)
        rows = (f"{i}:" + ",".join(str(row) for row in np.asarray(each).ravel().astype(np.int64)) for i, each in found.items())
        return " ".join(map(str, times)) + ";" + " ".join(rows)


session = Session()
for line in sys.stdin:
    what, *values = line.split()
    try:
        print("ok", getattr(session, what)(*values), file=answers)
    except Exception as e:  # told to who asked
        print("failed", type(e).__name__, str(e).replace("\n", " "), file=answers)

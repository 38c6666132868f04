"""Exact search by FAISS and by BLAS on Fashion-MNIST (cosine, top 10): the peers of exact.sh. One JSON object a line.

usage: flat_peers.py FOLDER [all-pairs]     FOLDER holds the two IDX files; needs faiss-cpu and numpy
"""

import gzip
import json
import sys
import time

import faiss
import numpy as np


def pictures(name):
    with gzip.open(f"{sys.argv[1]}/{name}-images-idx3-ubyte.gz") as file:
        rows = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def report(peer, **figures):
    print(json.dumps({"peer": peer} | figures), flush=True)


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def best_rate(count, work):
    return round(count / min(seconds(work) for _ in range(3)), 1)


def blas_all_pairs(base, block=2048):
    for start in range(0, len(base), block):
        products = base[start : start + block] @ base.T
        rows = np.arange(len(products))
        products[rows, start + rows] = -2  # nobody is its own neighbour
        nearest = np.argpartition(-products, 10, axis=1)[:, :10]
        order = np.argsort(-np.take_along_axis(products, nearest, 1), 1)
        np.take_along_axis(nearest, order, 1)


base, queries = pictures("train"), pictures("t10k")[:1000]
name = f"faiss {faiss.__version__} IndexFlatIP"
index = faiss.IndexFlatIP(784)
index.add(base)
if "all-pairs" in sys.argv:
    faiss.omp_set_num_threads(2)
    report("numpy @ and argpartition", threads=2, allPairsSeconds=round(seconds(lambda: blas_all_pairs(base)), 1))
    fifth = base[::5]
    took = 5 * seconds(lambda: index.search(fifth, 11))
    report(name, threads=2, allPairsSeconds=round(took, 1), measured="every fifth, times 5")
else:
    faiss.omp_set_num_threads(1)
    report(
        name,
        threads=1,
        queriesPerSecond=best_rate(100, lambda: [index.search(queries[i : i + 1], 10) for i in range(100)]),
        batchQueriesPerSecond=best_rate(1000, lambda: index.search(queries, 10)),
    )

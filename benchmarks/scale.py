#!/usr/bin/env python3
"""What a catalogue takes in process and in a cluster: the table in docs/scale.md.

    python3 benchmarks/scale.py benchmarks/results/cluster-jdk17.jsonl benchmarks/results/graph-growth.jsonl

The first file has the figures of a cluster (cluster-tests, FiguresTest), here of vectors in groups, the second those of the graph
of one process (GrowthBenchmark). What lies beyond what was measured is extrapolated as each formula
says; the standard library is all that is needed.
"""

import json
import math
import random
import sys

SEED = 1
PAGES = 20_000
DIMENSION = 1280
INSTANCES = 3  # of the shop, each of which holds the graph
COPIES = 2  # of each shard
NODE_BYTES = 32e9  # a node's memory, half of which is for vectors and graphs
SHARD_BYTES = 4e9  # of vectors, above which a shard is split
LINK_BYTES = 4 * 32  # links of a product in Lucene's graph, at most
ROUND_TRIP = 0.0005  # seconds, between hosts of one data center; the measured ones share a host


def rows(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def sample(twentieths, at):
    """A value of a distribution that is given at 0, 5, ... 100 per cent, linear between these."""
    place = at * (len(twentieths) - 1)
    low = min(int(place), len(twentieths) - 2)
    return twentieths[low] + (place - low) * (twentieths[low + 1] - twentieths[low])


class Cluster:
    def __init__(self, measured, rng):
        self.rng = rng
        mine = [row for row in measured if row.get("data") == "clustered" and row["dimension"] == DIMENSION]
        largest = max(row["products"] for row in mine)
        of = {row["time"]: row for row in mine if "time" in row and row["products"] == largest}
        self.shards = 3
        self.shard_size = largest / self.shards
        self.shard = [micros / 1e6 for micros in of["cluster, merged: bare, a shard"]["twentiethsMicros"]]
        search = of["cluster, merged: search"]["p50Micros"] / 1e6
        # What is left of a search when its slowest shard is taken off: coordination and the adapter.
        self.rest = max(0.0, search - self.quantiles(self.shards, self.shard_size, 0.0)[0])
        built = next(row for row in mine if row.get("index") == "cluster" and row["products"] == largest)
        # Two cores made two copies of each product's links.
        self.core_seconds = built["buildSeconds"] * 2 / (largest * COPIES)

    def quantiles(self, shards, shard_size, rest):
        """p50 and p99 of the slowest of some shards; a walk grows with the logarithm of the graph."""
        growth = math.log(shard_size) / math.log(self.shard_size)
        pages = sorted(
            rest + growth * max(sample(self.shard, self.rng.random()) for _ in range(shards))
            for _ in range(PAGES)
        )
        return pages[PAGES // 2], pages[PAGES * 99 // 100]

    def of(self, products, number_bytes):
        vectors = products * 4 * DIMENSION
        shards = max(1, math.ceil(vectors / SHARD_BYTES))
        searched = products * (number_bytes * DIMENSION + LINK_BYTES) * COPIES
        nodes = max(3, math.ceil(searched / (NODE_BYTES / 2)))
        p50, p99 = self.quantiles(shards, products / shards, self.rest + 2 * ROUND_TRIP)
        cores = 4 * nodes
        return {
            "shards": shards,
            "nodes": nodes,
            "memory": searched,
            "p50": p50,
            "p99": p99,
            "build": products * COPIES * self.core_seconds / cores,
        }


class InProcess:
    """Of the graph of pictures of 784 numbers, whose own memory does not depend on how many."""

    def __init__(self, measured):
        self.rows = sorted(
            (row for row in measured if row["data"] == "pictures" and row["efSearch"] == 30),
            key=lambda row: row["products"],
        )

    def at(self, products, what):
        """On a straight line through the last two that were measured, both logarithmic."""
        first, last = self.rows[-2], self.rows[-1]
        for low, high in zip(self.rows, self.rows[1:]):
            if low["products"] <= products <= high["products"]:
                first, last = low, high
        slope = math.log(last[what] / first[what]) / math.log(last["products"] / first["products"])
        return last[what] * (products / last["products"]) ** slope

    def of(self, products):
        return {
            "memory": INSTANCES * (self.at(products, "memoryBytes") + products * 4 * DIMENSION),
            "p50": self.at(products, "p50Micros") / 1e6,
            # Not beyond what was measured: a slope of single late pages says nothing.
            "p99": self.at(products, "p99Micros") / 1e6
            if products <= self.rows[-1]["products"]
            else None,
            "build": self.at(products, "buildSeconds") / 2,  # on two cores; four here
        }


def line(*cells):
    print("| " + " | ".join(cells) + " |")


def bytes_text(count):
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"


def time_text(seconds):
    if seconds >= 5400:
        return f"{seconds / 3600:,.1f} h"
    return f"{seconds / 60:,.0f} min" if seconds >= 90 else f"{seconds:,.0f} s"


def main():
    cluster_rows, process_rows = (rows(path) for path in sys.argv[1:3])
    cluster = Cluster(cluster_rows, random.Random(SEED))
    process = InProcess(process_rows)
    line("products", "kind", "nodes, shards", "memory in all", "search p50", "p99", "index made in")
    line(*["---"] * 7)
    for products in (100_000, 1_000_000, 10_000_000, 100_000_000):
        inside = process.of(products)
        line(
            f"{products:,}",
            f"in process, {INSTANCES} instances",
            "–",
            bytes_text(inside["memory"]),
            f"{inside['p50'] * 1e3:.2f} ms",
            "–" if inside["p99"] is None else f"{inside['p99'] * 1e3:.2f} ms",
            time_text(inside["build"]),
        )
        for kind, number_bytes in (("cluster", 4), ("cluster, bytes", 1)):
            there = cluster.of(products, number_bytes)
            line(
                "",
                kind,
                f"{there['nodes']}, {there['shards']}",
                bytes_text(there["memory"]),
                f"{there['p50'] * 1e3:.1f} ms",
                f"{there['p99'] * 1e3:.1f} ms",
                time_text(there["build"]),
            )


if __name__ == "__main__":
    main()

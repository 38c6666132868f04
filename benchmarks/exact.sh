#!/bin/sh
# Exact search on Fashion-MNIST beside FAISS, C++ hnswlib and BLAS, in turn. One JSON object a line.
#
# usage: benchmarks/exact.sh PYTHON FOLDER [FLAGS]
#   PYTHON    an interpreter with faiss-cpu and numpy
#   FOLDER    train-images-idx3-ubyte.gz and t10k-images-idx3-ubyte.gz
#   FLAGS     for the Java machine, such as -XX:+UseTransparentHugePages
# first:  mvn -q -DskipTests -pl benchmarks -am package;  apt-get install libhnswlib-dev g++
# JAVA names another java than the one on the path.
set -eu
[ $# -ge 2 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
python=$1 folder=$2
shift 2
flags=$*
here=$(cd "$(dirname "$0")" && pwd)
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
for name in train t10k; do
  gzip -dc "$folder/$name-images-idx3-ubyte.gz" > "$temp/$name"
done
g++ -O3 -march=native -ffast-math "$here/hnswlib_peer.cpp" -o "$temp/hnswlib_peer"

classpath="$here/target/classes:$(cat "$here/target/classpath")"

ours() {
  main=$1
  shift
  # shellcheck disable=SC2086 # several flags
  "${JAVA:-java}" -Xmx4g --add-modules jdk.incubator.vector $flags -cp "$classpath" \
    "io.lookalike.benchmarks.$main" "$@" 2> /dev/null
}

grep -m1 'model name' /proc/cpuinfo | sed 's/.*: /{"processor":"/; s/$/"}/'
for turn in 1 2; do
  ours PruningBenchmark fashion-mnist "$folder"
  "$python" "$here/flat_peers.py" "$folder"
  if [ "$turn" = 1 ]; then
    "$temp/hnswlib_peer" "$temp/train" "$temp/t10k" 16 200 40 60 70 80 160
  fi
done
ours AllPairs "$folder" 2 2
"$python" "$here/flat_peers.py" "$folder" all-pairs
ours AllPairs "$folder" 2 2

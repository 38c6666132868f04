#!/bin/sh
# VGG19 up to fc2 on two processors: ours and PyTorch's eager mode in Python, in turn.
#
# usage: benchmarks/vgg19.sh PYTHON WEIGHTS PICTURE [ROUNDS=3]
#   PYTHON    an interpreter with torch, torchvision, pillow and numpy
#   WEIGHTS   torchvision's vgg19 as .pth
#   PICTURE   any
# first:  mvn -q -DskipTests -pl benchmarks -am package
# JAVA names another java than the one on the path.
set -eu
[ $# -ge 3 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
python=$1 weights=$2 picture=$3 rounds=${4:-3}
here=$(cd "$(dirname "$0")" && pwd)
classpath="$here/target/classes:$(cat "$here/target/classpath")"

round=1
while [ "$round" -le "$rounds" ]; do
  printf 'lookalike      '
  "${JAVA:-java}" -XX:ActiveProcessorCount=2 -cp "$classpath" \
    io.lookalike.benchmarks.NetworkBenchmark 32 "$picture" vgg19 "$weights" 2> /dev/null
  for batch in 1 8; do
    printf 'pytorch eager  '
    "$python" "$here/torch_vgg19.py" 32 "$picture" "$weights" "$batch"
  done
  round=$((round + 1))
done

"""Moves the explicit padding of efficientnet-lite0-gem.onnx into the convolutions that follow it.

TensorFlow pads stride-2 convolutions unevenly; the exporter wrote that as Pad nodes, which take a
fifth of the time (the runtime leaves its blocked layout for each). Outputs stay the same to the bit.

pip install onnx
usage: fold_padding.py IN.onnx OUT.onnx
"""
import sys, onnx
src, dst = sys.argv[1:3]
model = onnx.load(src); graph = model.graph
consumers = {}
for n in graph.node:
    for i in n.input: consumers.setdefault(i, []).append(n)
folded = 0
for pad in [n for n in graph.node if n.op_type == "Pad"]:
    (conv,) = consumers[pad.output[0]]
    attr = {a.name: a for a in conv.attribute}
    k = attr["kernel_shape"].ints[0]
    assert conv.op_type == "Conv" and list(attr["strides"].ints) == [2, 2] and not any(attr["pads"].ints)
    before = (k - 2) // 2
    attr["pads"].ints[:] = [before, before, k - 2 - before, k - 2 - before]
    conv.input[0] = pad.input[0]
    folded += 1
# what computed the pads is dead now
outputs = {o.name for o in graph.output}
while True:
    used = {i for n in graph.node for i in n.input} | outputs
    dead = [n for n in graph.node if not any(o in used for o in n.output)]
    if not dead: break
    for n in dead: graph.node.remove(n)
assert folded == 5
onnx.checker.check_model(model, full_check=True)
onnx.save(model, dst)

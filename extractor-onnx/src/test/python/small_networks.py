"""Writes a small network of three convolutions as ONNX and as TorchScript, for tests, into a folder.

    python small_networks.py ../resources/io/lookalike/extractor

small-map.onnx, small-map.pt: output a map of 6 channels, input of any size.
small-vector.onnx, small-vector.pt: the map's mean, then 5 features; the .onnx takes 32 x 24 (height x
width) only and has a second output, the map's maximum. small-outputs.csv: what PyTorch gives for
a.png, resized by Pillow to 24 x 32 pixels, less 0.5, times 2: the map's mean, its generalised mean,
the vector, and the map's maximum. Needs torch, onnx, pillow.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

torch.manual_seed(1)


class Map(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.convolutions = torch.nn.ModuleList(
            [torch.nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in ((3, 8), (8, 8), (8, 6))]
        )

    def forward(self, image):
        for convolution in self.convolutions:
            image = torch.relu(convolution(image))
        return image


class Vector(torch.nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network
        self.last = torch.nn.Linear(6, 5)

    def forward(self, image):
        return self.last(self.network(image).mean((2, 3)))


def value(name, *shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def constant(name, tensor):
    return numpy_helper.from_array(tensor.detach().numpy(), name)


def export(file, network, vector):
    nodes, weights, last = [], [], "image"
    for i, layer in enumerate(network.convolutions):
        weights += [constant(f"w{i}", layer.weight), constant(f"b{i}", layer.bias)]
        nodes += [
            helper.make_node(
                "Conv", [last, f"w{i}", f"b{i}"], [f"c{i}"], strides=[2, 2], pads=[1, 1, 1, 1]
            ),
            helper.make_node("Relu", [f"c{i}"], [f"r{i}"]),
        ]
        last = f"r{i}"
    if vector is None:
        inputs, outputs = [value("image", "n", 3, "h", "w")], [value(last, "n", 6, "y", "x")]
    else:
        weights += [constant("w", vector.last.weight), constant("b", vector.last.bias)]
        nodes += [
            helper.make_node("ReduceMean", [last], ["mean"], axes=[2, 3], keepdims=0),
            helper.make_node("Gemm", ["mean", "w", "b"], ["embedding"], transB=1),
            helper.make_node("ReduceMax", [last], ["maximum"], axes=[2, 3], keepdims=0),
        ]
        inputs = [value("pixel_values", 1, 3, 32, 24)]
        nodes.insert(0, helper.make_node("Identity", ["pixel_values"], ["image"]))
        outputs = [value("embedding", 1, 5), value("maximum", 1, 6)]
    graph = helper.make_graph(nodes, "small", inputs, outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    file.write_bytes(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    network = Map().eval()
    vector = Vector(network).eval()
    export(folder / "small-map.onnx", network, None)
    export(folder / "small-vector.onnx", network, vector)
    torch.jit.script(network).save(str(folder / "small-map.pt"))
    torch.jit.script(vector).save(str(folder / "small-vector.pt"))
    image = Image.open(folder / "a.png").resize((24, 32), Image.BILINEAR)
    pixels = np.asarray(image, np.float32).transpose(2, 0, 1)[None] / np.float32(255)
    with torch.inference_mode():
        x = (torch.from_numpy(pixels) - 0.5) * 2
        features = network(x)
        rows = (
            features.mean((2, 3)),
            features.clamp(min=1e-6).pow(3).mean((2, 3)).pow(1 / 3),
            vector(x),
            features.amax((2, 3)),
        )
    text = "".join(",".join(repr(float(v)) for v in row[0]) + "\n" for row in rows)
    (folder / "small-outputs.csv").write_text(text)
    print(text)

"""Writes the graphs of VGG19 up to fc2, without weights: vgg19.onnx and vgg19-channels-last.onnx.

    python vgg19_graph.py ../resources/io/lookalike/extractor

Needs the package onnx. Run once, by hand; the result is committed. The convolutions' weights are
initializers whose numbers the caller gives; the fully connected layers' are inputs (see Vgg19.java).
"""

import sys
from pathlib import Path

from onnx import TensorProto, helper

CONVOLUTIONS = (2, 2, 4, 4, 4)
SIDE = 224


def given(name, shape):
    """An initializer that the caller must replace before the graph is loaded."""
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="given-by-the-caller")
    return tensor


def value(name, *shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def graph(widths, hidden, channels_last):
    nodes, initializers = [], []
    inputs = [value("image", "n", 3, SIDE, SIDE)]
    last, channels, place = "image", 3, 0
    for width, convolutions in zip(widths, CONVOLUTIONS):
        for _ in range(convolutions):
            name = f"features.{place}"
            initializers += [
                given(f"{name}.weight", (width, channels, 3, 3)),
                given(f"{name}.bias", (width,)),
            ]
            nodes += [
                helper.make_node(
                    "Conv",
                    [last, f"{name}.weight", f"{name}.bias"],
                    [name],
                    kernel_shape=[3, 3],
                    pads=[1, 1, 1, 1],
                ),
                helper.make_node("Relu", [name], [f"{name}.relu"]),
            ]
            last, channels, place = f"{name}.relu", width, place + 2
        nodes.append(
            helper.make_node(
                "MaxPool", [last], [f"features.{place}"], kernel_shape=[2, 2], strides=[2, 2]
            )
        )
        last, place = f"features.{place}", place + 1
    if channels_last:
        nodes.append(helper.make_node("Transpose", [last], ["places"], perm=[0, 2, 3, 1]))
        last = "places"
    nodes.append(helper.make_node("Flatten", [last], ["flat"]))
    last, size = "flat", channels * (SIDE >> len(CONVOLUTIONS)) ** 2
    for name, result in (("classifier.0", "fc1"), ("classifier.3", "features")):
        shape = (size, hidden) if channels_last else (hidden, size)
        inputs += [value(f"{name}.weight", *shape), value(f"{name}.bias", hidden)]
        nodes += [
            helper.make_node(
                "Gemm",
                [last, f"{name}.weight", f"{name}.bias"],
                [name],
                transB=0 if channels_last else 1,
            ),
            helper.make_node("Relu", [name], [result]),
        ]
        last, size = result, hidden
    made = helper.make_graph(
        nodes, "vgg19-fc2", inputs, [value("features", "n", hidden)], initializers
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model.SerializeToString(deterministic=True)


def write(folder, name, widths, hidden):
    Path(folder, f"{name}.onnx").write_bytes(graph(widths, hidden, False))
    Path(folder, f"{name}-channels-last.onnx").write_bytes(graph(widths, hidden, True))


if __name__ == "__main__":
    write(sys.argv[1], "vgg19", (64, 128, 256, 512, 512), 4096)

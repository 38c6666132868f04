"""Writes a narrow network of VGG19's build, for quick tests, into a folder.

    python small_vgg.py ../resources/io/lookalike/extractor

small-vgg*.onnx: its graphs, made as vgg19.onnx is. small-vgg-fc2.bin: fc2 of a.png and b.png, float32,
computed by PyTorch on weights that follow the formula in VggWeights.java. small-vgg.pth and
small-vgg-2017.pth: those weights as torch.save writes them today, and as it did before version 1.6;
small-vgg.h5: as Keras' published file lays them out. Needs torch, h5py, pillow, onnx.
"""

import sys
from collections import OrderedDict
from pathlib import Path

import h5py
import numpy as np
import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[2] / "main" / "python"))
from vgg19_graph import CONVOLUTIONS, write

WIDTHS, HIDDEN, CLASSES = (2, 4, 8, 16, 16), 32, 10


def numbers(t, shape):
    """Tensor t of the formula that VggWeights.java describes."""
    i = np.arange(np.prod(shape), dtype=np.uint32)
    h = i * np.uint32(2654435761) + np.uint32(t * 40503 + 12345)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x45D9F3B)
    h ^= h >> np.uint32(16)
    s = np.float32(np.sqrt(6 / np.prod(shape[1:]))) if len(shape) > 1 else np.float32(0.05)
    unit = (h >> np.uint32(8)).astype(np.float32) / np.float32(16777216) - np.float32(0.5)
    return (unit * (np.float32(2) * s)).reshape(shape)


def modules():
    layers, channels = [], 3
    for width, convolutions in zip(WIDTHS, CONVOLUTIONS):
        for _ in range(convolutions):
            layers += [torch.nn.Conv2d(channels, width, 3, padding=1), torch.nn.ReLU()]
            channels = width
        layers.append(torch.nn.MaxPool2d(2))
    classifier = [
        torch.nn.Linear(channels * 49, HIDDEN),
        torch.nn.ReLU(),
        torch.nn.Dropout(),
        torch.nn.Linear(HIDDEN, HIDDEN),
        torch.nn.ReLU(),
        torch.nn.Dropout(),
        torch.nn.Linear(HIDDEN, CLASSES),
    ]
    return torch.nn.ModuleDict(
        {"features": torch.nn.Sequential(*layers), "classifier": torch.nn.Sequential(*classifier)}
    ).eval()


def keras(file, weights):
    names = [f"block{b + 1}_conv{i + 1}" for b, n in enumerate(CONVOLUTIONS) for i in range(n)]
    names += ["fc1", "fc2", "predictions"]
    tensors = list(weights.values())
    with h5py.File(file, "w") as h5:
        for i, name in enumerate(names):
            weight, bias = tensors[2 * i].numpy(), tensors[2 * i + 1].numpy()
            if weight.ndim == 4:
                weight = weight.transpose(2, 3, 1, 0)
            elif name == "fc1":
                weight = weight.reshape(HIDDEN, WIDTHS[-1], 7, 7).transpose(2, 3, 1, 0)
                weight = weight.reshape(-1, HIDDEN)
            else:
                weight = weight.T
            group = h5.create_group(name)
            group.attrs["weight_names"] = [f"{name}_W_1:0".encode(), f"{name}_b_1:0".encode()]
            group[f"{name}_W_1:0"] = np.ascontiguousarray(weight)
            group[f"{name}_b_1:0"] = bias


def picture(file):
    return np.asarray(Image.open(file), np.float32).transpose(2, 0, 1) / np.float32(255)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    write(folder, "small-vgg", WIDTHS, HIDDEN)
    network = modules()
    weights = OrderedDict(
        (name, torch.from_numpy(numbers(t, tuple(tensor.shape))))
        for t, (name, tensor) in enumerate(network.state_dict().items())
    )
    network.load_state_dict(weights)
    with torch.inference_mode():
        images = torch.from_numpy(np.stack([picture(folder / "a.png"), picture(folder / "b.png")]))
        flat = network["features"](images).flatten(1)
        fc2 = network["classifier"][:5](flat)
    (folder / "small-vgg-fc2.bin").write_bytes(fc2.numpy().astype("<f4").tobytes())
    weights = network.state_dict()  # with the metadata that PyTorch gives it
    torch.save(weights, folder / "small-vgg.pth")
    torch.save(weights, folder / "small-vgg-2017.pth", _use_new_zipfile_serialization=False)
    keras(folder / "small-vgg.h5", weights)
    print((fc2 > 0).float().mean(), torch.nn.functional.cosine_similarity(fc2[:1], fc2[1:]))

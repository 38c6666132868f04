"""PyTorch's eager VGG19 up to fc2 on two threads, one picture over and over: the peer of vgg19.sh.

usage: torch_vgg19.py COUNT PICTURE WEIGHTS.pth BATCH     needs torch, torchvision, pillow, numpy
"""

import sys
import time

import numpy as np
import torch
import torchvision
from PIL import Image

count, picture, weights, batch = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
torch.set_num_threads(2)
network = torchvision.models.vgg19(weights=None)
network.load_state_dict(torch.load(weights), strict=False)
network.classifier = network.classifier[:5]
network.eval()
pixels = np.asarray(Image.open(picture).convert("RGB").resize((224, 224)), np.float32) / 255
images = torch.from_numpy(pixels.transpose(2, 0, 1)[None].repeat(batch, 0))
with torch.inference_mode():
    network(images)
    start, busy = time.perf_counter(), time.process_time()
    for _ in range(count // batch):
        network(images)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
done = count // batch * batch
print(f"{done / seconds:.2f} images/s, {busy / done:.3f} processor seconds each, batches of {batch}")

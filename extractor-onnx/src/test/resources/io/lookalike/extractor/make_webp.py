"""Makes formats/webp: lossy files by libwebp, and in pixels.csv what libwebp reads in them, laid on white.

pip install pillow==13.0.0 numpy    (libwebp 1.6.0 decodes; 1.2.4 encodes, see make_webp.c)
usage: make_webp.py path/to/make_webp    (in this folder)
"""
import hashlib, os, subprocess, sys, tempfile
import numpy as np
from PIL import Image

photo = Image.open("formats/photo.png").convert("RGB")
noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (48, 61, 3), "u1"))
ramp = np.add.outer(np.arange(90) * 2, np.arange(120)).clip(0, 255).astype("u1")
ramp[20:40, 30:60] = 255
cut = photo.copy()
cut.putalpha(Image.fromarray(ramp))

os.makedirs("formats/webp", exist_ok=True)
rows = ["file,width,height,sha256"]


def read(name):
    rgba = np.asarray(Image.open(f"formats/webp/{name}.webp").convert("RGBA")).astype(int)
    rgb, alpha = rgba[..., :3], rgba[..., 3:]
    on_white = ((alpha * rgb + 255 * (255 - alpha) + 127) // 255).astype("u1")
    digest = hashlib.sha256(on_white.tobytes()).hexdigest()
    rows.append(f"{name}.webp,{rgb.shape[1]},{rgb.shape[0]},{digest}")


def make(name, image, **settings):
    image = image.convert("RGBA")
    with tempfile.NamedTemporaryFile() as raw:
        raw.write(image.tobytes())
        raw.flush()
        subprocess.run([sys.argv[1], raw.name, str(image.width), str(image.height), f"formats/webp/{name}.webp"]
                       + [f"{key}={value}" for key, value in settings.items()], check=True)
    read(name)


make("q10", photo, quality=10)
make("q50", photo.crop((0, 0, 119, 89)), quality=50)
make("q75", photo, quality=75, method=0)
make("q95", photo.crop((3, 5, 100, 60)), quality=95, method=6)
make("simple-filter", photo.crop((0, 0, 111, 90)), quality=30, filter_type=0, filter_strength=90)
make("sharp-filter", photo, quality=20, filter_strength=100, filter_sharpness=6)
make("no-filter", photo, quality=20, filter_strength=0, segments=1)
make("partitions", photo.resize((90, 131)), quality=60, partitions=3)
make("noise", noise, quality=100)
make("noise-coarse", noise, quality=0)
make("1x1", photo.crop((60, 40, 61, 41)), quality=80)
make("2x2", photo.crop((60, 40, 62, 42)), quality=80)
make("33x1", photo.crop((60, 40, 93, 41)), quality=80)
make("1x35", photo.crop((60, 40, 61, 75)), quality=80)
for filtering in range(3):
    make(f"alpha-{filtering}", cut, quality=50, alpha_filtering=filtering, exact=1)
make("alpha-coarse", cut.crop((1, 1, 118, 88)), quality=50, alpha_quality=20, alpha_filtering=2)
make("alpha-plain", cut.resize((40, 31)), quality=50, alpha_compression=0, alpha_filtering=2)

photo.save("formats/webp/film.webp", save_all=True, append_images=[photo.rotate(90)], duration=100, quality=40)
read("film")
cut.save("formats/webp/film-alpha.webp", save_all=True, append_images=[cut.rotate(90)], duration=100, quality=40)
read("film-alpha")
open("formats/webp/pixels.csv", "w").write("\n".join(rows) + "\n")

"""Makes the pictures in formats/ that Java cannot write, from one photo of reference/.

pip install pillow==13.0.0 numpy
usage: make_formats.py    (in this folder)
"""
from PIL import Image, ImageCms
import numpy as np

photo = Image.open("reference/100227.jpg").convert("RGB").resize((120, 90), Image.BILINEAR)
photo.save("formats/photo.png", optimize=True)  # what the others are compared with
photo.save("formats/progressive.jpg", quality=95, subsampling=0, progressive=True)
photo.save("formats/rgb.jpg", quality=95, keep_rgb=True)
photo.save("formats/profile.jpg", quality=95, subsampling=0,
           icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
photo.save("formats/damaged-profile.jpg", quality=95, subsampling=0, icc_profile=b"\x01" * 500)

cmyk = np.asarray(photo.convert("CMYK"))
Image.fromarray(cmyk, "CMYK").save("formats/cmyk.jpg", quality=95, subsampling=0)
# YCCK: cyan, magenta, yellow turned into luma and chroma, and Adobe's marker saying so.
ycc = np.asarray(Image.fromarray(cmyk[..., :3], "RGB").convert("YCbCr"))
ycck = np.concatenate([255 - ycc, cmyk[..., 3:]], axis=2)
Image.fromarray(ycck, "CMYK").save("formats/ycck.jpg", quality=95, subsampling=0)
data = bytearray(open("formats/ycck.jpg", "rb").read())
data[data.index(b"Adobe") + 11] = 2
open("formats/ycck.jpg", "wb").write(data)

photo.save("formats/lossy.webp", quality=95)
photo.save("formats/lossless.webp", lossless=True)
alpha = np.full((90, 120), 255, "u1"); alpha[:, :40] = 0; alpha[:, 40:60] = 128
cut = photo.copy(); cut.putalpha(Image.fromarray(alpha))
cut.save("formats/alpha-lossless.webp", lossless=True, exact=True)
cut.save("formats/alpha-lossy.webp", quality=95, exact=True)
photo.save("formats/animated.webp", save_all=True, append_images=[photo.rotate(90)], duration=100, lossless=True)
cut.save("formats/alpha.png", optimize=True)

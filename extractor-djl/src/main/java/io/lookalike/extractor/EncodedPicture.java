package io.lookalike.extractor;

import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A picture's encoded bytes as a decoder reads them, which remembers whether the decoder asked for
 * more than there is: some decoders fill the rest of a truncated picture with grey and say nothing.
 */
final class EncodedPicture extends ImageInputStreamImpl {
  private final byte[] bytes;
  private boolean exhausted;

  EncodedPicture(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Whether a read came to the end and found nothing left. */
  boolean exhausted() {
    return exhausted;
  }

  @Override
  public int read() {
    bitOffset = 0;
    if (streamPos >= bytes.length) {
      exhausted = true;
      return -1;
    }
    return bytes[(int) streamPos++] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    bitOffset = 0;
    if (length == 0) {
      return 0;
    }
    if (streamPos >= bytes.length) {
      exhausted = true;
      return -1;
    }
    int n = (int) Math.min(length, bytes.length - streamPos);
    System.arraycopy(bytes, (int) streamPos, target, offset, n);
    streamPos += n;
    return n;
  }

  @Override
  public long length() {
    return bytes.length;
  }
}

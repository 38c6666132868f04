package io.lookalike.extractor;

import java.io.IOException;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A picture's encoded bytes as a decoder reads them, which remembers whether the decoder asked for
 * more than there is: some decoders fill the rest of a truncated picture with grey and say nothing.
 * A decoder that goes on asking is stopped: one that takes the end for zeros, pixel after pixel,
 * can keep a thread busy for minutes over a file of a few bytes that claims to be a large picture.
 */
final class EncodedPicture extends ImageInputStreamImpl {
  /** Decoders that look ahead come to ten or so. */
  private static final int MOST_READS_BEYOND_END = 1000;

  private final byte[] bytes;
  private int readsBeyondEnd;

  EncodedPicture(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Whether a read came to the end and found nothing left. */
  boolean exhausted() {
    return readsBeyondEnd > 0;
  }

  private int atEnd() throws IOException {
    if (++readsBeyondEnd > MOST_READS_BEYOND_END) {
      throw new IOException("the decoder reads on after the end");
    }
    return -1;
  }

  @Override
  public int read() throws IOException {
    bitOffset = 0;
    if (streamPos >= bytes.length) {
      return atEnd();
    }
    return bytes[(int) streamPos++] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    bitOffset = 0;
    if (length == 0) {
      return 0;
    }
    if (streamPos >= bytes.length) {
      return atEnd();
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

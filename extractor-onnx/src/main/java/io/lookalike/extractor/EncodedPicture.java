package io.lookalike.extractor;

import java.io.IOException;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A picture's encoded bytes as a decoder reads them, which remembers whether the decoder asked for
 * more than there is: some decoders fill the rest of a truncated picture with grey and say nothing.
 * A decoder that goes on asking is stopped: one that takes the end for zeros, pixel after pixel,
 * can keep a thread busy for minutes over a file of a few bytes that claims to be a large picture.
 *
 * <p>It does not say how long it is: the WebP decoder holds that a few bytes cannot be a large
 * picture, which those of one colour are. {@link PictureReader} has limits of its own.
 */
final class EncodedPicture extends ImageInputStreamImpl {
  /** Decoders that look ahead come to ten or so. */
  private static final int MOST_READS_BEYOND_END = 1000;

  private final PictureHead head;
  private final byte[] file;
  private final long length;
  private int readsBeyondEnd;

  EncodedPicture(byte[] file, PictureHead head) {
    this.head = head;
    this.file = file;
    this.length = (long) head.start().length + head.to() - head.from();
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
    if (streamPos >= length) {
      return atEnd();
    }
    int at = (int) streamPos++;
    int start = head.start().length;
    return (at < start ? head.start()[at] : file[head.from() + at - start]) & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    bitOffset = 0;
    if (length == 0) {
      return 0;
    }
    if (streamPos >= this.length) {
      return atEnd();
    }
    int at = (int) streamPos;
    int start = head.start().length;
    byte[] from = at < start ? head.start() : file;
    int position = at < start ? at : head.from() + at - start;
    int n = Math.min(length, (at < start ? start : head.to()) - position);
    System.arraycopy(from, position, target, offset, n);
    streamPos += n;
    return n;
  }
}

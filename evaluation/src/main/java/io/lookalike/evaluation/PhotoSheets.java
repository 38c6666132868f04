package io.lookalike.evaluation;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;

/** Small photos in rows on large ones, so that a page needs few pictures. For one thread. */
final class PhotoSheets {

  /** The side of a sheet, in pixels. */
  private static final int SIDE = 2_048;

  private final int cell;
  private final int each;
  private final List<BufferedImage> sheets = new ArrayList<>();
  private int photos;

  /**
   * No photos yet.
   *
   * @param cell the side of a photo, in pixels
   */
  PhotoSheets(int cell) {
    this.cell = cell;
    this.each = SIDE / cell;
  }

  int cell() {
    return cell;
  }

  /** How many photos stand in a row, and how many rows on a sheet. */
  int each() {
    return each;
  }

  /**
   * Adds a photo, of which the middle is shown.
   *
   * @param jpeg its file
   * @return its number
   */
  int add(byte[] jpeg) {
    BufferedImage photo;
    try {
      photo = ImageIO.read(new ByteArrayInputStream(jpeg));
    } catch (IOException e) {
      throw new UncheckedIOException("a photo in memory cannot be read", e);
    }
    int place = photos % (each * each);
    if (place == 0) {
      sheets.add(new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB));
    }
    int side = Math.min(photo.getWidth(), photo.getHeight());
    int left = (photo.getWidth() - side) / 2;
    int top = (photo.getHeight() - side) / 2;
    int x = place % each * cell;
    int y = place / each * cell;
    Graphics2D on = sheets.get(sheets.size() - 1).createGraphics();
    try {
      on.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
      on.drawImage(photo, x, y, x + cell, y + cell, left, top, left + side, top + side, null);
    } finally {
      on.dispose();
    }
    return photos++;
  }

  /** The sheets as a page's pictures; the last one is only as high as it is full. */
  List<String> uris() {
    var uris = new ArrayList<String>();
    for (int i = 0; i < sheets.size(); i++) {
      int on = Math.min(each * each, photos - i * each * each);
      int rows = (on + each - 1) / each;
      int width = rows > 1 ? SIDE : on * cell;
      var bytes = new ByteArrayOutputStream();
      try {
        ImageIO.write(sheets.get(i).getSubimage(0, 0, width, rows * cell), "jpeg", bytes);
      } catch (IOException e) {
        throw new UncheckedIOException("a picture in memory cannot be written", e);
      }
      uris.add("data:image/jpeg;base64," + Base64.getEncoder().encodeToString(bytes.toByteArray()));
    }
    return uris;
  }
}

package io.lookalike.extractor;

/** Which size a picture is brought to before it enters a network. */
sealed interface InputSize {

  /** Of upright pictures, in pixels. */
  record Size(int width, int height) {}

  /** The size for a picture of the given upright width and height. */
  Size of(int width, int height);

  /** One size for all, whatever a picture's proportions. */
  record Fixed(int width, int height) implements InputSize {
    @Override
    public Size of(int ofWidth, int ofHeight) {
      return new Size(width, height);
    }

    /** Part of an extractor's identity. */
    @Override
    public String toString() {
      return width + "x" + height;
    }
  }

  /**
   * The picture's own proportions, as nearly as multiples allow, at the area of a square.
   *
   * @param side of the square, in pixels
   * @param multiple both sides are multiples of this many pixels
   */
  record Area(int side, int multiple) implements InputSize {
    @Override
    public Size of(int width, int height) {
      double scale = side / Math.sqrt((double) width * height);
      return new Size(rounded(width * scale), rounded(height * scale));
    }

    /**
     * The nearest multiple, ties to even as in the reference, at least one. At most so much that,
     * the other side being one multiple, the area is what it should be: it comes to that beyond
     * proportions of 1 : 81, where a picture's height or width would be next to nothing.
     */
    private int rounded(double wanted) {
      int most = Math.max(1, side * side / (multiple * multiple));
      return multiple * (int) Math.max(1, Math.min(most, Math.rint(wanted / multiple)));
    }

    /** Part of an extractor's identity. */
    @Override
    public String toString() {
      return "area" + side + (multiple == 32 ? "" : "by" + multiple);
    }
  }
}

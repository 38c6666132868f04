package io.lookalike.internal;

/**
 * What a product's photos are called in an index, where each is an item of its own: the first as
 * the product, the others by its id with a mark and their number, from 2. An id that has the mark
 * in it, which hardly any has, is marked for the first photo too, so that no two keys are equal.
 */
public final class PhotoKey {

  /** Sorts before all that an id is usually made of, so that keys sort as their products do. */
  private static final char MARK = '\u0001';

  private PhotoKey() {}

  /**
   * A photo's key.
   *
   * @param id the product's
   * @param photo its number, from 1
   * @return the key
   */
  public static String of(String id, int photo) {
    return photo == 1 && id.indexOf(MARK) < 0 ? id : id + MARK + photo;
  }

  /**
   * The product that a photo is of.
   *
   * @param key a photo's
   * @return the product's id
   */
  public static String product(String key) {
    int mark = key.lastIndexOf(MARK);
    return mark < 0 ? key : key.substring(0, mark);
  }

  /**
   * A photo's number.
   *
   * @param key a photo's
   * @return from 1
   */
  public static int photo(String key) {
    int mark = key.lastIndexOf(MARK);
    return mark < 0 ? 1 : Integer.parseInt(key, mark + 1, key.length(), 10);
  }

  /**
   * Whether a key is other than its product's id.
   *
   * @param key a photo's
   * @return whether it is marked
   */
  public static boolean isMarked(String key) {
    return key.indexOf(MARK) >= 0;
  }
}

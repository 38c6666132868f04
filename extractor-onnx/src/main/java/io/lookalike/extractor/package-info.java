/**
 * Features of pictures, by pre-trained networks. {@code PictureReader} reads a picture, {@code
 * AntialiasedResize} brings it to size and turns it upright, {@code Exif} having told how, and a
 * {@code Network} makes features of it.
 */
@NullMarked
package io.lookalike.extractor;

import org.jspecify.annotations.NullMarked;

/**
 * Catalogues and purchases in files: a folder of photos, {@code products.csv}, {@code
 * purchases.csv}, H&amp;M's files. Files are streamed; what cannot be used is reported with its
 * line, and the rest is read.
 */
@NullMarked
package io.lookalike.datasets;

import org.jspecify.annotations.NullMarked;

/**
 * What a shop says of its products: attributes, pictures, and filters that choose among them. A
 * filter's text is read by {@code FilterParser} and written by {@code FilterPrinter}; {@code
 * FilterJson} does both with JSON.
 */
@NullMarked
package io.lookalike.catalog;

import org.jspecify.annotations.NullMarked;

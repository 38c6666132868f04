/** What a shop says of its products: attributes, pictures, and filters that choose among them. */
@NullMarked
package io.lookalike.catalog;

import org.jspecify.annotations.NullMarked;

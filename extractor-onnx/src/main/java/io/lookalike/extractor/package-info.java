/** Features of pictures, by pre-trained networks. */
@NullMarked
package io.lookalike.extractor;

import org.jspecify.annotations.NullMarked;

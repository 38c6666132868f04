/** From pictures to vectors: the extractor SPI and transforms that are fitted on a catalogue. */
@NullMarked
package io.lookalike.features;

import org.jspecify.annotations.NullMarked;

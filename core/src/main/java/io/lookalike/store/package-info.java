/** The SPI of what is durable: a catalogue's products, features, sales and sessions. */
@NullMarked
package io.lookalike.store;

import org.jspecify.annotations.NullMarked;

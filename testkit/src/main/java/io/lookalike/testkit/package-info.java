/**
 * What every index and every store must do, as tests to be extended, and small ones to test other
 * code with.
 */
@NullMarked
package io.lookalike.testkit;

import org.jspecify.annotations.NullMarked;

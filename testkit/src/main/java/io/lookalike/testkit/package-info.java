/** What every index must do, as tests to be extended, and small indexes to test other code with. */
@NullMarked
package io.lookalike.testkit;

import org.jspecify.annotations.NullMarked;

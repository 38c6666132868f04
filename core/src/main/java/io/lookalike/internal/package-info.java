/** What Lookalike's own modules share. Not for applications: it changes without notice. */
@NullMarked
package io.lookalike.internal;

import org.jspecify.annotations.NullMarked;

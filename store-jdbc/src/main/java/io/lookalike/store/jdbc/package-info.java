/** A durable catalogue in SQLite or PostgreSQL. */
@NullMarked
package io.lookalike.store.jdbc;

import org.jspecify.annotations.NullMarked;

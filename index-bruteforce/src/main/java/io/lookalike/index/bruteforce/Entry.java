package io.lookalike.index.bruteforce;

import io.lookalike.catalog.Attributes;

/** What is held of a product beside its vector. */
record Entry(String id, Attributes attributes) {}

package io.lookalike;

import java.util.Set;

/**
 * What a request and a session come to.
 *
 * @param target what is sought
 * @param consulted ids of the examples, which are not shown
 * @param hidden ids of what the customer has dismissed or bought, which are not shown either
 */
record ResolvedRequest(Objective target, Set<String> consulted, Set<String> hidden) {}

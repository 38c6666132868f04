/** Tests that an index or a store of your own extends. */
module io.lookalike.testkit {
  requires transitive io.lookalike.core;
  requires static transitive org.jspecify;
  requires transitive org.junit.jupiter.api;
  requires org.junit.jupiter.params;
  requires org.assertj.core;

  exports io.lookalike.testkit;

  // JUnit calls the tests, which are not public.
  opens io.lookalike.testkit;
}

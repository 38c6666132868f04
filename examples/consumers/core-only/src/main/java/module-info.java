/** Compiles and runs only as long as core's module is sound. */
module com.example.shop {
  requires io.lookalike.core;

  exports com.example.shop;
}

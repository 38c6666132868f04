package io.lookalike.cli;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Map;

/** The photos that come with the program. */
final class DemoPhotos {

  private static final String CATALOGUE = "/io/lookalike/examples/demo/products.csv";

  private DemoPhotos() {}

  /** What is done with the photos. */
  @FunctionalInterface
  interface Use {
    /**
     * Uses them.
     *
     * @param catalogue a table of the products, with the photos beside it
     */
    void use(Path catalogue) throws IOException;
  }

  /** Calls with the photos, which can be read until the call returns. */
  static void use(Use use) throws IOException {
    URL catalogue = DemoPhotos.class.getResource(CATALOGUE);
    if (catalogue == null) {
      throw new UserErrorException(
          "the demo's photos are not on the class path; add the jar lookalike-examples to it");
    }
    URI uri = uri(catalogue);
    if (uri.getScheme().equals("jar")) {
      try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
        use.use(jar.getPath(CATALOGUE));
      }
    } else {
      use.use(Path.of(uri));
    }
  }

  private static URI uri(URL url) {
    try {
      return url.toURI();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("a resource's address is no URI: " + url, e);
    }
  }
}

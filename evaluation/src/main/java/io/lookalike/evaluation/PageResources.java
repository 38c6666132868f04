package io.lookalike.evaluation;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Objects;

/** What pages are made of. */
final class PageResources {

  private PageResources() {}

  /** A policy by which a page loads nothing but what it holds. */
  static String policy(String style, String script) {
    return "default-src 'none'; img-src data:; style-src 'sha256-"
        + sha256(style)
        + "'; script-src 'sha256-"
        + sha256(script)
        + "'; base-uri 'none'; form-action 'none'";
  }

  private static String sha256(String text) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static Template template(String name) {
    return Mustache.compiler().defaultValue("").emptyStringIsFalse(true).compile(text(name));
  }

  /** A page's style, after what all pages have in common. */
  static String style(String name) {
    return text("base.css") + text(name);
  }

  static String text(String name) {
    try (InputStream in = PageResources.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + name + " of this library's own jar", e);
    }
  }
}

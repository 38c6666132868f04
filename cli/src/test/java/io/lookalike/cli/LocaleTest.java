package io.lookalike.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.lookalike.cli.Cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A store with a photo whose name the locale of a later run cannot tell. */
@EnabledOnOs(OS.LINUX)
class LocaleTest {

  @TempDir Path temp;

  @Test
  void whatToSetIsSaidOfPhotosThatAreNoPaths() throws Exception {
    assumeThat(System.getProperty("sun.jnu.encoding")).isEqualTo("UTF-8");
    Path photos = Cli.photos(temp.resolve("photos"), 1, 3);
    List<String> ids = Cli.ids(photos);
    Path photo;
    try (Stream<Path> files = Files.walk(photos)) {
      photo = files.filter(f -> f.endsWith(ids.get(0) + ".jpg")).findAny().orElseThrow();
    }
    Files.move(photo, photo.resolveSibling("\u00e9.jpg"));
    Path shop = temp.resolve("shop");
    Run indexed = Cli.run("index", photos, "-s", shop, "--extractor", "lite0-fast");
    assertThat(indexed.exit()).as("%s", indexed).isZero();

    Path page = temp.resolve("page.html");
    Path map = temp.resolve("map.html");
    for (Object[] command :
        List.of(
            new Object[] {"similar", "-s", shop, ids.get(1), "--html", page},
            new Object[] {"map", "-s", shop, "--out", map})) {
      assertThat(posix(command))
          .contains("which is no path", "start Java with LC_ALL=C.UTF-8 set")
          .doesNotContain("unexpected");
    }
    assertThat(page).exists();
    assertThat(map).exists();
  }

  private String posix(Object... command) throws IOException, InterruptedException {
    Path log = temp.resolve("log");
    Process process = Cli.startIn(Map.of("LC_ALL", "POSIX"), log, command);
    assertThat(process.waitFor()).as(Files.readString(log)).isZero();
    return Files.readString(log);
  }
}

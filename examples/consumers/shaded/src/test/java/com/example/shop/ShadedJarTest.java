package com.example.shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShadedJarTest {

  @TempDir Path folder;

  @Test
  void theJarAloneFindsWhatLooksAlike() throws Exception {
    var photos = new ArrayList<String>();
    for (String id : List.of("100335", "100361", "100371")) {
      photos.add(Path.of("..", "..", "demo", "photos", id + ".jpg").toString());
    }
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-jar");
    command.add(System.getProperty("shaded.jar"));
    command.addAll(photos);
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process java =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertEquals(true, java.waitFor(5, TimeUnit.MINUTES), "ends");
      String said = Files.readString(err, StandardCharsets.UTF_8);
      assertEquals(0, java.exitValue(), said);
      assertEquals(
          Set.of(photos.get(1), photos.get(2)), new TreeSet<>(Files.readAllLines(out)), said);
    } finally {
      java.destroyForcibly();
    }
  }
}

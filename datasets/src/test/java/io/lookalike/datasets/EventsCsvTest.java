package io.lookalike.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import io.lookalike.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventsCsvTest {

  @TempDir Path folder;

  @Test
  void anEventDeliveredTwiceCountsOnce() throws IOException {
    Path file = folder.resolve("events.csv");
    Files.writeString(
        file,
        """
        id,time,customer,event,product
        e1,2024-03-01 12:00:00+00,ann,viewed,a
        e2,2024-03-01 12:01:00+00,ann,viewed,a
        e1,2024-03-01 12:00:00+00,ann,viewed,a
        ,2024-03-01 12:02:00+00,ann,viewed,a
        ,2099-03-01 12:02:00+00,ann,viewed,b
        """);
    List<Event> events = new ArrayList<>();

    ReadReport report = EventsCsv.of(file).read(events::add);

    assertThat(events).extracting(Event::productId).containsExactly("a", "a", "a", "b");
    assertThat(events).extracting(Event::id).containsExactly("e1", "e2", null, null);
    assertThat(report.skipped()).isEqualTo(1);
    assertThat(report.problems())
        .containsExactly(
            new Problem(file, 4, "the event e1 is already on line 2"),
            new Problem(file, 6, "the time is \"2099-03-01 12:02:00+00\", which is yet to come"));
  }

  @Test
  void anIdThatStandsForNoneIsNoneAndOneThatIsNoneIsReported() throws IOException {
    Path file = folder.resolve("events.csv");
    Files.writeString(
        file,
        """
        id,time,customer,event,product
        NULL,2024-03-01 12:00:00+00,ann,viewed,a
        NULL,2024-03-01 12:01:00+00,ann,viewed,a
        e2\u200B,2024-03-01 12:01:00+00,ann,viewed,a
        """);
    List<Event> events = new ArrayList<>();

    ReadReport report = EventsCsv.of(file).read(events::add);

    assertThat(events).extracting(Event::id).containsExactly(null, null);
    assertThat(report.problems())
        .containsExactly(
            new Problem(
                file, 2, "the id is \"NULL\", taken for a missing value, which means no id"),
            new Problem(
                file,
                4,
                "the id is \"e2<U+200B>\", expected no white space and nothing invisible at its"
                    + " ends; strip it"));
  }
}

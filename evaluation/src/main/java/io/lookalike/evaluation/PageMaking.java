package io.lookalike.evaluation;

import io.lookalike.internal.AtomicFile;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Has a setting make the pages of a cut, or takes them from a file where it has made them before.
 */
final class PageMaking {

  private static final long MAGIC = 0x4C4B_4C50_4147_4531L; // LKLPAGE1

  private final Setting setting;
  private final Past past;
  private final int threads;
  private final @Nullable Path folder;

  /**
   * The pages of one task.
   *
   * @param shown each page's products, as numbers of the catalogue
   * @param nanos how long each took to make
   */
  record Pages(int[][] shown, long[] nanos) {}

  PageMaking(Setting setting, Past past, int threads, @Nullable Path folder) {
    this.setting = setting;
    this.past = past;
    this.threads = threads;
    this.folder = folder;
  }

  Map<Task, Pages> make(Map<Task, Questions> questions, Runnable onPage) throws IOException {
    Map<Task, Pages> made = new EnumMap<>(Task.class);
    for (Map.Entry<Task, Questions> each : questions.entrySet()) {
      Pages saved = saved(each.getKey(), each.getValue());
      if (saved != null) {
        made.put(each.getKey(), saved);
        for (int i = 0; i < saved.nanos.length; i++) {
          onPage.run();
        }
      }
    }
    if (made.size() < questions.size()) {
      try (Setting.Answers answers = setting.open(past)) {
        for (Map.Entry<Task, Questions> each : questions.entrySet()) {
          if (!made.containsKey(each.getKey())) {
            Pages pages = answered(answers, each.getValue().pages(), onPage);
            save(each.getKey(), each.getValue(), pages);
            made.put(each.getKey(), pages);
          }
        }
      }
    }
    return made;
  }

  private Pages answered(Setting.Answers answers, List<Question> questions, Runnable onPage) {
    var shown = new int[questions.size()][];
    var nanos = new long[questions.size()];
    Parallel.forEach(
        questions.size(),
        threads,
        i -> {
          long start = System.nanoTime();
          List<String> page = answers.answer(questions.get(i));
          nanos[i] = System.nanoTime() - start;
          shown[i] = checked(page, questions.get(i));
          onPage.run();
        });
    return new Pages(shown, nanos);
  }

  private int[] checked(List<String> page, Question question) {
    if (page.size() > question.k()) {
      throw wrong(question, page.size() + " products, expected at most " + question.k());
    }
    var shown = new int[page.size()];
    for (int i = 0; i < shown.length; i++) {
      String id = page.get(i);
      int product = past.catalogue().number(id);
      if (product < 0 || !past.catalogue().launchedBefore(product, past.at())) {
        throw wrong(question, id + ", which was not in the catalogue then");
      }
      if (id.equals(question.consulted())) {
        throw wrong(question, id + ", the product consulted");
      }
      if (question.newOnly() && past.pieces(product) > 0) {
        throw wrong(question, id + ", which had sold, where only new products were asked for");
      }
      for (int j = 0; j < i; j++) {
        if (shown[j] == product) {
          throw wrong(question, id + " twice");
        }
      }
      shown[i] = product;
    }
    return shown;
  }

  private IllegalStateException wrong(Question question, String what) {
    return new IllegalStateException(
        "the setting " + setting.name() + " answered " + question + " with " + what);
  }

  // ---- files

  private long fingerprint(Questions questions) {
    var hash = new CRC32C();
    hash.update((setting.description() + '\n' + past).getBytes(StandardCharsets.UTF_8));
    return (questions.fingerprint() * 31 + past.fingerprint()) * 31 + hash.getValue();
  }

  private Path file(Task task) {
    var hash = new CRC32C();
    hash.update((setting.name() + '\n' + past.at()).getBytes(StandardCharsets.UTF_8));
    return folder(folder)
        .resolve(
            setting.name().replaceAll("[^A-Za-z0-9]+", "-")
                + "-"
                + Long.toHexString(hash.getValue())
                + "-"
                + task
                + ".pages");
  }

  private static Path folder(@Nullable Path folder) {
    if (folder == null) {
      throw new IllegalStateException("there is no folder");
    }
    return folder;
  }

  /** The pages that were made before; null if there are none of these questions, or not whole. */
  private @Nullable Pages saved(Task task, Questions questions) throws IOException {
    if (folder == null || !Files.exists(file(task))) {
      return null;
    }
    try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file(task))))) {
      if (in.readLong() != MAGIC
          || in.readLong() != fingerprint(questions)
          || in.readInt() != questions.pages().size()) {
        return null;
      }
      var shown = new int[questions.pages().size()][];
      var nanos = new long[shown.length];
      long sum = 0;
      for (int i = 0; i < shown.length; i++) {
        int size = in.readUnsignedShort();
        if (size > questions.pages().get(i).k()) {
          return null;
        }
        shown[i] = new int[size];
        for (int j = 0; j < size; j++) {
          shown[i][j] = in.readInt();
          if (shown[i][j] < 0 || shown[i][j] >= past.catalogue().size()) {
            return null;
          }
          sum = sum * 31 + shown[i][j];
        }
        nanos[i] = in.readLong();
      }
      return in.readLong() == sum ? new Pages(shown, nanos) : null;
    } catch (EOFException e) {
      return null;
    }
  }

  private void save(Task task, Questions questions, Pages pages) throws IOException {
    if (folder == null) {
      return;
    }
    try (AtomicFile file = AtomicFile.at(file(task))) {
      var out =
          new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(file.channel())));
      out.writeLong(MAGIC);
      out.writeLong(fingerprint(questions));
      out.writeInt(pages.shown.length);
      long sum = 0;
      for (int i = 0; i < pages.shown.length; i++) {
        out.writeShort(pages.shown[i].length);
        for (int product : pages.shown[i]) {
          out.writeInt(product);
          sum = sum * 31 + product;
        }
        out.writeLong(pages.nanos[i]);
      }
      out.writeLong(sum);
      out.flush();
      file.commit();
    }
  }
}

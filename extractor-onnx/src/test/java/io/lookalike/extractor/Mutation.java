package io.lookalike.extractor;

import java.util.Arrays;
import java.util.Random;

/** Damages files as transfers, disks and attackers do, by a seed. */
final class Mutation {
  private static final int[] EXTREMES = {0, 1, -1, 0x7f, 0x80, 0x7fff, 0x8000, 0xffff};

  private Mutation() {}

  static byte[] of(byte[] file, long seed) {
    Random random = new Random(seed);
    byte[] damaged = file.clone();
    for (int i = 1 + random.nextInt(6); i > 0; i--) {
      damaged = once(damaged, random);
    }
    return damaged;
  }

  private static byte[] once(byte[] file, Random random) {
    if (file.length < 16) {
      return file;
    }
    // Headers are short, and matter most.
    int range =
        random.nextInt(3) > 0 ? Math.min(1 << 4 + random.nextInt(8), file.length) : file.length;
    int from = random.nextInt(4) == 0 ? file.length - range : 0;
    int at = from + random.nextInt(range);
    int length = Math.min(file.length - at, 1 + random.nextInt(1 << random.nextInt(10)));
    switch (random.nextInt(9)) {
      case 0, 1 -> file[at] = (byte) random.nextInt(256);
      case 2 -> file[at] ^= (byte) (1 << random.nextInt(8));
      case 3 -> {
        int value = EXTREMES[random.nextInt(EXTREMES.length)];
        boolean little = random.nextBoolean();
        int bytes = Math.min(1 << random.nextInt(4), file.length - at);
        for (int i = 0; i < bytes; i++) {
          file[at + (little ? i : bytes - 1 - i)] = (byte) (value >> Math.min(31, 8 * i));
        }
      }
      case 4 -> Arrays.fill(file, at, at + length, (byte) (random.nextBoolean() ? 0 : 255));
      case 5 -> System.arraycopy(file, random.nextInt(file.length - length + 1), file, at, length);
      case 6 -> {
        byte[] shorter = new byte[file.length - length];
        System.arraycopy(file, 0, shorter, 0, at);
        System.arraycopy(file, at + length, shorter, at, shorter.length - at);
        return shorter;
      }
      case 7 -> {
        return Pictures.insert(file, at, Arrays.copyOfRange(file, at, at + length));
      }
      default -> {
        return random.nextInt(4) == 0 ? Arrays.copyOf(file, at) : file;
      }
    }
    return file;
  }
}

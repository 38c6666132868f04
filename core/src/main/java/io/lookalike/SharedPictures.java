package io.lookalike;

import io.lookalike.catalog.Filter;
import io.lookalike.index.Hit;
import io.lookalike.index.IndexItem;
import io.lookalike.index.NeighborSearcher;
import io.lookalike.index.Query;
import io.lookalike.internal.PhotoKey;
import io.lookalike.math.UnitVector;
import io.lookalike.math.VectorMath;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Finds pictures that many products share. The same file gives the same vector bit by bit; the same
 * picture in another size or compressed again gives one that is nearly equal, and mostly falls into
 * the same part of space. Around what several products have alike, all that is nearly equal is
 * sought.
 */
final class SharedPictures {

  /** Products at least so similar show the same picture, whatever the transform. */
  private static final float SAME = 0.995f;

  /** Planes: of vectors with a cosine of .995, .36 are on the same sides of all, at .9999 .87. */
  private static final int SIDES = 32;

  /** What this share of the wanted products have is looked around. */
  private static final int SEED = 4;

  /** Of a vector's numbers; two that differ and have both in common do not occur. */
  private record Hash(int one, long other) {
    static Hash of(UnitVector vector) {
      int one = 1;
      long other = 1;
      for (float value : vector.toArray()) {
        int bits = Float.floatToIntBits(value);
        one = 31 * one + bits;
        other = (other ^ bits) * 0x9E3779B97F4A7C15L;
        other ^= other >>> 32;
      }
      return new Hash(one, other);
    }
  }

  private SharedPictures() {}

  /**
   * Finds them.
   *
   * @param index whose products' photos are all looked at
   * @param least number of products of a picture
   */
  static List<SharedPicture> of(ProductIndex index, int least) {
    NeighborSearcher photos = index.photos();
    Map<Object, List<String>> alike = new HashMap<>();
    float[][] directions = directions(photos.dimension());
    photos.forEach(
        photo -> {
          for (Object hash :
              List.of(Hash.of(photo.vector()), sides(photo.vector().toArray(), directions))) {
            alike.computeIfAbsent(hash, h -> new ArrayList<>(1)).add(photo.id());
          }
        });
    List<List<String>> seeds =
        alike.values().stream()
            .filter(keys -> products(keys).size() >= Math.max(2, least / SEED))
            .sorted(
                Comparator.comparingInt((List<String> keys) -> -keys.size())
                    .thenComparing(keys -> keys.stream().min(Comparator.naturalOrder()).orElse("")))
            .toList();
    var found = new ArrayList<SharedPicture>();
    Set<String> taken = new HashSet<>();
    for (List<String> seed : seeds) {
      String first = seed.stream().filter(key -> !taken.contains(key)).findFirst().orElse(null);
      IndexItem photo = first == null ? null : photos.item(first);
      if (photo == null) {
        continue;
      }
      Set<String> keys = new HashSet<>(around(photos, photo.vector(), 2 * seed.size()));
      keys.removeAll(taken);
      Set<String> products = products(keys);
      if (products.size() >= least) {
        taken.addAll(keys);
        found.add(new SharedPicture(List.copyOf(products)));
      }
    }
    found.sort(Comparator.comparingInt(picture -> -picture.productIds().size()));
    return List.copyOf(found);
  }

  /** Any that are the same at each call. */
  private static float[][] directions(int dimension) {
    var random = new Random(1);
    var directions = new float[SIDES][dimension];
    for (float[] direction : directions) {
      for (int i = 0; i < dimension; i++) {
        direction[i] = random.nextBoolean() ? 1 : -1;
      }
    }
    return directions;
  }

  /**
   * On which sides of some planes a vector is: nearly equal ones mostly on the same (Charikar,
   * <i>Similarity estimation techniques from rounding algorithms</i>, STOC 2002).
   */
  private static Integer sides(float[] vector, float[][] directions) {
    int sides = 0;
    for (float[] direction : directions) {
      sides =
          sides << 1
              | (VectorMath.active().dot(vector, 0, direction, 0, vector.length) > 0 ? 1 : 0);
    }
    return sides;
  }

  /** Whose photos they are, in order. */
  private static Set<String> products(Collection<String> keys) {
    return keys.stream().map(PhotoKey::product).collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<String> around(NeighborSearcher photos, UnitVector vector, int first) {
    for (int depth = first; ; depth *= 2) {
      List<Hit> nearest = photos.hits(new Query(vector, depth, Filter.ALL, Set.of()), false);
      List<String> same =
          nearest.stream().filter(hit -> hit.similarity() >= SAME).map(Hit::id).toList();
      if (same.size() < nearest.size() || nearest.size() < depth) {
        return same;
      }
    }
  }
}

package io.lookalike.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lookalike.store.CatalogueStore;
import io.lookalike.store.StoreChange;
import io.lookalike.store.StoreException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * The tests' own store passes, which also shows that the conformance kit asks nothing impossible.
 */
class MemoryStoreTest extends CatalogueStoreConformance {

  private final Map<Path, MemoryStore> stores = new HashMap<>();

  @Override
  protected CatalogueStore open(Path folder) {
    MemoryStore before = stores.get(folder);
    MemoryStore now = before == null ? MemoryStore.ofSeveral() : before.reopened();
    stores.put(folder, now);
    return now;
  }

  @Override
  protected Optional<CatalogueStore> beside(Path folder) {
    return Optional.of(stores.get(folder).beside());
  }

  @Test
  void tellsTheOthersAlone() throws StoreException {
    MemoryStore one = MemoryStore.ofSeveral();
    MemoryStore two = one.beside();
    var toldOne = new AtomicInteger();
    var toldTwo = new AtomicInteger();
    one.onChange(toldOne::incrementAndGet);
    two.onChange(toldTwo::incrementAndGet);
    one.write(last -> List.of(new StoreChange.Setting("a", "b")));
    two.write(last -> List.of());
    assertThat(toldOne).hasValue(0);
    assertThat(toldTwo).hasValue(1);
    one.close();
    assertThatThrownBy(one::lastChange).hasMessageContaining("closed");
    two.close();
  }
}

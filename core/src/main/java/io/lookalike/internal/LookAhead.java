package io.lookalike.internal;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * An iterator that must look for its next element to know whether there is one.
 *
 * @param <T> what it goes through
 */
public abstract class LookAhead<T> implements Iterator<T> {

  private @Nullable T next;

  /** For subclasses. */
  protected LookAhead() {}

  /**
   * Looks for the next element. Called again after the last, too.
   *
   * @return the element; null after the last
   */
  protected abstract @Nullable T find();

  @Override
  public final boolean hasNext() {
    if (next == null) {
      next = find();
    }
    return next != null;
  }

  @Override
  public final T next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException();
    }
    T found = next;
    next = null;
    return found;
  }
}

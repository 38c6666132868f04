package io.lookalike.store;

import io.lookalike.catalog.Attributes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a store is to remember. All values have been checked by the caller; a store takes
 * them as they are, whatever characters a text holds (unpaired surrogates never).
 */
public sealed interface StoreChange {

  /**
   * A product is added, or its attributes are replaced.
   *
   * @param id the product
   * @param attributes all its attributes from now on
   * @param looks its features from now on; null leaves those that it has
   */
  record Put(String id, Attributes attributes, @Nullable Looks looks) implements StoreChange {}

  /**
   * A product that is there gets the features of a network that does not serve yet. This does not
   * count as a change of the product: {@link CatalogueStore#products} does not tell it again.
   *
   * @param id the product; nothing happens if it is not there
   * @param looks its features by that network
   */
  record Embedded(String id, Looks looks) implements StoreChange {}

  /**
   * A product is removed, with its features of all networks. Its sales stay.
   *
   * @param id the product; nothing happens if it is not there
   */
  record Remove(String id) implements StoreChange {}

  /**
   * Pieces are sold or come back.
   *
   * @param productId the product, which need not be there
   * @param day the day (UTC)
   * @param pieces not 0; less than 0 for what came back
   * @param id what tells this purchase from all others; null if nothing does
   */
  record Sold(String productId, LocalDate day, long pieces, @Nullable String id)
      implements StoreChange {}

  /**
   * All that was sold of a product up to here is forgotten; ids of purchases are not.
   *
   * @param productId the product
   */
  record Unsold(String productId) implements StoreChange {}

  /**
   * A purchase has been counted elsewhere, by product and day: its id is remembered, and nothing is
   * sold by it. A store tells it by {@link CatalogueStore#purchaseIds} alone.
   *
   * @param purchaseId what tells this purchase from all others
   */
  record Counted(String purchaseId) implements StoreChange {}

  /**
   * A customer did something. Nothing happens if the store holds an event of this customer with
   * this id, or, where it is null, an equal event.
   *
   * @param tenant the shop
   * @param customer who
   * @param kind the name of the kind of event
   * @param productId with which product
   * @param time when
   * @param id what tells this event from all others; null if nothing does
   */
  record Did(
      String tenant,
      String customer,
      String kind,
      String productId,
      Instant time,
      @Nullable String id)
      implements StoreChange {}

  /**
   * All that a customer did is erased. A store tells it as {@link Erased}.
   *
   * @param tenant the shop
   * @param customer who
   */
  record Forgotten(String tenant, String customer) implements StoreChange {}

  /**
   * All that a customer did up to here has been erased: what is left of a {@link Forgotten}, for
   * those who still know of the customer. Told by a store, never given to it.
   *
   * @param mark the customer's, by {@link #of}
   */
  record Erased(String mark) implements StoreChange {

    /**
     * What a store keeps of an erased customer, from which nobody reads who it was: HMAC-SHA-256,
     * by the store's id, of tenant and customer (UTF-8), each after its length in 4 bytes.
     *
     * @param storeId the {@linkplain CatalogueStore#id store's}
     * @param tenant the shop
     * @param customer who
     * @return the same for the same customer; 64 hexadecimal digits
     */
    public static Erased of(String storeId, String tenant, String customer) {
      try {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(storeId.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        for (String text : List.of(tenant, customer)) {
          byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
          mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
          mac.update(bytes);
        }
        return new Erased(HexFormat.of().formatHex(mac.doFinal()));
      } catch (GeneralSecurityException e) {
        throw new AssertionError(e); // every Java has it
      }
    }
  }

  /**
   * What customers did before an instant is erased: what they bought, or all else.
   *
   * @param before the first instant that is kept
   * @param bought whether events of the kind {@code BOUGHT} are erased; else all others are
   */
  record Expired(Instant before, boolean bought) implements StoreChange {}

  /**
   * An entry of the manifest is set.
   *
   * @param name such as {@code network}
   * @param value its text; null removes the entry
   */
  record Setting(String name, @Nullable String value) implements StoreChange {}

  /**
   * A network's transform is replaced.
   *
   * @param transform the transform from now on
   */
  record Transformed(StoredTransform transform) implements StoreChange {}

  /**
   * A network's features and transform are erased.
   *
   * @param network its number
   */
  record NetworkDropped(int network) implements StoreChange {}
}

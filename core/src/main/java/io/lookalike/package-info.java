/**
 * Lookalike: recommends products by how they look and how well they sell. {@link
 * io.lookalike.Recommender} is the front.
 *
 * <p>Behind it, {@code LiveRecommender} hands each call to the part that does it. A request is
 * resolved by {@code RequestResolver} and made a page by {@code Pipeline}, one {@code PageStage}
 * after the other. {@code LiveCatalogue} has the products, {@link io.lookalike.PurchaseLog} what
 * was bought, {@link io.lookalike.Sessions} what customers did. Where there is a store, {@code
 * CatalogueOpener} opens it, and {@code DurableCatalogue} writes. {@code docs/architecture.md}
 * shows how these belong together.
 */
@NullMarked
package io.lookalike;

import org.jspecify.annotations.NullMarked;

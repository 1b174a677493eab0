import { money, newId } from "@stoa/kernel";

/** What the catalog tells of SKUs of which there is nothing but a price, in US cents; those without one are missing. */
export function plainOffers(prices: ReadonlyMap<string, number>, skus: readonly string[]) {
  return new Map(
    skus.flatMap((sku) => {
      const amount = prices.get(sku);
      if (amount === undefined) return [];
      const offer = {
        sku,
        productId: newId("prod"),
        slug: sku.toLowerCase(),
        title: `Thing ${sku}`,
        options: {},
        unitPrice: money(amount, "USD"),
        weightGrams: null,
        taxClass: "standard",
        categoryIds: [],
        trackInventory: true,
        allowBackorder: false,
      };
      return [[sku, offer] as const];
    }),
  );
}

import { type Instant, toTimestamp } from "@stoa/kernel";
import { keys, type StockStatus, type StockView, stockViewSchema } from "@stoa/read-models";
import { z } from "zod";
import type { StoredBase } from "./product-keys.ts";
import type { Entry, ReadModelStore } from "./store.ts";

/** What inventory announces of one SKU; `version` grows with every change of it. */
export const stockFactSchema = z.object({
  sku: z.string(),
  available: z.int(),
  version: z.int().min(0),
  /** At or below this many units it is low; the shop's own threshold when absent. */
  threshold: z.int().min(0).nullish(),
  allowBackorder: z.boolean(),
  tracked: z.boolean().default(true),
});
export type StockFact = z.input<typeof stockFactSchema>;

/** What the catalog says of a SKU in the shop. It rules over what inventory has last heard. */
export interface StockOwner {
  readonly revision: number;
  readonly trackInventory: boolean;
  readonly allowBackorder: boolean;
}

export function stockStatus(
  fact: Pick<StockFact, "available" | "threshold" | "allowBackorder" | "tracked">,
  defaultThreshold: number,
): StockStatus {
  if (fact.tracked === false) return "in_stock";
  if (fact.available > 0) return fact.available <= (fact.threshold ?? defaultThreshold) ? "low_stock" : "in_stock";
  return fact.allowBackorder ? "backorder" : "out_of_stock";
}

/** The owners of SKUs among these products; a kit has no stock that could be owned. */
export function ownersIn(bases: readonly StoredBase[]): Map<string, StockOwner> {
  return new Map(
    bases.flatMap(({ major, base }) =>
      (base?.variants ?? [])
        .filter((variant) => variant.kit === undefined)
        .map(({ sku, trackInventory, allowBackorder }) => [sku, { revision: major, trackInventory, allowBackorder }]),
    ),
  );
}

/** What Redis knows of a SKU's stock. */
export interface KnownStock {
  readonly view: StockView;
  readonly version: number;
  /** Revision of the product by which the status was told. */
  readonly ownerRevision: number;
}

/** Stock as Redis has it, by SKU; a SKU that nobody has told of is absent. */
export async function readStock(store: ReadModelStore, skus: readonly string[]): Promise<Map<string, KnownStock>> {
  const envelopes = await store.envelopes(skus.map((sku) => keys.stock(sku)));
  const known = new Map<string, KnownStock>();
  skus.forEach((sku, index) => {
    const envelope = envelopes[index];
    if (!envelope) return;
    const view = stockViewSchema.parse(JSON.parse(envelope.body));
    known.set(sku, { view, version: envelope.version.major, ownerRevision: envelope.version.minor });
  });
  return known;
}

export interface StockEntryContext {
  readonly owner: StockOwner | undefined;
  readonly known: KnownStock | undefined;
  readonly lowStockThreshold: number;
  readonly now: Instant;
}

/** The stock view of a SKU: as new as its stock and, within that, as the product that owns it. */
export function stockEntry(fact: StockFact, { owner, known, lowStockThreshold, now }: StockEntryContext): Entry {
  const { sku, version, threshold } = fact;
  const available = Math.max(0, fact.available);
  const tracked = owner?.trackInventory ?? fact.tracked ?? true;
  const allowBackorder = owner?.allowBackorder ?? fact.allowBackorder;
  const status = stockStatus({ available, threshold, tracked, allowBackorder }, lowStockThreshold);
  // What says the same as before has been true since then.
  const isSame = known?.version === version && known.view.status === status && known.view.available === available;
  const view: StockView = { sku, available, status, asOf: isSame ? known.view.asOf : toTimestamp(now) };
  return {
    key: keys.stock(sku),
    version: { major: version, minor: owner?.revision ?? 0 },
    body: JSON.stringify(view),
  };
}

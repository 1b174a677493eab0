import { keys } from "@stoa/read-models";
import { z } from "zod";
import type { Availability } from "./render.ts";
import type { ReadModelStore } from "./store.ts";

/** Stock as Redis has it, with the version of each SKU's. */
export interface StockNow {
  readonly available: Availability;
  readonly versions: ReadonlyMap<string, number>;
}

const stockBody = z.object({ available: z.int() });

/** A SKU that inventory has never told of is in neither map. */
export async function readStock(store: ReadModelStore, skus: readonly string[]): Promise<StockNow> {
  const envelopes = await store.envelopes(skus.map((sku) => keys.stock(sku)));
  const available = new Map<string, number>();
  const versions = new Map<string, number>();
  skus.forEach((sku, index) => {
    const envelope = envelopes[index];
    if (!envelope) return;
    available.set(sku, stockBody.parse(JSON.parse(envelope.body)).available);
    versions.set(sku, envelope.version.major);
  });
  return { available, versions };
}

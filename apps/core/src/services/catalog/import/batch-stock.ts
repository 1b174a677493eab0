import type { BatchDeps } from "./batch.ts";
import type { Planned } from "./plan-batch.ts";

/** Units on hand of one SKU. */
export interface StockLine {
  readonly sku: string;
  readonly onHand: number;
}

/** Why a count was not taken. */
export interface StockIssue {
  readonly sku: string;
  readonly message: string;
}

type StockDeps = Pick<BatchDeps, "setStock" | "defaultStock" | "dryRun" | "warn">;

/** Sets the stock that these products name. Answers how many lines of it were taken, or would be. */
export async function setBatchStock(deps: StockDeps, plans: readonly Planned[]): Promise<number> {
  const lines = plans.flatMap((plan) => stockLines(plan, deps.defaultStock));
  if (deps.dryRun || lines.length === 0) return lines.length;
  const issues = await deps.setStock(lines);
  const messages = new Map(issues.map(({ sku, message }) => [sku, message]));
  for (const { product } of plans.map(({ resolved }) => resolved)) {
    for (const { sku } of product.variants) {
      const message = messages.get(sku);
      if (message) deps.warn(product, `stock of ${sku} stays as it is: ${message}`);
    }
  }
  return lines.length - issues.length;
}

/** What the file says is on hand; where it says nothing, the default, but only for SKUs that the shop did not have. A kit has no stock. */
function stockLines({ resolved, existing }: Planned, defaultStock: number | null): StockLine[] {
  const known = new Set(existing?.variants.map((variant) => variant.sku));
  const { variants, whole } = resolved.product;
  const kits = new Set(whole?.variants.flatMap(({ sku, kit }) => (kit ? [sku] : [])));
  return variants.flatMap(({ sku, stock }) => {
    if (kits.has(sku)) return [];
    if (stock !== null) return [{ sku, onHand: stock }];
    return defaultStock !== null && !known.has(sku) ? [{ sku, onHand: defaultStock }] : [];
  });
}

import { z } from "zod";
import type { ShelfProduct } from "./catalog/shelf.ts";
import type { Dashboard } from "./dashboard.ts";
import { inParallel } from "./in-parallel.ts";

const AT_A_TIME = 8;
const REASON = "Opening stock";

const warehouse = { code: "main", name: "Main warehouse", kind: "warehouse", priority: 100 } as const;
const store = { code: "harbour-street", name: "Harbour Street store", kind: "store", priority: 200 } as const;

const location = z.object({ id: z.string(), code: z.string() });

/** Receives the first delivery in the warehouse and in the store. */
export async function fillStock(dashboard: Dashboard, products: readonly ShelfProduct[]): Promise<void> {
  const present = await dashboard.read("reading the locations", "inventory.locations", z.array(location));
  const ensure = async (wanted: typeof warehouse | typeof store) => {
    const found = present.find(({ code }) => code === wanted.code);
    if (found) return found.id;
    const saved = await dashboard.change(`adding ${wanted.name}`, "inventory.saveLocation", wanted, location);
    return saved.id;
  };
  const places = [await ensure(warehouse), await ensure(store)];
  const receipts = products.flatMap(({ variants }) =>
    variants.flatMap(({ sku, stock }) =>
      places.flatMap((locationId, index) => {
        const delta = stock[index] ?? 0;
        return delta > 0 ? [{ sku, locationId, delta, kind: "receipt", reason: REASON }] : [];
      }),
    ),
  );
  await inParallel(receipts, AT_A_TIME, (receipt) =>
    dashboard.change(`receiving ${receipt.sku}`, "inventory.adjust", receipt, z.unknown()),
  );
}

import { z } from "zod";
import type { ShelfProduct } from "./catalog/shelf.ts";
import type { Dashboard } from "./dashboard.ts";

/** Units of a sold-out variant that came in and could not be sold. */
const WRITTEN_OFF = 4;

const warehouse = { code: "main", name: "Main warehouse", kind: "warehouse", priority: 100 } as const;
const store = { code: "harbour-street", name: "Harbour Street store", kind: "store", priority: 200 } as const;

const location = z.object({ id: z.string(), code: z.string() });
const locations = z.object({ items: z.array(location) });

/** Receives the first delivery in the warehouse and in the store. */
export async function fillStock(dashboard: Dashboard, products: readonly ShelfProduct[]): Promise<void> {
  const { items: present } = await dashboard.read("reading the locations", "inventory.locations", locations);
  const ensure = async (wanted: typeof warehouse | typeof store) => {
    const found = present.find(({ code }) => code === wanted.code);
    if (found) return found.id;
    const change = { step: `adding ${wanted.name}`, input: wanted };
    const [saved] = await dashboard.change("inventory.saveLocation", [change], location);
    return saved?.id;
  };
  const places = [await ensure(warehouse), await ensure(store)];
  const levels = products.flatMap(({ variants }) =>
    variants.flatMap(({ sku, stock }) =>
      places.map((locationId, index) => ({ sku, locationId, units: stock[index] ?? 0 })),
    ),
  );
  const receive = (level: (typeof levels)[number], delta: number) => {
    const { sku, locationId } = level;
    return { step: `receiving ${sku}`, input: { sku, locationId, delta, kind: "receipt", reason: "Opening stock" } };
  };
  const there = levels.filter(({ units }) => units > 0).map((level) => receive(level, level.units));
  // What was never received has no place in the list of stock, so what is sold out came in once and has gone since.
  const gone = levels.filter(({ sku, locationId }) => locationId === places[0] && isSoldOut(levels, sku));
  const damaged = gone.map(({ sku, locationId }) => ({
    step: `writing off ${sku}`,
    input: { sku, locationId, delta: -WRITTEN_OFF, kind: "adjustment", reason: "Damaged on the way" },
  }));
  const received = [...there, ...gone.map((level) => receive(level, WRITTEN_OFF))];
  await dashboard.change("inventory.adjust", received, z.unknown());
  await dashboard.change("inventory.adjust", damaged, z.unknown());
}

function isSoldOut(levels: readonly { readonly sku: string; readonly units: number }[], sku: string): boolean {
  return levels.every((level) => level.sku !== sku || level.units === 0);
}

import { isId } from "@stoa/kernel";
import type { FindTargets } from "./platform/custom-fields/index.ts";
import { type CatalogDatabase, knownInCatalog } from "./services/catalog/index.ts";
import { knownOrders } from "./services/orders/index.ts";
import { livingCustomers } from "./services/users/index.ts";

/** What references of the shop's own fields may lead to lies in several services: each is asked for its own things. */
export function createFindTargets(catalog: CatalogDatabase): FindTargets {
  return async (db, ids) => {
    const found = await Promise.all([
      knownInCatalog(catalog, ids),
      livingCustomers(
        db,
        ids.filter((id) => isId("cus", id)),
      ),
      knownOrders(
        db,
        ids.filter((id) => isId("ord", id)),
      ),
    ]);
    return new Set(found.flat());
  };
}

import { asc } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { shippingOption, shippingZone, taxRate } from "./tables.ts";
import type { TaxRate } from "./tax.ts";

/** No more are saved than are listed. */
export const ZONES_MAX = 500;
export const OPTIONS_MAX = 5_000;
export const RATES_MAX = 5_000;

/** Every shipping zone with its options, the inactive too. */
export async function listShippingZones(db: Database | Transaction) {
  const zones = await db.select().from(shippingZone).orderBy(asc(shippingZone.name)).limit(ZONES_MAX);
  const options = await db
    .select()
    .from(shippingOption)
    .orderBy(asc(shippingOption.position), asc(shippingOption.id))
    .limit(OPTIONS_MAX);
  const byZone = Map.groupBy(options, (option) => option.zoneId);
  return zones.map(({ id, name, countries, regions }) => ({
    ...{ id, name, countries, regions: regions.map(regionOf) },
    options: (byZone.get(id) ?? []).map((option) => ({
      ...{ id: option.id, name: option.name, rates: option.rates },
      ...{ position: option.position, isActive: option.isActive },
    })),
  }));
}

function regionOf(key: string) {
  const [country = "", ...region] = key.split("/");
  return { country, region: region.join("/") };
}

/** Every tax rate, by country, region and class. */
export function listTaxRates(db: Database | Transaction): Promise<TaxRate[]> {
  return db
    .select({
      country: taxRate.country,
      region: taxRate.region,
      taxClass: taxRate.taxClass,
      name: taxRate.name,
      basisPoints: taxRate.basisPoints,
      isIncluded: taxRate.isIncluded,
    })
    .from(taxRate)
    .orderBy(asc(taxRate.country), asc(taxRate.region), asc(taxRate.taxClass))
    .limit(RATES_MAX);
}

import { asc, eq, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/db/index.ts";
import type { ShippingOption } from "./shipping.ts";
import { shippingOption, shippingZone, taxRate } from "./tables.ts";
import type { TaxRate } from "./tax.ts";

/**
 * The options of the zone that names the country; of the worldwide one when no zone does, or while the country is unknown.
 * In the order in which they are offered.
 */
export async function findShippingOptions(
  db: Database | Transaction,
  country: string | null,
): Promise<ShippingOption[]> {
  const zone = sql`(select z.id from ${shippingZone} z
    where cardinality(z.countries) = 0 or ${country}::text = any(z.countries)
    order by cardinality(z.countries) = 0, z.created_at limit 1)`;
  return db
    .select({ id: shippingOption.id, name: shippingOption.name, rates: shippingOption.rates })
    .from(shippingOption)
    .where(sql`${shippingOption.zoneId} = ${zone} and ${shippingOption.active}`)
    .orderBy(asc(shippingOption.position), asc(shippingOption.id));
}

/** Every rate of a country, its regions' included. */
export async function findTaxRates(db: Database | Transaction, country: string | null): Promise<TaxRate[]> {
  if (country === null) return [];
  return db
    .select({
      country: taxRate.country,
      region: taxRate.region,
      taxClass: taxRate.taxClass,
      name: taxRate.name,
      basisPoints: taxRate.basisPoints,
      included: taxRate.included,
    })
    .from(taxRate)
    .where(eq(taxRate.country, country));
}

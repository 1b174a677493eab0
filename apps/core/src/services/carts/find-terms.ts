import { fromUuid, type Instant, toTimestamp } from "@stoa/kernel";
import { type SQL, sql } from "drizzle-orm";
import { type Database, prepared, type Transaction, type ValueOf } from "../../platform/db/index.ts";
import { customerKeys, type ShopperName } from "./customer-keys.ts";
import type { Promotion } from "./promotion.ts";
import { type PromotionRow, promotionColumns, promotionOf } from "./promotion-row.ts";
import { regionKey, type ShippingOption } from "./shipping.ts";
import type { TaxPlace, TaxRate } from "./tax.ts";

/** Automatic promotions that are looked at for each cart, by priority, and those that are used up last. */
const AUTOMATIC_MAX = 50;
/** Shipping options that are looked at: those of the zone, and of others as many as there is room for. */
export const OPTIONS_PER_ZONE_MAX = 100;

export interface TermsQuestion {
  readonly codes: readonly string[];
  readonly shopper: ShopperName;
  readonly shipTo: TaxPlace | null;
  /** Where it is taxed: the shipping address, else the billing address. */
  readonly taxAt: TaxPlace | null;
  readonly now: Instant;
  /** Also the shipping options of zones that the address is not in, to say so. */
  readonly otherZones: boolean;
}

/** Everything beside the catalog that a price depends on. */
export interface Terms {
  /** Those with one of the codes (in any case), and those that apply by themselves. By priority. */
  readonly promotions: readonly Promotion[];
  /**
   * The options of the zone that names the region, else of the one that names the country, else of the worldwide one, which also
   * serves while the address is unknown. In the order in which they are offered.
   */
  readonly shippingOptions: readonly ShippingOption[];
  /** Active options of other zones, when asked for. */
  readonly otherOptions: readonly ShippingOption[];
  /** Every rate of the country, its regions' included. */
  readonly taxRates: readonly TaxRate[];
}

/** Reads them in one statement, because every look at a cart needs them all. */
export async function findTerms(db: Database | Transaction, question: TermsQuestion): Promise<Terms> {
  const { codes, shopper, shipTo, taxAt, now, otherZones } = question;
  const [row] = await readTerms(db, {
    codes,
    customerKeys: customerKeys(shopper),
    country: shipTo?.country ?? null,
    region: shipTo?.region ? regionKey(shipTo.country, shipTo.region) : null,
    taxCountry: taxAt?.country ?? null,
    at: toTimestamp(now),
    otherZones,
  });
  if (!row) throw new Error("a select without a from answers one row");
  const options = row.options.map(({ id, name, rates, inZone }) => ({ id: fromUuid("shp", id), name, rates, inZone }));
  return {
    promotions: row.promotions.map(promotionOf),
    shippingOptions: options.filter((option) => option.inZone),
    otherOptions: options.filter((option) => !option.inZone),
    taxRates: row.rates,
  };
}

interface ReadTerms {
  readonly codes: readonly string[];
  readonly customerKeys: readonly string[];
  readonly country: string | null;
  /** As `regionKey` writes it. */
  readonly region: string | null;
  readonly taxCountry: string | null;
  readonly at: string;
  readonly otherZones: boolean;
}

interface TermsRow {
  readonly promotions: readonly PromotionRow[];
  readonly options: readonly (Omit<ShippingOption, "id"> & { readonly id: string; readonly inZone: boolean })[];
  readonly rates: readonly TaxRate[];
}

const readTerms = prepared(
  (_, value: ValueOf<ReadTerms>) =>
    sql<TermsRow>`select (${promotions(value)}) as promotions, (${options(value)}) as options, (${rates(value)}) as rates`,
);

function promotions(value: ValueOf<ReadTerms>): SQL {
  const at = sql`${value("at")}::timestamptz`;
  return sql`select coalesce(jsonb_agg(found order by found.priority, found.id), '[]') from (
    select ${promotionColumns(value("customerKeys"))} from carts.promotion p
    where p.id in (
        select id from carts.promotion where code is null and active
          and (starts_at is null or starts_at <= ${at}) and (ends_at is null or ends_at > ${at})
        order by usage_limit is not null and used >= usage_limit, priority, id limit ${AUTOMATIC_MAX}
      ) or upper(p.code) in (select upper(code) from unnest(${value("codes")}::text[]) as code)
  ) found`;
}

function options(value: ValueOf<ReadTerms>): SQL {
  const country = sql`${value("country")}::text`;
  const region = sql`${value("region")}::text`;
  return sql`select coalesce(jsonb_agg(found order by found.position, found.id), '[]') from (
    select o.id, o.name, o.rates, o.position, o.zone_id = zone.id as "inZone" from carts.shipping_option o
    join (select z.id from carts.shipping_zone z
      where ${region} = any(z.regions) or ${country} = any(z.countries)
        or (cardinality(z.countries) = 0 and cardinality(z.regions) = 0)
      order by coalesce(${region} = any(z.regions), false) desc, coalesce(${country} = any(z.countries), false) desc,
        z.created_at, z.id
      limit 1) zone on o.zone_id = zone.id or ${value("otherZones")}::boolean
    where o.active order by o.zone_id = zone.id desc, o.position, o.id limit ${OPTIONS_PER_ZONE_MAX}
  ) found`;
}

function rates(value: ValueOf<ReadTerms>): SQL {
  return sql`select coalesce(jsonb_agg(jsonb_build_object('country', country, 'region', region, 'taxClass', tax_class,
      'name', name, 'basisPoints', basis_points, 'isIncluded', included) order by tax_class, region), '[]')
    from carts.tax_rate where country = ${value("taxCountry")}`;
}

import { isId, lineText, newId, problem, systemIds } from "@stoa/kernel";
import { and, eq, ne, sql } from "drizzle-orm";
import { z } from "zod";
import { isUniqueViolation } from "../../platform/db/index.ts";
import { OPTIONS_PER_ZONE_MAX } from "./find-terms.ts";
import type { TermsContext } from "./save-promotion.ts";
import { regionKey, type ShippingOptionId, shippingRatesSchema, unchargedPrices } from "./shipping.ts";
import { shippingOption, shippingZone } from "./tables.ts";
import { OPTIONS_MAX, ZONES_MAX } from "./term-queries.ts";

const country = z.string().regex(/^[A-Z]{2}$/, "must be an ISO 3166-1 alpha-2 code");

/** Where a zone ships to; nothing named means everywhere that no other zone names. */
const places = {
  countries: z.array(country).max(250).default([]),
  /** As addresses name them, in any case. */
  regions: z
    .array(z.strictObject({ country, region: lineText(100) }))
    .max(1_000)
    .default([]),
};

export const zoneInputSchema = z.strictObject({ id: z.uuid().optional(), name: lineText(100), ...places });
export type ZoneInput = z.input<typeof zoneInputSchema>;

/**
 * Creates a zone, or changes the one of that id. A place belongs to one zone only, so that it is clear which one serves it.
 * @throws problem `not_found`, `state_conflict` for a name in use, a place that another zone names, or one zone too many.
 */
export async function saveShippingZone({ tx, now }: TermsContext, input: ZoneInput): Promise<string> {
  const { id = null, name, ...named } = zoneInputSchema.parse(input);
  const columns = { name, ...placeColumns(named) };
  await takeTurns(tx);
  if (id === null && (await tx.$count(shippingZone)) >= ZONES_MAX) throw tooMany(`${ZONES_MAX} shipping zones`);
  await refuseOverlap({ tx, now }, id, columns);
  try {
    const [saved] = id
      ? await tx.update(shippingZone).set(columns).where(eq(shippingZone.id, id)).returning({ id: shippingZone.id })
      : await tx
          .insert(shippingZone)
          .values({ ...columns, id: systemIds.ordered(), createdAt: now })
          .returning({ id: shippingZone.id });
    if (!saved) throw problem("not_found");
    return saved.id;
  } catch (error) {
    if (isUniqueViolation(error)) throw problem("state_conflict", { detail: `There is a zone ${name} already.` });
    throw error;
  }
}

/** Two zones that are saved at once must not both take a country. Whoever writes a zone takes turns before it holds one. */
async function takeTurns(tx: TermsContext["tx"]): Promise<void> {
  await tx.execute(sql`lock table carts.shipping_zone in share row exclusive mode`);
}

/** The refusal of one more than there can be. */
export function tooMany(limit: string) {
  return problem("state_conflict", { detail: `There are ${limit} already. Delete some first.` });
}

function placeColumns({ countries, regions }: Omit<z.output<typeof zoneInputSchema>, "id" | "name">) {
  return {
    countries: [...new Set(countries)],
    regions: [...new Set(regions.map((one) => regionKey(one.country, one.region)))],
  };
}

async function refuseOverlap(
  { tx }: TermsContext,
  id: string | null,
  { countries, regions }: { readonly countries: string[]; readonly regions: string[] },
): Promise<void> {
  const isEverywhere = countries.length + regions.length === 0;
  const meets = isEverywhere
    ? sql`cardinality(${shippingZone.countries}) + cardinality(${shippingZone.regions}) = 0`
    : sql`(${shippingZone.countries} && ${sql.param(countries, shippingZone.countries)}
        or ${shippingZone.regions} && ${sql.param(regions, shippingZone.regions)})`;
  const [other] = await tx
    .select({ name: shippingZone.name })
    .from(shippingZone)
    .where(and(meets, id === null ? undefined : ne(shippingZone.id, id)))
    .limit(1);
  if (other) throw problem("state_conflict", { detail: `The zone ${other.name} serves part of this already.` });
}

/** Takes a zone away with its options. Carts that chose one of them have to choose again. @throws problem `not_found`. */
export async function deleteShippingZone({ tx }: TermsContext, id: string): Promise<void> {
  await takeTurns(tx);
  // Whoever saves an option holds its zone: once it is ours, every option that it has can be seen.
  const [held] = await tx.select().from(shippingZone).where(eq(shippingZone.id, id)).for("update");
  if (!held) throw problem("not_found");
  await tx.delete(shippingOption).where(eq(shippingOption.zoneId, id));
  await tx.delete(shippingZone).where(eq(shippingZone.id, id));
}

const optionMembers = {
  name: lineText(100),
  rates: shippingRatesSchema,
  position: z.int().min(0).max(1_000).default(0),
  isActive: z.boolean().default(true),
};

export const optionInputSchema = z
  .strictObject({
    id: z.custom<ShippingOptionId>((value) => isId("shp", value), { message: "not a shp_ id" }).optional(),
    zoneId: z.uuid(),
    ...optionMembers,
  })
  .superRefine(({ rates }, context) => {
    for (const { path, message } of unchargedPrices(rates)) {
      context.addIssue({ code: "custom", path: ["rates", ...path], message });
    }
  });
export type OptionInput = z.input<typeof optionInputSchema>;

/**
 * Creates an option of a zone, or changes the one of that id.
 * @throws problem `not_found`, `state_conflict` for a name that the zone has already, or one option too many.
 */
export async function saveOption({ tx, now }: TermsContext, input: OptionInput): Promise<ShippingOptionId> {
  const { id, zoneId, ...columns } = optionInputSchema.parse(input);
  const [zone] = await tx.select().from(shippingZone).where(eq(shippingZone.id, zoneId)).for("no key update");
  if (!zone) throw problem("not_found");
  if (id === undefined) await refuseOneMore({ tx, now }, zone);
  try {
    const [saved] = id
      ? await tx
          .update(shippingOption)
          .set({ ...columns, zoneId, updatedAt: now })
          .where(eq(shippingOption.id, id))
          .returning({ id: shippingOption.id })
      : await tx
          .insert(shippingOption)
          .values({ ...columns, id: newId("shp"), zoneId, createdAt: now, updatedAt: now })
          .returning({ id: shippingOption.id });
    if (!saved) throw problem("not_found");
    return saved.id;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw problem("state_conflict", { detail: `${zone.name} has an option ${columns.name} already.` });
  }
}

async function refuseOneMore({ tx }: TermsContext, { id, name }: { readonly id: string; readonly name: string }) {
  if ((await tx.$count(shippingOption, eq(shippingOption.zoneId, id))) >= OPTIONS_PER_ZONE_MAX) {
    throw tooMany(`${OPTIONS_PER_ZONE_MAX} options in ${name}`);
  }
  if ((await tx.$count(shippingOption)) >= OPTIONS_MAX) throw tooMany(`${OPTIONS_MAX} shipping options`);
}

/** Takes an option away; carts that chose it have to choose again. @throws problem `not_found`. */
export async function deleteShippingOption({ tx }: TermsContext, id: ShippingOptionId): Promise<void> {
  const removed = await tx.delete(shippingOption).where(eq(shippingOption.id, id)).returning({ id: shippingOption.id });
  if (removed.length === 0) throw problem("not_found");
}

export const shippingOptionInputSchema = z.strictObject({
  /** The zone's name; a zone that is not there is made. */
  zone: z.strictObject({ name: lineText(100), ...places }),
  ...optionMembers,
});
export type ShippingOptionInput = z.input<typeof shippingOptionInputSchema>;

/** For imports and a new shop: an option and its zone by their names. The zone's places become those given. */
export async function saveShippingOption(context: TermsContext, input: ShippingOptionInput): Promise<ShippingOptionId> {
  const { zone, ...option } = shippingOptionInputSchema.parse(input);
  const { tx } = context;
  await takeTurns(tx);
  const [known] = await tx.select({ id: shippingZone.id }).from(shippingZone).where(eq(shippingZone.name, zone.name));
  const zoneId = await saveShippingZone(context, { ...zone, id: known?.id });
  const [same] = await tx
    .select({ id: shippingOption.id })
    .from(shippingOption)
    .where(and(eq(shippingOption.zoneId, zoneId), eq(shippingOption.name, option.name)));
  return saveOption(context, { ...option, zoneId, id: same?.id });
}

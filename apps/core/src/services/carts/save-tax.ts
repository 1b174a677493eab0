import { lineText, problem, systemIds } from "@stoa/kernel";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import type { TermsContext } from "./save-promotion.ts";
import { tooMany } from "./save-shipping.ts";
import { taxRate } from "./tables.ts";
import { RATES_MAX } from "./term-queries.ts";

const taxRateKey = {
  country: z.string().regex(/^[A-Z]{2}$/, "must be an ISO 3166-1 alpha-2 code"),
  /** "" for the whole country. */
  region: z.string().max(100).trim().toLowerCase().default(""),
  taxClass: lineText(64),
};

export const taxRateKeySchema = z.strictObject(taxRateKey);
export type TaxRateKey = z.input<typeof taxRateKeySchema>;

export const taxRateInputSchema = z.strictObject({
  ...taxRateKey,
  name: lineText(100),
  /** 1900 = 19 %. */
  basisPoints: z.int().min(0).max(10_000),
  /** Whether prices already hold this tax. */
  isIncluded: z.boolean(),
});
export type TaxRateInput = z.input<typeof taxRateInputSchema>;

/** Creates the rate of a country, region and class, or changes it. @throws problem `state_conflict` for one too many. */
export async function saveTaxRate({ tx, now }: TermsContext, input: TaxRateInput): Promise<void> {
  const rate = taxRateInputSchema.parse(input);
  const { name, basisPoints, isIncluded } = rate;
  const set = { name, basisPoints, isIncluded, updatedAt: now };
  const changed = await tx.update(taxRate).set(set).where(isRate(rate)).returning({ id: taxRate.id });
  if (changed.length > 0) return;
  if ((await tx.$count(taxRate)) >= RATES_MAX) throw tooMany(`${RATES_MAX} tax rates`);
  await tx
    .insert(taxRate)
    .values({ ...rate, id: systemIds.ordered(), updatedAt: now })
    .onConflictDoUpdate({ target: [taxRate.country, taxRate.region, taxRate.taxClass], set });
}

/** From now on nothing is taxed by it; orders keep what they were taxed. @throws problem `not_found`. */
export async function deleteTaxRate({ tx }: TermsContext, input: TaxRateKey): Promise<void> {
  const key = taxRateKeySchema.parse(input);
  const removed = await tx.delete(taxRate).where(isRate(key)).returning({ id: taxRate.id });
  if (removed.length === 0) throw problem("not_found");
}

function isRate({ country, region, taxClass }: z.output<typeof taxRateKeySchema>) {
  return and(eq(taxRate.country, country), eq(taxRate.region, region), eq(taxRate.taxClass, taxClass));
}

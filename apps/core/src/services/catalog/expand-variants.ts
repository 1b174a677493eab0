import { idSchema, problem } from "@stoa/kernel";
import { z } from "zod";
import type { CatalogContext } from "./context.ts";
import {
  optionSchema,
  PRICES_PER_VARIANT_MAX,
  type ProductContent,
  priceSchema,
  VARIANTS_PER_PRODUCT_MAX,
  type Variant,
  variantSchema,
} from "./documents.ts";
import { skuSchema } from "./names.ts";
import { optionOf } from "./product.ts";
import { slugify } from "./slug.ts";
import { type ProductWrite, productAt, updateProduct } from "./update-product.ts";

export const expandVariantsSchema = z.strictObject({
  id: idSchema("prod"),
  version: z.int().min(1),
  /** All options that the product is to have. */
  options: z.array(optionSchema).min(1).max(5),
  /** What new SKUs begin with; the first variant's own SKU where it is left out. */
  skuPrefix: skuSchema.max(60).optional(),
  /** Prices of new variants; those of the first variant where they are left out. */
  prices: z.array(priceSchema).max(PRICES_PER_VARIANT_MAX).optional(),
});
export type ExpandVariants = z.infer<typeof expandVariantsSchema>;

/**
 * Gives a product these options and a variant for each combination of their values. Variants that are there stay with their SKUs; one
 * that lacks an option is the one of its first value. New SKUs are made of the prefix and the values.
 * @throws Problem `not_found`, `version_conflict`, `state_conflict`, `validation_failed` (too many, a value in use is missing, a taken SKU).
 */
export async function expandVariants(context: CatalogContext, input: ExpandVariants): Promise<ProductWrite> {
  const { id, version, options, ...making } = input;
  const before = await productAt(context, { id, version });
  const variants = expandedVariants(before.variants, { options, ...making });
  return updateProduct(context, { id, version, patch: { options, variants } });
}

interface Expansion extends Pick<ExpandVariants, "skuPrefix" | "prices"> {
  readonly options: ProductContent["options"];
}

/** A variant for each combination, those that are there first and as they are. @throws Problem `validation_failed`. */
export function expandedVariants(present: readonly Variant[], { options, skuPrefix, prices }: Expansion): Variant[] {
  const combinations = options.reduce((sum, { values }) => sum * new Set(values).size, 1);
  if (combinations > VARIANTS_PER_PRODUCT_MAX) {
    const message = `${combinations} combinations; a product may have ${VARIANTS_PER_PRODUCT_MAX} variants`;
    throw problem("validation_failed", { errors: [{ path: "options", message }] });
  }
  const kept = present.map((variant) => ({ ...variant, options: optionsOf(variant, options) }));
  const known = new Set(kept.map((variant) => keyOf(variant.options, options)));
  const [model] = present;
  const prefix = skuPrefix ?? model?.sku ?? "SKU";
  const taken = new Set(present.map(({ sku }) => sku));
  const added = combinationsOf(options)
    .filter((combination) => !known.has(keyOf(combination, options)))
    .map((combination): Variant => {
      const sku = freeSku(prefix, Object.values(combination), taken);
      taken.add(sku);
      const { taxClass, trackInventory, allowBackorder } = model ?? {};
      return variantSchema.parse({
        sku,
        options: combination,
        prices: prices ?? model?.prices ?? [],
        taxClass,
        trackInventory,
        allowBackorder,
      });
    });
  return [...kept, ...added];
}

/** What a variant has of these options; the first value of each that it lacks. */
function optionsOf(variant: Variant, options: ProductContent["options"]): Record<string, string> {
  return Object.fromEntries(options.map(({ name, values }) => [name, optionOf(variant, name) ?? values[0] ?? ""]));
}

function combinationsOf(options: ProductContent["options"]): Record<string, string>[] {
  return options.reduce<Record<string, string>[]>(
    (all, { name, values }) => all.flatMap((one) => [...new Set(values)].map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}

function keyOf(combination: Readonly<Record<string, string>>, options: ProductContent["options"]): string {
  return JSON.stringify(options.map(({ name }) => combination[name]));
}

function freeSku(prefix: string, values: readonly string[], taken: ReadonlySet<string>): string {
  const base = [prefix, ...values.map((value) => slugify(value).toUpperCase() || "X")].join("-").slice(0, 90);
  let sku = base;
  for (let number = 2; taken.has(sku); number += 1) sku = `${base}-${number}`;
  return sku;
}

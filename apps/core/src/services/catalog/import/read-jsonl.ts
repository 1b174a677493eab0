import { currencySchema } from "@stoa/kernel";
import { z } from "zod";
import { fieldPatchSchema } from "../../../platform/custom-fields/index.ts";
import type { Attribute } from "../documents.ts";
import { skuSchema } from "../names.ts";
import { collectionSlug } from "./collection-slug.ts";
import { type Line, linesOf } from "./file-lines.ts";
import {
  bad,
  type ImportedAttribute,
  type ImportedFields,
  type ImportedProduct,
  type Reading,
  type ReadingOptions,
} from "./imported-product.ts";
import { isWholeLine, readWholeLine } from "./whole-line.ts";

const cents = z.int().min(0);
const attributeValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

/** One line of a JSONL file; docs/guide/import.md describes it. Members that are not named here are ignored. */
const lineSchema = z.object({
  id: z.string().min(1).max(200),
  title: z.string().trim().min(1),
  brand: z.string().nullish(),
  description: z.string().nullish(),
  model: z.string().nullish(),
  category_path: z.array(z.string().trim().min(1)).max(10).default([]),
  collections: z.array(z.string()).default([]),
  price_cents: cents.nullish(),
  special_price_cents: cents.nullish(),
  currency: currencySchema.default("USD"),
  product_type: z.string().max(120).nullish(),
  attributes: z.record(z.string(), attributeValue).default({}),
  custom_fields: fieldPatchSchema.default({}),
  options: z.array(z.string()).default([]),
  images: z.array(z.string()).default([]),
  status: z.enum(["draft", "published"]).default("published"),
  variants: z
    .array(
      z.object({
        sku: skuSchema,
        gtin: z.string().nullish(),
        options: z.record(z.string(), z.string()).default({}),
        attributes: z.record(z.string(), attributeValue).default({}),
        custom_fields: fieldPatchSchema.default({}),
        price_cents: cents.nullish(),
        stock: z.int().min(0).nullish(),
        image: z.string().nullish(),
        weight_grams: z.int().min(0).nullish(),
      }),
    )
    .min(1),
});
type FileLine = z.infer<typeof lineSchema>;

/** Products of a file with one JSON object a line. */
export async function* readJsonLines(
  chunks: AsyncIterable<Uint8Array>,
  { locale }: ReadingOptions,
): AsyncIterable<Reading> {
  for await (const line of linesOf(chunks)) yield readLine(line, locale);
}

function readLine({ number, text }: Line, locale: string): Reading {
  if (text === null) return bad(number, "", "the line is too long");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad(number, "", "is no JSON");
  }
  if (isWholeLine(value)) return readWholeLine(number, value, locale);
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return bad(number, skuIn(value), `${issue?.path.join(".") || "line"}: ${issue?.message ?? "is malformed"}`);
  }
  const unpriced = parsed.data.variants.find((variant) => priceOf(parsed.data, variant) === null);
  if (unpriced) return bad(number, unpriced.sku, "has no price");
  return { kind: "product", product: productOf(number, parsed.data, locale) };
}

function productOf(line: number, data: FileLine, locale: string): ImportedProduct {
  return {
    line,
    key: data.id,
    slug: null,
    title: data.title,
    titles: { [locale]: data.title },
    descriptions: typeof data.description === "string" ? { [locale]: data.description } : {},
    brand: data.brand || null,
    categories: data.category_path.length > 0 ? [{ slug: null, path: data.category_path }] : [],
    collections: data.collections.flatMap((name) => collectionSlug(name) ?? []),
    typeCode: data.product_type || null,
    attributes: attributesOf(data.model ? { model: data.model, ...data.attributes } : data.attributes),
    customFields: fieldsOf(data.custom_fields),
    options: data.options,
    images: data.images.length > 0 ? data.images : null,
    status: data.status,
    variants: data.variants.map((variant) => ({
      sku: variant.sku,
      barcode: variant.gtin || null,
      options: variant.options,
      attributes: attributesOf(variant.attributes),
      customFields: fieldsOf(variant.custom_fields),
      prices: [{ currency: data.currency, ...(priceOf(data, variant) ?? { amount: 0 }) }],
      image: variant.image || null,
      weightGrams: variant.weight_grams ?? null,
      stock: variant.stock ?? null,
    })),
  };
}

/** A special price holds for every variant that costs more. */
function priceOf(data: FileLine, variant: FileLine["variants"][number]): { amount: number; compareAt?: number } | null {
  const regular = variant.price_cents ?? data.price_cents;
  if (regular === null || regular === undefined) return null;
  const special = data.special_price_cents;
  return typeof special === "number" && special < regular
    ? { amount: special, compareAt: regular }
    : { amount: regular };
}

function fieldsOf(named: FileLine["custom_fields"]): ImportedFields {
  return Object.fromEntries(Object.entries(named).map(([key, json]) => [key, { json }]));
}

function attributesOf(named: FileLine["attributes"]): ImportedAttribute[] {
  return Object.entries(named).flatMap(([code, value]) => {
    const attribute = attributeOf(code, value);
    return attribute ? [{ attribute }] : [];
  });
}

function attributeOf(code: string, value: FileLine["attributes"][string]): Attribute | null {
  if (typeof value === "string") return value === "" ? null : { code, type: "text", value };
  if (typeof value === "number") return { code, type: "number", value };
  if (typeof value === "boolean") return { code, type: "boolean", value };
  const values = value.filter((one) => one !== "");
  return values.length === 0 ? null : { code, type: "list", value: values };
}

/** The SKU of a line that is malformed elsewhere, so that its owner finds it. */
function skuIn(value: unknown): string {
  const found = z.object({ variants: z.array(z.object({ sku: z.string() })).min(1) }).safeParse(value);
  return found.success ? (found.data.variants[0]?.sku ?? "").slice(0, 100) : "";
}

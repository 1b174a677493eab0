import { type Currency, toDecimal } from "@stoa/kernel";
import { namesOnPath } from "../category-tree.ts";
import type { Attribute, Price, ProductDocument, Variant } from "../documents.ts";
import { attributeJson, encodeAttribute, encodeList, NOTHING } from "../import/cells.ts";
import { fieldCell } from "../import/field-cells.ts";
import { isConditional } from "../price.ts";
import type { Columns } from "./csv-columns.ts";
import { type ExportContext, keyOf } from "./export-context.ts";

/**
 * A product as rows of a CSV file, one a variant; the product's own columns are filled in the first. What only staff can say
 * (prices with conditions, tax class, dimensions) has no column, and an import leaves it alone.
 */
export function csvRows(product: ProductDocument, columns: Columns, context: ExportContext): string[][] {
  const { fields } = context;
  return product.variants.map((variant, index) => {
    const isFirst = index === 0;
    const attributes = [...(isFirst ? product.attributes : []), ...(variant.attributes ?? [])];
    return [
      ...(isFirst ? productCells(product, context) : [keyOf(product), "", "", "", "", "", "", "", "", "", ""]),
      ...columns.titleLocales.map((locale) => (isFirst ? ownText(product.title, locale) : "")),
      ...columns.descriptionLocales.map((locale) => (isFirst ? ownText(product.description, locale) : "")),
      ...variantCells(variant, columns, context.currency),
      ...columns.options.map((name) => ownText(variant.options, name)),
      ...attributeCells(attributes, columns),
      ...columns.fields.map((key) => (isFirst ? fieldCell(product.customFields?.[key], fields.product.get(key)) : "")),
      ...columns.variantFields.map((key) => fieldCell(variant.customFields?.[key], fields.variant.get(key))),
    ];
  });
}

/** What stands there by that name; an option may be called as something that every object has, such as `toString`. */
function ownText(texts: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(texts, name) ? (texts[name] ?? "") : "";
}

/** In the order of PRODUCT_COLUMNS. */
function productCells(product: ProductDocument, { tree, locale }: ExportContext): string[] {
  const [main] = product.categoryIds;
  const slugs = product.categoryIds.flatMap((id) => tree.byId.get(id)?.slug ?? []);
  return [
    keyOf(product),
    product.slug,
    product.status,
    product.typeCode ?? "",
    product.title[locale] ?? "",
    product.description[locale] ?? "",
    product.brand ?? "",
    main === undefined ? "" : namesOnPath(tree, main).join(" > "),
    slugs.length === 0 ? NOTHING : encodeList(slugs),
    encodeList(product.collections),
    product.media.length === 0 ? NOTHING : encodeList(product.media.map(({ url }) => url)),
  ];
}

/** In the order of VARIANT_COLUMNS, with the prices in further currencies behind them. */
function variantCells(variant: Variant, { currencies }: Columns, preferred: Currency): string[] {
  const plain = variant.prices.filter((price) => !isConditional(price));
  const main = plain.find(({ currency }) => currency === preferred) ?? plain[0];
  return [
    variant.sku,
    main ? decimalOf(main, main.amount) : NOTHING,
    main?.compareAt === undefined ? "" : decimalOf(main, main.compareAt),
    main?.currency ?? preferred,
    variant.barcode ?? "",
    variant.weightGrams === null ? "" : String(variant.weightGrams),
    variant.image?.url ?? "",
    ...currencies.flatMap((currency) => {
      const price = plain.find((one) => one.currency === currency && one !== main);
      if (!price) return ["", ""];
      return [decimalOf(price, price.amount), price.compareAt === undefined ? "" : decimalOf(price, price.compareAt)];
    }),
  ];
}

function decimalOf({ currency }: Price, amount: number): string {
  return toDecimal({ amount, currency });
}

function attributeCells(attributes: readonly Attribute[], columns: Columns): string[] {
  const byCode = new Map(attributes.map((attribute) => [attribute.code, attribute]));
  const named = columns.attributes.map((code) => {
    const attribute = byCode.get(code);
    byCode.delete(code);
    return attribute ? encodeAttribute(attribute) : "";
  });
  const others = Object.fromEntries([...byCode].map(([code, attribute]) => [code, attributeJson(attribute)]));
  return [...named, byCode.size === 0 ? "" : JSON.stringify(others)];
}

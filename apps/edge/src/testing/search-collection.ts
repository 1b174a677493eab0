import {
  fieldIn,
  indexTermsOf,
  keys,
  languageOf,
  type ProductSummaryView,
  type SearchDocument,
  searchFieldNames,
} from "@stoa/read-models";
import { Client } from "typesense";
import type { EdgeUnderTest } from "./edge-under-test.ts";

const url = new URL(process.env.TEST_TYPESENSE_URL ?? "http://127.0.0.1:18108");
const client = new Client({
  nodes: [{ host: url.hostname, port: Number(url.port), protocol: url.protocol.slice(0, -1) }],
  apiKey: process.env.TEST_TYPESENSE_API_KEY ?? "stoa-dev",
});

/** Products in the index and their summaries in Redis; members of a document win over what its summary says. */
export async function seedProducts(
  edge: EdgeUnderTest,
  products: readonly { readonly summary: ProductSummaryView; readonly document?: Partial<SearchDocument> }[],
): Promise<void> {
  const { collection } = edge.parts;
  await client.synonymSets(collection).upsert({ items: [{ id: "laptop", synonyms: ["laptop", "notebook"] }] });
  await client.collections().create({
    name: collection,
    enable_nested_fields: true,
    symbols_to_index: ["."],
    synonym_sets: [collection],
    fields: [...fields],
  });
  for (const { summary, document } of products) {
    await edge.seed(keys.summary(summary.price.currency, summary.id), summary);
    await client
      .collections(collection)
      .documents()
      .create({ ...documentOf(summary), ...document });
  }
}

function documentOf(summary: ProductSummaryView): SearchDocument {
  const { id, slug, title, brand, price, inStock } = summary;
  return {
    ...indexTermsOf(
      { title, brand: brand ?? "", description: "", kinds: [], above: [], codes: [], values: [] },
      languageOf(null),
    ),
    id,
    slug,
    title,
    brand: brand ?? "",
    categories: [],
    kind: "",
    attributes: [],
    prices: { [price.currency]: price.amount },
    channels: ["default"],
    inStock,
    publishedAt: 1,
    sold: 0,
  };
}

export async function dropCollection(edge: EdgeUnderTest): Promise<void> {
  await client.collections(edge.parts.collection).delete();
  await client.synonymSets(edge.parts.collection).delete();
}

const fields = [
  { name: "slug", type: "string", index: false, optional: true },
  { name: "title", type: "string", index: false, optional: true },
  ...searchFieldNames.map((name) => ({ name, type: "string" }) as const),
  ...searchFieldNames
    .filter((name) => fieldIn(name, "de") !== name)
    .map((name) => ({ name: fieldIn(name, "de"), type: "string", optional: true }) as const),
  { name: "brand", type: "string", facet: true },
  { name: "categories", type: "string[]", facet: true },
  { name: "attributes", type: "string[]", facet: true },
  { name: "prices.USD", type: "int64", facet: true, optional: true },
  { name: "prices.EUR", type: "int64", facet: true, optional: true },
  { name: "channelPrices.trade.EUR", type: "int64", optional: true },
  { name: "channels", type: "string[]" },
  { name: "inStock", type: "bool", facet: true },
  { name: "publishedAt", type: "int64" },
  { name: "sold", type: "int32" },
] as const;

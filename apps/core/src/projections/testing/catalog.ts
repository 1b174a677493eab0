import { fixedClock, newId, toTimestamp } from "@stoa/kernel";
import { MongoClient } from "mongodb";
import {
  type CatalogDatabase,
  type CreateProduct,
  createProductSchema,
  ensureCatalogIndexes,
  openCatalog,
} from "../../services/catalog/index.ts";

const url = process.env.TEST_MONGODB_URL ?? "mongodb://127.0.0.1:27018";

type Price = CreateProduct["variants"][number]["prices"][number];

export interface TestCatalog extends AsyncDisposable {
  readonly catalog: CatalogDatabase;
  readonly clock: ReturnType<typeof fixedClock>;
}

/** A catalog of its own for one test; dropped when disposed. */
export async function testCatalog(): Promise<TestCatalog> {
  const name = `stoa_test_${newId("cat")}`;
  const connection = openCatalog(url, name);
  await ensureCatalogIndexes(connection.catalog);
  return {
    catalog: connection.catalog,
    clock: fixedClock("2026-03-01T12:00:00Z"),
    async [Symbol.asyncDispose]() {
      const client = new MongoClient(url);
      await client.db(name).dropDatabase();
      await client.close();
      await connection[Symbol.asyncDispose]();
    },
  };
}

/** What a test says of a product; the rest is made up. */
export interface ProductMembers {
  readonly title?: string;
  readonly skus?: readonly string[];
  readonly content?: object;
}

/** A product with one variant for each SKU, at 10.00 USD. */
export function someProduct({ title = "Walking shoe", skus = [newSku()], content }: ProductMembers): CreateProduct {
  const options = skus.length > 1 ? [{ name: "size", values: [...skus] }] : [];
  const product = {
    title: { "en-US": title },
    options,
    variants: skus.map((sku) => ({
      sku,
      options: options.length > 0 ? { size: sku } : {},
      prices: [{ currency: "USD", amount: 1_000 }],
    })),
    ...content,
  };
  const variants = product.variants.map((variant) => ({ ...variant, prices: (variant.prices as Price[]).map(asked) }));
  return createProductSchema.parse({ ...product, variants });
}

/** A request says the dates of a price in text, a test in instants. */
function asked({ startsAt, endsAt, ...price }: Price) {
  return {
    ...price,
    ...(startsAt !== undefined && { startsAt: toTimestamp(startsAt) }),
    ...(endsAt !== undefined && { endsAt: toTimestamp(endsAt) }),
  };
}

function newSku(): string {
  return newId("prod").slice(-12).toUpperCase();
}

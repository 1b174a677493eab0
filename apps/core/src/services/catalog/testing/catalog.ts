import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fixedClock, newId, Problem } from "@stoa/kernel";
import { type MediaStore, openMediaStore } from "@stoa/runtime";
import { MongoClient } from "mongodb";
import type { CustomField } from "../../../platform/custom-fields/index.ts";
import type { CatalogChange, CatalogContext } from "../context.ts";
import type { CreateProduct } from "../create-product.ts";
import { type CatalogDatabase, ensureCatalogIndexes, openCatalog } from "../database.ts";
import { type Price, productContentSchema } from "../documents.ts";
import { priceView } from "../views.ts";

const url = process.env.TEST_MONGODB_URL ?? "mongodb://127.0.0.1:27018";

export interface TestCatalog extends AsyncDisposable {
  readonly catalog: CatalogDatabase;
  readonly files: MediaStore;
  /** Gone with the catalog. */
  readonly folder: string;
  readonly clock: ReturnType<typeof fixedClock>;
  readonly changes: CatalogChange[];
  /** The shop's own fields; none until a test defines some. */
  readonly fields: CustomField[];
  context(): CatalogContext;
}

/** A catalog of its own for one test, with its indexes; dropped when disposed. */
export async function testCatalog(): Promise<TestCatalog> {
  const name = `stoa_test_${newId("cat")}`;
  const connection = openCatalog(url, name);
  await ensureCatalogIndexes(connection.catalog);
  const folder = await mkdtemp(join(tmpdir(), "stoa-media-"));
  const clock = fixedClock("2026-03-01T12:00:00Z");
  const changes: CatalogChange[] = [];
  const fields: CustomField[] = [];
  return {
    catalog: connection.catalog,
    files: openMediaStore({ folder }),
    folder,
    clock,
    changes,
    fields,
    context: () => ({
      catalog: connection.catalog,
      now: clock.now(),
      changed: (change) => changes.push(change),
      readFields: async (entity) => fields.filter((field) => field.entity === entity),
    }),
    async [Symbol.asyncDispose]() {
      const client = new MongoClient(url);
      await client.db(name).dropDatabase();
      await client.close();
      await rm(folder, { recursive: true, force: true });
      await connection[Symbol.asyncDispose]();
    },
  };
}

/** A product with one variant for each SKU, at 10.00 USD. */
export function someProduct(members: {
  readonly title?: string;
  readonly skus?: readonly string[];
  readonly content?: object;
}): CreateProduct {
  const skus = members.skus ?? [newId("prod").slice(-12).toUpperCase()];
  const options = skus.length > 1 ? [{ name: "size", values: [...skus] }] : [];
  const content = {
    title: { "en-US": members.title ?? "Walking shoe" },
    options,
    variants: skus.map((sku) => ({
      sku,
      options: options.length > 0 ? { size: sku } : {},
      prices: [{ currency: "USD", amount: 1_000 }],
    })),
    ...members.content,
  };
  // A request says the dates of prices in text, a test in instants.
  const variants = content.variants.map((variant) => ({
    ...variant,
    prices: (variant.prices as Price[]).map(priceView),
  }));
  return productContentSchema.parse({ ...content, variants });
}

/** The refusal with which the work ends. @throws what it throws otherwise, or when it is not refused. */
export async function refusal(work: Promise<unknown>): Promise<Problem> {
  const outcome = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome instanceof Problem) return outcome;
  throw outcome ?? new Error("was not refused");
}

import { newId, type ProductId } from "@stoa/kernel";
import { danglingErrors, referenceErrors } from "../check-product.ts";
import type { CatalogContext } from "../context.ts";
import { type CatalogFields, newReferences } from "../custom-fields.ts";
import type { ProductContent } from "../documents.ts";
import { kitErrors } from "../kit.ts";
import { changedMembers, contentOf } from "../product.ts";
import type { ProductTypeDocument } from "../product-type.ts";
import { slugify } from "../slug.ts";
import { draftedMembers } from "../update-product.ts";
import { type ProductUpsert, type UpsertOutcome, upsertProducts } from "../upsert-products.ts";
import { type StockIssue, type StockLine, setBatchStock } from "./batch-stock.ts";
import type { CategoryPaths } from "./category-paths.ts";
import type { ImportedProduct } from "./imported-product.ts";
import type { MediaImporter } from "./media.ts";
import { importedContent } from "./plan.ts";
import { type Planned, planBatch } from "./plan-batch.ts";

export interface BatchDeps {
  readonly context: CatalogContext;
  readonly categories: CategoryPaths;
  /** Product types by code. */
  readonly types: ReadonlyMap<string, ProductTypeDocument>;
  /** The shop's own fields. */
  readonly fields: CatalogFields;
  readonly media: MediaImporter;
  readonly setStock: (lines: readonly StockLine[]) => Promise<readonly StockIssue[]>;
  readonly locale: string;
  readonly defaultStock: number | null;
  readonly dryRun: boolean;
  readonly bad: (product: ImportedProduct, message: string) => void;
  readonly warn: (product: ImportedProduct, message: string) => void;
}

export interface BatchOutcome {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly stockLines: number;
}

/** How often a batch is planned again for products that somebody else has changed while it was written. */
const TRIES = 3;

/**
 * Writes a batch of products: a fixed number of queries, however many they are. What somebody else changes meanwhile is planned again
 * on what they left; what they keep changing is told of and left to them.
 */
export async function importBatch(deps: BatchDeps, products: readonly ImportedProduct[]): Promise<BatchOutcome> {
  const first = await tryBatch(deps, products);
  const total = { ...first.outcome };
  // What there was to say of a product has been said, and its stock is set: sales go on meanwhile.
  const again = { ...deps, defaultStock: null, setStock: async () => [], warn: () => undefined };
  let { overtaken } = first;
  for (let attempt = 2; overtaken.length > 0 && attempt <= TRIES; attempt += 1) {
    const { outcome, overtaken: left } = await tryBatch(again, overtaken);
    total.created += outcome.created;
    total.updated += outcome.updated;
    total.unchanged += outcome.unchanged;
    overtaken = left;
  }
  for (const product of overtaken)
    deps.bad(product, "conflict: somebody else is changing the product; import it again");
  return total;
}

interface Attempt {
  readonly outcome: BatchOutcome;
  readonly overtaken: readonly ImportedProduct[];
}

async function tryBatch(deps: BatchDeps, products: readonly ImportedProduct[]): Promise<Attempt> {
  const planned = await planBatch(deps, products);
  const changed = planned.filter(({ existing, hash }) => existing?.importHash !== hash);
  const prepared = await prepare(deps, changed);
  const { upserts } = prepared;
  const writable = new Set(upserts.map(({ planned: plan }) => plan));
  const same = planned.filter((plan) => !changed.includes(plan));
  const kept = [...same, ...prepared.unchanged];
  // Stock goes first: a crash in between leaves stock of a SKU that is not for sale yet, and the next run counts it as new again.
  const stock = await setBatchStock(deps, [...kept, ...writable]);
  const { written, overtaken } = await write(deps, upserts);
  const created = written.filter(({ upsert }) => upsert.existing === null).length;
  const outcome = { created, updated: written.length - created, unchanged: kept.length, stockLines: stock };
  return { outcome, overtaken: overtaken.map(({ planned: plan }) => plan.resolved.product) };
}

async function write({ context, dryRun, bad }: BatchDeps, prepared: readonly Prepared[]) {
  if (dryRun) return { written: prepared, overtaken: [] };
  const outcomes = await upsertProducts(
    context,
    prepared.map(({ upsert }) => upsert),
  );
  const whose = (kind: UpsertOutcome["kind"]) => prepared.filter((_, index) => outcomes[index]?.kind === kind);
  for (const [index, outcome] of outcomes.entries()) {
    const product = prepared[index]?.planned.resolved.product;
    if (outcome.kind === "refused" && product) bad(product, outcome.reason);
  }
  return { written: whose("written"), overtaken: whose("overtaken") };
}

interface Prepared {
  readonly planned: Planned;
  readonly upsert: ProductUpsert;
}

interface PreparedBatch {
  readonly upserts: readonly Prepared[];
  /** What another line would leave just as it is. */
  readonly unchanged: readonly Planned[];
}

/** A content in which what says nothing is left out, so that two ways to say nothing are one. */
function comparable(content: ProductContent): ProductContent {
  const spoken = (texts: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ""));
  return { ...content, title: spoken(content.title), description: spoken(content.description) };
}

/** Turns what has changed into writes; what does not hold together is told of and left out. */
async function prepare(deps: BatchDeps, changed: readonly Planned[]): Promise<PreparedBatch> {
  const { products } = deps.context.catalog;
  const ids: ProductId[] = changed.flatMap(({ existing }) => existing?._id ?? []);
  const documents = ids.length > 0 ? await products.find({ _id: { $in: ids } }).toArray() : [];
  const present = new Map(documents.map((document) => [document._id, document]));
  const slugs = await freeSlugs(deps, changed);
  const prepared: Prepared[] = [];
  const unchanged: Planned[] = [];
  for (const plan of changed) {
    const { product } = plan.resolved;
    const categoryIds = await deps.categories.resolve(deps.context, product.categories, (slug) =>
      deps.warn(product, `there is no category ${slug}`),
    );
    const existing = plan.existing ? (present.get(plan.existing._id) ?? null) : null;
    const { locale, types, fields } = deps;
    const content = importedContent(plan.resolved, { locale, categoryIds, existing, types, fields });
    if (typeof content === "string") {
      deps.bad(product, content);
      continue;
    }
    if (existing && Object.keys(changedMembers(comparable(contentOf(existing)), comparable(content))).length === 0) {
      unchanged.push(plan);
      continue;
    }
    const drafted = existing ? draftedMembers(existing, changedMembers(contentOf(existing), content)) : [];
    if (drafted.length > 0) {
      deps.bad(product, `its working draft changes ${drafted.join(", ")}`);
      continue;
    }
    const upsert: ProductUpsert = {
      existing,
      slug: slugs.get(plan) ?? "",
      status: product.status,
      content,
      importKey: product.key,
      importHash: plan.hash,
    };
    prepared.push({ planned: plan, upsert });
  }
  return { upserts: await withoutBadKits(deps, await withoutDangling(deps, prepared)), unchanged };
}

/** What is left when products whose attributes lead nowhere are told of and left out. */
async function withoutDangling(deps: BatchDeps, prepared: readonly Prepared[]): Promise<Prepared[]> {
  const changes = prepared.map(({ upsert: { existing, content } }) => ({ before: existing, after: content }));
  const errors = await referenceErrors(deps.context.catalog, changes);
  const own = prepared.map(({ upsert: { existing, content } }) => newReferences(deps.fields, existing, content));
  const dangling = await danglingErrors(deps.context, own.flat());
  return prepared.filter(({ planned }, index) => {
    const [error] = [...(errors[index] ?? []), ...(own[index] ?? []).flatMap((one) => dangling.get(one) ?? [])];
    if (error) deps.bad(planned.resolved.product, `${error.path}: ${error.message}`);
    return !error;
  });
}

/** The same for products with kits that make no sense. A part may stand further down in the file: without it its kit is not for sale yet. */
async function withoutBadKits(deps: BatchDeps, prepared: readonly Prepared[]): Promise<Prepared[]> {
  const changes = prepared.map(({ upsert: { existing, content } }) => ({ before: existing, after: content }));
  const errors = await kitErrors(deps.context.catalog, changes);
  return prepared.filter(({ planned }, index) => {
    const { product } = planned.resolved;
    const [missing = [], bad = []] = [true, false].map((isMissing) =>
      errors[index]?.filter(({ code }) => (code === "reference_not_found") === isMissing),
    );
    for (const { path } of missing) deps.warn(product, `${path}: no product has this SKU yet`);
    for (const { path, message } of bad.slice(0, 1)) deps.bad(product, `${path}: ${message}`);
    return bad.length === 0;
  });
}

/** A slug for each new product: of its title, with the first SKU behind it where that is taken. */
async function freeSlugs(deps: BatchDeps, changed: readonly Planned[]): Promise<Map<Planned, string>> {
  const candidates = new Map(
    changed
      .filter(({ existing }) => existing === null)
      .map((plan) => {
        const { slug, title, key, variants } = plan.resolved.product;
        const base = slug ?? (slugify(title) || slugify(key) || "product");
        const suffix = slugify(variants[0]?.sku ?? key) || "2";
        return [
          plan,
          [base, `${base.slice(0, 60).replace(/-+$/, "")}-${suffix}`.slice(0, 110).replace(/-+$/, "")],
        ] as const;
      }),
  );
  const wanted = [...candidates.values()].flat();
  const found = await deps.context.catalog.products
    .find({ slugs: { $in: wanted } }, { projection: { slugs: 1 } })
    .toArray();
  const taken = new Set(found.flatMap((product) => product.slugs));
  const slugs = new Map<Planned, string>();
  for (const [plan, [first, second]] of candidates) {
    const slug = [first, second].find((one) => !taken.has(one)) ?? `${second}-${newId("prod").slice(-8)}`;
    taken.add(slug);
    slugs.set(plan, slug);
  }
  return slugs;
}

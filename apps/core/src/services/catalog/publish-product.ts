import { DEFAULT_CHANNEL, type Instant, mayBecome, type ProductId, problem, type StateTable } from "@stoa/kernel";
import { MongoBulkWriteError } from "mongodb";
import { readTypes } from "./check-product.ts";
import type { CatalogContext } from "./context.ts";
import type { ProductDocument, ProductStatus } from "./documents.ts";
import { keepOffers } from "./prices/history.ts";
import { contentAhead, dueMembers, heldBack, placeIn, type Schedule, scheduleRefusal, withPlace } from "./schedule.ts";
import { type ProductWrite, productAt, writeProduct } from "./update-product.ts";

const nextStatus: StateTable<ProductStatus> = {
  draft: ["published", "archived"],
  published: ["draft", "archived"],
  archived: ["draft"],
};

/** At most so many scheduled products are touched in one go; the next sweep takes the rest. */
const DUE_MAX = 500;
const dueFields = [
  "publishAt",
  "unpublishAt",
  "repriceAt",
  "listRepriceAt",
  "channels.publishAt",
  "channels.unpublishAt",
];
/** Keeps null, which sorts before every number, out of the range. */
const NEVER = 0 as Instant;

interface ProductVersion {
  readonly id: ProductId;
  readonly version: number;
}

interface InChannel extends ProductVersion {
  /** The default one when left out. */
  readonly channel?: string;
}

/** Shows a draft in a channel. @throws Problem `not_found`, `version_conflict`, `state_conflict`, `validation_failed`. */
export async function publishProduct(context: CatalogContext, input: InChannel): Promise<ProductWrite> {
  return changeStatus(context, input, "published");
}

/** Takes a product out of a channel, as a draft. @throws Problem `not_found`, `version_conflict`, `state_conflict`. */
export async function unpublishProduct(context: CatalogContext, input: InChannel): Promise<ProductWrite> {
  return changeStatus(context, input, "draft");
}

/** Puts a product away for good, in every channel; its SKUs and slugs stay taken. @throws as unpublishProduct. */
export async function archiveProduct(context: CatalogContext, { id, version }: ProductVersion): Promise<ProductWrite> {
  return changeStatus(context, { id, version }, "archived");
}

/**
 * Sets when a product goes out and off a channel by itself; null takes an hour back, a member that is left out stays.
 * @throws Problem `not_found`, `version_conflict`, `state_conflict`, `validation_failed`.
 */
export async function scheduleProduct(
  context: CatalogContext,
  input: InChannel & Partial<Schedule>,
): Promise<ProductWrite> {
  const before = await productAt(context, input);
  const { channel = DEFAULT_CHANNEL } = input;
  const place = placeIn(before, channel);
  const { publishAt = place.publishAt, unpublishAt = place.unpublishAt } = input;
  const working = channel === DEFAULT_CHANNEL ? (before.working ?? null) : null;
  const refusal = scheduleRefusal({ status: place.status, working }, { publishAt, unpublishAt }, context.now);
  if (refusal) throw refusal;
  return writeProduct(context, before, withPlace(before, channel, { ...place, publishAt, unpublishAt }));
}

/** What comes due is written as it was checked before. */
type DueContext = Omit<CatalogContext, "readFields">;

export interface DueOutcome {
  readonly touched: number;
  /** Working drafts whose hour had come and that could not go out; each product says why. */
  readonly heldBack: readonly ProductId[];
}

/** Publishes and takes down what is due, and marks what has a new price by now. Any number of processes may run it. */
export async function touchDueProducts(context: DueContext): Promise<DueOutcome> {
  const { catalog, now } = context;
  const isDue = { $gt: NEVER, $lte: now };
  // One question a field, so that each is answered by its index; of all together some servers read every product.
  const found = await Promise.all(
    dueFields.map((field) => catalog.products.find({ [field]: isDue }, { limit: DUE_MAX }).toArray()),
  );
  const due = [...new Map(found.flat().map((product) => [product._id, product])).values()].slice(0, DUE_MAX);
  if (due.length === 0) return { touched: 0, heldBack: [] };
  const types = await readTypes(catalog, due.filter(({ working }) => working).map(contentAhead));
  const planned = due.map((product) => ({ product, members: dueMembers(product, { now, types }) }));
  const refused = await writeDue(context, planned);
  if (refused.length > 0) await writeDue(context, refused);
  context.changed({ products: due.map((product) => product._id), categories: false });
  const held = [...planned, ...refused].filter(({ members }) => members.working?.problem);
  return { touched: due.length, heldBack: [...new Set(held.map(({ product }) => product._id))] };
}

interface PlannedChange {
  readonly product: ProductDocument;
  readonly members: Partial<ProductDocument>;
}

/** Writes what is still as it was read. Answers how those are to be held back instead whose SKU another product has taken. */
async function writeDue(context: DueContext, planned: readonly PlannedChange[]): Promise<PlannedChange[]> {
  const { catalog, now } = context;
  const changes = planned.map(({ product: before, members }) => ({ before, members }));
  const kept = await keepOffers(context, changes);
  const operations = planned.map(({ product }, index) => ({
    updateOne: {
      filter: { _id: product._id, revision: product.revision },
      update: { $set: { ...kept[index], dirty: true, updatedAt: now }, $inc: { revision: 1 } },
    },
  }));
  try {
    await catalog.products.bulkWrite(operations, { ordered: false });
    return [];
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    return [error.writeErrors].flat().flatMap(({ index }) => {
      const product = planned[index]?.product;
      return product ? [{ product, members: heldBack(product, "a SKU belongs to another product") }] : [];
    });
  }
}

async function changeStatus(context: CatalogContext, input: InChannel, status: ProductStatus): Promise<ProductWrite> {
  const before = await productAt(context, input);
  const { channel = DEFAULT_CHANNEL } = input;
  const place = placeIn(before, channel);
  const isPutAway = channel !== DEFAULT_CHANNEL && before.status === "archived";
  if (isPutAway || !mayBecome(nextStatus, place.status, status)) {
    throw problem("state_conflict", { detail: `a product that is ${place.status} cannot become ${status}` });
  }
  if (status === "published" && !before.variants.some((variant) => variant.prices.length > 0)) {
    throw problem("validation_failed", { errors: [{ path: "variants", message: "no variant has a price" }] });
  }
  const publishedAt = status === "published" ? (place.publishedAt ?? context.now) : place.publishedAt;
  const { unpublishAt } = place;
  // An end that has passed, or that belongs to a showing which is over, would take the product down the next time it goes out.
  const keepsEnd = status === "published" && unpublishAt !== null && unpublishAt > context.now;
  const hours = { publishAt: null, unpublishAt: keepsEnd ? unpublishAt : null };
  const members = withPlace(before, channel, { status, ...hours, publishedAt });
  return writeProduct(context, before, status === "archived" ? { ...members, ...nowhere(before) } : members);
}

/** What comes back from the archive comes back as a draft everywhere. */
function nowhere({ channels }: ProductDocument): Partial<ProductDocument> {
  if (channels === undefined) return {};
  const hours = { publishAt: null, unpublishAt: null };
  return { channels: channels.map((place) => ({ ...place, ...hours, status: "draft" })) };
}

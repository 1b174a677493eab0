import type { Instant, ProductId } from "@stoa/kernel";
import type { ReadFields } from "../../platform/custom-fields/index.ts";
import type { CatalogDatabase } from "./database.ts";

/** What was written just now. Only a short cut for the projector: what it misses, the sweep of dirty documents finds. */
export interface CatalogChange {
  readonly products: readonly ProductId[];
  readonly categories: boolean;
  readonly searchRules?: boolean;
}

/** What the verbs of the catalog need. */
export interface CatalogContext {
  readonly catalog: CatalogDatabase;
  readonly now: Instant;
  /** What staff have defined beside what every shop has. */
  readonly readFields: ReadFields;
  /** Which of these ids of customers and orders are there; without it nothing is. */
  readonly findTargets?: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Called right after a write. It must not throw, and it is not waited for. */
  readonly changed: (change: CatalogChange) => void;
}

import type { ProductId } from "@stoa/kernel";
import type { CatalogChange } from "../services/catalog/index.ts";

const BATCH = 200;

export interface NudgedWork {
  /** Brings products to the shop and into the search index; at most 200 at a time. */
  readonly products: (ids: readonly ProductId[]) => Promise<void>;
  /** Writes the tree of categories, or only counts it anew where products have changed. */
  readonly tree: (wanted: "written" | "counted") => Promise<void>;
  readonly rules: () => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/**
 * Collects writes of one process and projects them together, one batch at a time. The tree of categories, whose counts take a look at
 * every product, is written beside the products: one that changes meanwhile is shown and found without waiting for it.
 */
export function nudger(work: NudgedWork) {
  const waiting = new Set<ProductId>();
  let tree: "written" | "counted" | null = null;
  let rules = false;
  const others = lane({
    hasWork: () => tree !== null || rules,
    async step() {
      const wanted = { tree, rules };
      tree = null;
      rules = false;
      if (wanted.rules) await work.rules();
      if (wanted.tree !== null) await work.tree(wanted.tree);
    },
    failed: work.failed,
  });
  const products = lane({
    hasWork: () => waiting.size > 0,
    async step() {
      const ids = [...waiting].slice(0, BATCH);
      for (const id of ids) waiting.delete(id);
      await work.products(ids);
      tree ??= "counted";
      others.start();
    },
    failed: work.failed,
  });
  return {
    take(change: CatalogChange): void {
      for (const id of change.products) waiting.add(id);
      if (change.categories) tree = "written";
      rules ||= change.searchRules ?? false;
      products.start();
      others.start();
    },
    async idle(): Promise<void> {
      while (products.working() || others.working()) await Promise.all([products.working(), others.working()]);
    },
  };
}

interface LaneOptions {
  readonly hasWork: () => boolean;
  readonly step: () => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/** Takes one step after another while there is work. A step that fails leaves the others alone. */
function lane({ hasWork, step, failed }: LaneOptions) {
  let working: Promise<void> | null = null;
  const run = async () => {
    while (hasWork()) await step().catch(failed);
    working = null;
  };
  return {
    start(): void {
      if (hasWork()) working ??= run();
    },
    working: () => working,
  };
}

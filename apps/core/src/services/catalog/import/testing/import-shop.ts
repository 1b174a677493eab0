import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMediaStore } from "@stoa/runtime";
import { noFields } from "../../../../testing/index.ts";
import { type TestCatalog, testCatalog } from "../../testing/catalog.ts";
import type { StockLine } from "../batch-stock.ts";
import { type ImportOptions, importCatalog } from "../import-catalog.ts";

/** The files that the tests bring in. */
export const fixtures = join(import.meta.dir, "../fixtures");

export interface ImportShop extends TestCatalog {
  readonly mediaDir: string;
  readonly stock: Map<string, number>;
  /** SKUs of which no count is taken. */
  readonly promised: Set<string>;
  run(file: string, options?: Partial<ImportOptions>): ReturnType<typeof importCatalog>;
}

/** A shop without products, that files can be brought into. Its pictures and its stock are its own. */
export async function importShop(): Promise<ImportShop> {
  const shop = await testCatalog();
  const mediaDir = await mkdtemp(join(tmpdir(), "stoa-media-"));
  const stock = new Map<string, number>();
  const promised = new Set<string>();
  return {
    ...shop,
    mediaDir,
    stock,
    promised,
    run(file, options = {}) {
      const setStock = async (lines: readonly StockLine[]) => {
        const taken = lines.filter(({ sku }) => !promised.has(sku));
        for (const { sku, onHand } of taken) stock.set(sku, onHand);
        return [...promised].map((sku) => ({ sku, message: "fewer units than are promised to buyers" }));
      };
      const { catalog, clock } = shop;
      const files = openMediaStore({ folder: mediaDir });
      const deps = { catalog, clock, setStock, files, locale: "en-US", readFields: noFields, changed: () => undefined };
      return importCatalog(deps, { file: join(fixtures, file), imagesDir: fixtures, ...options });
    },
    async [Symbol.asyncDispose]() {
      await rm(mediaDir, { recursive: true, force: true });
      await shop[Symbol.asyncDispose]();
    },
  };
}

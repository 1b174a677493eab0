import type { Currency } from "@stoa/kernel";
import type { CategoryTree } from "../category-tree.ts";
import type { ProductDocument } from "../documents.ts";

/** What the writing of a product needs besides. */
export interface ExportContext {
  /** Language of the columns that name none. */
  readonly locale: string;
  /** Currency of the column `price`, where a variant has one in it. */
  readonly currency: Currency;
  readonly tree: CategoryTree;
}

/** What an export calls a product by: the key of the file it came from, else its own id. */
export function keyOf(product: Pick<ProductDocument, "_id" | "importKey">): string {
  return product.importKey ?? product._id;
}

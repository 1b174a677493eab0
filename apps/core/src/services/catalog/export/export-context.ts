import type { Currency } from "@stoa/kernel";
import type { CustomField } from "../../../platform/custom-fields/index.ts";
import type { CategoryTree } from "../category-tree.ts";
import type { ProductDocument } from "../documents.ts";

/** What the writing of a product needs besides. */
export interface ExportContext {
  /** Language of the columns that name none. */
  readonly locale: string;
  /** Currency of the column `price`, where a variant has one in it. */
  readonly currency: Currency;
  readonly tree: CategoryTree;
  /** The shop's own fields, by key. */
  readonly fields: Readonly<Record<"product" | "variant", ReadonlyMap<string, CustomField>>>;
}

/** What an export calls a product by: the key of the file it came from, else its own id. */
export function keyOf(product: Pick<ProductDocument, "_id" | "importKey">): string {
  return product.importKey ?? product._id;
}

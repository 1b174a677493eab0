import { namesOnPath } from "../category-tree.ts";
import type { ProductDocument } from "../documents.ts";
import { WHOLE_FORM, type WholeLine } from "../import/whole-line.ts";
import { contentOf } from "../product.ts";
import { type ExportContext, keyOf } from "./export-context.ts";

/** A product with all of its content, as one line of a JSONL file. Categories go by slug and path: ids mean nothing elsewhere. */
export function wholeLine(product: ProductDocument, { tree }: ExportContext): WholeLine {
  const { categoryIds, ...content } = contentOf(product);
  const categories = categoryIds.flatMap((id) => {
    const category = tree.byId.get(id);
    return category ? [{ slug: category.slug, path: namesOnPath(tree, id) }] : [];
  });
  const { slug, status } = product;
  return { stoa: WHOLE_FORM, key: keyOf(product), slug, status, categories, content };
}

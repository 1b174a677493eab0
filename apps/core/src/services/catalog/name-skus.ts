import { type ProductId, textIn } from "@stoa/kernel";
import { z } from "zod";
import type { CatalogDatabase } from "./database.ts";
import type { ProductDocument } from "./documents.ts";
import { skuSchema } from "./names.ts";

/** As many as a list shows at once. */
const SKUS_MAX = 100;

export const namedSkusSchema = z.strictObject({ skus: z.array(skuSchema).max(SKUS_MAX) });

/** What a SKU is, for whoever sees its number alone. */
export interface NamedSku {
  readonly sku: string;
  readonly productId: ProductId;
  readonly title: string;
  /** Option name → value. */
  readonly options: Readonly<Record<string, string>>;
  readonly imageUrl: string | null;
}

const projection = { title: 1, media: 1, variants: 1 } as const;
type Named = Pick<ProductDocument, "_id" | keyof typeof projection>;

/** Names of SKUs in one query, drafts and archived products among them. One that no product has is absent. */
export async function nameSkus(
  { catalog, locale }: { readonly catalog: CatalogDatabase; readonly locale: string },
  skus: readonly string[],
): Promise<NamedSku[]> {
  if (skus.length === 0) return [];
  const wanted = new Set(skus);
  const products = await catalog.products
    .find<Named>({ "variants.sku": { $in: [...wanted] } }, { projection })
    .toArray();
  return products.flatMap(({ _id: productId, title, media, variants }) =>
    variants
      .filter(({ sku }) => wanted.has(sku))
      .map(({ sku, options, image }) => ({
        ...{ sku, productId, title: textIn(title, locale), options },
        imageUrl: (image ?? media[0])?.url ?? null,
      })),
  );
}

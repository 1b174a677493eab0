import { inWords } from "../../format.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import type { ProductStatus } from "./products-search.ts";

const tones: Readonly<Record<ProductStatus, Tone>> = { published: "good", draft: "info", archived: "neutral" };

export function StatusBadge({ status }: { readonly status: ProductStatus }) {
  return <Badge tone={tones[status]}>{inWords(status)}</Badge>;
}

import { Skeleton } from "../../ui/states.tsx";
import type { SkuNames } from "./use-sku-names.ts";

interface SkuTitleProps {
  readonly sku: string;
  readonly names: SkuNames;
}

/** "Stoneware Mug · Sage"; its room is kept while the name is on its way, nothing for a SKU of no product. */
export function SkuTitle({ sku, names }: SkuTitleProps) {
  if (!names) return <Skeleton className="my-0.5 h-4 w-40 max-w-full" />;
  const named = names.get(sku);
  if (!named) return null;
  const variant = Object.values(named.options).join(" · ");
  return (
    <span className="line-clamp-2 [overflow-wrap:anywhere]">
      <span className="font-medium">{named.title}</span>
      {variant ? <span className="text-ink-soft"> · {variant}</span> : null}
    </span>
  );
}

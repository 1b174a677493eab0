import type { ReactNode } from "react";
import { cn } from "../../ui/cn.ts";

export interface Figure {
  readonly term: string;
  readonly value: ReactNode;
  /** Whether somebody should look at it. */
  readonly isBad?: boolean;
}

/** A row of figures from edge to edge of its card; on a narrow screen two in a row. */
export function Figures({ figures }: { readonly figures: readonly Figure[] }) {
  return (
    <dl className="grid grid-cols-2 gap-px border-t border-line bg-line sm:auto-cols-fr sm:grid-flow-col sm:grid-cols-none">
      {figures.map(({ term, value, isBad }) => (
        <div key={term} className="bg-surface px-4 py-3 last:odd:col-span-full sm:last:odd:col-span-1">
          <dt className="text-[13px] text-ink-soft">{term}</dt>
          <dd className={cn("font-semibold tabular-nums", isBad && "text-warn")}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

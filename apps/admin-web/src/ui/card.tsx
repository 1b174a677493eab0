import type { ReactNode } from "react";
import { cn } from "./cn.ts";

export interface CardProps {
  readonly title?: string;
  /** On the right of the title. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  /** Tables reach from edge to edge. */
  readonly isFlush?: boolean;
  readonly className?: string;
}

/** A section of a page. */
export function Card({ title, aside, children, isFlush, className }: CardProps) {
  return (
    <section className={cn("min-w-0 overflow-clip rounded-lg border border-line bg-surface", className)}>
      {title ? (
        <div className="flex flex-wrap items-center justify-between gap-2 px-4 pt-3 pb-2">
          <h2 className="font-semibold">{title}</h2>
          {aside}
        </div>
      ) : null}
      <div className={cn(isFlush ? "" : "px-4 pb-4", !title && !isFlush && "pt-4")}>{children}</div>
    </section>
  );
}

/** Terms and what they are, one under the other. */
export function Facts({ rows }: { readonly rows: readonly (readonly [term: string, value: ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5">
      {rows.map(([term, value]) => (
        <div key={term} className="contents">
          <dt className="text-ink-soft">{term}</dt>
          <dd className="min-w-0 text-right break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

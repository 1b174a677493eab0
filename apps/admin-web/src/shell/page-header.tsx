import type { ReactNode } from "react";
import { formatNumber } from "../format.ts";
import { PageTitle } from "./page-title.tsx";

export interface PageHeaderProps {
  readonly title: string;
  /** Beside the title: a state, a count. */
  readonly aside?: ReactNode;
  /** Under the title. */
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  /** Over the title: the way back. */
  readonly back?: ReactNode;
}

/** What this screen is, and what can be done here as a whole. */
export function PageHeader({ title, aside, children, actions, back }: PageHeaderProps) {
  return (
    <div className="mb-4">
      <PageTitle>{title}</PageTitle>
      {back}
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-3">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 className="text-xl font-semibold tracking-tight [overflow-wrap:anywhere]">{title}</h1>
            {aside}
          </div>
          {children ? <div className="mt-1 flex flex-wrap gap-x-3 text-ink-soft">{children}</div> : null}
        </div>
        {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
      </div>
    </div>
  );
}

/** How many a list holds in all, beside its title; nothing until that is known. */
export function Total({ of: page }: { readonly of: { readonly total: number } | undefined }) {
  return page ? <span className="text-ink-faint tabular-nums">{formatNumber(page.total)}</span> : null;
}

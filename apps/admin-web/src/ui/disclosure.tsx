import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";

/** Details for those who want them. The platform's own element, so keyboard and in-page search work. */
export function Disclosure({ summary, children }: { readonly summary: ReactNode; readonly children: ReactNode }) {
  return (
    <details className="group">
      <summary className="flex w-fit cursor-pointer list-none items-center gap-1 rounded text-[13px] text-ink-soft select-none hover:text-ink [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden="true" className="size-4 transition-transform group-open:rotate-90" />
        {summary}
      </summary>
      <div className="mt-2 pl-5">{children}</div>
    </details>
  );
}

import { useRouter } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { formatNumber } from "../format.ts";
import { Button } from "../ui/button.tsx";
import { FIRST_PAGE, type Paging, pageRange } from "./paging.ts";

export interface PagerProps {
  readonly paging: Paging;
  readonly shown: number;
  readonly total: number;
  readonly nextCursor: string | null;
  readonly onPage: (paging: Paging) => void;
}

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** Set on the way to the next page, so that the way back is the browser's own. */
    cameByNext?: boolean;
  }
}

/** Where in the list this is, and the way on and back. Pages go forward by cursor; back is the browser's back. */
export function Pager({ paging, shown, total, nextCursor, onPage }: PagerProps) {
  const router = useRouter();
  const page = paging.page ?? 1;
  const isFirst = paging.cursor === undefined;
  const goBack = () => {
    if (router.history.location.state.cameByNext) router.history.back();
    else onPage(FIRST_PAGE);
  };
  return (
    <nav aria-label="Pages" className="flex items-center justify-between gap-3 border-t border-line px-4 py-2">
      <p className="text-[13px] text-ink-soft tabular-nums">{pageRange(page, shown, total, formatNumber)}</p>
      <div className="flex gap-2">
        {page > 2 ? (
          <Button size="sm" variant="ghost" onClick={() => onPage(FIRST_PAGE)}>
            First page
          </Button>
        ) : null}
        <Button size="sm" disabledReason={isFirst ? "This is the first page" : null} onClick={goBack}>
          <ChevronLeft aria-hidden="true" className="size-4" />
          Previous
        </Button>
        <Button
          size="sm"
          disabledReason={nextCursor === null ? "This is the last page" : null}
          onClick={() => (nextCursor === null ? undefined : onPage({ cursor: nextCursor, page: page + 1 }))}
        >
          Next
          <ChevronRight aria-hidden="true" className="size-4" />
        </Button>
      </div>
    </nav>
  );
}

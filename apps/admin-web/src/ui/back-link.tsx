import { useRouter } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import type { ReactNode } from "react";

/** Back to the list as it was left, with its filters; to the list's start for who came by another way. */
export function BackLink({ to, children }: { readonly to: "/orders" | "/products"; readonly children: ReactNode }) {
  const router = useRouter();
  const { cameFromList } = router.history.location.state;
  return (
    <a
      href={to}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        if (cameFromList) router.history.back();
        else void router.navigate({ to });
      }}
      className="mb-1 inline-flex items-center gap-0.5 rounded text-[13px] text-ink-soft hover:text-ink"
    >
      <ChevronLeft aria-hidden="true" className="size-4" />
      {children}
    </a>
  );
}

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** Set on the way from a list to one of its rows. */
    cameFromList?: boolean;
  }
}

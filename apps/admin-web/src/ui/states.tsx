import { CircleAlert, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { wordsOf } from "../problems.ts";
import { Button } from "./button.tsx";
import { cn } from "./cn.ts";

export function Skeleton({ className }: { readonly className?: string }) {
  return <div aria-hidden="true" className={cn("animate-pulse rounded bg-line/70", className)} />;
}

export interface EmptyStateProps {
  readonly icon: LucideIcon;
  readonly title: string;
  /** What this is, and why there is none. */
  readonly children: ReactNode;
  /** The one next thing to do. */
  readonly action?: ReactNode;
  /** Whether this is all there is on the page. */
  readonly isPage?: boolean;
}

export function EmptyState({ icon: Icon, title, children, action, isPage }: EmptyStateProps) {
  const Heading = isPage ? "h1" : "h2";
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-14 text-center">
      <Icon aria-hidden="true" className="size-8 text-ink-faint" strokeWidth={1.5} />
      <Heading className="text-base font-semibold">{title}</Heading>
      <div className="max-w-md text-ink-soft">{children}</div>
      {action ? <div className="mt-2">{action}</div> : null}
    </div>
  );
}

/** Says in plain words what went wrong and offers to try again. */
export function ErrorState({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  return (
    <div role="alert" className="flex flex-col items-center gap-2 px-6 py-12 text-center">
      <CircleAlert aria-hidden="true" className="size-8 text-bad" strokeWidth={1.5} />
      <p className="text-base font-semibold">This could not be loaded</p>
      <p className="max-w-md text-ink-soft">{wordsOf(error)}</p>
      {onRetry ? (
        <Button className="mt-2" onClick={onRetry}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}

import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { Lock, MapPinOff } from "lucide-react";
import { EmptyState, ErrorState, Skeleton } from "../ui/states.tsx";

/** A right that the signed-in member of staff lacks for a screen. */
export class MissingRight extends Error {
  override readonly name = "MissingRight";
  constructor(readonly right: string) {
    super(`needs the right ${right}`);
  }
}

export function ScreenFailed({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  if (error instanceof MissingRight) {
    return (
      <EmptyState icon={Lock} title="Not for your role" isPage>
        This screen needs the right <code>{error.right}</code>. Whoever runs the shop can give it to you.
      </EmptyState>
    );
  }
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return (
    <div className="py-16">
      <ErrorState error={error} onRetry={retry} />
    </div>
  );
}

export function ScreenMissing() {
  return (
    <EmptyState
      icon={MapPinOff}
      title="There is nothing here"
      isPage
      action={
        <Link to="/" className="text-accent underline">
          Go to the start
        </Link>
      }
    >
      The address is wrong, or what stood here has gone.
    </EmptyState>
  );
}

/** For an address that belongs to no screen, so that it stands alone. */
export function AddressMissing() {
  return (
    <main className="grid min-h-dvh place-items-center">
      <ScreenMissing />
    </main>
  );
}

/** Before a screen's data is there for the first time. */
export function ScreenPending() {
  return (
    <div role="status" className="grid gap-4">
      <span className="sr-only">Loading…</span>
      <Skeleton className="h-7 w-40" />
      <Skeleton className="h-9 w-full max-w-md" />
      <Skeleton className="h-96 w-full rounded-lg" />
    </div>
  );
}

/** Before it is known who is signed in, so that nothing stands around it. */
export function AppPending() {
  return (
    <main className="p-4 md:p-8">
      <ScreenPending />
    </main>
  );
}

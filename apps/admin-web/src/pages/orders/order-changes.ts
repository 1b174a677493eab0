import { useSubscription } from "@trpc/tanstack-react-query";
import { useEffect, useRef, useState } from "react";
import { useTRPC } from "../../trpc.ts";

/** Bursts are gathered: a shop that takes a hundred orders a second redraws this screen twice. */
const GATHER_MS = 500;
/** A browser comes back by itself from a line that broke, and not from an answer such as 502, which a shop being restarted gives. */
const AGAIN_MS = 5_000;

export type Connection = "live" | "lost";

export interface OrderChanges {
  /** Ids of orders that have changed, gathered over half a second. */
  readonly onChanged: (ids: readonly string[]) => void;
  /** The connection was lost and is there again: anything may have changed meanwhile. */
  readonly onResumed: () => void;
}

/** Hears of every order that changes, as long as the screen is there. */
export function useOrderChanges(changes: OrderChanges): Connection {
  const trpc = useTRPC();
  const latest = useRef(changes);
  latest.current = changes;
  const waiting = useRef(new Set<string>());
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const [connection, setConnection] = useState<Connection>("live");
  const wasLost = useRef(false);
  const again = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(
    () => () => {
      clearTimeout(timer.current ?? undefined);
      clearTimeout(again.current ?? undefined);
    },
    [],
  );
  const lose = () => {
    wasLost.current = true;
    setConnection("lost");
  };
  const { reset } = useSubscription(
    trpc.orders.staff.changes.subscriptionOptions(undefined, {
      onData: ({ orderIds }) => {
        for (const id of orderIds) waiting.current.add(id);
        timer.current ??= setTimeout(() => {
          timer.current = null;
          const ids = [...waiting.current];
          waiting.current.clear();
          latest.current.onChanged(ids);
        }, GATHER_MS);
      },
      onConnectionStateChange: ({ state, error }) => {
        if (state === "pending") {
          setConnection("live");
          if (wasLost.current) latest.current.onResumed();
          wasLost.current = false;
        } else if (error) lose();
      },
      onError: () => {
        lose();
        again.current = setTimeout(() => reset(), AGAIN_MS);
      },
    }),
  );
  return connection;
}

import { useInfiniteQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { formatChange, formatNumber, inWords } from "../../format.ts";
import { type Outputs, useTRPC, useTRPCClient } from "../../trpc.ts";
import { Ago } from "../../ui/data.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { type Location, namesOf } from "./stock-search.ts";

type Movement = Outputs["inventory"]["movements"]["items"][number];

const PER_PAGE = 50;
const ROW_PX = 56;
const AHEAD = 8;

/** Everything that moved of a SKU, newest first. A busy SKU has hundreds of thousands, so only rows in sight are drawn. */
export function Movements({ sku, locations }: { readonly sku: string; readonly locations: readonly Location[] }) {
  const query = useMovements(sku);
  const { data, error, refetch } = query;
  const moved = data?.pages.flatMap((page) => page.items);
  const total = data?.pages[0]?.total;
  return (
    <section aria-label="Movements">
      <div className="mb-2 flex items-baseline justify-between">
        <h3 className="font-semibold">Movements</h3>
        {total === undefined ? null : <span className="text-[13px] text-ink-faint">{formatNumber(total)}</span>}
      </div>
      {moved === undefined ? (
        error ? (
          <ErrorState error={error} onRetry={refetch} />
        ) : (
          <Skeleton className="h-40" />
        )
      ) : moved.length === 0 ? (
        <p className="text-ink-soft">Nothing has moved yet.</p>
      ) : (
        <Rows
          moved={moved}
          locations={locations}
          onEnd={() => (query.hasNextPage && !query.isFetchingNextPage ? query.fetchNextPage() : undefined)}
        />
      )}
    </section>
  );
}

function useMovements(sku: string) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  return useInfiniteQuery({
    queryKey: [...trpc.inventory.movements.pathKey(), "of", sku],
    // Core takes a cursor and nothing else: tRPC's own infinite query would send a direction with it.
    queryFn: ({ pageParam, signal }) =>
      client.inventory.movements.query(
        { sku, limit: PER_PAGE, ...(pageParam ? { cursor: pageParam } : {}) },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
}

interface RowsProps {
  readonly moved: readonly Movement[];
  readonly locations: readonly Location[];
  /** The last rows have come into sight. */
  readonly onEnd: () => unknown;
}

function Rows({ moved, locations, onEnd }: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: moved.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: AHEAD,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const ended = useRef(onEnd);
  ended.current = onEnd;
  useEffect(() => {
    if (last >= moved.length - 1) void ended.current();
  }, [last, moved.length]);
  const names = namesOf(locations);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard.
    <section ref={box} tabIndex={0} aria-label="All movements" className="max-h-96 overflow-y-auto">
      <ul className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start, key }) => {
          const movement = moved[index];
          return movement ? (
            <li
              key={key}
              className="absolute inset-x-0 flex items-center justify-between gap-3 border-b border-line/70"
              style={{ height: ROW_PX, transform: `translateY(${start}px)` }}
            >
              <MovementRow movement={movement} place={names.get(movement.locationId) ?? movement.locationId} />
            </li>
          ) : null;
        })}
      </ul>
    </section>
  );
}

function MovementRow({ movement, place }: { readonly movement: Movement; readonly place: string }) {
  const changes = [
    ["on hand", movement.onHand],
    ["reserved", movement.reserved],
    ["allocated", movement.allocated],
  ] as const;
  const moved = changes.filter(([, change]) => change !== 0);
  return (
    <>
      <div className="min-w-0">
        <span className="block truncate" title={`${inWords(movement.kind)}, ${place}`}>
          <span className="font-medium">{inWords(movement.kind)}</span>
          <span className="text-[13px] text-ink-faint"> · {place}</span>
        </span>
        <span className="block truncate text-[13px] text-ink-soft" title={movement.reason ?? movement.cause}>
          {movement.reason ?? movement.actorName}
        </span>
      </div>
      <div className="shrink-0 text-right text-[13px] tabular-nums">
        {moved.map(([name, change]) => `${formatChange(change)} ${name}`).join(", ")}
        <span className="block text-ink-faint">
          <Ago at={movement.at} />
        </span>
      </div>
    </>
  );
}

import { useInfiniteQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { PageHeader, Total } from "../../shell/page-header.tsx";
import { useTRPC, useTRPCClient } from "../../trpc.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { OpenDisputeRow } from "./open-dispute-row.tsx";

const PER_PAGE = 20;
const REFRESH_MS = 60_000;

/** What payers have disputed and nobody has decided, by what has to be answered first. */
export function DisputesPage() {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useOpenDisputes();
  const disputes = data?.pages.flatMap((page) => page.items);
  return (
    <>
      <PageHeader title="Disputes" aside={<Total of={data?.pages[0]} />}>
        Open ones, the nearest deadline first.
      </PageHeader>
      <Card isFlush>
        {disputes === undefined ? (
          error ? (
            <ErrorState error={error} onRetry={refetch} />
          ) : (
            <Skeleton className="m-4 h-40" />
          )
        ) : disputes.length === 0 ? (
          <EmptyState icon={ShieldCheck} title="No open disputes">
            When a payer asks their bank or PayPal for their money back, it stands here until it is decided.
          </EmptyState>
        ) : (
          <ul aria-label="Open disputes" className="divide-y divide-line">
            {disputes.map((dispute) => (
              <OpenDisputeRow key={`${dispute.provider} ${dispute.reference}`} dispute={dispute} />
            ))}
          </ul>
        )}
      </Card>
      {hasNextPage ? (
        <div className="mt-4 flex justify-center">
          <Button isBusy={isFetchingNextPage} onClick={() => fetchNextPage()}>
            Show more
          </Button>
        </div>
      ) : null}
    </>
  );
}

function useOpenDisputes() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  return useInfiniteQuery({
    queryKey: [...trpc.orders.staff.openDisputes.pathKey(), "pages"],
    // Core takes a cursor and nothing else: tRPC's own infinite query would send a direction with it.
    queryFn: ({ pageParam, signal }) =>
      client.orders.staff.openDisputes.query(
        { limit: PER_PAGE, ...(pageParam ? { cursor: pageParam } : {}) },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: REFRESH_MS,
  });
}

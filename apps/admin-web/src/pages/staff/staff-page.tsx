import { useQuery } from "@tanstack/react-query";
import { PageHeader } from "../../shell/page-header.tsx";
import { useTRPC } from "../../trpc.ts";
import { Card } from "../../ui/card.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { ColleagueRow } from "./colleague-row.tsx";

/** Who runs the shop, what they may do, and by what they sign in. */
export function StaffPage() {
  const trpc = useTRPC();
  const { data, error, refetch } = useQuery(trpc.users.staff.list.queryOptions());
  const security = useQuery(trpc.users.staff.security.get.queryOptions());
  return (
    <>
      <PageHeader title="Staff">{security.data ? demands[security.data.secondFactor] : "How they sign in"}</PageHeader>
      <Card isFlush>
        {error && !data ? <ErrorState error={error} onRetry={refetch} /> : null}
        {data || error ? null : <Skeleton className="m-4 h-40" />}
        {data ? (
          <ul aria-label="Staff" className="divide-y divide-line">
            {data.items.map((colleague) => (
              <ColleagueRow key={colleague.id} colleague={colleague} />
            ))}
          </ul>
        ) : null}
      </Card>
    </>
  );
}

const demands = {
  optional: "A second factor is everybody's own choice.",
  required: "Nobody gets in without a second factor.",
} as const;

import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleX } from "lucide-react";
import { formatDuration, formatNumber, inWords } from "../../format.ts";
import { PageHeader } from "../../shell/page-header.tsx";
import { type Outputs, useTRPC } from "../../trpc.ts";
import { Badge } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { cn } from "../../ui/cn.ts";
import { Ago } from "../../ui/data.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { DeadLetters } from "./dead-letters.tsx";
import { StuckSagas } from "./stuck-sagas.tsx";

type Health = Outputs["system"]["health"];

const REFRESH_MS = 5_000;
/** Messages leave within a second when all is well. */
const LAG_WARN_SECONDS = 30;

/** How the shop itself is doing, and what can be done where it is not. */
export function SystemPage() {
  const trpc = useTRPC();
  const { data, error, refetch, dataUpdatedAt } = useQuery({
    ...trpc.system.health.queryOptions(),
    refetchInterval: REFRESH_MS,
  });
  return (
    <>
      <PageHeader
        title="System"
        aside={data ? <Verdict health={data} /> : null}
        actions={
          data ? (
            <span className="text-[13px] text-ink-faint">
              Checked <Ago key={dataUpdatedAt} at={dataUpdatedAt} />
            </span>
          ) : null
        }
      />
      {error ? (
        <Card className="mb-4" isFlush>
          <ErrorState error={error} onRetry={refetch} />
        </Card>
      ) : null}
      {data ? <Sections health={data} /> : error ? null : <Skeleton className="h-64 rounded-lg" />}
    </>
  );
}

function Sections({ health }: { readonly health: Health }) {
  return (
    <div className="grid gap-4">
      <Dependencies checks={health.dependencies.checks} />
      <Outbox outbox={health.outbox} />
      <StuckSagas sagas={health.stuck} />
      <DeadLetters open={health.outbox.deadLetters} />
    </div>
  );
}

function Verdict({ health: { dependencies, outbox, stuck } }: { readonly health: Health }) {
  if (!dependencies.ok) return <Badge tone="bad">A dependency is down</Badge>;
  const isBehind = outbox.lagSeconds > LAG_WARN_SECONDS;
  if (stuck.length > 0 || outbox.deadLetters > 0 || isBehind) return <Badge tone="warn">Needs attention</Badge>;
  return <Badge tone="good">All is well</Badge>;
}

function Dependencies({ checks }: { readonly checks: Health["dependencies"]["checks"] }) {
  return (
    <Card title="Dependencies" isFlush>
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(10.5rem,1fr))] border-t border-line">
        {Object.entries(checks).map(([name, { ok, latencyMs, reason }]) => {
          const Icon = ok ? CircleCheck : CircleX;
          return (
            <li key={name} className="flex items-center gap-2.5 px-4 py-3">
              <Icon aria-hidden="true" className={cn("size-5 shrink-0", ok ? "text-good" : "text-bad")} />
              <div className="min-w-0">
                <p className="truncate font-medium">{inWords(name)}</p>
                <p className="text-[13px] text-ink-soft tabular-nums">
                  {ok ? `Up, ${formatDuration(latencyMs)}` : `Down: ${reason ?? "failed"}`}
                </p>
              </div>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

function Outbox({ outbox }: { readonly outbox: Health["outbox"] }) {
  const isBehind = outbox.lagSeconds > LAG_WARN_SECONDS;
  const figures = [
    ["Waiting to be sent", formatNumber(outbox.waiting), outbox.waiting > 0 && isBehind],
    ["Oldest of them", outbox.waiting === 0 ? "–" : formatDuration(outbox.lagSeconds * 1_000), isBehind],
    ["Dead letters", formatNumber(outbox.deadLetters), outbox.deadLetters > 0],
  ] as const;
  return (
    <Card title="Messages" isFlush>
      <dl className="grid grid-cols-3 gap-px border-t border-line bg-line">
        {figures.map(([term, value, isBad]) => (
          <div key={term} className="bg-surface px-4 py-3">
            <dt className="text-[13px] text-ink-soft">{term}</dt>
            <dd className={cn("text-lg font-semibold tabular-nums", isBad && "text-warn")}>{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleX } from "lucide-react";
import { formatDuration, formatNumber, inWords } from "../../format.ts";
import { PageHeader } from "../../shell/page-header.tsx";
import { useTRPC } from "../../trpc.ts";
import { Badge } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { cn } from "../../ui/cn.ts";
import { Ago } from "../../ui/data.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { DeadLetters } from "./dead-letters.tsx";
import { Figures } from "./figures.tsx";
import { type Health, isOutboxBehind, verdictOf } from "./health.ts";
import { Mail } from "./mail.tsx";
import { PaymentProviders } from "./payment-providers.tsx";
import { StuckSagas } from "./stuck-sagas.tsx";

const REFRESH_MS = 5_000;

const verdicts = {
  well: <Badge tone="good">All is well</Badge>,
  attention: <Badge tone="warn">Needs attention</Badge>,
  down: <Badge tone="bad">Something is down</Badge>,
} as const;

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
        aside={data ? verdicts[verdictOf(data)] : null}
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
    <div className="grid grid-cols-1 gap-4">
      <Dependencies checks={health.dependencies.checks} />
      <PaymentProviders providers={health.providers} />
      <Mail mail={health.mail} />
      <Outbox outbox={health.outbox} />
      <StuckSagas sagas={health.stuck} />
      <DeadLetters open={health.outbox.deadLetters} />
    </div>
  );
}

function Dependencies({ checks }: { readonly checks: Health["dependencies"]["checks"] }) {
  return (
    <Card title="Dependencies" isFlush>
      <ul className="grid grid-cols-[repeat(auto-fit,minmax(10.5rem,1fr))] border-t border-line">
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
  const { waiting, lagSeconds, deadLetters } = outbox;
  const isBehind = isOutboxBehind(outbox);
  return (
    <Card title="Messages" isFlush>
      <Figures
        figures={[
          { term: "Waiting to be sent", value: formatNumber(waiting), isBad: waiting > 0 && isBehind },
          { term: "Oldest of them", value: waiting === 0 ? "–" : formatDuration(lagSeconds * 1_000), isBad: isBehind },
          { term: "Dead letters", value: formatNumber(deadLetters), isBad: deadLetters > 0 },
        ]}
      />
    </Card>
  );
}

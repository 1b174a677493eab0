import { formatNumber, inWords } from "../../format.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { Ago } from "../../ui/data.tsx";
import { Figures } from "./figures.tsx";
import type { Health } from "./health.ts";

type Provider = Health["providers"][number];

const circuits: Readonly<Record<Provider["breaker"], readonly [tone: Tone, name: string]>> = {
  closed: ["good", "Circuit closed"],
  half_open: ["warn", "Circuit half open: one call is tried"],
  open: ["bad", "Circuit open: calls are refused for now"],
};

/** Whether the payment providers answer, and what is left to do with them. */
export function PaymentProviders({ providers }: { readonly providers: readonly Provider[] }) {
  return (
    <Card title="Payment providers" isFlush={providers.length > 0}>
      {providers.length === 0 ? (
        <p className="text-ink-soft">None is set up; orders are paid for by hand.</p>
      ) : (
        <ul>
          {providers.map((provider) => (
            <ProviderHealth key={provider.provider} provider={provider} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function ProviderHealth({ provider }: { readonly provider: Provider }) {
  const { answeredAt, failure, running, waiting, unappliedEvents, openRefunds } = provider;
  const [tone, circuit] = circuits[provider.breaker];
  return (
    <li>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-4 py-2.5">
        <p className="font-medium">{inWords(provider.provider)}</p>
        <Badge tone={tone}>{circuit}</Badge>
        {failure ? (
          <p className="min-w-0 text-[13px] break-words text-ink-soft">
            Last failure <Ago at={failure.at} />: call “{inWords(failure.operation).toLowerCase()}”
            {failure.code === null ? "" : `, ${failure.code}`}
          </p>
        ) : null}
      </div>
      <Figures
        figures={[
          { term: "Last answer", value: answeredAt ? <Ago at={answeredAt} /> : "None since start" },
          { term: "Calls under way", value: waiting > 0 ? `${running}, ${waiting} waiting` : running },
          { term: "News to be applied", value: formatNumber(unappliedEvents) },
          { term: "Open refunds", value: formatNumber(openRefunds) },
        ]}
      />
    </li>
  );
}

import type { Money } from "@stoa/kernel";
import type { ReactNode } from "react";
import { counted, formatDuration, inWords } from "../../format.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Ago, Amount, CopyId } from "../../ui/data.tsx";
import { Disclosure } from "../../ui/disclosure.tsx";
import type { Payment } from "./order.ts";

/** What the provider has said about the payment, and what became of refunds. */
export function PaymentFacts({ payment: { events, refunds } }: { readonly payment: Payment }) {
  const amountOf = (amount: Money | null) => (amount === null ? null : <Amount value={amount} />);
  const count = events.length + refunds.length;
  if (count === 0) return null;
  return (
    <Disclosure summary={`Events (${count})`}>
      <ul className="grid gap-2">
        {events.map((event) => (
          <Entry key={`${event.type}-${event.reference}`} at={event.at} amount={amountOf(event.amount)}>
            {inWords(event.type)} <CopyId id={event.reference} />
          </Entry>
        ))}
        {refunds.map((refund) => (
          <Entry key={refund.id} at={refund.at} amount={amountOf(refund.amount)}>
            Refund: {inWords(refund.state)} {refund.reason ? `(${refund.reason})` : null} <CopyId id={refund.id} />
          </Entry>
        ))}
      </ul>
    </Disclosure>
  );
}

interface EntryProps {
  readonly at: string;
  readonly amount: ReactNode;
  readonly children: ReactNode;
}

function Entry({ at, amount, children }: EntryProps) {
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-3">
      <span className="min-w-0">{children}</span>
      <span className="text-[13px] text-ink-soft">
        {amount} <Ago at={at} />
      </span>
    </li>
  );
}

const outcomeTones: Readonly<Record<Payment["calls"][number]["outcome"], Tone>> = {
  ok: "good",
  declined: "warn",
  rejected: "bad",
  unknown: "bad",
  not_sent: "neutral",
};

/** Each call to the provider, newest first: what was asked, how it ended, how long it took. */
export function PaymentCalls({ calls }: { readonly calls: Payment["calls"] }) {
  if (calls.length === 0) return null;
  return (
    <Disclosure summary={counted(calls.length, "provider call")}>
      <div className="overflow-x-auto">
        <table aria-label="Provider calls" className="w-full text-[13px]">
          <thead>
            <tr className="text-left text-[12px] text-ink-soft">
              {["Operation", "Outcome", "Status", "Took", "When"].map((name) => (
                <th key={name} scope="col" className="py-1 pr-3 font-medium last:pr-0 last:text-right">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {calls.map((call) => (
              <tr key={`${call.key}-${call.at}-${call.operation}`} className="border-t border-line/70">
                <td className="py-1 pr-3" title={call.key ?? undefined}>
                  {inWords(call.operation)}
                </td>
                <td className="py-1 pr-3">
                  <Badge tone={outcomeTones[call.outcome]}>{inWords(call.outcome)}</Badge>
                  {call.code ? <code className="ml-1.5 text-[12px] text-ink-soft">{call.code}</code> : null}
                </td>
                <td className="py-1 pr-3 tabular-nums">{call.status ?? "–"}</td>
                <td className="py-1 pr-3 whitespace-nowrap tabular-nums">{formatDuration(call.latencyMs)}</td>
                <td className="py-1 text-right">
                  <Ago at={call.at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Disclosure>
  );
}

import { inWords } from "../../format.ts";
import { cn } from "../../ui/cn.ts";
import { Ago } from "../../ui/data.tsx";
import type { Saga, SagaWait } from "./saga.ts";

/** Why a run of a plan does not go on just now, and when it looks again. */
export function SagaWaitNote({ saga }: { readonly saga: Saga }) {
  const { waits } = saga;
  if (!waits) return null;
  const isFailing = waits.for === "failure";
  return (
    <div
      className={cn(
        "rounded-md px-3 py-2 text-[13px]",
        isFailing ? "bg-warn-soft text-warn" : "bg-sunken text-ink-soft",
      )}
    >
      <p>
        {waitWords(waits)} {isFailing ? "Tried again" : "Looks again"} <Ago at={waits.until} />.
      </p>
      {waits.error ? <p className="mt-1 font-mono text-[12px] break-words">{waits.error}</p> : null}
    </div>
  );
}

/** The same over the whole order, so that nobody has to look for it. */
export function OrderWaits({ sagas }: { readonly sagas: readonly Saga[] }) {
  const waiting = sagas.filter(({ waits }) => waits !== null);
  if (waiting.length === 0) return null;
  return (
    <section aria-label="What this order waits for" className="rounded-lg border border-line bg-surface px-4 py-3">
      <ul className="grid gap-3">
        {waiting.map((saga) => (
          <li key={saga.id} className="grid gap-1">
            <h2 className="font-medium">{inWords(saga.type)} waits</h2>
            <SagaWaitNote saga={saga} />
          </li>
        ))}
      </ul>
    </section>
  );
}

const words: Readonly<Record<string, string>> = {
  refund: "The provider has yet to say that the money is back.",
  refused_refund: "The provider will not give the money back. It is asked again; staff can settle it otherwise.",
  capture: "The money is just being taken.",
  checkout: "The checkout has to come to its end first.",
  stuck_checkout: "The checkout is stuck: try that again first.",
  shopper: "The shopper has yet to confirm the payment.",
  payment: "The provider has yet to decide about the payment.",
};

export function waitWords({ for: reason, step }: Pick<SagaWait, "for" | "step">): string {
  if (reason === "failure") return `The step “${inWords(step)}” could not be done.`;
  return words[reason] ?? "It waits for news.";
}

import { formatDay, inWords } from "../../format.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Amount, CopyId } from "../../ui/data.tsx";
import { AnswerDispute } from "./answer-dispute.tsx";
import type { Payment } from "./order.ts";

export type Dispute = Payment["disputes"][number];

const tones: Readonly<Record<Dispute["state"], Tone>> = {
  opened: "warn",
  evidence_sent: "info",
  won: "good",
  lost: "bad",
};

/** What the payer has disputed, whose turn it is, and by when. */
export function PaymentDisputes({ payment }: { readonly payment: Payment }) {
  return payment.disputes.map((dispute) => (
    <section
      key={dispute.reference}
      aria-label={`Dispute ${dispute.reference}`}
      className="grid gap-2 rounded-md border border-line bg-sunken p-3"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h4 className="font-medium">
          Dispute over <Amount value={dispute.amount} />
        </h4>
        <Badge tone={tones[dispute.state]}>{inWords(dispute.state)}</Badge>
        <CopyId id={dispute.reference} />
      </div>
      <p className="text-ink-soft">
        {dispute.reason ? `Because: ${inWords(dispute.reason.toLowerCase())}. ` : null}
        {standingOf(dispute)}
      </p>
      {dispute.evidence ? (
        <blockquote className="border-l-2 border-line-strong pl-3 break-words whitespace-pre-line text-ink-soft">
          {dispute.evidence}
        </blockquote>
      ) : null}
      {dispute.state === "opened" ? <AnswerDispute provider={payment.provider} reference={dispute.reference} /> : null}
    </section>
  ));
}

/** Where the money is, and what comes next. */
export function standingOf({ state, dueAt }: Pick<Dispute, "state" | "dueAt">): string {
  switch (state) {
    case "opened":
      return `The money has been taken back. Answer ${dueAt ? `by ${formatDay(dueAt)}` : "soon"}, or it is lost.`;
    case "evidence_sent":
      return "The answer is with the provider, which decides; that may take weeks.";
    case "won":
      return "Decided for the shop: the money is back.";
    case "lost":
      return "Decided for the payer: the money is gone. Do not refund it as well.";
  }
}

import { Link } from "@tanstack/react-router";
import { formatDay, inWords } from "../../format.ts";
import type { Outputs } from "../../trpc.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Ago, Amount, CopyId } from "../../ui/data.tsx";
import { AnswerDispute } from "../orders/answer-dispute.tsx";

export type OpenDispute = Outputs["orders"]["staff"]["openDisputes"]["items"][number];

const SOON_MS = 3 * 24 * 60 * 60 * 1_000;

/** One dispute: over how much of which order, why, and until when to answer. */
export function OpenDisputeRow({ dispute }: { readonly dispute: OpenDispute }) {
  const { provider, reference, amount, orderId, orderNumber, reason, openedAt } = dispute;
  const { tone, words } = urgencyOf(dispute, Date.now());
  return (
    <li
      aria-label={`Dispute ${reference}`}
      className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3 px-4 py-3"
    >
      <div className="grid min-w-0 flex-1 basis-72 gap-1">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="font-medium">
            <Amount value={amount} />
          </span>
          <Badge tone={tone}>{words}</Badge>
        </div>
        <p className="text-[13px] text-ink-soft">
          <Link to="/orders/$orderId" params={{ orderId }} className="text-accent hover:underline">
            {orderNumber ? `Order ${orderNumber}` : "Its order"}
          </Link>
          {` · ${inWords(provider)}`}
          {reason ? ` · ${inWords(reason.toLowerCase())}` : null}
        </p>
        <p className="flex flex-wrap items-center gap-x-1 text-[13px] text-ink-faint">
          <CopyId id={reference} /> · opened <Ago at={openedAt} />
        </p>
      </div>
      {dispute.state === "opened" ? <AnswerDispute provider={provider} reference={reference} /> : null}
    </li>
  );
}

/** Whose turn it is and until when, and how much that presses. */
export function urgencyOf(
  { state, dueAt }: Pick<OpenDispute, "state" | "dueAt">,
  now: number,
): { readonly tone: Tone; readonly words: string } {
  if (state !== "opened") return { tone: "info", words: "Answered, not decided" };
  if (dueAt === null) return { tone: "warn", words: "Answer soon" };
  const left = Date.parse(dueAt) - now;
  if (left <= 0) return { tone: "bad", words: `Was to be answered by ${formatDay(dueAt)}` };
  return { tone: left < SOON_MS ? "bad" : "warn", words: `Answer by ${formatDay(dueAt)}` };
}

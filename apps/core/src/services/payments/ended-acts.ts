import { type DescribedActor, describeActor } from "../../platform/rpc/index.ts";
import type { FactType } from "./payment.ts";
import type { PaymentRow } from "./record-news.ts";

/**
 * What somebody did with a payment by hand, told when it has come to its end: by their own call, by the sweep that took it up after
 * their process died, or by the provider's news, whichever came first.
 */
export interface EndedAct {
  /** `lapsed`: the provider has let go of all that it held, nothing had been taken, and nobody had asked for that. */
  readonly type: Extract<FactType, "captured" | "voided"> | "lapsed";
  readonly by: DescribedActor;
}

type Standing = Pick<PaymentRow, "captured" | "held" | "captureTo" | "captureBy" | "letGoBy" | "releaseRequestedAt">;

const providerActor = describeActor({ kind: "system", name: "payment provider" });

/** Whose acts a change of a payment has ended. What the provider has refused was no act. */
export function endedActs(before: Standing, after: Standing): EndedAct[] {
  const isTaken = after.captureTo === null && after.captured > before.captured;
  const isLetGo = before.held > 0 && after.held === 0 && after.captured === before.captured;
  const isUnasked = before.letGoBy === null && before.releaseRequestedAt === null;
  return [
    ...(before.captureBy && isTaken ? [{ type: "captured", by: before.captureBy } as const] : []),
    ...(before.letGoBy && isLetGo ? [{ type: "voided", by: before.letGoBy } as const] : []),
    ...(isLetGo && isUnasked && after.captured === 0 ? [{ type: "lapsed", by: providerActor } as const] : []),
  ];
}

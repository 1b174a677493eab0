import type { PaymentId } from "@stoa/kernel";
import { recordAudit } from "../../platform/audit/index.ts";
import { isFirst } from "../../platform/outbox/index.ts";
import type { RpcContext, StaffActor } from "../../platform/rpc/index.ts";
import type { VerbContext } from "./attempt.ts";

export type StaffContext = RpcContext & { readonly actor: StaffActor };

export interface PaymentEntry {
  readonly action: string;
  readonly paymentId: PaymentId | null;
  readonly after: unknown;
}

/** Records in the audit log what staff did with a payment, in the caller's transaction. */
export function auditPayment(
  { tx, now }: VerbContext,
  { actor, requestId }: StaffContext,
  { action, paymentId, after }: PaymentEntry,
): Promise<void> {
  return recordAudit(tx, { at: now, actor, action, entity: "payment", entityId: paymentId ?? "", after, requestId });
}

/**
 * Records that staff have asked for an act, once for its cause. It belongs to the transaction that puts the act on record: whatever
 * ends it then, and should the process of whoever asked die, the log knows whose it was.
 */
export async function auditAsked(
  context: VerbContext,
  staff: StaffContext,
  { cause, ...entry }: PaymentEntry & { readonly cause: string },
): Promise<void> {
  const asked = { consumer: "payments.asked-by-hand", messageId: cause, now: context.now };
  if (await isFirst(context.tx, asked)) await auditPayment(context, staff, entry);
}

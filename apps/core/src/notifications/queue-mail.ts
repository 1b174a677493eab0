import { type CustomerId, type EmailId, type Instant, newId, type OrderId } from "@stoa/kernel";
import { onCommit, type Transaction } from "../platform/db/index.ts";
import type { AccountMailKind, OrderMailKind, StaffMailKind } from "./kinds.ts";
import { email, type MailData } from "./tables.ts";

export interface OrderMail {
  readonly kind: OrderMailKind;
  readonly cause: string;
  readonly orderId: OrderId;
  readonly data?: MailData;
  readonly resendOf?: EmailId;
  readonly requestedBy?: string;
}

export interface AccountMail {
  readonly kind: AccountMailKind;
  readonly cause: string;
  readonly userId: string;
  readonly customerId: CustomerId | null;
  readonly data: MailData;
}

export interface StaffMail {
  readonly kind: StaffMailKind;
  readonly cause: string;
  readonly data: MailData;
}

/** Told after the commit that a mail is owed; what it misses, the sweep finds. */
export type MailNudge = () => void;

/**
 * Owes a mail, once for each kind and cause: whoever comes second changes nothing and answers null.
 * The cause being unique is what makes it once; no inbox is needed beside it.
 */
export async function queueMail(
  { tx, now, nudge }: { readonly tx: Transaction; readonly now: Instant; readonly nudge: MailNudge },
  mail: OrderMail | AccountMail | StaffMail,
): Promise<EmailId | null> {
  const id = newId("eml");
  const { data = {}, ...rest } = mail;
  const written = await tx
    .insert(email)
    .values({ ...rest, id, data, state: "queued", availableAt: now, createdAt: now })
    .onConflictDoNothing()
    .returning({ id: email.id });
  if (written.length === 0) return null;
  onCommit(tx, nudge);
  return id;
}

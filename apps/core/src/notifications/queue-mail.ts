import { type CustomerId, type EmailId, type Instant, newId, type OrderId } from "@stoa/kernel";
import { type Database, onCommit, prepared, type Transaction, type ValueOf } from "../platform/db/index.ts";
import type { AccountMailKind, AccountNoticeKind, OrderMailKind, StaffMailKind } from "./kinds.ts";
import { type EmailRow, email, type MailData } from "./tables.ts";

export interface OrderMail {
  readonly kind: OrderMailKind;
  readonly cause: string;
  readonly orderId: OrderId;
  readonly data?: MailData;
  readonly resendOf?: EmailId;
  readonly requestedBy?: string;
}

/** Asks for a payment of what is no order yet. */
export interface RequestMail {
  readonly kind: "payment_requested";
  readonly cause: string;
  readonly data: MailData;
}

export interface AccountMail {
  readonly kind: AccountMailKind;
  readonly cause: string;
  readonly userId: string;
  readonly customerId: CustomerId | null;
  readonly data: MailData;
}

/** Tells somebody what was done to their account. */
export interface AccountNotice {
  readonly kind: AccountNoticeKind;
  readonly cause: string;
  readonly userId: string;
}

export interface StaffMail {
  readonly kind: StaffMailKind;
  readonly cause: string;
  readonly data: MailData;
}

/** Told after the commit that a mail is owed; what it misses, the sweep finds. */
export type MailNudge = () => void;

type NewMail = Pick<
  EmailRow,
  "id" | "kind" | "cause" | "orderId" | "customerId" | "userId" | "data" | "resendOf" | "requestedBy" | "createdAt"
>;

/** What a mail has that its kind does not name. */
const unnamed = { orderId: null, customerId: null, userId: null, data: {}, resendOf: null, requestedBy: null };

const insertMail = prepared((db, value: ValueOf<NewMail>) =>
  db
    .insert(email)
    .values({
      id: value("id"),
      kind: value("kind"),
      cause: value("cause"),
      orderId: value("orderId"),
      customerId: value("customerId"),
      userId: value("userId"),
      data: value("data"),
      resendOf: value("resendOf"),
      requestedBy: value("requestedBy"),
      state: "queued",
      availableAt: value("createdAt"),
      createdAt: value("createdAt"),
    })
    .onConflictDoNothing()
    .returning({ id: email.id }),
);

/**
 * Owes a mail, once for each kind and cause: whoever comes second changes nothing and answers null.
 * The cause being unique is what makes it once; no inbox is needed beside it.
 */
export async function queueMail(
  { db, now, nudge }: { readonly db: Database | Transaction; readonly now: Instant; readonly nudge: MailNudge },
  mail: OrderMail | RequestMail | AccountMail | AccountNotice | StaffMail,
): Promise<EmailId | null> {
  const id = newId("eml");
  const written = await insertMail(db, { ...unnamed, ...mail, id, createdAt: now });
  if (written.length === 0) return null;
  onCommit(db, nudge);
  return id;
}

import { type Clock, type EmailId, problem } from "@stoa/kernel";
import { recordAudit } from "../platform/audit/index.ts";
import { type Database, transact } from "../platform/db/index.ts";
import { replayable } from "../platform/idempotency/index.ts";
import type { StaffActor } from "../platform/rpc/index.ts";
import { isOrderMail } from "./kinds.ts";
import { findMail, type MailView, viewOf } from "./queries.ts";
import { type MailNudge, queueMail } from "./queue-mail.ts";

export interface ResendDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly nudge: MailNudge;
}

export interface ResendMail {
  readonly emailId: EmailId;
  readonly actor: StaffActor;
  /** Names this one wish: the same call made twice sends one mail. */
  readonly requestId: string;
  /** So does the same key, which is answered with the mail of the first time. */
  readonly idempotencyKey?: string | null;
}

/**
 * Sends a mail once more, as a mail of its own that says of which it is the repetition and who asked.
 * @throws problem `not_found`; `state_conflict` for an account mail, whose link is gone, and for one that is still on its way.
 */
export async function resendMail({ db, clock, nudge }: ResendDeps, input: ResendMail): Promise<MailView> {
  const { emailId, actor, requestId, idempotencyKey = null } = input;
  const now = clock.now();
  const original = await findMail(db, emailId);
  const { kind, orderId, data, state } = original;
  if (!isOrderMail(kind) || orderId === null) {
    throw problem("state_conflict", { detail: "A mail with a personal link is asked for anew by its owner." });
  }
  if (state === "queued" || state === "failed") {
    throw problem("state_conflict", { detail: "This mail is still on its way." });
  }
  const scope = `${actor.staffId}:mail.resent`;
  const id = await transact(db, async (tx) => {
    const keyed = { tx, now, scope, key: idempotencyKey, request: { emailId } };
    const { value } = await replayable<EmailId | null>(keyed, async () => {
      const cause = `resend:${emailId}:${requestId}`;
      const mail = { kind, cause, orderId, data, resendOf: emailId, requestedBy: actor.name };
      const queued = await queueMail({ db: tx, now, nudge }, mail);
      if (queued === null) return null;
      const after = { emailId: queued, kind, resendOf: emailId };
      const entry = { action: "mail.resent", entity: "order", entityId: orderId, after, requestId };
      await recordAudit(tx, { at: now, actor, ...entry });
      return queued;
    });
    return value;
  });
  if (id === null) throw problem("state_conflict", { detail: "This mail has just been sent again." });
  return viewOf(await findMail(db, id));
}

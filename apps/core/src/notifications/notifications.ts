import type { Clock, Instant } from "@stoa/kernel";
import { and, eq, gte, sql } from "drizzle-orm";
import { type Database, transact } from "../platform/db/index.ts";
import { createMailConsumers } from "./consumers.ts";
import type { MailSources } from "./facts.ts";
import type { AccountMailKind } from "./kinds.ts";
import { Mailer, type MailObserver } from "./mailer.ts";
import { type AccountMail, queueMail } from "./queue-mail.ts";
import type { NotificationsRouterDeps } from "./router.ts";
import { email } from "./tables.ts";
import { type LowStock, tellLowStock } from "./tell-low-stock.ts";
import type { MailTransport } from "./transport.ts";

export interface NotificationsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly sources: MailSources;
  readonly transport: MailTransport | null;
  readonly random: () => number;
  readonly gatherMs: number;
  readonly observe: MailObserver;
}

export type Notifications = ReturnType<typeof createNotifications>;

export interface AccountMailRequest {
  readonly kind: AccountMailKind;
  readonly userId: string;
  readonly customerId: AccountMail["customerId"];
  readonly url: string;
  /** What makes the link this one and no other. */
  readonly token: string;
}

const HOUR_MS = 60 * 60 * 1_000;
/** A mail server that does not answer must not keep core from stopping. */
const STOP_MS = 5_000;
/** More would help nobody but one who wants to bury a person under mails. */
const ACCOUNT_MAILS_PER_HOUR_MAX = 6;

/** Everything that writes to people. It lives on messages and on what is given to it, and knows no service. */
export function createNotifications(deps: NotificationsDeps) {
  const { db, clock, sources } = deps;
  const mailer = new Mailer(deps);
  const nudge = () => mailer.nudge();
  const routerDeps: NotificationsRouterDeps = { db, clock, sources, nudge };
  return {
    /** Handlers of queue messages, by type. */
    consumers: createMailConsumers({ db, clock, nudge }),
    router: routerDeps,
    /** Owes an account mail; beyond six an hour of one kind for one account it does nothing. */
    sendAccountMail: (request: AccountMailRequest) => sendAccountMail({ db, clock, nudge }, request),
    /** Owes staff a mail for each fresh alert; telling one again owes nothing. */
    tellLowStock: (alerts: readonly LowStock[]) => tellLowStock({ db, clock, nudge }, alerts),
    sweep: () => mailer.sweep(),
    idle: () => mailer.idle(),
    async [Symbol.asyncDispose]() {
      await atMost(STOP_MS, mailer.idle());
      deps.transport?.close();
    },
  };
}

/** Waits for work, but no longer than that: what is cut off keeps its claim and is sent by whoever comes next. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

async function sendAccountMail(
  { db, clock, nudge }: Pick<NotificationsDeps, "db" | "clock"> & { readonly nudge: () => void },
  { kind, userId, customerId, url, token }: AccountMailRequest,
): Promise<void> {
  const now = clock.now();
  const since = (now - HOUR_MS) as Instant;
  await transact(db, async (tx) => {
    const recent = and(eq(email.userId, userId), eq(email.kind, kind), gte(email.createdAt, since));
    const [counted] = await tx.select({ total: sql<number>`count(*)::int` }).from(email).where(recent);
    if ((counted?.total ?? 0) >= ACCOUNT_MAILS_PER_HOUR_MAX) return;
    // The token is a secret; its hash is enough to know it again.
    const cause = new Bun.CryptoHasher("sha256").update(token).digest("hex");
    await queueMail({ db: tx, now, nudge }, { kind, cause, userId, customerId, data: { url } });
  });
}

import { type Clock, type Instant, isId, type OrderId, statesBefore } from "@stoa/kernel";
import { and, eq, inArray, isNull, lte, or, sql } from "drizzle-orm";
import { prepared, type ValueOf } from "../platform/db/index.ts";
import { gate } from "../platform/gates.ts";
import { renderHtml } from "./content/render-html.ts";
import { renderText } from "./content/render-text.ts";
import { type GatherDeps, gatherMail, type MailStyle, type Orders, readMailStyle } from "./gather.ts";
import { keepTryingMs, type MailKind, type MailState, mailStateTable, UNWANTED } from "./kinds.ts";
import { type EmailRow, email } from "./tables.ts";
import type { MailTransport } from "./transport.ts";
import { judgeFailure, type Verdict, withoutAddresses } from "./try-again.ts";

export interface MailerOptions extends GatherDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** How long a nudge waits for more to come, in milliseconds: mails that leave together are looked up together. */
  readonly gatherMs: number;
  /** Null where no mail server is named: mails stay queued until one is. */
  readonly transport: MailTransport | null;
  readonly observe: MailObserver;
}

export interface MailObserver {
  sent(kind: MailKind, waitedMs: number): void;
  /** The mail is tried again. */
  failed(row: Pick<EmailRow, "id" | "kind" | "orderId" | "attempts">, error: string): void;
  /** The mail is not to be sent any more. */
  unwanted(row: Pick<EmailRow, "id" | "kind" | "orderId" | "attempts">): void;
  /** The mail is given up. */
  dead(row: Pick<EmailRow, "id" | "kind" | "orderId" | "attempts">, error: string): void;
}

/** What is left out stays as it is; the error goes. */
type Outcome = Pick<EmailRow, "state"> &
  Partial<Pick<EmailRow, "sentAt" | "receipt" | "lastError" | "availableAt" | "customerId">>;

const BATCH = 10;
/** Longer than gathering and every time-out of the transport take together. */
const CLAIM_MS = 90_000;

/**
 * Sends what is owed. A claim is a lease: who dies with it leaves the mail to the next sweep, which sends it with the same
 * Message-ID. So every mail is sent at least once, and a repetition can be recognised.
 */
export class Mailer {
  #working: Promise<void> | null = null;
  #isNudged = false;

  constructor(readonly options: MailerOptions) {}

  /** Something is owed; sends it without anybody waiting. Never throws. */
  nudge(): void {
    this.#isNudged = true;
    this.#working ??= this.#drain().finally(() => {
      this.#working = null;
    });
  }

  /** Waits until what was nudged has been tried. */
  async idle(): Promise<void> {
    while (this.#working) await this.#working;
  }

  /** Tries what is due. Answers how many mails it took. */
  async sweep(): Promise<number> {
    const { transport, db, sources } = this.options;
    if (!transport) return 0;
    const rows = await this.#claim();
    if (rows.length === 0) return 0;
    await gate("mail:claimed");
    const ids = [...new Set(rows.flatMap((row): OrderId[] => (row.orderId === null ? [] : [row.orderId])))];
    const [style, orders] = await Promise.all([
      readMailStyle(db),
      // Should one of them be damaged, each is read for itself, and only its own mail fails.
      sources.readOrders(ids).catch(() => null),
    ]);
    await Promise.all(rows.map((row) => this.#send(transport, row, { style, orders })));
    return rows.length;
  }

  async #drain(): Promise<void> {
    try {
      if (this.options.gatherMs > 0) await Bun.sleep(this.options.gatherMs);
      // What is owed while a batch is on its way would else wait for the chore.
      for (let taken = 0; this.#isNudged || taken === BATCH; ) {
        this.#isNudged = false;
        taken = await this.sweep();
      }
    } catch {
      // The chore comes by again and reports what is wrong.
    }
  }

  async #claim(): Promise<EmailRow[]> {
    const { db, clock } = this.options;
    const now = clock.now();
    const due = db
      .select({ id: email.id })
      .from(email)
      .where(
        and(
          inArray(email.state, ["queued", "failed"]),
          lte(email.availableAt, now),
          or(isNull(email.claimedUntil), lte(email.claimedUntil, now)),
        ),
      )
      .orderBy(email.availableAt)
      .limit(BATCH)
      .for("update", { skipLocked: true });
    return db
      .update(email)
      .set({ claimedUntil: (now + CLAIM_MS) as Instant, attempts: sql`${email.attempts} + 1` })
      .where(inArray(email.id, due))
      .returning();
  }

  async #send(
    transport: MailTransport,
    row: EmailRow,
    { style, orders }: { readonly style: MailStyle; readonly orders: Orders | null },
  ): Promise<void> {
    const { clock, random, observe, sources } = this.options;
    let receipt: string;
    let known: Orders;
    try {
      known = orders ?? (await sources.readOrders(row.orderId === null ? [] : [row.orderId]));
      const mail = isOver(row, clock.now()) ? null : await gatherMail(this.options, row, { style, orders: known });
      if (!mail) return await this.#letGo(row);
      const { to, replyTo, content, files } = mail;
      receipt = await transport.send({
        messageId: `${row.id}@${transport.domain}`,
        date: new Date(row.createdAt),
        to,
        replyTo,
        subject: content.subject,
        text: renderText(content),
        html: renderHtml(content),
        files,
      });
    } catch (error) {
      const { kind, createdAt, attempts } = row;
      return this.#giveUp(row, judgeFailure({ error, kind, createdAt, attempts, now: clock.now(), random: random() }));
    }
    await gate("mail:sent");
    const now = clock.now();
    const owner = row.orderId === null ? null : known.get(row.orderId)?.stored.customerId;
    const isOurs = await this.#settle(row, {
      state: "sent",
      sentAt: now,
      receipt: withoutAddresses(receipt),
      lastError: null,
      ...(isId("cus", owner) ? { customerId: owner } : {}),
    });
    if (isOurs) observe.sent(row.kind, now - row.createdAt);
  }

  /** Whom it was for has been erased, or the link that it brings is good no longer: nobody has to do anything about that. */
  async #letGo(row: EmailRow): Promise<void> {
    const isOurs = await this.#settle(row, { state: "dead", lastError: UNWANTED });
    if (isOurs) this.options.observe.unwanted(row);
  }

  async #giveUp(row: EmailRow, verdict: Verdict): Promise<void> {
    const { observe } = this.options;
    const { error } = verdict;
    const isOurs =
      verdict.kind === "again"
        ? await this.#settle(row, { state: "failed", availableAt: verdict.at, lastError: error })
        : await this.#settle(row, { state: "dead", lastError: error });
    if (isOurs) observe[verdict.kind === "again" ? "failed" : "dead"](row, error);
  }

  /** Records the outcome, unless another process has taken the mail over since. The link of an account mail goes with its end. */
  async #settle(row: EmailRow, outcome: Outcome): Promise<boolean> {
    const { state, sentAt = null, receipt = null, lastError = null, availableAt = null, customerId = null } = outcome;
    const settled = await settle(this.options.db, {
      ...{ id: row.id, attempts: row.attempts, from: statesBefore<MailState>(mailStateTable, state) },
      ...{ state, sentAt, receipt, lastError, availableAt, customerId },
      isLinkOver: state !== "failed" && row.data.url !== undefined,
    });
    return settled.length > 0;
  }
}

/** A mail that could not leave while the link that it brings was good. */
function isOver({ kind, data, createdAt }: EmailRow, now: Instant): boolean {
  return data.url !== undefined && now - createdAt > keepTryingMs(kind);
}

interface Settled
  extends Pick<EmailRow, "id" | "attempts" | "state" | "sentAt" | "receipt" | "lastError" | "customerId"> {
  readonly availableAt: Instant | null;
  readonly from: readonly MailState[];
  readonly isLinkOver: boolean;
}

const settle = prepared((db, value: ValueOf<Settled>) =>
  db
    .update(email)
    .set({
      state: value("state", email.state),
      sentAt: value("sentAt", email.sentAt),
      receipt: sql`coalesce(${value("receipt", email.receipt)}, ${email.receipt})`,
      lastError: value("lastError", email.lastError),
      availableAt: sql`coalesce(${value("availableAt", email.availableAt)}, ${email.availableAt})`,
      customerId: sql`coalesce(${value("customerId", email.customerId)}, ${email.customerId})`,
      claimedUntil: null,
      data: sql`case when ${value("isLinkOver")}::boolean then '{}'::jsonb else ${email.data} end`,
    })
    .where(
      and(
        eq(email.id, value("id", email.id)),
        eq(email.attempts, value("attempts", email.attempts)),
        sql`${email.state} = any(${value("from")})`,
      ),
    )
    .returning({ id: email.id }),
);

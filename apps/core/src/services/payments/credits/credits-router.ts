import {
  type GiftCardId,
  idSchema,
  money,
  moneySchema,
  newId,
  pageQuerySchema,
  problem,
  timestampSchema,
  toTimestamp,
} from "@stoa/kernel";
import { z } from "zod";
import { recordAudit } from "../../../platform/audit/index.ts";
import { type Transaction, transact } from "../../../platform/db/index.ts";
import { replayable } from "../../../platform/idempotency/index.ts";
import {
  customerProcedure,
  type RpcContext,
  router,
  type StaffActor,
  shopProcedure,
  staffProcedure,
} from "../../../platform/rpc/index.ts";
import type { PaymentsDeps, VerbContext } from "../attempt.ts";
import { adjustGiftCard, disableGiftCard, enableGiftCard } from "./change-gift-card.ts";
import { creditKinds } from "./credit.ts";
import { findGiftCard, findStoreCredit } from "./find-credits.ts";
import { ISSUED_AMOUNT_MAX, issueGiftCard, issueStoreCredit } from "./issue-gift-card.ts";
import { giftCardDetails, listGiftCards } from "./queries.ts";

type CreditsDeps = Pick<PaymentsDeps, "db" | "clock">;

const CODE_LENGTH_MAX = 64;
const customerId = idSchema("cus");
const oneCard = z.strictObject({ id: idSchema("gft") });
const reason = z.string().trim().min(1).max(500);
const amount = moneySchema.refine((value) => value.amount !== 0 && Math.abs(value.amount) <= ISSUED_AMOUNT_MAX, {
  path: ["amount"],
  message: `at most ${ISSUED_AMOUNT_MAX} minor units, and not 0`,
});

/** For shoppers: what is left on a card, and on their own store credit. */
export function createCreditsRouter(deps: CreditsDeps) {
  return router({
    /** Unknown, ended and mistyped codes answer alike. */
    giftCardBalance: shopProcedure
      .input(z.strictObject({ code: z.string().min(1).max(CODE_LENGTH_MAX) }))
      .query(async ({ input }) => {
        const card = await findGiftCard({ db: deps.db, now: deps.clock.now() }, input.code);
        if (!card) throw problem("not_found");
        const { last4, available, currency, expiresAt: end } = card;
        return { last4, balance: money(available, currency), ...(end !== null && { expiresAt: toTimestamp(end) }) };
      }),
    storeCredit: customerProcedure.query(async ({ ctx: { actor } }) => {
      const accounts = await findStoreCredit({ db: deps.db, now: deps.clock.now() }, actor.customerId);
      return { items: accounts.map(({ available, currency }) => ({ balance: money(available, currency) })) };
    }),
    giftCards: staffRouter(deps),
  });
}

const listed = z.strictObject({
  ...pageQuerySchema.shape,
  kind: z.enum(creditKinds).optional(),
  last4: z.string().length(4).optional(),
  customerId: customerId.optional(),
});
const issued = z.strictObject({
  amount,
  expiresAt: timestampSchema.optional(),
  customerId: customerId.optional(),
  reason: reason.optional(),
});

function staffRouter(deps: CreditsDeps) {
  const audited = auditing(deps);
  const canRead = staffProcedure("payments:read");
  const canIssue = staffProcedure("payments:refund");
  const switching = (action: string, verb: typeof disableGiftCard) =>
    canIssue.input(oneCard.extend({ reason })).mutation(({ ctx, input }) =>
      audited(ctx, action, input, async (context) => {
        await verb(context, input.id);
        return { id: input.id };
      }),
    );
  return router({
    list: canRead.input(listed).query(({ input }) => listGiftCards(deps.db, input)),
    get: canRead.input(oneCard).query(({ input }) => giftCardDetails(deps.db, input.id)),
    /** The code is in this answer and nowhere else. */
    issue: canIssue.input(issued).mutation(async ({ ctx, input }) => {
      const card = await audited(ctx, "gift_card.issued", input, (context) => issue(context, ctx.actor, input));
      if (!("code" in card)) throw toldOnce(card.id);
      return card;
    }),
    issueStoreCredit: canIssue.input(z.strictObject({ amount, customerId, reason })).mutation(({ ctx, input }) =>
      audited(ctx, "store_credit.issued", input, async (context) => ({
        id: await issueStoreCredit(context, { ...input, cause: newId("evt"), actor: ctx.actor }),
      })),
    ),
    adjust: canIssue.input(oneCard.extend({ amount, reason })).mutation(({ ctx, input }) =>
      audited(ctx, "gift_card.adjusted", input, async (context) => {
        const { id: giftCardId, amount, reason } = input;
        await adjustGiftCard(context, { giftCardId, amount, reason, actor: ctx.actor });
        return { id: giftCardId };
      }),
    ),
    disable: switching("gift_card.disabled", disableGiftCard),
    enable: switching("gift_card.enabled", enableGiftCard),
  });
}

async function issue(context: VerbContext, actor: StaffActor, input: z.infer<typeof issued>) {
  const { amount, expiresAt = null, customerId = null, reason = null } = input;
  if (expiresAt !== null && expiresAt <= context.now) throw pastDate();
  const { giftCardId: id, ...made } = await issueGiftCard(context, { amount, expiresAt, customerId, reason, actor });
  return { id, ...made };
}

function toldOnce(giftCardId: GiftCardId) {
  const detail = "This card has been issued. Its code was told once: disable the card and issue another.";
  return problem("state_conflict", { detail, giftCardId });
}

function pastDate() {
  return problem("validation_failed", { errors: [{ path: "expiresAt", message: "must lie ahead" }] });
}

/**
 * A change by staff with its line in the audit log, in one transaction, once for each idempotency key. The request is kept, the answer
 * (a code) is not: who asks for a card again is told that it has been issued.
 */
function auditing(deps: CreditsDeps) {
  return <T extends { readonly id: GiftCardId }>(
    ctx: RpcContext & { readonly actor: StaffActor },
    action: string,
    after: unknown,
    change: (context: VerbContext & { readonly tx: Transaction }) => Promise<T>,
  ): Promise<T | { readonly id: GiftCardId }> => {
    const now = deps.clock.now();
    const { actor, requestId, idempotencyKey: key } = ctx;
    return transact(deps.db, async (tx) => {
      const fresh: { changed?: T } = {};
      const { value } = await replayable(
        { tx, now, scope: `${actor.staffId}:${action}`, key, request: after },
        async () => {
          const changed = await change({ tx, now });
          fresh.changed = changed;
          const entity = { entity: "gift_card", entityId: changed.id };
          await recordAudit(tx, { at: now, actor, action, ...entity, after, requestId });
          return { id: changed.id };
        },
      );
      return fresh.changed ?? value;
    });
  };
}

import { type Clock, type Money, money, toTimestamp } from "@stoa/kernel";
import type { StoredOrder } from "@stoa/read-models";
import type { Redis } from "ioredis";
import { eraseFromMails } from "../notifications/index.ts";
import { recordAudit } from "../platform/audit/index.ts";
import { type Database, transact } from "../platform/db/index.ts";
import { type CustomerActor, customerProcedure, router } from "../platform/rpc/index.ts";
import { eraseFromCarts } from "../services/carts/index.ts";
import { eraseFromOrders, listOrders } from "../services/orders/index.ts";
import { findStoreCredit, forgetSavedMethods, listSavedMethods } from "../services/payments/index.ts";
import { eraseCustomer, forgetSessions, groupsOf, listAddresses, readProfile } from "../services/users/index.ts";

export interface PrivacyDeps {
  readonly db: Database;
  readonly redis: Redis;
  readonly clock: Clock;
}

const ORDERS_MAX = 5_000;
const PAGE = 100;

/** What a person may ask for by law: everything the shop holds of them, and to be forgotten. It spans services, so it stands here. */
export function createPrivacyRouter(deps: PrivacyDeps) {
  return router({
    exportMe: customerProcedure.query(async ({ ctx: { actor } }) => ({
      exportedAt: toTimestamp(deps.clock.now()),
      profile: await readProfile(deps, actor),
      addresses: await listAddresses(deps, actor),
      groups: await groupsOf(deps.db, actor.customerId),
      orders: await allOrders(deps, actor),
      paymentMethods: await listSavedMethods(deps.db, actor.customerId),
      storeCredit: await storeCreditOf(deps, actor),
    })),
    deleteMe: customerProcedure.mutation(({ ctx: { actor, requestId } }) => erase(deps, actor, requestId)),
  });
}

async function storeCreditOf({ db, clock }: PrivacyDeps, { customerId }: CustomerActor): Promise<Money[]> {
  const accounts = await findStoreCredit({ db, now: clock.now() }, customerId);
  return accounts.map(({ available, currency }) => money(available, currency));
}

async function allOrders({ db }: PrivacyDeps, { customerId }: CustomerActor): Promise<StoredOrder["view"][]> {
  const views: StoredOrder["view"][] = [];
  let cursor: string | undefined;
  do {
    const page = await listOrders(db, { customerId, limit: PAGE, ...(cursor ? { cursor } : {}) });
    views.push(...page.items.map((item) => item.view));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && views.length < ORDERS_MAX);
  return views;
}

/** One transaction for the truth; the copies in Redis follow: sessions at once, order views by their messages. */
async function erase({ db, redis, clock }: PrivacyDeps, actor: CustomerActor, requestId: string): Promise<void> {
  const { customerId, userId } = actor;
  const now = clock.now();
  const sessions = await transact(db, async (tx) => {
    await eraseFromOrders(tx, now, customerId);
    await eraseFromCarts(tx, customerId);
    await eraseFromMails(tx, { customerId, userId });
    await forgetSavedMethods({ tx, now }, customerId);
    const ended = await eraseCustomer(tx, now, { customerId, userId });
    const nameless = { kind: "system", name: "customer's own request" } as const;
    const entry = { action: "customer.erased", entity: "customer", entityId: customerId, requestId };
    await recordAudit(tx, { at: now, actor: nameless, ...entry });
    return ended;
  });
  await forgetSessions(redis, sessions);
}

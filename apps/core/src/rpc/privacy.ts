import { type Clock, type CustomerId, idSchema, type Money, money, problem, toTimestamp } from "@stoa/kernel";
import type { StoredOrder } from "@stoa/read-models";
import type { Redis } from "ioredis";
import { z } from "zod";
import { eraseFromMails, mailsOfCustomer } from "../notifications/index.ts";
import { recordAudit } from "../platform/audit/index.ts";
import { type Database, transact } from "../platform/db/index.ts";
import { type Actor, type CustomerActor, customerProcedure, router, staffProcedure } from "../platform/rpc/index.ts";
import { cartsOf, eraseFromCarts } from "../services/carts/index.ts";
import {
  eraseFromOrders,
  fieldsOfLines,
  fieldsOfOrders,
  fieldsOfReturns,
  joinGuestOrders,
  listOrders,
} from "../services/orders/index.ts";
import { findStoreCredit, forgetSavedMethods, listSavedMethods } from "../services/payments/index.ts";
import {
  accessOf,
  customerFieldsOf,
  eraseCustomer,
  findCustomer,
  forgetSessions,
  groupsOf,
  listAddresses,
  readProfile,
} from "../services/users/index.ts";

export interface PrivacyDeps {
  readonly db: Database;
  readonly redis: Redis;
  readonly clock: Clock;
}

const ORDERS_MAX = 5_000;
const PAGE = 100;

const oneCustomer = z.strictObject({ customerId: idSchema("cus") });

/** What a person may ask for by law: everything the shop holds of them, and to be forgotten. It spans services, so it stands here. */
export function createPrivacyRouter(deps: PrivacyDeps) {
  return router({
    exportMe: customerProcedure.query(({ ctx: { actor } }) => everythingOf(deps, actor)),
    deleteMe: customerProcedure.mutation(({ ctx: { actor, requestId } }) =>
      erase(deps, actor, { requestId, by: { kind: "system", name: "customer's own request" } }),
    ),
    /** For staff who were asked by letter. That somebody's data was given out is audited, too. */
    exportCustomer: staffProcedure("customers:write")
      .input(oneCustomer)
      .mutation(async ({ ctx: { actor, requestId }, input: { customerId } }) => {
        const data = await everythingOf(deps, await customerOf(deps, customerId));
        const entry = { action: "customer.exported", entity: "customer", entityId: customerId, requestId };
        await transact(deps.db, (tx) => recordAudit(tx, { at: deps.clock.now(), actor, ...entry }));
        return data;
      }),
    eraseCustomer: staffProcedure("customers:write")
      .input(oneCustomer)
      .mutation(async ({ ctx: { actor, requestId }, input: { customerId } }) =>
        erase(deps, await customerOf(deps, customerId), { requestId, by: actor }),
      ),
  });
}

async function customerOf({ db }: PrivacyDeps, customerId: CustomerId): Promise<CustomerActor> {
  const customer = await findCustomer(db, customerId);
  if (!customer) throw problem("not_found");
  return customer;
}

async function everythingOf(deps: PrivacyDeps, actor: CustomerActor) {
  const { db } = deps;
  const { customerId, userId } = actor;
  await joinGuestOrders(deps, actor);
  return {
    exportedAt: toTimestamp(deps.clock.now()),
    // Consents are part of the profile.
    profile: await readProfile(deps, actor),
    access: await accessOf(db, userId),
    addresses: await listAddresses(deps, actor),
    groups: await groupsOf(db, customerId),
    customFields: await customerFieldsOf(db, customerId),
    orders: await allOrders(deps, actor),
    orderFields: await fieldsOfOrders(db, customerId),
    orderLineFields: await fieldsOfLines(db, customerId),
    returnFields: await fieldsOfReturns(db, customerId),
    carts: await cartsOf(db, customerId),
    paymentMethods: await listSavedMethods(db, customerId),
    storeCredit: await storeCreditOf(deps, actor),
    mails: (await mailsOfCustomer(db, customerId)).map(({ kind, state, orderId, createdAt, sentAt }) => ({
      ...{ kind, state, orderId, createdAt, sentAt },
    })),
  };
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
async function erase(
  deps: PrivacyDeps,
  customer: CustomerActor,
  { requestId, by }: { readonly requestId: string; readonly by: Actor },
): Promise<void> {
  const { db, redis, clock } = deps;
  const { customerId, userId } = customer;
  // What they have bought as a guest is about them as well.
  await joinGuestOrders(deps, customer);
  const now = clock.now();
  const sessions = await transact(db, async (tx) => {
    const cartIds = await eraseFromOrders(tx, now, customerId);
    await eraseFromCarts(tx, customerId, cartIds);
    await eraseFromMails(tx, { customerId, userId });
    await forgetSavedMethods({ tx, now }, customerId);
    const ended = await eraseCustomer(tx, now, { customerId, userId });
    const entry = { action: "customer.erased", entity: "customer", entityId: customerId, requestId };
    await recordAudit(tx, { at: now, actor: by, ...entry });
    return ended;
  });
  await forgetSessions(redis, sessions);
}

import { type Clock, type CustomerId, idSchema, type Money, money, problem, toTimestamp } from "@stoa/kernel";
import type { StoredOrder } from "@stoa/read-models";
import type { Redis } from "ioredis";
import { z } from "zod";
import { eraseFromMails, mailsOfCustomer } from "../notifications/index.ts";
import { recordAudit } from "../platform/audit/index.ts";
import { type Database, transact } from "../platform/db/index.ts";
import { forgetAnswers, forgetAnswersAtEdge } from "../platform/idempotency/index.ts";
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
  erasedLately,
  findCustomer,
  forgetSessions,
  groupsOf,
  isKnownCustomer,
  listAddresses,
  readProfile,
} from "../services/users/index.ts";

export interface PrivacyDeps {
  readonly db: Database;
  readonly redis: Redis;
  readonly clock: Clock;
}

/** Rows of each list of an export; one that is longer is named in it. */
const LONGEST = {
  orders: 5_000,
  orderFields: 5_000,
  orderLineFields: 20_000,
  returnFields: 5_000,
  carts: 1_000,
  mails: 5_000,
};
type Longest = typeof LONGEST;
const PAGE = 100;

const oneCustomer = z.strictObject({ id: idSchema("cus") });

/** What a person may ask for by law: everything the shop holds of them, and to be forgotten. It spans services, so it stands here. */
export function createPrivacyRouter(deps: PrivacyDeps, longest: Longest = LONGEST) {
  return router({
    exportMe: customerProcedure.query(({ ctx: { actor } }) => everythingOf({ deps, longest }, actor)),
    deleteMe: customerProcedure.mutation(({ ctx: { actor, requestId } }) =>
      erase(deps, actor, { requestId, by: { kind: "system", name: "customer's own request" } }),
    ),
    /** For staff who were asked by letter. That somebody's data was given out is audited, too. */
    exportCustomer: staffProcedure("customers:write")
      .input(oneCustomer)
      .mutation(async ({ ctx: { actor, requestId }, input: { id } }) => {
        const data = await everythingOf({ deps, longest }, await customerOf(deps, id));
        const entry = { action: "customer.exported", entity: "customer", entityId: id, requestId };
        await transact(deps.db, (tx) => recordAudit(tx, { at: deps.clock.now(), actor, ...entry }));
        return data;
      }),
    /** Again, too: what has come of somebody since they were erased, from a backup say, goes like the rest. */
    eraseCustomer: staffProcedure("customers:write")
      .input(oneCustomer)
      .mutation(async ({ ctx: { actor, requestId }, input: { id } }) =>
        erase(deps, await erasableOf(deps, id), { requestId, by: actor }),
      ),
  });
}

async function customerOf({ db }: PrivacyDeps, customerId: CustomerId): Promise<CustomerActor> {
  const customer = await findCustomer(db, customerId);
  if (!customer) throw problem("not_found");
  return customer;
}

type Erasable = CustomerActor | { readonly customerId: CustomerId; readonly userId: null };

async function erasableOf({ db }: PrivacyDeps, customerId: CustomerId): Promise<Erasable> {
  const customer = await findCustomer(db, customerId);
  if (customer) return customer;
  if (!(await isKnownCustomer(db, customerId))) throw problem("not_found");
  return { customerId, userId: null };
}

interface Export {
  readonly deps: PrivacyDeps;
  readonly longest: Longest;
}

async function everythingOf({ deps, longest }: Export, actor: CustomerActor) {
  const { db } = deps;
  const { customerId, userId } = actor;
  await joinGuestOrders(deps, actor);
  const incomplete: string[] = [];
  const list = async <T>(
    name: keyof Longest,
    read: (limit: number) => Promise<readonly T[]>,
  ): Promise<readonly T[]> => {
    const rows = await read(longest[name] + 1);
    if (rows.length > longest[name]) incomplete.push(name);
    return rows.slice(0, longest[name]);
  };
  const orders = await list("orders", (limit) => newestOrders(deps, { actor, limit }));
  const theirs = { customerId, orderIds: orders.map(({ id }) => idSchema("ord").parse(id)) };
  const mails = await list("mails", (limit) => mailsOfCustomer(db, theirs, limit));
  return {
    exportedAt: toTimestamp(deps.clock.now()),
    // Consents are part of the profile.
    profile: await readProfile(deps, actor),
    access: await accessOf(db, userId),
    addresses: await listAddresses(deps, actor),
    groups: await groupsOf(db, customerId),
    customFields: await customerFieldsOf(db, customerId),
    orders,
    orderFields: await list("orderFields", (limit) => fieldsOfOrders(db, customerId, limit)),
    orderLineFields: await list("orderLineFields", (limit) => fieldsOfLines(db, customerId, limit)),
    returnFields: await list("returnFields", (limit) => fieldsOfReturns(db, customerId, limit)),
    carts: await list("carts", (limit) => cartsOf(db, customerId, limit)),
    paymentMethods: await listSavedMethods(db, customerId),
    storeCredit: await storeCreditOf(deps, actor),
    mails: mails.map(({ kind, state, orderId, createdAt, sentAt }) => ({ kind, state, orderId, createdAt, sentAt })),
    /** Lists of which only the newest are here. */
    incomplete,
  };
}

async function storeCreditOf({ db, clock }: PrivacyDeps, { customerId }: CustomerActor): Promise<Money[]> {
  const accounts = await findStoreCredit({ db, now: clock.now() }, customerId);
  return accounts.map(({ available, currency }) => money(available, currency));
}

async function newestOrders(
  { db }: PrivacyDeps,
  { actor: { customerId }, limit }: { readonly actor: CustomerActor; readonly limit: number },
): Promise<StoredOrder["view"][]> {
  const views: StoredOrder["view"][] = [];
  let cursor: string | undefined;
  do {
    const page = await listOrders(db, { customerId, limit: PAGE, ...(cursor ? { cursor } : {}) });
    views.push(...page.items.map((item) => item.view));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && views.length < limit);
  return views;
}

/** One transaction for the truth; the copies in Redis follow: sessions at once, order views by their messages. */
async function erase(
  deps: PrivacyDeps,
  customer: Erasable,
  { requestId, by }: { readonly requestId: string; readonly by: Actor },
): Promise<void> {
  const { db, redis, clock } = deps;
  const { customerId, userId } = customer;
  // What they have bought as a guest is about them as well, however much it is.
  if (customer.userId !== null) while ((await joinGuestOrders(deps, customer)) > 0);
  const now = clock.now();
  // From now on no token brings anything new that this would miss, whatever it has left to live.
  await erasedLately.note(redis, customerId);
  const { sessions, kept } = await transact(db, async (tx) => {
    const orders = await eraseFromOrders(tx, now, customerId);
    const provenEmail = customer.userId !== null && customer.emailVerified ? customer.email : null;
    const cartIds = await eraseFromCarts(tx, { customerId, besides: orders.cartIds, provenEmail });
    await forgetAnswers(tx, { customerId, cartIds });
    await eraseFromMails(tx, { customerId, userId });
    await forgetSavedMethods({ tx, now }, customerId);
    const ended = await eraseCustomer(tx, now, { customerId, userId });
    const entry = { action: "customer.erased", entity: "customer", entityId: customerId, requestId };
    await recordAudit(tx, { at: now, actor: by, ...entry });
    // Before the commit, too: with the account goes all that names its sessions, and a process may end right behind it.
    if (ended) await forgetSessions(redis, ended);
    return { sessions: ended, kept: [customerId, ...cartIds, ...orders.orderIds] };
  }).catch(async (error: unknown) => {
    await erasedLately.takeBack(redis, customerId);
    throw error;
  });
  if (sessions) await forgetSessions(redis, sessions);
  await forgetAnswersAtEdge(redis, kept);
}

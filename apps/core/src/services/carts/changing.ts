import { type CartId, type Instant, Problem, problem } from "@stoa/kernel";
import type { CartView } from "@stoa/read-models";
import { type Transaction, transact } from "../../platform/db/index.ts";
import { replayable } from "../../platform/idempotency/index.ts";
import type { RpcContext, ShopActor } from "../../platform/rpc/index.ts";
import type { CartsDeps, FindOffers } from "./context.ts";
import { getCart } from "./get-cart.ts";
import { withQuotes } from "./quotes/quotes.ts";

type ShopContext = RpcContext & { readonly actor: ShopActor };

interface ChangeContext {
  readonly tx: Transaction;
  readonly now: Instant;
  /** Those of the service, but that the catalog is asked only once for what the change and its answer both need to know. */
  readonly deps: CartsDeps;
}

interface Change {
  readonly name: string;
  /** Names the cart, unless it is a new one. */
  readonly request: { readonly cartId?: CartId; readonly [member: string]: unknown };
  readonly work: (context: ChangeContext) => Promise<CartId>;
}

/** Runs changes of shoppers' carts; each answers the cart as it is afterwards. */
export function changing(deps: CartsDeps) {
  return async function changed(
    ctx: ShopContext,
    name: string,
    request: Change["request"],
    work: Change["work"],
  ): Promise<CartView> {
    try {
      return await run(deps, ctx, { name, request, work });
    } catch (error) {
      throw await withFreshCart(deps, ctx, request, error);
    }
  };
}

/**
 * One transaction. With an Idempotency-Key the answer is kept with the change, so the same request gets the same answer; without
 * one the cart is read after the commit, so that nothing is held meanwhile. A quote that is then asked for is no reason to change it again.
 */
async function run(service: CartsDeps, ctx: ShopContext, { name, request, work }: Change): Promise<CartView> {
  const deps = { ...service, findOffers: askingOnce(service.findOffers) };
  const { actor, idempotencyKey: key } = ctx;
  const now = deps.clock.now();
  if (key === null) {
    const id = await withQuotes(() => transact(deps.db, (tx) => work({ tx, now, deps })));
    return withQuotes(() => getCart(deps, { db: deps.db, now, actor }, id));
  }
  const scope = `${actor.kind === "customer" ? actor.customerId : "guest"}:${name}`;
  const { value } = await withQuotes(() =>
    transact(deps.db, (tx) =>
      replayable({ tx, now, scope, key, request }, async () =>
        getCart(deps, { db: tx, now, actor }, await work({ tx, now, deps })),
      ),
    ),
  );
  return value;
}

/** One answer for every time that the same is asked. */
export function askingOnce(findOffers: FindOffers): FindOffers {
  const answers = new Map<string, ReturnType<FindOffers>>();
  return (question) => {
    const key = JSON.stringify([question.now, question.currency, question.channel, [...question.skus].sort()]);
    const answer = answers.get(key) ?? findOffers(question);
    answers.set(key, answer);
    return answer;
  };
}

/** A refusal because the cart has changed meanwhile shows what it has become. */
async function withFreshCart(
  deps: CartsDeps,
  { actor }: ShopContext,
  { cartId }: Change["request"],
  error: unknown,
): Promise<unknown> {
  const isChange = error instanceof Problem && (error.code === "version_conflict" || error.code === "cart_completed");
  if (!isChange || cartId === undefined) return error;
  const reading = { db: deps.db, now: deps.clock.now(), actor };
  const cart = await withQuotes(() => getCart(deps, reading, cartId)).catch(() => null);
  return cart ? problem(error.code, { ...error.members, cart }) : error;
}

import type { AppRouter } from "@stoa/core/rpc";
import { isProblemCode, problem } from "@stoa/kernel";
import { type Guards, isConnectionRefused, type Logger, type Resilient, Unavailable } from "@stoa/runtime/portable";
import { createTRPCClient, httpLink, type TRPCClient, TRPCClientError } from "@trpc/client";
import { z } from "zod";
import type { CoreCall, CorePort } from "./core-port.ts";
import { signInternalToken } from "./internal-token.ts";

/** The guard of all calls to core but checkouts. */
export const CORE = "core";

export interface CoreClientOptions {
  readonly url: string;
  readonly internalTokenSecret: string;
  readonly logger: Logger;
  readonly guards: Guards;
  /** For one attempt of a read or a small write. */
  readonly timeoutMs: number;
  /** For one attempt of a checkout, which core answers as soon as the order stands. */
  readonly checkoutTimeoutMs: number;
}

/**
 * How a call may be treated when its answer stays out: a `query` and what is `repeatable` by nature are tried again, what is
 * `keyed` only with the client's idempotency key, what runs `once` never. A `checkout` is keyed and has more time.
 */
type Kind = "query" | "repeatable" | "keyed" | "once" | "checkout";

type Core = TRPCClient<AppRouter>;
type Options = Parameters<Core["carts"]["get"]["query"]>[1];

/** Core over tRPC: a signed token that says who asks, a time-out, a breaker and a bulkhead; one retry where it is harmless. */
export function createCoreClient(options: CoreClientOptions): CorePort {
  const client = createTRPCClient<AppRouter>({ links: [link(options)] });
  const guards = guardsOf(options);
  const over =
    <I, O>(kind: Kind, ask: (core: Core, input: I, options: Options) => Promise<O>) =>
    async (call: CoreCall, input: I): Promise<O> => {
      const guard = kind === "checkout" ? guards.checkout : guards.core;
      const safe = kind === "keyed" ? call.idempotencyKey !== null : kind !== "once";
      try {
        const context = { call };
        const { isGone } = call;
        return await guard.run((signal) => ask(client, input, { signal, context }).catch(refusalFrom), {
          safe,
          isGone,
        });
      } catch (error) {
        if (!(error instanceof CoreFault)) throw error;
        options.logger.error("core failed", { requestId: call.requestId, error });
        throw problem("internal_error");
      }
    };
  return {
    createCart: over("keyed", (core, input, call) => core.carts.create.mutate(input, call)),
    getCart: over("query", (core, input, call) => core.carts.get.query(input, call)),
    updateCart: over("repeatable", (core, input, call) => core.carts.update.mutate(input, call)),
    addItem: over("keyed", (core, input, call) => core.carts.addItem.mutate(input, call)),
    setQuantity: over("repeatable", (core, input, call) => core.carts.setQuantity.mutate(input, call)),
    applyPromotion: over("repeatable", (core, input, call) => core.carts.applyPromotion.mutate(input, call)),
    removePromotion: over("repeatable", (core, input, call) => core.carts.removePromotion.mutate(input, call)),
    applyGiftCard: over("repeatable", (core, input, call) => core.carts.applyGiftCard.mutate(input, call)),
    removeGiftCard: over("repeatable", (core, input, call) => core.carts.removeGiftCard.mutate(input, call)),
    useStoreCredit: over("repeatable", (core, input, call) => core.carts.useStoreCredit.mutate(input, call)),
    giftCardBalance: over("query", (core, input, call) => core.payments.giftCardBalance.query(input, call)),
    savedMethods: over("query", (core, input, call) => core.payments.savedMethods.query(input, call)),
    removeSavedMethod: over("once", (core, input, call) => core.payments.removeSavedMethod.mutate(input, call)),
    storeCredit: over("query", (core, input, call) => core.payments.storeCredit.query(input, call)),
    shippingMethods: over("query", (core, input, call) => core.carts.shippingMethods.query(input, call)),
    claimCart: over("keyed", (core, input, call) => core.carts.claim.mutate(input, call)),
    restoreCart: over("repeatable", (core, input, call) => core.carts.restore.mutate(input, call)),
    placeOrder: over("checkout", (core, input, call) => core.orders.place.mutate(input, call)),
    viewPaymentLink: over("query", (core, input, call) => core.orders.paymentLink.query(input, call)),
    payLink: over("checkout", (core, input, call) => core.orders.payLink.mutate(input, call)),
    viewOrder: over("query", (core, input, call) => core.orders.view.query(input, call)),
    cancelOrder: over("repeatable", (core, input, call) => core.orders.cancel.mutate(input, call)),
    // Asking for an invoice may issue it, once however often it is asked for.
    getInvoice: over("query", (core, input, call) => core.orders.papers.invoice.query(input, call)),
    listDocuments: over("query", (core, input, call) => core.orders.papers.documents.query(input, call)),
    getDocument: over("query", (core, input, call) => core.orders.papers.document.query(input, call)),
    lookUpOrder: over("query", (core, input, call) => core.orders.lookUp.query(input, call)),
    requestReturn: over("keyed", (core, input, call) => core.orders.returns.request.mutate(input, call)),
    listReturns: over("query", (core, input, call) => core.orders.returns.ofOrder.query(input, call)),
    getReturn: over("query", (core, input, call) => core.orders.returns.get.query(input, call)),
    cancelReturn: over("once", (core, input, call) => core.orders.returns.cancel.mutate(input, call)),
    myOrders: over("query", (core, input, call) => core.orders.mine.query(input, call)),
    findSession: over("query", (core, input, call) => core.users.session.query(input, call)),
    me: over("query", (core, input, call) => core.users.me.query(input, call)),
    updateMe: over("repeatable", (core, input, call) => core.users.updateMe.mutate(input, call)),
    deleteMe: over("once", (core, input, call) => core.users.deleteMe.mutate(input, call)),
    exportMe: over("query", (core, input, call) => core.users.exportMe.query(input, call)),
    listAddresses: over("query", (core, input, call) => core.users.addresses.list.query(input, call)),
    createAddress: over("once", (core, input, call) => core.users.addresses.create.mutate(input, call)),
    updateAddress: over("repeatable", (core, input, call) => core.users.addresses.update.mutate(input, call)),
    deleteAddress: over("once", (core, input, call) => core.users.addresses.delete.mutate(input, call)),
  };
}

function guardsOf(options: CoreClientOptions): { core: Resilient; checkout: Resilient } {
  const common = {
    retries: 1,
    breaker: { failures: 10, halfOpenAfterMs: 1_000 },
    isFailure: (error: unknown) => error instanceof Unavailable,
  };
  return {
    core: options.guards.guard({
      ...common,
      name: CORE,
      timeoutMs: options.timeoutMs,
      bulkhead: { concurrent: 256, queued: 128, waitMs: 500, adapt: { targetMs: 250, floor: 16, start: 32 } },
    }),
    checkout: options.guards.guard({
      ...common,
      name: "core-checkout",
      timeoutMs: options.checkoutTimeoutMs,
      bulkhead: { concurrent: 128, queued: 128, waitMs: 2_000, adapt: { targetMs: 3_000, floor: 16, start: 64 } },
    }),
  };
}

/** Queries are posted as well: what they ask for, such as a session token, does not belong into a URL. */
function link(options: CoreClientOptions) {
  return httpLink<AppRouter>({
    url: `${options.url}/trpc`,
    methodOverride: "POST",
    headers: async ({ op }) => {
      const call = op.context.call as CoreCall;
      return {
        authorization: `Bearer ${await signInternalToken(options.internalTokenSecret, call)}`,
        "x-request-id": call.requestId,
        traceparent: call.traceparent,
        ...(call.idempotencyKey ? { "idempotency-key": call.idempotencyKey } : {}),
      };
    },
  });
}

/** Core answered, but not as it should have. */
class CoreFault extends Error {
  override readonly name = "CoreFault";
}

const refusalSchema = z.object({
  problem: z.object({ code: z.string(), members: z.record(z.string(), z.unknown()).default({}) }),
});

function refusalFrom(error: unknown): never {
  if (!(error instanceof TRPCClientError)) throw error;
  const refusal = refusalSchema.safeParse(error.data);
  if (!refusal.success) throw new Unavailable("core", isConnectionRefused(error.cause) ? "refused" : "unreachable");
  const { code, members } = refusal.data.problem;
  // Their token was good, and outlives them by some minutes.
  if (code === "unauthenticated" && members.isErased === true)
    throw problem(code, { detail: members.detail as string });
  // An unauthenticated edge is a fault of ours: the shopper's credentials were judged at this door.
  if (!isProblemCode(code) || code === "internal_error" || code === "unauthenticated") {
    throw new CoreFault(`core answered ${code}`);
  }
  // Core says by itself when to come again where one of its stores is away: what needs none of it goes on, and no breaker opens.
  if (code === "service_unavailable" && members.retryAfterSeconds === undefined) {
    throw new Unavailable("core", "unreachable");
  }
  throw problem(code, members);
}

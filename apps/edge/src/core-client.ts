import { isProblemCode, problem } from "@stoa/kernel";
import { type Logger, type ResilienceEvent, type Resilient, resilient, Unavailable } from "@stoa/runtime/portable";
import { createTRPCUntypedClient, httpLink, TRPCClientError } from "@trpc/client";
import { z } from "zod";
import type { CoreCall, CorePort } from "./core-port.ts";
import { signInternalToken } from "./internal-token.ts";

export interface CoreClientOptions {
  readonly url: string;
  readonly internalTokenSecret: string;
  readonly logger: Logger;
  readonly observe?: (event: ResilienceEvent) => void;
  /** For one attempt of a read or a small write. */
  readonly timeoutMs: number;
  /** For one attempt of a checkout, which core answers as soon as the order stands. */
  readonly checkoutTimeoutMs: number;
}

/** How a procedure may be treated when an answer stays out. */
type Kind = "query" | "repeatable" | "once" | "checkout";

interface Invocation {
  readonly call: CoreCall;
  readonly path: string;
  readonly input: unknown;
  readonly kind: Kind;
}

/** Core over tRPC: a signed token that says who asks, a time-out, a breaker and a bulkhead; one retry where it is harmless. */
export function createCoreClient(options: CoreClientOptions): CorePort {
  const guards = guardsOf(options);
  const invoke = async ({ call, path, input, kind }: Invocation): Promise<unknown> => {
    const guard = kind === "checkout" ? guards.checkout : guards.core;
    const client = createTRPCUntypedClient({ links: [link(options, call)] });
    const type = kind === "query" ? "query" : "mutation";
    const attempt = (signal: AbortSignal) => client[type](path, input, { signal }).catch(refusalFrom);
    try {
      return await guard.run(attempt, { safe: kind !== "once" });
    } catch (error) {
      if (error instanceof CoreFault) options.logger.error("core failed", { path, requestId: call.requestId, error });
      throw error instanceof CoreFault ? problem("internal_error") : error;
    }
  };
  const procedure =
    <I, O>(path: string, kind: Kind) =>
    (call: CoreCall, input: I): Promise<O> =>
      // Core and edge are released together from one source; what core answers is typed there.
      invoke({ call, path, input, kind }) as Promise<O>;
  return {
    createCart: procedure("carts.create", "once"),
    getCart: procedure("carts.get", "query"),
    updateCart: procedure("carts.update", "repeatable"),
    addItem: procedure("carts.addItem", "once"),
    setQuantity: procedure("carts.setQuantity", "repeatable"),
    applyPromotion: procedure("carts.applyPromotion", "repeatable"),
    removePromotion: procedure("carts.removePromotion", "repeatable"),
    shippingMethods: procedure("carts.shippingMethods", "query"),
    claimCart: procedure("carts.claim", "once"),
    placeOrder: procedure("orders.place", "checkout"),
    viewOrder: procedure("orders.view", "query"),
    cancelOrder: procedure("orders.cancel", "once"),
    myOrders: procedure("orders.mine", "query"),
    findSession: procedure("users.session", "query"),
    me: procedure("users.me", "query"),
    updateMe: procedure("users.updateMe", "repeatable"),
    deleteMe: procedure("users.deleteMe", "once"),
    exportMe: procedure("users.exportMe", "query"),
    listAddresses: procedure("users.addresses.list", "query"),
    createAddress: procedure("users.addresses.create", "once"),
    updateAddress: procedure("users.addresses.update", "repeatable"),
    deleteAddress: procedure("users.addresses.delete", "once"),
  };
}

function guardsOf(options: CoreClientOptions): { core: Resilient; checkout: Resilient } {
  const common = {
    retries: 1,
    breaker: { failures: 10, halfOpenAfterMs: 1_000 },
    isFailure: (error: unknown) => error instanceof Unavailable,
    ...(options.observe ? { observe: options.observe } : {}),
  };
  return {
    core: resilient({
      ...common,
      name: "core",
      timeoutMs: options.timeoutMs,
      bulkhead: { concurrent: 256, queued: 512 },
    }),
    checkout: resilient({
      ...common,
      name: "core-checkout",
      timeoutMs: options.checkoutTimeoutMs,
      bulkhead: { concurrent: 128, queued: 512 },
    }),
  };
}

/** Queries are posted as well: what they ask for, such as a session token, does not belong into a URL. */
function link(options: CoreClientOptions, call: CoreCall) {
  return httpLink({
    url: `${options.url}/trpc`,
    methodOverride: "POST",
    headers: async () => ({
      authorization: `Bearer ${await signInternalToken(options.internalTokenSecret, call)}`,
      "x-request-id": call.requestId,
      traceparent: call.traceparent,
      ...(call.idempotencyKey ? { "idempotency-key": call.idempotencyKey } : {}),
    }),
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
  if (!refusal.success) throw new Unavailable("core", "unreachable");
  const { code, members } = refusal.data.problem;
  // An unauthenticated edge is a fault of ours: the shopper's credentials were judged at this door.
  if (!isProblemCode(code) || code === "internal_error" || code === "unauthenticated") {
    throw new CoreFault(`core answered ${code}`);
  }
  if (code === "service_unavailable") throw new Unavailable("core", "unreachable");
  throw problem(code, members);
}

import { type Clock, fieldErrors, isStorable, Problem, type ProblemStatus, problem, UNSTORABLE } from "@stoa/kernel";
import { initTRPC, TRPCError } from "@trpc/server";
import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";
import { ZodError } from "zod";
import { AWAY_SECONDS, isStoreAway } from "../store-away.ts";
import type { Actor, CustomerActor, ShopActor, StaffActor } from "./actor.ts";
import type { Right } from "./rights.ts";

/** What the door knows about a call before any procedure runs. */
export interface RpcContext {
  readonly actor: Actor;
  readonly requestId: string;
  readonly traceparent: string | null;
  /** The client's Idempotency-Key, checked for form at the edge; null when it sent none. */
  readonly idempotencyKey: string | null;
  readonly clock: Clock;
}

const TRPC_CODE_BY_STATUS: Readonly<Record<ProblemStatus, TRPCError["code"]>> = {
  400: "BAD_REQUEST",
  401: "UNAUTHORIZED",
  402: "PAYMENT_REQUIRED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  409: "CONFLICT",
  413: "PAYLOAD_TOO_LARGE",
  422: "UNPROCESSABLE_CONTENT",
  429: "TOO_MANY_REQUESTS",
  500: "INTERNAL_SERVER_ERROR",
  503: "SERVICE_UNAVAILABLE",
};

const trpc = initTRPC.context<RpcContext>().create({
  sse: { ping: { enabled: true, intervalMs: 3_000 }, client: { reconnectAfterInactivityMs: 15_000 } },
  // Wherever it was refused, at the door, by the shape of its input or in a procedure: status, codes and problem say the same.
  errorFormatter: ({ error }) => {
    const refusal = refusalOf(error);
    const code = TRPC_CODE_BY_STATUS[refusal.status];
    return {
      message: refusal.message,
      code: TRPC_ERROR_CODES_BY_KEY[code],
      data: {
        code,
        httpStatus: refusal.status,
        problem: { code: refusal.code, members: refusal.members },
      },
    };
  },
});

const NO_JSON: ReadonlySet<string> = new Set(["PARSE_ERROR", "BAD_REQUEST", "UNSUPPORTED_MEDIA_TYPE"]);

/** Every failure leaves as a problem with a stable code; what is not a refusal says no more than "internal error". */
export function refusalOf(error: TRPCError): Problem {
  if (error.cause instanceof Problem) return error.cause;
  if (error.cause instanceof ZodError) return problem("validation_failed", { errors: fieldErrors(error.cause) });
  if (error.code === "NOT_FOUND" || error.code === "METHOD_NOT_SUPPORTED") return problem("not_found");
  if (NO_JSON.has(error.code)) return problem("malformed_json");
  if (error.code === "PAYLOAD_TOO_LARGE") return problem("payload_too_large");
  if (isStoreAway(error.cause)) return problem("service_unavailable", { retryAfterSeconds: AWAY_SECONDS });
  return problem("internal_error");
}

const refusing = trpc.middleware(async ({ next }) => {
  const result = await next();
  if (!result.ok && result.error.cause instanceof Problem) {
    throw new TRPCError({ code: TRPC_CODE_BY_STATUS[result.error.cause.status], cause: result.error.cause });
  }
  if (!result.ok && isStoreAway(result.error.cause)) {
    throw new TRPCError({ code: "SERVICE_UNAVAILABLE", cause: result.error.cause });
  }
  return result;
});

export const router = trpc.router;
export const mergeRouters = trpc.mergeRouters;

const procedure = trpc.procedure.use(refusing);

/** For edge, on behalf of a shopper: a guest or a signed-in customer. */
export const shopProcedure = procedure.use(({ ctx, next }) => {
  if (ctx.actor.kind !== "guest" && ctx.actor.kind !== "customer") throw problem("unauthenticated");
  return next({ ctx: { ...ctx, actor: ctx.actor satisfies ShopActor } });
});

/** For edge, on behalf of a signed-in customer. */
export const customerProcedure = procedure.use(({ ctx, next }) => {
  if (ctx.actor.kind !== "customer") throw problem("unauthenticated");
  return next({ ctx: { ...ctx, actor: ctx.actor satisfies CustomerActor } });
});

/** Behind the rights, so that a stranger learns no more than that. What shoppers send has been judged at edge. */
const storable = trpc.middleware(async ({ getRawInput, next }) => {
  if (isStorable(await getRawInput())) return next();
  throw problem("validation_failed", { errors: [{ path: "", message: `a text ${UNSTORABLE}` }] });
});

/** For the dashboard: a signed-in staff member who holds the right. */
export function staffProcedure(right: Right) {
  return procedure
    .use(({ ctx, next }) => {
      if (ctx.actor.kind !== "staff") throw problem("unauthenticated");
      if (!ctx.actor.rights.has(right)) throw problem("forbidden", { detail: `needs the right ${right}` });
      return next({ ctx: { ...ctx, actor: ctx.actor satisfies StaffActor } });
    })
    .use(storable);
}

/** For the dashboard: any signed-in staff member. */
export const anyStaffProcedure = procedure.use(({ ctx, next }) => {
  if (ctx.actor.kind !== "staff") throw problem("unauthenticated");
  return next({ ctx: { ...ctx, actor: ctx.actor satisfies StaffActor } });
});

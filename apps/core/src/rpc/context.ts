import { type Clock, type CustomerId, idSchema, problem } from "@stoa/kernel";
import { jwtVerify } from "jose";
import { z } from "zod";
import type { Actor, RpcContext } from "../platform/rpc/index.ts";

const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,255}$/;
const REQUEST_ID = /^[\w-]{8,64}$/;
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The claims with which edge says on whose behalf it calls. */
const claimsSchema = z.object({
  actor: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("guest") }),
    z.object({
      kind: z.literal("customer"),
      customerId: idSchema("cus"),
      userId: z.string().min(1),
      email: z.string(),
      emailVerified: z.boolean(),
    }),
  ]),
});

export interface ContextDeps {
  readonly clock: Clock;
  /** Shared by edge and core alone. */
  readonly internalTokenSecret: string;
  /** The dashboard's origin: of pages, its own alone may call with the session cookie. */
  readonly adminOrigin: string;
  /** The staff member behind a dashboard's session cookie, or null. */
  readonly findStaff: (headers: Headers) => Promise<Actor | null>;
  /** Whether a customer has been erased within the life of a token. */
  readonly isErased: (customerId: CustomerId) => Promise<boolean>;
  /** The machine behind a secret API key, or null. */
  readonly findMachine: (key: string) => Promise<Actor | null>;
}

/**
 * Who calls, decided once at the door: edge by its signed token (a minute old at most), a machine by its secret key, the dashboard
 * by its session cookie.
 * Without either the caller is nobody, and every procedure refuses.
 * @throws problem `unauthenticated` for a token that is not edge's, and for a key that is none; `forbidden` for the cookie from a page of another origin.
 */
export async function createContext(deps: ContextDeps, request: Request): Promise<RpcContext> {
  const { headers } = request;
  const idempotencyKey = matching(headers.get("idempotency-key"), IDEMPOTENCY_KEY);
  const requestId = matching(headers.get("x-request-id"), REQUEST_ID) ?? crypto.randomUUID();
  const traceparent = matching(headers.get("traceparent"), TRACEPARENT);
  return { actor: await actorOf(deps, headers), requestId, traceparent, idempotencyKey, clock: deps.clock };
}

async function actorOf(deps: ContextDeps, headers: Headers): Promise<Actor> {
  const authorization = headers.get("authorization");
  if (authorization === null) {
    // A browser sends the cookie along from any page of the same site; a form, unlike JSON, it sends without asking first.
    const origin = headers.get("origin");
    if (headers.has("cookie") && origin !== null && origin !== deps.adminOrigin) {
      throw problem("forbidden", { detail: "This origin may not call with the session cookie." });
    }
    return (await deps.findStaff(headers)) ?? { kind: "system", name: "nobody" };
  }
  const credential = /^Bearer (\S+)$/.exec(authorization)?.[1] ?? "";
  const actor = credential.startsWith("sk_")
    ? await deps.findMachine(credential)
    : await verifyInternalToken(deps.internalTokenSecret, credential);
  if (!actor) throw problem("unauthenticated");
  if (actor.kind === "customer" && (await deps.isErased(actor.customerId))) {
    throw problem("unauthenticated", { detail: "The account is no more.", isErased: true });
  }
  return actor;
}

/** On whose behalf edge calls, by the token it signed a minute ago at most; null for a token that is not edge's. */
export async function verifyInternalToken(secret: string, token: string): Promise<Actor | null> {
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), {
      algorithms: ["HS256"],
      issuer: "stoa-edge",
      audience: "stoa-core",
      maxTokenAge: "60s",
      clockTolerance: "5s",
    });
    return claimsSchema.parse(payload).actor;
  } catch {
    return null;
  }
}

function matching(value: string | null, pattern: RegExp): string | null {
  return value !== null && pattern.test(value) ? value : null;
}

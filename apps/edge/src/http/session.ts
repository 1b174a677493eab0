import { type Clock, isId, problem } from "@stoa/kernel";
import { SESSION_KEY_PREFIX } from "@stoa/read-models";
import { errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { z } from "zod";
import type { CoreCall, CorePort, ShopActor } from "../core-port.ts";
import type { Store } from "../redis/store.ts";

const CREDENTIAL_LENGTH_MAX = 4_096;
const TOKEN = /^[A-Za-z0-9_-]{16,128}$/;
const COOKIE = "stoa.session_token";
export const JWT_AUDIENCE = "stoa-storefront";
const CLOCK_TOLERANCE_SECONDS = 5;

export const guest: ShopActor = { kind: "guest" };

/** Who calls, and by what: a cookie is sent by browsers unasked, so it needs a check of its origin. */
export interface Session {
  readonly actor: ShopActor;
  readonly by: "nothing" | "cookie" | "bearer";
}

export interface SessionDeps {
  readonly store: Store;
  readonly core: Pick<CorePort, "findSession">;
  readonly clock: Clock;
  /** The shop's origin: issuer of the JWTs, and what decides the cookie's name. */
  readonly publicUrl: string;
  readonly jwks: JWTVerifyGetKey;
}

/**
 * Who calls, by `Authorization: Bearer` (session token or JWT) or by the session cookie.
 * A cookie that is over makes a guest; a bearer credential that is not good is refused with `unauthenticated`.
 */
export async function findCaller(deps: SessionDeps, headers: Headers, call: CoreCall): Promise<Session> {
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const credential = /^Bearer\s+(\S+)$/i.exec(authorization.slice(0, CREDENTIAL_LENGTH_MAX))?.[1];
    if (credential === undefined) throw problem("unauthenticated");
    const actor = isJwt(credential)
      ? await verifyJwt(deps, credential)
      : await actorOfToken(deps, bareToken(credential), call);
    if (actor === null) throw problem("unauthenticated");
    return { actor, by: "bearer" };
  }
  const cookie = sessionCookie(headers.get("cookie"), deps.publicUrl);
  if (cookie === null) return { actor: guest, by: "nothing" };
  const actor = await actorOfToken(deps, bareToken(cookie), call);
  return actor === null ? { actor: guest, by: "nothing" } : { actor, by: "cookie" };
}

function isJwt(credential: string): boolean {
  return credential.startsWith("ey") && credential.split(".").length === 3;
}

/** Behind https only the `__Secure-` cookie counts, which no page on plain http can plant. */
function sessionCookie(header: string | null, publicUrl: string): string | null {
  if (header === null || header.length > CREDENTIAL_LENGTH_MAX * 2) return null;
  const name = publicUrl.startsWith("https:") ? `__Secure-${COOKIE}` : COOKIE;
  for (const part of header.split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

/** `<token>` or `<token>.<signature>`, the latter perhaps percent-encoded. The token alone is the secret. */
function bareToken(credential: string): string | null {
  const token = credential.split(/\.|%2e/i)[0] ?? "";
  return TOKEN.test(token) ? token : null;
}

const storedSessionSchema = z.object({
  session: z.object({ expiresAt: z.union([z.string(), z.number()]) }),
  user: z.object({ id: z.string(), customerId: z.string(), email: z.string(), emailVerified: z.boolean() }),
});

async function actorOfToken(deps: SessionDeps, token: string | null, call: CoreCall): Promise<ShopActor | null> {
  if (token === null) return null;
  const text = await deps.store.get(SESSION_KEY_PREFIX + token);
  // Redis may have been flushed; core knows the truth and writes the copy again.
  const known = text === null ? await deps.core.findSession(call, { token }) : parseSession(text);
  if (known === null || known.expiresAt <= deps.clock.now()) return null;
  const { customerId, userId, email, emailVerified } = known;
  return isId("cus", customerId) ? { kind: "customer", customerId, userId, email, emailVerified } : null;
}

function parseSession(text: string) {
  const parsed = storedSessionSchema.safeParse(safeJson(text));
  if (!parsed.success) return null;
  const { session, user } = parsed.data;
  const { customerId, email, emailVerified } = user;
  return { userId: user.id, customerId, email, emailVerified, expiresAt: new Date(session.expiresAt).getTime() };
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const claimsSchema = z.object({
  sub: z.string().min(1),
  customerId: z.string(),
  email: z.string(),
  emailVerified: z.boolean(),
});

async function verifyJwt(deps: SessionDeps, token: string): Promise<ShopActor | null> {
  try {
    const { payload } = await jwtVerify(token, deps.jwks, {
      algorithms: ["EdDSA"],
      issuer: deps.publicUrl,
      audience: JWT_AUDIENCE,
      requiredClaims: ["exp", "sub"],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(deps.clock.now()),
    });
    const { sub, customerId, email, emailVerified } = claimsSchema.parse(payload);
    return isId("cus", customerId) ? { kind: "customer", customerId, userId: sub, email, emailVerified } : null;
  } catch (error) {
    if (isRefusal(error)) return null;
    throw problem("service_unavailable", { detail: "The keys for tokens cannot be read now." });
  }
}

/** What speaks against the token, as opposed to what kept us from reading the keys. */
function isRefusal(error: unknown): boolean {
  if (error instanceof z.ZodError) return true;
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return false;
  return error instanceof errors.JOSEError && error.code !== "ERR_JOSE_GENERIC";
}

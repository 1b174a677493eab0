import { SignJWT } from "jose";
import type { CoreCall } from "./core-port.ts";

const LIFETIME_SECONDS = 60;

/** The short-lived token by which core knows that edge asks, and on whose behalf. */
export function signInternalToken(secret: string, call: Pick<CoreCall, "actor" | "clientAddress">): Promise<string> {
  return new SignJWT({ actor: call.actor, ip: call.clientAddress })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer("stoa-edge")
    .setAudience("stoa-core")
    .setIssuedAt()
    .setExpirationTime(`${LIFETIME_SECONDS}s`)
    .sign(new TextEncoder().encode(secret));
}

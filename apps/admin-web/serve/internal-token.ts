import { createHmac } from "node:crypto";

const LIFETIME_SECONDS = 60;

/** The token by which core knows its own front doors: HS256, a minute long, on behalf of nobody. */
export function internalToken(secret: string, nowMs: number): string {
  const now = Math.floor(nowMs / 1_000);
  const claims = {
    iss: "stoa-edge",
    aud: "stoa-core",
    iat: now,
    exp: now + LIFETIME_SECONDS,
    actor: { kind: "guest" },
  };
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

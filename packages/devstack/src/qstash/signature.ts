import { createHash, createHmac, randomUUID } from "node:crypto";

const LIFETIME_SECONDS = 300;

/**
 * The JWT that accompanies a delivery: HS256 over the destination and the SHA-256 of the raw body.
 * `url` must be exactly what the receiver sees, and the hash is sent with its padding, as the hosted service does.
 */
export function signDelivery(key: string, url: string, body: Uint8Array, nowSeconds: number): string {
  const header = base64url(JSON.stringify({ alg: "HS256", typ: "JWT" }));
  const payload = base64url(
    JSON.stringify({
      iss: "Upstash",
      sub: url,
      exp: nowSeconds + LIFETIME_SECONDS,
      nbf: nowSeconds,
      iat: nowSeconds,
      jti: `jwt_${randomUUID().replaceAll("-", "")}`,
      body: `${createHash("sha256").update(body).digest("base64url")}=`,
    }),
  );
  return `${header}.${payload}.${createHmac("sha256", key).update(`${header}.${payload}`).digest("base64url")}`;
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}
